"""``python -m hansa_readmodel --member FOLDER --database URL``: the projector as a process of its own."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from hansa.client import connect_member
from hansa.errors import HansaError
from hansa.ledger import LedgerAheadError
from hansa_readmodel.metrics import watch_lag
from hansa_readmodel.projector import Projector
from hansa_readmodel.store import ReadModelError, open_database, reach, said
from hansa_telemetry import MetricsAddressError, log_as_json, serve_metrics


def main() -> int:
    """Runs until SIGTERM or SIGINT; 0 when asked to stop, 1 when it cannot go on."""
    parser = argparse.ArgumentParser(prog="hansa_readmodel", description="Follow the ledger into a database.")
    parser.add_argument(
        "--member", type=Path, required=True, help="the member's folder: profile.json, wallet/"
    )
    parser.add_argument("--user", default="service", help="user of the member's wallet that reads the blocks")
    parser.add_argument("--database", required=True, help="SQLAlchemy URL of the read model")
    given = parser.parse_args()
    stopping = threading.Event()
    log_as_json("projector")
    try:
        serve_metrics("hansa-projector")
        engine = open_database(given.database)
        reach(engine)
        with connect_member(given.member, given.user) as client:

            def stop(*_: object) -> None:
                stopping.set()
                # Ends the wait for the next block.
                client.close()

            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
            watch_lag(client.ledger.height, stopping)
            Projector(client, engine).run(stopping)
    except SQLAlchemyError as error:
        print(f"hansa_readmodel: the database refuses: {said(error)}", file=sys.stderr)
        return 1
    except (HansaError, LedgerAheadError, MetricsAddressError, ReadModelError) as error:
        print(f"hansa_readmodel: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

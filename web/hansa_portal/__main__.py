"""``python -m hansa_portal --member FOLDER HOST:PORT [--member ...] --database URL --secret-file FILE``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hansa_portal.serving import Served, Server, Serving


def main() -> int:
    """Serves until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="hansa_portal", description="Serve the portals of members.")
    parser.add_argument(
        "--member",
        nargs=2,
        action="append",
        required=True,
        metavar=("FOLDER", "HOST:PORT"),
        help="a member's folder (profile.json, wallet/, sign-ins.json) and where its portal listens",
    )
    parser.add_argument("--database", required=True, help="SQLAlchemy URL of the read model")
    parser.add_argument("--secret-file", type=Path, required=True, help="signs cookies; made where missing")
    parser.add_argument(
        "--keeper-seconds", type=float, default=5.0, help="between two looks for what is due; 0: never"
    )
    parser.add_argument("--threads", type=int, default=16, help="requests answered at once")
    parser.add_argument("--behind-tls", action="store_true", help="a proxy ends TLS in front of this")
    parser.add_argument(
        "--private-webhooks",
        action="store_true",
        help="EPCIS subscribers may be on private networks, on this machine, and without TLS",
    )
    given = parser.parse_args()
    members = []
    for folder, address in given.member:
        host, colon, port = address.rpartition(":")
        if not colon or not port.isdigit():
            parser.error(f"{address} is not HOST:PORT")
        members.append(Served(Path(folder), host, int(port)))
    Server(
        Serving(
            members=tuple(members),
            database=given.database,
            secret_file=given.secret_file,
            keeper_seconds=given.keeper_seconds,
            threads=given.threads,
            behind_tls=given.behind_tls,
            private_webhooks=given.private_webhooks,
        )
    ).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m hansa_contract``: serves the chaincode to peers, as its environment says."""

from __future__ import annotations

import logging
import sys

from hansa_contract.contract import HansaContract
from hansa_shim import ConfigurationError, run


def main() -> int:
    """Serves until SIGTERM; exit status 2 with a sentence on stderr where the environment is wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        run(HansaContract())
    except ConfigurationError as failure:
        sys.stderr.write(f"hansa_contract: {failure}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

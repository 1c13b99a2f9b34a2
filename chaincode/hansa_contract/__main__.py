"""``python -m hansa_contract``: serves the chaincode to peers, as its environment says."""

from __future__ import annotations

import sys

from hansa_contract.contract import HansaContract
from hansa_contract.metrics import Measured
from hansa_shim import ConfigurationError, run
from hansa_telemetry import MetricsAddressError, log_as_json, serve_metrics


def main() -> int:
    """Serves until SIGTERM; exit status 2 with a sentence on stderr where the environment is wrong."""
    log_as_json("chaincode")
    try:
        serve_metrics("hansa-chaincode")
        run(Measured(HansaContract()))
    except (ConfigurationError, MetricsAddressError) as failure:
        sys.stderr.write(f"hansa_contract: {failure}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

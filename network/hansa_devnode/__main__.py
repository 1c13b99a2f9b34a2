"""Runs a devnode: python -m hansa_devnode --config FILE. Prints one JSON line when it serves."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from hansa_devnode.bootstrap import BootstrapError
from hansa_devnode.chaincode import ChaincodeError
from hansa_devnode.config import ConfigError, DevnodeConfig
from hansa_devnode.ledger import LedgerError
from hansa_devnode.node import Devnode
from hansa_telemetry import MetricsAddressError, log_as_json, serve_metrics


def main() -> int:
    """Returns the exit status: 0 after SIGTERM or SIGINT, 1 when the node cannot start or go on."""
    parser = argparse.ArgumentParser(prog="python -m hansa_devnode", description=__doc__)
    parser.add_argument("--config", required=True, type=Path, help="JSON file that describes the node")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    arguments = parser.parse_args()
    log_as_json("devnode", arguments.log_level)
    try:
        serve_metrics("hansa-devnode")
        config = DevnodeConfig.from_file(arguments.config)
        return asyncio.run(_run(config))
    except (
        ConfigError,
        BootstrapError,
        ChaincodeError,
        LedgerError,
        MetricsAddressError,
        OSError,
    ) as error:
        print(f"hansa_devnode: {error}", file=sys.stderr)
        return 1


async def _run(config: DevnodeConfig) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    node = await Devnode.start(config)
    try:
        ready = {"ready": True, "pid": os.getpid(), "channel": config.channel, "addresses": node.addresses}
        print(json.dumps(ready), flush=True)
        waiting = [asyncio.create_task(stopped.wait()), asyncio.create_task(node.failed.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
    finally:
        await node.stop()
    return 1 if node.failed.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())

"""Blocks, state, history and private data of one channel, with Fabric's semantics.

`Ledger` itself stands in `hansa_devnode.ledger.ledger`, above `hansa_devnode.validation`, which builds on
what is exported here.
"""

from hansa_devnode.ledger.definitions import ChaincodeDefinition
from hansa_devnode.ledger.errors import (
    LedgerError,
    LedgerMismatchError,
    NoSuchCollectionError,
    NotFoundError,
    SimulationError,
)
from hansa_devnode.ledger.range_scan import KeyValue, RangeScan
from hansa_devnode.ledger.simulator import SimulationResult, Simulator

__all__ = [
    "ChaincodeDefinition",
    "KeyValue",
    "LedgerError",
    "LedgerMismatchError",
    "NoSuchCollectionError",
    "NotFoundError",
    "RangeScan",
    "SimulationError",
    "SimulationResult",
    "Simulator",
]

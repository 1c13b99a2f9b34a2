"""Blocks, state, history and private data of one channel, with Fabric's semantics."""

from hansa_devnode.ledger.definitions import ChaincodeDefinition
from hansa_devnode.ledger.errors import (
    CollectionsUndefinedError,
    InvalidCollectionError,
    LedgerError,
    LedgerMismatchError,
    NotFoundError,
    SimulationError,
)
from hansa_devnode.ledger.ledger import BlockSigner, ChainInfo, CommittedBlock, Ledger, TransactionStatus
from hansa_devnode.ledger.simulator import KeyValue, RangeScan, SimulationResult, Simulator

__all__ = [
    "BlockSigner",
    "ChainInfo",
    "ChaincodeDefinition",
    "CollectionsUndefinedError",
    "CommittedBlock",
    "InvalidCollectionError",
    "KeyValue",
    "Ledger",
    "LedgerError",
    "LedgerMismatchError",
    "NotFoundError",
    "RangeScan",
    "SimulationError",
    "SimulationResult",
    "Simulator",
    "TransactionStatus",
]

"""A complete Fabric chaincode shim for Python. Generic: knows nothing of trade."""

from hansa_shim.chaincode import Chaincode, DescribedChaincode
from hansa_shim.composite_key import create_composite_key, split_composite_key
from hansa_shim.creator import Creator
from hansa_shim.errors import (
    ConfigurationError,
    InvalidArgumentError,
    MessageTooLargeError,
    PeerError,
    ProtocolError,
    ShimError,
    TransactionOverError,
    WriteBatchError,
)
from hansa_shim.iterators import HistoryIterator, KeyModification, KeyValue, StateIterator
from hansa_shim.private_data import implicit_collection
from hansa_shim.response import Response, error, success
from hansa_shim.stub import ChaincodeStub

__all__ = [
    "Chaincode",
    "ChaincodeStub",
    "ConfigurationError",
    "Creator",
    "DescribedChaincode",
    "HistoryIterator",
    "InvalidArgumentError",
    "KeyModification",
    "KeyValue",
    "MessageTooLargeError",
    "PeerError",
    "ProtocolError",
    "Response",
    "ShimError",
    "StateIterator",
    "TransactionOverError",
    "WriteBatchError",
    "create_composite_key",
    "error",
    "implicit_collection",
    "split_composite_key",
    "success",
]

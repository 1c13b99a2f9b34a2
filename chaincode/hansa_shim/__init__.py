"""A complete Fabric chaincode shim for Python. Generic: knows nothing of trade."""

from hansa_shim.chaincode import Chaincode, DescribedChaincode
from hansa_shim.client import connect
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
from hansa_shim.iterators import HistoryIterator, KeyModification, KeyValue, ResultIterator, StateIterator
from hansa_shim.key_policy import Endorser, KeyEndorsementPolicy, OutOf, all_of, any_of, out_of, policy_bytes
from hansa_shim.private_data import implicit_collection
from hansa_shim.program import run, serve, start
from hansa_shim.response import Response, error, success
from hansa_shim.server import ChaincodeServer
from hansa_shim.session import Limits
from hansa_shim.stub import ChaincodeStub
from hansa_shim.tls import TlsCredentials

__all__ = [
    "Chaincode",
    "ChaincodeServer",
    "ChaincodeStub",
    "ConfigurationError",
    "Creator",
    "DescribedChaincode",
    "Endorser",
    "HistoryIterator",
    "InvalidArgumentError",
    "KeyEndorsementPolicy",
    "KeyModification",
    "KeyValue",
    "Limits",
    "MessageTooLargeError",
    "OutOf",
    "PeerError",
    "ProtocolError",
    "Response",
    "ResultIterator",
    "ShimError",
    "StateIterator",
    "TlsCredentials",
    "TransactionOverError",
    "WriteBatchError",
    "all_of",
    "any_of",
    "connect",
    "create_composite_key",
    "error",
    "implicit_collection",
    "out_of",
    "policy_bytes",
    "run",
    "serve",
    "split_composite_key",
    "start",
    "success",
]

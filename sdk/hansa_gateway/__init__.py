"""A Fabric Gateway client for Python. Generic: knows nothing of trade.

``Gateway`` blocks, and may be shared by threads; ``AsyncGateway`` has the same names and is awaited. Both are
faces of one core that does no I/O.
"""

from hansa_gateway.aio.gateway import AsyncGateway
from hansa_gateway.blocking.gateway import Gateway
from hansa_gateway.checkpoints import Checkpoint, Checkpointer, FileCheckpointer, InMemoryCheckpointer
from hansa_gateway.connection import Deadlines, Endpoint
from hansa_gateway.core.block_events import (
    FILTERED,
    WHOLE,
    WITH_PRIVATE_DATA,
    BlockWithPrivateData,
    FilteredBlock,
    FilteredTransaction,
)
from hansa_gateway.core.chain_info import ChainInfo
from hansa_gateway.core.chaincode_events import ChaincodeEvent
from hansa_gateway.core.commit import CommitStatus, SubmitResult
from hansa_gateway.credentials import Credential
from hansa_gateway.errors import (
    BroadcastError,
    CheckpointError,
    CheckpointMismatchError,
    CommitError,
    CommitStatusError,
    ConfigurationError,
    EndorseError,
    ErrorDetail,
    EvaluateError,
    EventStreamError,
    GatewayClosedError,
    GatewayError,
    IdentityNotFoundError,
    InvalidMessageError,
    RemoteError,
    SigningError,
    SubmitError,
    TransactionError,
    WalletError,
    WrongPassphraseError,
)
from hansa_gateway.ordering import OrderingService
from hansa_gateway.wallet import FileWallet

__all__ = [
    "FILTERED",
    "WHOLE",
    "WITH_PRIVATE_DATA",
    "AsyncGateway",
    "BlockWithPrivateData",
    "BroadcastError",
    "ChainInfo",
    "ChaincodeEvent",
    "Checkpoint",
    "CheckpointError",
    "CheckpointMismatchError",
    "Checkpointer",
    "CommitError",
    "CommitStatus",
    "CommitStatusError",
    "ConfigurationError",
    "Credential",
    "Deadlines",
    "EndorseError",
    "Endpoint",
    "ErrorDetail",
    "EvaluateError",
    "EventStreamError",
    "FileCheckpointer",
    "FileWallet",
    "FilteredBlock",
    "FilteredTransaction",
    "Gateway",
    "GatewayClosedError",
    "GatewayError",
    "IdentityNotFoundError",
    "InMemoryCheckpointer",
    "InvalidMessageError",
    "OrderingService",
    "RemoteError",
    "SigningError",
    "SubmitError",
    "SubmitResult",
    "TransactionError",
    "WalletError",
    "WrongPassphraseError",
]

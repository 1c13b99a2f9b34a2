"""What can go wrong between a contract and its peer. Every error has a stable code."""

from __future__ import annotations

from typing import ClassVar


class ShimError(Exception):
    """The base of all errors of the shim. ``code`` is stable, the text is for people."""

    code: ClassVar[str] = "SHIM_ERROR"


class InvalidArgumentError(ShimError, ValueError):
    """A call of the stub that could never be right: an empty key, an empty value, a bad composite key."""

    code = "INVALID_ARGUMENT"


class PeerError(ShimError):
    """The peer answered a request with ERROR; the text is the peer's own."""

    code = "PEER_ERROR"


class MessageTooLargeError(ShimError):
    """A message to the peer would exceed the size that a peer accepts, so it was not sent."""

    code = "MESSAGE_TOO_LARGE"


class TransactionOverError(ShimError):
    """The stub was used after its transaction had been answered, or after its stream had ended."""

    code = "TRANSACTION_OVER"


class WriteBatchError(ShimError):
    """A batch of writes was refused. The peer may have kept some of it, so the transaction must fail."""

    code = "WRITE_BATCH_FAILED"


class ProtocolError(ShimError):
    """The peer sent a message that the protocol does not allow at that point; the stream is given up."""

    code = "PROTOCOL_ERROR"


class ConfigurationError(ShimError):
    """The service was started with settings that contradict one another or are missing."""

    code = "CONFIGURATION_ERROR"

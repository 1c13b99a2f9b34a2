"""What a transaction was called with: arguments, ids, and what its signed proposal says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from hansa_shim.creator import Creator
from hansa_shim.errors import InvalidArgumentError
from hansa_shim.exchange import Exchange
from hansa_shim.proposal import Proposal
from hansa_shim.response import as_bytes


class Invocation:
    """The part of a stub that asks the peer nothing."""

    def __init__(self, exchange: Exchange, chaincode_input: Any, signed_proposal: Any = None) -> None:
        """``chaincode_input`` is Fabric's ChaincodeInput, ``signed_proposal`` its SignedProposal."""
        self._exchange = exchange
        self._input = chaincode_input
        self._proposal = None if signed_proposal is None else Proposal(signed_proposal)
        self.channel_id: str = exchange.channel_id
        self.tx_id: str = exchange.tx_id
        self.event: tuple[str, bytes] | None = None

    @cached_property
    def args(self) -> list[bytes]:
        """All arguments; by custom the first one names the function."""
        return list(self._input.args)

    @property
    def function_and_parameters(self) -> tuple[str, list[str]]:
        """The first argument, and the others, as text.

        Raises:
            InvalidArgumentError: no argument, or one is not UTF-8 (read ``args`` where that is expected).
        """
        if not self.args:
            raise InvalidArgumentError("the transaction names no function: it has no arguments")
        try:
            function, *parameters = (argument.decode() for argument in self.args)
        except UnicodeDecodeError as failure:
            raise InvalidArgumentError("an argument is not UTF-8") from failure
        return function, parameters

    @property
    def proposal(self) -> Proposal:
        """The signed proposal.

        Raises:
            InvalidArgumentError: the peer sent none (it does for every client's transaction).
        """
        if self._proposal is None:
            raise InvalidArgumentError("the peer sent no signed proposal with this transaction")
        return self._proposal

    @property
    def creator(self) -> Creator:
        """Who signed the proposal."""
        return self.proposal.creator

    @property
    def transient(self) -> Mapping[str, bytes]:
        """Transient data: it reaches the endorsers and no block."""
        return self.proposal.transient

    @property
    def tx_timestamp(self) -> Timestamp:
        """The proposal's time: the client's clock, the same on every endorser (``.ToMilliseconds()``)."""
        return self.proposal.timestamp

    @property
    def binding(self) -> bytes:
        """SHA-256 over the proposal's nonce, creator and epoch."""
        return self.proposal.binding

    @property
    def decorations(self) -> Mapping[str, bytes]:
        """What decorators of the peer added to the input."""
        return dict(self._input.decorations)

    def set_event(self, name: str, payload: bytes | str | None) -> None:
        """Sets the transaction's event; a second call replaces it, since Fabric has one per transaction.

        Raises:
            InvalidArgumentError: the name is empty.
        """
        if not isinstance(name, str) or not name:
            raise InvalidArgumentError("an event's name must not be empty")
        self.event = (name, as_bytes(payload))

    def get_args(self) -> list[bytes]:
        """All arguments as bytes."""
        return self.args

    def get_string_args(self) -> list[str]:
        """All arguments as text."""
        return [argument.decode() for argument in self.args]

    def get_function_and_parameters(self) -> tuple[str, list[str]]:
        """As ``function_and_parameters``."""
        return self.function_and_parameters

    def get_txid(self) -> str:
        """The transaction's id."""
        return self.tx_id

    def get_channel_id(self) -> str:
        """The channel's name."""
        return self.channel_id

    def get_creator(self) -> Creator:
        """As ``creator``."""
        return self.creator

    def get_transient(self) -> Mapping[str, bytes]:
        """As ``transient``."""
        return self.transient

    def get_tx_timestamp(self) -> Timestamp:
        """As ``tx_timestamp``."""
        return self.tx_timestamp

    def get_binding(self) -> bytes:
        """As ``binding``."""
        return self.binding

    def get_signed_proposal(self) -> Any:
        """Fabric's SignedProposal message as the client sent it."""
        return self.proposal.signed

"""The ledger as members read it: blocks, their transactions, and the domain events in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import msgspec
from cryptography.x509.oid import NameOID

from hansa.errors import HansaError
from hansa_domain.events import Event
from hansa_domain.times import rfc3339
from hansa_fabric.blocks import Block, BlockTransaction, verify_chain
from hansa_fabric.errors import BrokenChainError, MalformedDataError
from hansa_fabric.identity import Identity
from hansa_gateway import GatewayError
from hansa_gateway.blocking.network import Network

EVENT_NAME = "hansa"
EPOCH = rfc3339(0)
"""Stands where a transaction's time cannot be read."""

_EVENTS: Any = reduce(or_, Event.__subclasses__())


class _Payload(msgspec.Struct, frozen=True):
    v: int
    events: list[_EVENTS]


_DECODER = msgspec.json.Decoder(_Payload)


class LedgerStreamError(HansaError):
    """The stream of blocks ended without being closed. Open a new one from where it stopped."""

    def __init__(self, message: str) -> None:
        super().__init__("LEDGER_UNREACHABLE", message, "See whether the member's peer is up.")


class LedgerAheadError(Exception):
    """A block holds events that this version cannot read: the ledger is ahead of the program."""


class LedgerBrokenError(HansaError):
    """The blocks do not form one chain: somebody changed them, or the peer lies."""

    def __init__(self, message: str) -> None:
        super().__init__("LEDGER_BROKEN", message, "Compare with another member's peer.")


@dataclass(frozen=True)
class LedgerTransaction:
    """One transaction of a block.

    Args:
        transaction_id: empty for configuration.
        index: its place in the block, from 0.
        validation_code: Fabric's name of the verdict, such as ``VALID``.
        creator: MSP id of who signed it, empty in a genesis block.
        at: the client's time, RFC 3339.
        chaincode: name of the chaincode, empty for configuration.
        function: the operation called, such as ``orders:Place``; empty for configuration.
        events: what happened; empty unless the transaction is valid.
        signer: common name in the certificate of who signed it; empty where there is none to be read.
    """

    transaction_id: str
    index: int
    validation_code: str
    creator: str
    at: str
    chaincode: str
    function: str
    events: tuple[Event, ...]
    signer: str = ""


@dataclass(frozen=True)
class LedgerBlock:
    """One block: its number, its header's hash in hexadecimal, and its transactions in order."""

    number: int
    hash: str
    transactions: tuple[LedgerTransaction, ...]


class Ledger:
    """``client.ledger``.

    Args:
        network: the channel.
        chaincode: whose events count.
    """

    def __init__(self, network: Network, chaincode: str) -> None:
        self._network = network
        self._chaincode = chaincode

    def height(self) -> int:
        """How many blocks the member's peer has. Raises LedgerStreamError where it does not answer."""
        with _answering():
            return self._network.chain_info().height

    def genesis_hash(self) -> str:
        """Hash of block 0 in hexadecimal: it tells this ledger from every other. Raises LedgerStreamError."""
        with _answering():
            return self._network.genesis_hash().hex()

    @contextmanager
    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Iterator[LedgerBlock]]:
        """Blocks in order, from ``start``; without ``stop`` it waits for new ones for ever.

        Raises:
            LedgerStreamError: the stream ended without being closed.
        """
        with self._network.block_events(start_block=start, stop_block=stop) as stream:
            yield self._read(stream)

    def block(self, number: int) -> LedgerBlock:
        """One block. Raises LedgerStreamError where the peer does not deliver it."""
        with self.blocks(number, number) as found:
            for block in found:
                return block
        raise LedgerStreamError(f"the peer did not deliver block {number}")

    def verify(self) -> int:
        """Checks every block of the member's peer: its hash, its data's hash, its link to the one before.

        Returns:
            how many blocks were checked.

        Raises:
            LedgerBrokenError: at the first block that does not fit.
            LedgerStreamError: the peer did not deliver them all.
        """
        with _answering():
            last = self._network.chain_info().height - 1
            with self._network.block_events(start_block=0, stop_block=last) as stream:
                try:
                    return verify_chain(stream)
                except BrokenChainError as error:
                    raise LedgerBrokenError(str(error)) from error

    def _read(self, stream: Iterator[Block]) -> Iterator[LedgerBlock]:
        with _answering():
            for block in stream:
                yield LedgerBlock(
                    number=block.number,
                    hash=block.hash.hex(),
                    transactions=tuple(
                        self._transaction(index, each) for index, each in enumerate(block.transactions)
                    ),
                )

    def _transaction(self, index: int, found: BlockTransaction) -> LedgerTransaction:
        try:
            transaction = found.transaction
        except MalformedDataError:
            # A block also keeps what its peers could not read and therefore refused.
            return LedgerTransaction("", index, found.code.name, "", EPOCH, "", "", ())
        creator, signer = _signer(transaction.creator)
        at = _time(transaction.timestamp)
        if transaction.is_config:
            return LedgerTransaction(
                transaction.tx_id, index, found.code.name, creator, at, "", "", (), signer
            )
        args = transaction.args
        return LedgerTransaction(
            transaction_id=transaction.tx_id,
            index=index,
            validation_code=found.code.name,
            creator=creator,
            at=at,
            chaincode=transaction.chaincode,
            function=args[0].decode("utf-8", "replace") if args else "",
            events=self._events(found),
            signer=signer,
        )

    def _events(self, found: BlockTransaction) -> tuple[Event, ...]:
        if not found.is_valid or found.transaction.chaincode != self._chaincode:
            return ()
        event = found.transaction.event
        if event is None or event.event_name != EVENT_NAME:
            return ()
        try:
            return tuple(_DECODER.decode(event.payload).events)
        except msgspec.DecodeError as error:
            says = f"Transaction {found.transaction.tx_id} has events that this version cannot read: {error}"
            raise LedgerAheadError(says) from error


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except GatewayError as error:
        raise LedgerStreamError(str(error)) from error


def _signer(creator: bytes) -> tuple[str, str]:
    """MSP id and common name; a block also keeps what strangers signed, with certificates that are none."""
    if not creator:
        return "", ""
    try:
        identity = Identity.deserialize(creator)
    except MalformedDataError:
        return "", ""
    try:
        names = identity.x509.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except (MalformedDataError, ValueError):
        return identity.msp_id, ""
    return identity.msp_id, str(names[0].value) if names else ""


def _time(timestamp: Any) -> str:
    try:
        return rfc3339(timestamp.seconds * 1000 + timestamp.nanos // 1_000_000)
    except OverflowError:
        # A client may write any time into a transaction that does not pass validation.
        return EPOCH

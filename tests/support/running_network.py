"""What the conformance suite asks of a network, whichever engine it runs on."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from hansa_fabric.blocks import Block
from hansa_fabric.identity import Identity, KeySigner
from hansa_gateway import Gateway, OrderingService


class RunningNetwork(Protocol):
    """Organisations on a channel `trade` with the chaincode `all`, each with a peer and an administrator."""

    @property
    def msp_ids(self) -> tuple[str, ...]:
        """The organisations, in order."""

    @property
    def orderer_msp_id(self) -> str:
        """The organisation that orders: one of its own on the devnode, a member on Fabric."""

    @property
    def orderer_address(self) -> str:
        """Where the ordering node serves clients."""

    @property
    def orderer_tls_root(self) -> Path:
        """The file with the root of its TLS certificate."""

    @property
    def orderer_admin(self) -> KeySigner:
        """The administrator of the organisation that orders."""

    @property
    def orderer_identity(self) -> Identity:
        """Who signs blocks."""

    def group(self, msp_id: str) -> str:
        """Name of an organisation's group in the channel's configuration."""

    def admin(self, msp_id: str) -> KeySigner:
        """An organisation's administrator."""

    def address(self, msp_id: str) -> str:
        """Where an organisation's peer listens."""

    def tls_root(self, msp_id: str) -> Path:
        """The file with the root that an organisation's TLS certificates come from."""

    def admin_msp(self, msp_id: str) -> Path:
        """The administrator's MSP folder."""

    def gateway(self, msp_id: str, signer: KeySigner | None = None) -> Gateway:
        """A connection to an organisation's peer, for its administrator unless another signer is given."""

    def ordering(self, msp_id: str = "AMSP", signer: KeySigner | None = None) -> OrderingService:
        """A connection to the ordering node, for an administrator unless another signer is given."""

    def height(self, msp_id: str = "AMSP") -> int:
        """How many blocks an organisation's peer has."""

    def settle(self, *msp_ids: str) -> None:
        """Waits until these organisations' peers, or all, are equally high."""

    def silent(self, *msp_ids: str) -> AbstractContextManager[None]:
        """While it lasts, these organisations' peers do not serve, and the others know."""

    def restart(self) -> None:
        """Ends everything and starts it again on the same folders."""


def block(network: RunningNetwork, number: int) -> Block:
    """A block by its number, as the peer of A keeps it."""
    return _ledger(network, "GetBlockByNumber", str(number))


def block_of_transaction(network: RunningNetwork, tx_id: str) -> Block:
    """The block that a transaction is in."""
    return _ledger(network, "GetBlockByTxID", tx_id)


def _ledger(network: RunningNetwork, function: str, argument: str) -> Block:
    with network.gateway("AMSP") as gateway:
        return Block(gateway.network("trade").contract("qscc").evaluate(function, "trade", argument))


def endorsers(network: RunningNetwork, tx_id: str) -> set[str]:
    """The organisations whose endorsements a committed transaction carries."""
    transactions: Any = block_of_transaction(network, tx_id).transactions
    (found,) = [each.transaction for each in transactions if each.transaction.tx_id == tx_id]
    return {Identity.deserialize(each.endorser).msp_id for each in found.endorsements}

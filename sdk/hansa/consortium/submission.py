"""The channel's configuration as a member's peer has it; handing an agreed change to the ordering nodes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from fabric_protos.common import configtx_pb2

from hansa.client import Client
from hansa.consortium.errors import ConsortiumError, config_errors
from hansa.consortium.standing import standing
from hansa.errors import OutcomeUnknownError, UnreachableError
from hansa_fabric.blocks import Block
from hansa_fabric.bundle import Bundle
from hansa_fabric.config_signatures import parse_update, sign_update, update_envelope
from hansa_fabric.config_update import current_config
from hansa_fabric.protobuf import decode
from hansa_gateway import BroadcastError, GatewayError, OrderingService

COMMITTING_SECONDS = 60.0
_ASK_AGAIN_SECONDS = 0.2


class ChannelConfiguration:
    """Reads and changes the channel's configuration for a connected user: ``client``, a ``hansa.Client``."""

    @staticmethod
    def current(client: Client) -> Bundle:
        """The configuration in force, as the member's peer has it.

        Raises:
            UnreachableError: the peer does not answer.
            ConsortiumError: it cannot be read.
        """
        return _bundle(_newest(client))

    @staticmethod
    def at(client: Client, sequence: int) -> Bundle:
        """The configuration of a sequence number, such as the one an update was computed from.

        Raises:
            ConsortiumError: CONFIG_UNKNOWN where there is none of that number.
            UnreachableError: the peer does not answer.
        """
        for block in _blocks(client):
            found = _bundle(block)
            if found.sequence == sequence:
                return found
            if found.sequence < sequence:
                break
        raise ConsortiumError("CONFIG_UNKNOWN", f"The channel has no configuration {sequence}.")

    @staticmethod
    def newest_block(client: Client) -> bytes:
        """The newest configuration block (``common.Block``). Raises UnreachableError."""
        found: bytes = _newest(client).message.SerializeToString()
        return found

    @staticmethod
    def block(client: Client, number: int) -> bytes:
        """A block (``common.Block``) by its number. Raises UnreachableError."""
        found: bytes = _block(client, number).message.SerializeToString()
        return found

    @staticmethod
    def block_of(client: Client, update: bytes) -> int | None:
        """The number of the block that carried out an update; None where none did.

        Raises:
            UnreachableError: the peer does not answer.
        """
        for block in _blocks(client):
            if _carries(block, update):
                return block.number
        return None

    @staticmethod
    def submit(
        client: Client, update: bytes, signatures: Sequence[bytes], seconds: float = COMMITTING_SECONDS
    ) -> int:
        """Hands an update to the ordering nodes and waits until it is in force; once it is, does nothing.

        Args:
            client: any user of a member.
            update: serialised ``common.ConfigUpdate``.
            signatures: serialised ``common.ConfigSignature`` each.
            seconds: how long to wait for the commit.

        Returns:
            the number of its block.

        Raises:
            ConsortiumError: CONFIG_UNAUTHORIZED, naming who has not signed; CONFIG_OVERTAKEN.
            UnreachableError: no ordering node took it; nothing happened.
            OutcomeUnknownError: it was handed over, perhaps, and is not in force yet: call again.
        """
        done = ChannelConfiguration.block_of(client, update)
        if done is not None:
            return done
        config = ChannelConfiguration.current(client)
        found = standing(config, update, signatures)
        if not found.enough:
            raise ConsortiumError(
                "CONFIG_UNAUTHORIZED",
                f"Not enough administrators have signed; {', '.join(found.missing)} could.",
                "Each of them signs with: hansa join sign ID",
            )
        with config_errors("A signature"):
            messages = [decode(configtx_pb2.ConfigSignature, one) for one in signatures]
            envelope = sign_update(update_envelope(update, messages), client.signer)
        _broadcast(client, config, envelope)
        return _wait(client, config.sequence, update, seconds)


def _broadcast(client: Client, config: Bundle, envelope: Any) -> None:
    """Hands an envelope to the first ordering node that takes it, at the endpoints the channel names."""
    failures = []
    for address, roots in ordering_endpoints(config):
        with OrderingService.connect(address, client.signer, tls_root=roots) as node:
            try:
                node.broadcast(envelope)
            except BroadcastError as error:
                if error.outcome_unknown:
                    failures.append(f"{address}: {error}")
                    continue
                if failures:
                    return  # one that did not answer may have taken it: the ledger tells
                raise ConsortiumError("CONFIG_REFUSED", f"The ordering node said no: {error}") from error
            else:
                return
    raise UnreachableError(
        "ORDERING_UNREACHABLE",
        f"No ordering node took the change: {'; '.join(failures) or 'the channel names none'}",
        "See whether the ordering nodes run (hansa status), then submit again.",
    )


def ordering_endpoints(config: Bundle) -> Iterator[tuple[str, bytes]]:
    """Each ordering node's ``host:port`` and the TLS authorities (PEM) that vouch for it."""
    for organization in config.orderer_organizations.values():
        msp = organization.msp
        roots = b"".join((*msp.tls_root_certificates, *msp.tls_intermediate_certificates))
        for address in organization.orderer_endpoints:
            yield address, roots


def _wait(client: Client, sequence: int, update: bytes, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while True:
        newest = _newest(client)
        if current_config(newest).sequence > sequence:
            number = ChannelConfiguration.block_of(client, update)
            if number is None:
                raise ConsortiumError(
                    "CONFIG_OVERTAKEN",
                    "Another change of the consortium took effect first.",
                    "Compute it anew with: hansa join renew ID. Everybody signs the new one.",
                )
            return number
        if time.monotonic() > deadline:
            raise OutcomeUnknownError(
                f"The change was handed over and is not in force after {seconds:.0f} s.", "", None
            )
        time.sleep(_ASK_AGAIN_SECONDS)


def _blocks(client: Client) -> Iterator[Block]:
    """Every configuration block, the newest first."""
    block = _newest(client)
    yield block
    while block.number > 0:
        before = _block(client, block.number - 1)
        number = before.last_config
        block = before if number == before.number else _block(client, number)
        yield block


def _newest(client: Client) -> Block:
    return _ask(client, "cscc", "GetConfigBlock")


def _block(client: Client, number: int) -> Block:
    return _ask(client, "qscc", "GetBlockByNumber", str(number))


def _ask(client: Client, chaincode: str, function: str, *args: str) -> Block:
    network = client.channel
    try:
        # Its own peer: another member's may be a block behind, or ahead of what this one can explain.
        answer = network.contract(chaincode).evaluate(
            function, network.channel, *args, endorsing_organizations=[client.profile.msp_id]
        )
    except GatewayError as error:
        raise UnreachableError(
            "LEDGER_UNREACHABLE", f"The member's peer did not answer: {error}", "See: hansa status"
        ) from error
    with config_errors("The block"):
        return Block(answer)


def _bundle(block: Block) -> Bundle:
    with config_errors("The configuration"):
        return Bundle.from_block(block)


def _carries(block: Block, update: bytes) -> bool:
    with config_errors("The configuration block"):
        envelope = decode(configtx_pb2.ConfigEnvelope, block.transactions[0].transaction.data)
        if not envelope.HasField("last_update"):
            return False
        return bool(parse_update(envelope.last_update).config_update == update)

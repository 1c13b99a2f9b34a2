"""What an endorser refuses before any chaincode runs, and what its endorsement is worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2

from hansa_devnode.endorser import ProposalRefusedError
from hansa_fabric.identity import Identity, KeySigner, verify
from hansa_fabric.proposals import Proposal, new_proposal, sign_proposal, signed_proposal
from hansa_fabric.transactions import new_transaction, sign_envelope
from tests.support.devnode_peers import Peers, chaincode_config, peers, running
from tests.support.fabric_organizations import organization
from tests.support.on_loop import on_loop

Change = Callable[[Any, Any], None]


def changed(network: Peers, change: Change) -> Any:
    """A signed proposal of which the header was changed, and signed again by its creator."""
    signer = network.client("AMSP")
    proposal = new_proposal("trade", "all", [b"get", b"k"], signer.identity).message
    header = common_pb2.Header.FromString(proposal.header)
    channel = common_pb2.ChannelHeader.FromString(header.channel_header)
    signature = common_pb2.SignatureHeader.FromString(header.signature_header)
    change(channel, signature)
    header.channel_header = channel.SerializeToString()
    header.signature_header = signature.SerializeToString()
    proposal.header = header.SerializeToString()
    serialized = proposal.SerializeToString()
    return proposal_pb2.SignedProposal(proposal_bytes=serialized, signature=signer.sign(serialized))


def no_name(channel: Any, _: Any) -> None:
    extension = proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode_pb2.ChaincodeID())
    channel.extension = extension.SerializeToString()


def set_channel(**fields: Any) -> Change:
    def change(channel: Any, _: Any) -> None:
        for name, value in fields.items():
            setattr(channel, name, value)

    return change


def set_signature(**fields: Any) -> Change:
    def change(_: Any, signature: Any) -> None:
        for name, value in fields.items():
            setattr(signature, name, value)

    return change


HEADERS: dict[str, Change] = {
    "error validating proposal: invalid header type MESSAGE": set_channel(type=common_pb2.MESSAGE),
    "error validating proposal: epoch is non-zero": set_channel(epoch=1),
    "error validating proposal: nonce is empty": set_signature(nonce=b""),
    "error validating proposal: creator is empty": set_signature(creator=b""),
    "error validating proposal: incorrectly computed txid 'x' -- expected '": set_channel(tx_id="x"),
    "ChaincodeHeaderExtension.ChaincodeId is nil": set_channel(extension=b""),
    "ChaincodeHeaderExtension.ChaincodeId.Name is empty": no_name,
    "error unmarshalling ChaincodeHeaderExtension: ": set_channel(extension=b"\xff"),
}


@on_loop
async def test_headers_are_checked(tmp_path: Path) -> None:
    async with peers(tmp_path, [chaincode_config()], start=False) as network:
        for text, change in HEADERS.items():
            with pytest.raises(ProposalRefusedError) as refused:
                await network.endorsers["AMSP"].process_proposal(changed(network, change))
            assert str(refused.value).startswith(text)
        empty = proposal_pb2.SignedProposal()
        with pytest.raises(ProposalRefusedError):
            await network.endorsers["AMSP"].process_proposal(empty)


def proposal_of(signer: KeySigner, channel: str = "trade", *, minutes: int = 0) -> Proposal:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    return new_proposal(channel, "all", [b"get", b"k"], signer.identity, timestamp=moment)


@on_loop
async def test_creators_are_checked(tmp_path: Path) -> None:
    async with peers(tmp_path, [chaincode_config()], start=False) as network:
        mine = network.client("AMSP")
        forged = signed_proposal(proposal_of(mine), mine.sign(b"something else"))
        unsigned = signed_proposal(proposal_of(mine), b"")
        stranger = organization("StrangerMSP").member("client")
        impostor = organization("AMSP").member("client")
        ended = datetime.now(UTC) - timedelta(minutes=1)
        expired = organization("AMSP").member("client", not_after=ended)
        refusals = {
            "error validating proposal: access denied: channel [trade] creator org [AMSP]": forged,
            "error validating proposal: empty signature bytes": unsigned,
            "error validating proposal: access denied: channel [trade] creator org unknown,"
            " creator is malformed": sign_proposal(proposal_of(stranger), stranger),
            "proposal client identity expired": sign_proposal(proposal_of(expired), expired),
        }
        for text, signed in refusals.items():
            with pytest.raises(ProposalRefusedError) as refused:
                await network.endorsers["AMSP"].process_proposal(signed)
            assert str(refused.value) == text
        with pytest.raises(ProposalRefusedError, match=r"creator org \[AMSP\]"):
            await network.endorsers["BMSP"].process_proposal(sign_proposal(proposal_of(impostor), impostor))


@on_loop
async def test_the_clock_may_be_fifteen_minutes_off(tmp_path: Path) -> None:
    async with peers(tmp_path, [chaincode_config()], start=False) as network:
        signer, endorser = network.client("AMSP"), network.endorsers["AMSP"]
        for minutes in (-16, 16):
            signed = sign_proposal(proposal_of(signer, minutes=minutes), signer)
            with pytest.raises(ProposalRefusedError) as refused:
                await endorser.process_proposal(signed)
            assert str(refused.value).startswith("request unauthorized due to incorrect timestamp ")
            assert str(refused.value).endswith(", peer.authentication.timewindow 15m0s")
        for minutes in (-14, 14):
            answer = await endorser.process_proposal(
                sign_proposal(proposal_of(signer, "nowhere", minutes=minutes), signer)
            )
            assert answer.response.message == "channel 'nowhere' not found"


@on_loop
async def test_what_does_not_exist(tmp_path: Path) -> None:
    async with peers(tmp_path, [chaincode_config()], start=False) as network:
        assert await network.refusal("get", "k", chaincode="nosuch") == (
            "make sure the chaincode nosuch has been successfully defined on channel trade and try again:"
            " chaincode nosuch not found"
        )
        assert await network.refusal("get", "k", channel="") == (
            "make sure the chaincode all has been successfully defined on channel  and try again:"
            " could not get channel config for channel ''"
        )
        with pytest.raises(ProposalRefusedError, match=r"channel \[\] creator org unknown"):
            await network.ask("cscc", "GetChannels", channel="", client="BMSP", peer="AMSP")


@on_loop
async def test_a_transaction_is_endorsed_once_it_is_not_committed(tmp_path: Path) -> None:
    async with running(tmp_path) as network:
        proposal, signed = network.signed("all", "put", "k", "v")
        answer = await network.endorsers["AMSP"].process_proposal(signed)
        endorser = Identity.deserialize(answer.endorsement.endorser)
        assert endorser == network.material.organizations["AMSP"].signer.identity
        verify(endorser, answer.payload + answer.endorsement.endorser, answer.endorsement.signature)
        other = await network.endorsers["BMSP"].process_proposal(signed)
        assert other.payload == answer.payload

        envelope = sign_envelope(new_transaction(proposal, [answer, other]), network.client("AMSP"))
        network.ledger.commit([envelope.SerializeToString()])
        with pytest.raises(ProposalRefusedError) as refused:
            await network.endorsers["AMSP"].process_proposal(signed)
        creator = network.client("AMSP").identity.serialized.hex()
        assert str(refused.value) == (f"duplicate transaction found [{proposal.tx_id}]. Creator [{creator}]")


@on_loop
async def test_init_is_called_once_for_each_version(tmp_path: Path) -> None:
    async with running(tmp_path, init_required=True) as network:
        assert (await network.refusal("get", "k")).endswith(
            ": invalid invocation: chaincode 'all' has not been initialized for this version,"
            " must call as init first"
        )
        assert await network.submit("put", "a", "1", init=True) == 0
        assert (await network.refusal("put", "a", "1", init=True)).endswith(
            ": invalid invocation: chaincode 'all' is already initialized but called as init"
        )
        assert await network.submit("put", "k", "v") == 0

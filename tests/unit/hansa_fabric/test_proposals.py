"""Proposals: what a client sends is what an endorser reads, and what is forged is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import verify
from hansa_fabric.proposals import (
    Proposal,
    new_proposal,
    parse_signed_proposal,
    proposal_hash,
    sign_proposal,
    without_transient,
)
from tests.support.fabric_identities import self_signed

SIGNER = self_signed()


@settings(max_examples=50, deadline=None)
@given(
    args=st.lists(st.binary(max_size=20), max_size=4),
    transient=st.dictionaries(st.text(max_size=5), st.binary(max_size=9), max_size=3),
    nonce=st.binary(min_size=1, max_size=30),
)
def test_round_trip(args: list[bytes], transient: dict[str, bytes], nonce: bytes) -> None:
    moment = datetime(2025, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
    proposal = new_proposal(
        "trade", "hansa", args, SIGNER.identity, transient=transient, nonce=nonce, timestamp=moment
    )
    signed = sign_proposal(proposal, SIGNER)
    for form in (signed, signed.SerializeToString()):
        parsed = parse_signed_proposal(form)
        assert (parsed.tx_id, parsed.channel, parsed.chaincode) == (proposal.tx_id, "trade", "hansa")
        assert list(parsed.args) == args
        assert parsed.transient == transient
        assert parsed.creator == SIGNER.identity.serialized
        assert parsed.timestamp.ToDatetime(tzinfo=UTC) == moment
        verify(SIGNER.identity, parsed.proposal_bytes, parsed.signature)
    assert Proposal.from_bytes(proposal.serialized) == proposal
    # What the endorser commits to must not depend on what stays off the ledger.
    assert parsed.hash == proposal_hash(parsed.header_bytes, without_transient(parsed.payload_bytes))


def test_each_proposal_has_its_own_id() -> None:
    made = {new_proposal("trade", "hansa", [], SIGNER.identity).tx_id for _ in range(20)}
    assert len(made) == 20


def _forged(change: str) -> bytes:
    proposal = new_proposal("trade", "hansa", [b"f"], SIGNER.identity).message
    header = common_pb2.Header.FromString(proposal.header)
    channel = common_pb2.ChannelHeader.FromString(header.channel_header)
    signature = common_pb2.SignatureHeader.FromString(header.signature_header)
    if change == "tx id":
        channel.tx_id = "00" * 32
    elif change == "epoch":
        channel.epoch = 1
    elif change == "type":
        channel.type = common_pb2.MESSAGE
    elif change == "nonce":
        signature.nonce = b""
    elif change == "creator":
        signature.creator = b""
    elif change == "chaincode":
        extension = proposal_pb2.ChaincodeHeaderExtension()
        extension.chaincode_id.name = "other"
        channel.extension = extension.SerializeToString()
    elif change == "extension":
        channel.extension = b""
    elif change == "payload":
        proposal.payload = b"\xff\xff"
    header.channel_header = channel.SerializeToString()
    header.signature_header = signature.SerializeToString()
    proposal.header = b"" if change == "header" else header.SerializeToString()
    found: bytes = proposal_pb2.SignedProposal(
        proposal_bytes=proposal.SerializeToString(), signature=b"s"
    ).SerializeToString()
    return found


@pytest.mark.parametrize(
    "change",
    ["tx id", "epoch", "type", "nonce", "creator", "chaincode", "extension", "payload", "header"],
)
def test_forged_proposal_is_refused(change: str) -> None:
    parse_signed_proposal(_forged("nothing"))
    with pytest.raises(MalformedDataError):
        parse_signed_proposal(_forged(change))


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="chaincode"):
        new_proposal("trade", "", [], SIGNER.identity)
    with pytest.raises(ValueError, match="time zone"):
        new_proposal("trade", "hansa", [], SIGNER.identity, timestamp=datetime(2025, 1, 1))

"""Every step signed away from the gateway that sends it."""

from __future__ import annotations

import hashlib

import pytest
from fabric_protos.gateway import gateway_pb2

from hansa_gateway import FILTERED, WHOLE, Gateway, InvalidMessageError, SigningError
from tests.support.fabric_identities import self_signed
from tests.support.gateway import CHANNEL, FakeGateway, event

# The key stays here; the gateway is given only the identity.
SIGNER = self_signed()


def connect(server: FakeGateway) -> Gateway:
    return Gateway.connect(server.address, SIGNER.identity, plaintext=True)


def test_a_transaction_step_by_step() -> None:
    with FakeGateway() as server, connect(server) as gateway:
        unsigned = (
            gateway.network(CHANNEL)
            .contract("hansa")
            .new_proposal("f", "x", transient={"k": "v"}, endorsing_organizations=["BankMSP"])
        )
        assert not unsigned.signed
        with pytest.raises(SigningError):
            unsigned.endorse()
        proposal = gateway.new_signed_proposal(unsigned.bytes, SIGNER.sign_digest(unsigned.digest))
        assert proposal.signed
        assert proposal.transaction_id == unsigned.transaction_id
        assert proposal.evaluate() == b"f|x"
        prepared = proposal.endorse()
        assert list(server.requests("Endorse")[0].endorsing_organizations) == ["BankMSP"]
        with pytest.raises(SigningError):
            prepared.submit()
        transaction = gateway.new_signed_transaction(prepared.bytes, SIGNER.sign_digest(prepared.digest))
        assert transaction.result == b"f|x"
        sent = transaction.submit()
        with pytest.raises(SigningError):
            sent.status()
        commit = gateway.new_signed_commit(sent.bytes, SIGNER.sign_digest(sent.digest))
        assert commit.status().transaction_id == unsigned.transaction_id


def test_steps_keep_the_signature_they_have() -> None:
    with FakeGateway() as server, connect(server) as gateway:
        unsigned = gateway.network(CHANNEL).contract("hansa").new_proposal("f")
        signed = gateway.new_signed_proposal(unsigned.bytes, SIGNER.sign_digest(unsigned.digest))
        again = gateway.new_proposal(signed.bytes)
        assert again.signed
        assert again.endorse().result == b"f"
        assert not gateway.new_proposal(unsigned.bytes).signed


def test_digests_are_of_what_is_signed() -> None:
    with FakeGateway() as server, connect(server) as gateway:
        proposal = gateway.network(CHANNEL).contract("hansa").new_proposal("f")
        message = gateway_pb2.ProposedTransaction.FromString(proposal.bytes)
        assert proposal.digest == hashlib.sha256(message.proposal.proposal_bytes).digest()
        commit = gateway.network(CHANNEL).commit("ab")
        request = gateway_pb2.SignedCommitStatusRequest.FromString(commit.bytes)
        assert commit.digest == hashlib.sha256(request.request).digest()


def test_event_requests() -> None:
    with FakeGateway(events=[event(1, "a")]) as server, connect(server) as gateway:
        network = gateway.network(CHANNEL)
        events = network.new_chaincode_events_request("hansa", start_block=1)
        with pytest.raises(SigningError):
            events.events()
        signed = gateway.new_signed_chaincode_events_request(events.bytes, SIGNER.sign_digest(events.digest))
        with signed.events() as stream:
            assert next(stream).transaction_id == "a"
        blocks = network.new_block_events_request(WHOLE, start_block=1, stop_block=2)
        request = gateway.new_signed_block_events_request(
            WHOLE, blocks.bytes, SIGNER.sign_digest(blocks.digest)
        )
        assert [block.number for block in request.events()] == [1, 2]
        filtered = network.new_block_events_request(FILTERED, start_block=4, stop_block=4)
        few = gateway.new_signed_block_events_request(
            FILTERED, filtered.bytes, SIGNER.sign_digest(filtered.digest)
        )
        assert [block.number for block in few.events()] == [4]


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x0a\x01a"])
def test_bytes_that_are_no_step(data: bytes) -> None:
    with FakeGateway() as server, connect(server) as gateway:
        for rebuild in (
            gateway.new_proposal,
            gateway.new_transaction,
            gateway.new_commit,
            lambda data: gateway.new_signed_block_events_request(WHOLE, data[:1], b"s"),
        ):
            with pytest.raises(InvalidMessageError):
                rebuild(data)
        with pytest.raises(InvalidMessageError):
            gateway.new_signed_chaincode_events_request(b"\xff", b"s")


def test_a_step_whose_label_lies_is_refused() -> None:
    with FakeGateway() as server, connect(server) as gateway:
        unsigned = gateway.network(CHANNEL).contract("hansa").new_proposal("f")
        message = gateway_pb2.ProposedTransaction.FromString(unsigned.bytes)
        message.transaction_id = "00" * 32
        with pytest.raises(InvalidMessageError):
            gateway.new_proposal(message.SerializeToString())
        signed = gateway.new_signed_proposal(unsigned.bytes, SIGNER.sign_digest(unsigned.digest))
        prepared = gateway_pb2.PreparedTransaction.FromString(signed.endorse().bytes)
        prepared.transaction_id = "00" * 32
        with pytest.raises(InvalidMessageError):
            gateway.new_transaction(prepared.SerializeToString())

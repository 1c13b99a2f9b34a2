"""Every step signed away from the gateway that sends it, with a key that never comes near."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from hansa_gateway import FILTERED, WHOLE, EndorseError, FileCheckpointer, Gateway, SigningError, SubmitError
from tests.support.devnode import CHAINCODE
from tests.support.fabric_identities import self_signed
from tests.support.running_network import RunningNetwork


@pytest.fixture(scope="module")
def keyless(network: RunningNetwork) -> Iterator[Gateway]:
    """A connection that has the identity of B's administrator, and no key."""
    root = network.tls_root("BMSP").read_bytes()
    with Gateway.connect(network.address("BMSP"), network.admin("BMSP").identity, tls_root=root) as found:
        yield found


def test_a_transaction_is_signed_at_each_stage(network: RunningNetwork, keyless: Gateway) -> None:
    signer = network.admin("BMSP")
    contract = keyless.network("trade").contract(CHAINCODE)
    unsigned = contract.new_proposal("event", "signed", "offline", "offline/1")
    with pytest.raises(SigningError):
        unsigned.endorse()
    proposal = keyless.new_signed_proposal(unsigned.bytes, signer.sign_digest(unsigned.digest))
    prepared = proposal.endorse()
    transaction = keyless.new_signed_transaction(prepared.bytes, signer.sign_digest(prepared.digest))
    sent = transaction.submit()
    status = keyless.new_signed_commit(sent.bytes, signer.sign_digest(sent.digest)).status()
    assert status.successful
    question = contract.new_proposal("get", "offline/1")
    signed = keyless.new_signed_proposal(question.bytes, signer.sign_digest(question.digest))
    assert signed.evaluate() == b"offline"
    channel = keyless.network("trade")
    events = channel.new_chaincode_events_request(CHAINCODE, start_block=status.block_number)
    request = keyless.new_signed_chaincode_events_request(events.bytes, signer.sign_digest(events.digest))
    with request.events() as stream:
        assert next(stream).transaction_id == status.transaction_id
    number = status.block_number
    blocks = channel.new_block_events_request(WHOLE, start_block=number, stop_block=number)
    whole = keyless.new_signed_block_events_request(WHOLE, blocks.bytes, signer.sign_digest(blocks.digest))
    assert [each.number for each in whole.events()] == [number]
    few = channel.new_block_events_request(FILTERED, start_block=number, stop_block=number)
    filtered = keyless.new_signed_block_events_request(FILTERED, few.bytes, signer.sign_digest(few.digest))
    assert [each.number for each in filtered.events()] == [number]


def test_another_s_signature_is_refused_at_each_stage(network: RunningNetwork, keyless: Gateway) -> None:
    signer, other = network.admin("BMSP"), self_signed("BMSP")
    contract = keyless.network("trade").contract(CHAINCODE)
    unsigned = contract.new_proposal("put", "offline/2", "x")
    forged = keyless.new_signed_proposal(unsigned.bytes, other.sign_digest(unsigned.digest))
    with pytest.raises(EndorseError) as endorse:
        forged.endorse()
    assert endorse.value.status is grpc.StatusCode.ABORTED
    assert endorse.value.details[0].message == (
        "error validating proposal: access denied: channel [trade] creator org [BMSP]"
    )
    proposal = keyless.new_signed_proposal(unsigned.bytes, signer.sign_digest(unsigned.digest))
    prepared = proposal.endorse()
    stolen = keyless.new_signed_transaction(prepared.bytes, other.sign_digest(prepared.digest))
    with pytest.raises(SubmitError) as submit:
        stolen.submit()
    assert submit.value.status is grpc.StatusCode.ABORTED


def test_a_checkpoint_goes_on_where_events_were_dealt_with(
    network: RunningNetwork, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("checkpoints") / "events.json"
    with network.gateway("AMSP") as gateway:
        channel = gateway.network("trade")
        contract = channel.contract(CHAINCODE)
        first = contract.submit("event", "one", "1", "checkpoint/1")
        second = contract.submit("event", "two", "2", "checkpoint/2")
        start = first.block_number
        with channel.chaincode_events(
            CHAINCODE, start_block=start, checkpoint=FileCheckpointer(path)
        ) as events:
            found = next(events)
            assert found.transaction_id == first.transaction_id
            events.checkpoint(found)
        # What was not dealt with comes again, what was does not.
        with channel.chaincode_events(
            CHAINCODE, start_block=start, checkpoint=FileCheckpointer(path)
        ) as events:
            found = next(events)
            assert found.transaction_id == second.transaction_id
            events.checkpoint(found)
            third = contract.submit("event", "three", "3", "checkpoint/3")
            assert next(events).transaction_id == third.transaction_id
        blocks_path = path.with_name("blocks.json")
        with channel.block_events(start_block=start, checkpoint=FileCheckpointer(blocks_path)) as blocks:
            block = next(blocks)
            blocks.checkpoint(block)
        with channel.filtered_block_events(checkpoint=FileCheckpointer(blocks_path)) as filtered:
            assert next(filtered).number == block.number + 1

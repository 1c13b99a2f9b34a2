"""What a contract learns of its transaction, its events, and calls of other chaincode."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from fabric_protos.peer import chaincode_pb2, proposal_response_pb2

from hansa_fabric.proposals import parse_signed_proposal
from hansa_shim import ChaincodeStub, Creator, Response, success
from tests.support.all_operations import AllOperations
from tests.support.on_loop import on_loop
from tests.support.shim import SIGNER, Contract, FakePeer, Message, refusal, signed_proposal


@on_loop
async def test_the_signed_proposal_is_told_as_it_was_signed() -> None:
    tx_id, signed = signed_proposal(b"x", transient={"address": b"Quay 5"})
    stubs: list[ChaincodeStub] = []

    async def contract(stub: ChaincodeStub) -> Response:
        stubs.append(stub)
        return success()

    async with FakePeer(Contract(contract)) as peer:
        await peer.transact("x", tx_id=tx_id, signed=signed)
    stub, parsed = stubs[0], parse_signed_proposal(signed)
    assert (stub.tx_id, stub.get_txid(), stub.channel_id) == (tx_id, tx_id, "trade")
    assert stub.get_signed_proposal() == signed
    assert stub.transient == stub.get_transient() == {"address": b"Quay 5"}
    assert stub.creator.msp_id == stub.creator["mspid"] == "RetailerMSP"
    assert stub.creator.certificate == SIGNER.identity.certificate
    assert stub.creator.serialized == SIGNER.identity.serialized
    assert stub.creator.common_name == "buyer"
    assert stub.creator.attributes == {}
    nonce = stub.proposal.signature_header.nonce
    assert stub.binding == hashlib.sha256(nonce + SIGNER.identity.serialized + bytes(8)).digest()
    assert stub.tx_timestamp.seconds > 0
    assert stub.tx_timestamp == stub.get_tx_timestamp() == parsed.timestamp


def test_attributes_of_a_certificate_are_read() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import CertificateBuilder, UnrecognizedExtension

    from hansa_shim.creator import ATTRIBUTES_OID

    plain, key = SIGNER.identity.x509, ec.generate_private_key(ec.SECP256R1())
    document = json.dumps({"attrs": {"role": "treasurer", "hf.Affiliation": ""}}).encode()
    builder = (
        CertificateBuilder(plain.issuer, plain.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(plain.not_valid_before_utc)
        .not_valid_after(plain.not_valid_after_utc)
        .add_extension(UnrecognizedExtension(ATTRIBUTES_OID, document), critical=False)
    )
    pem = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    assert Creator("M", pem, b"").attributes == {"role": "treasurer", "hf.Affiliation": ""}


@on_loop
async def test_arguments_as_bytes_and_as_text() -> None:
    stubs: list[ChaincodeStub] = []

    async def contract(stub: ChaincodeStub) -> Response:
        stubs.append(stub)
        return success()

    async with FakePeer(Contract(contract)) as peer:
        await peer.transact("orders:Place", "für", "")
    assert stubs[0].args == stubs[0].get_args() == [b"orders:Place", "für".encode(), b""]
    assert stubs[0].function_and_parameters == ("orders:Place", ["für", ""])
    assert stubs[0].get_string_args() == ["orders:Place", "für", ""]


@on_loop
async def test_the_last_event_set_travels_with_the_answer() -> None:
    async def contract(stub: ChaincodeStub) -> Response:
        stub.set_event("first", b"1")
        stub.set_event("hansa", '{"v":1}')
        return success()

    async with FakePeer(Contract(contract)) as peer:
        event = (await peer.transact("x")).message.chaincode_event
    assert (event.event_name, event.payload) == ("hansa", b'{"v":1}')


@on_loop
async def test_without_an_event_the_answer_has_none() -> None:
    async with FakePeer(AllOperations()) as peer:
        assert not (await peer.transact("get", "k")).message.HasField("chaincode_event")


def _inner(kind: int, payload: bytes) -> Any:
    inner = Message(type=kind, payload=payload)
    return lambda _: Message(type=Message.RESPONSE, payload=inner.SerializeToString())


@pytest.mark.parametrize(("channel", "name"), [("", "other"), ("second", "other/second")])
def test_another_chaincode_is_called_by_name_and_channel(channel: str, name: str) -> None:
    @on_loop
    async def run() -> None:
        answered = proposal_response_pb2.Response(status=404, message="gone", payload=b"p")
        answers = {Message.INVOKE_CHAINCODE: _inner(Message.COMPLETED, answered.SerializeToString())}
        async with FakePeer(AllOperations(), answers=answers) as peer:
            answer = await peer.transact("invoke", "other", channel, "get", "k")
        assert json.loads(answer.payload) == {"status": 404, "message": "gone", "payload": "p"}
        spec = chaincode_pb2.ChaincodeSpec.FromString(peer.requests["tx"][0].payload)
        assert spec.chaincode_id.name == name
        assert list(spec.input.args) == [b"get", b"k"]

    run()


@on_loop
async def test_a_chaincode_that_could_not_be_called_is_an_exception() -> None:
    answers = {Message.INVOKE_CHAINCODE: refusal("chaincode other not found")}
    async with FakePeer(AllOperations(), answers=answers) as peer:
        absent = await peer.transact("invoke", "other", "", "get")
        peer.answers[Message.INVOKE_CHAINCODE] = _inner(Message.ERROR, b"it broke")
        broken = await peer.transact("invoke", "other", "", "get", tx_id="broken")
    assert [(answer.status, answer.text) for answer in (absent, broken)] == [
        (500, "chaincode other not found"),
        (500, "it broke"),
    ]

"""Transactions: endorsed alike, without transient data, and refused with Fabric's verdict when malformed."""

from __future__ import annotations

from typing import Any

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2, transaction_pb2

from hansa_fabric.errors import EndorsementMismatchError, MalformedTransactionError
from hansa_fabric.identity import Identity, digest, verify
from hansa_fabric.proposals import new_proposal
from hansa_fabric.transactions import new_transaction, parse_envelope, signed_envelope
from hansa_fabric.validation_codes import ValidationCode
from tests.support.fabric_identities import self_signed
from tests.support.fabric_transactions import endorsed_envelope, endorsement

CLIENT = self_signed()
PRODUCER = self_signed("ProducerMSP", "peer0")
BANK = self_signed("BankMSP", "peer0")


def test_round_trip() -> None:
    envelope = endorsed_envelope(CLIENT, [PRODUCER, BANK, BANK], b"")
    assert b"secret" not in envelope.SerializeToString()
    for form in (envelope, envelope.SerializeToString()):
        transaction = parse_envelope(form)
        transaction.check()
        assert (transaction.channel, transaction.chaincode) == ("trade", "hansa")
        assert transaction.args == (b"orders:Place", b"{}")
        assert transaction.event.event_name == "hansa"
        assert transaction.response.payload == b"reply"
        assert transaction.creator == CLIENT.identity.serialized
        assert not transaction.is_config
        verify(CLIENT.identity, transaction.payload, transaction.signature)
        assert len(transaction.endorsements) == 2  # the bank answered twice and counts once
        for one in transaction.endorsements:
            endorser = Identity.deserialize(one.endorser)
            verify(endorser, transaction.action.signed_payload + one.endorser, one.signature)


def test_signature_from_elsewhere_gives_the_same_envelope() -> None:
    proposal = new_proposal("trade", "hansa", [b"f"], CLIENT.identity)
    payload = new_transaction(proposal, [endorsement(proposal, CLIENT, BANK)])
    envelope = signed_envelope(payload, CLIENT.sign_digest(digest(payload)))
    transaction = parse_envelope(envelope)
    verify(CLIENT.identity, transaction.payload, transaction.signature)


def test_endorsers_must_agree() -> None:
    proposal = new_proposal("trade", "hansa", [b"f"], CLIENT.identity)
    good = endorsement(proposal, CLIENT, BANK)
    refused = proposal_response_pb2.ProposalResponse()
    refused.response.status = 500
    unsigned = proposal_response_pb2.ProposalResponse(response=good.response, payload=good.payload)
    for responses, reason in (
        ([], "at least one"),
        ([good, refused], "refused"),
        ([good, endorsement(proposal, CLIENT, PRODUCER, b"\x08\x00")], "differ"),
        ([unsigned], "no response carries"),
    ):
        with pytest.raises(EndorsementMismatchError, match=reason):
            new_transaction(proposal, responses)


def _changed(change: str) -> Any:
    envelope = endorsed_envelope(CLIENT, [BANK])
    payload = common_pb2.Payload.FromString(envelope.payload)
    channel = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    signature = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
    if change == "tx id":
        channel.tx_id = "00" * 32
    elif change == "epoch":
        channel.epoch = 7
    elif change == "type":
        channel.type = common_pb2.MESSAGE
    elif change == "unsupported":
        channel.type = common_pb2.CONFIG_UPDATE
    elif change == "nonce":
        signature.nonce = b""
    elif change == "two actions":
        transaction.actions.append(transaction.actions[0])
    elif change == "smuggled transient data":
        content = proposal_pb2.ChaincodeProposalPayload.FromString(action.chaincode_proposal_payload)
        content.TransientMap["address"] = b"secret"
        action.chaincode_proposal_payload = content.SerializeToString()
    elif change == "other endorsement":
        other = parse_envelope(endorsed_envelope(CLIENT, [BANK]))
        action.action.proposal_response_payload = other.action.signed_payload
    transaction.actions[0].payload = b"\xff" if change == "action" else action.SerializeToString()
    payload.header.channel_header = channel.SerializeToString()
    payload.header.signature_header = signature.SerializeToString()
    payload.data = b"\xff" if change == "data" else transaction.SerializeToString()
    if change == "header":
        payload.ClearField("header")
    envelope.payload = b"\xff" if change == "payload" else payload.SerializeToString()
    return common_pb2.Envelope() if change == "envelope" else envelope


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("envelope", ValidationCode.NIL_ENVELOPE),
        ("payload", ValidationCode.BAD_PAYLOAD),
        ("header", ValidationCode.BAD_COMMON_HEADER),
        ("epoch", ValidationCode.BAD_COMMON_HEADER),
        ("type", ValidationCode.BAD_COMMON_HEADER),
        ("nonce", ValidationCode.BAD_COMMON_HEADER),
        ("unsupported", ValidationCode.UNSUPPORTED_TX_PAYLOAD),
        ("tx id", ValidationCode.BAD_PROPOSAL_TXID),
        ("data", ValidationCode.INVALID_ENDORSER_TRANSACTION),
        ("action", ValidationCode.INVALID_ENDORSER_TRANSACTION),
        ("two actions", ValidationCode.INVALID_ENDORSER_TRANSACTION),
        ("smuggled transient data", ValidationCode.INVALID_ENDORSER_TRANSACTION),
        ("other endorsement", ValidationCode.INVALID_ENDORSER_TRANSACTION),
    ],
)
def test_malformed_transaction_gets_fabrics_verdict(change: str, code: ValidationCode) -> None:
    parse_envelope(_changed("nothing")).check()
    with pytest.raises(MalformedTransactionError) as caught:
        parse_envelope(_changed(change)).check()
    assert caught.value.code is code


def test_codes_are_fabrics() -> None:
    assert {code.name: code.value for code in ValidationCode} == dict(
        transaction_pb2.TxValidationCode.items()
    )

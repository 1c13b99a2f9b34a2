"""Verdicts on really signed transactions: form, creator, and what an action says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_event_pb2, proposal_pb2

from hansa_devnode.ledger.stated_sets import stated, stated_id
from hansa_fabric.rwsets import Namespace, ReadWriteSet, Write
from hansa_fabric.validation_codes import ValidationCode
from tests.support.channel import Channel
from tests.support.fabric_organizations import Organization, organization
from tests.support.validation import BANK, CARRIER, Net, altered, header_changed, put, signed

VALID = ValidationCode.VALID


def test_the_creator_s_signature_is_checked(net: Net) -> None:
    envelope = common_pb2.Envelope.FromString(net.channel.transaction(net.simulate(put("a"))))
    envelope.signature = net.channel.clients[CARRIER].sign(envelope.payload)
    assert net.commit(envelope.SerializeToString()) == [ValidationCode.BAD_CREATOR_SIGNATURE]


def test_the_creator_s_certificate_is_checked(net: Net) -> None:
    channel = Channel()
    stranger = Organization(BANK, *(organization("Stranger").authority,) * 2)
    channel.__dict__["clients"] = {BANK: stranger.member("client")}
    channel.__dict__["peers"] = net.channel.peers
    assert net.commit(channel.transaction(net.simulate(put("a")))) == [ValidationCode.BAD_CREATOR_SIGNATURE]


def test_another_channel_s_transaction_is_refused(net: Net) -> None:
    other = Channel("elsewhere")
    other.__dict__.update(clients=net.channel.clients, peers=net.channel.peers)
    assert net.commit(other.transaction(net.simulate(put("a")))) == [ValidationCode.BAD_CREATOR_SIGNATURE]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": common_pb2.MESSAGE}, ValidationCode.BAD_COMMON_HEADER),
        ({"epoch": 1}, ValidationCode.BAD_COMMON_HEADER),
        ({"type": common_pb2.CONFIG_UPDATE}, ValidationCode.UNSUPPORTED_TX_PAYLOAD),
        ({"type": common_pb2.CONFIG}, ValidationCode.INVALID_CONFIG_TRANSACTION),
        ({"tx_id": "0" * 64}, ValidationCode.BAD_PROPOSAL_TXID),
        ({"version": 7}, ValidationCode.INVALID_ENDORSER_TRANSACTION),
    ],
)
def test_headers_are_checked(net: Net, fields: dict[str, Any], code: int) -> None:
    envelope = net.channel.transaction(net.simulate(put("a")))
    assert net.commit(header_changed(net, envelope, **fields)) == [code]


def test_envelopes_that_are_none_are_kept_and_refused(net: Net) -> None:
    empty = signed(net, b"")
    assert net.commit(b"\xff\xff", signed(net, b"\xff\xff"), empty) == [
        ValidationCode.INVALID_OTHER_REASON,
        ValidationCode.BAD_PAYLOAD,
        ValidationCode.BAD_COMMON_HEADER,
    ]


def test_endorsements_of_another_proposal_are_refused(net: Net) -> None:
    def change(action: Any) -> None:
        payload = proposal_pb2.ChaincodeProposalPayload.FromString(action.chaincode_proposal_payload)
        payload.TransientMap["secret"] = b"smuggled"
        action.chaincode_proposal_payload = payload.SerializeToString()

    envelope = altered(net, net.channel.transaction(net.simulate(put("a"))), change)
    assert net.commit(envelope) == [ValidationCode.INVALID_ENDORSER_TRANSACTION]


def test_results_that_are_none_are_refused(net: Net) -> None:
    assert net.commit(net.channel.transaction(b"\xff\xff")) == [ValidationCode.BAD_RWSET]
    twice = ReadWriteSet((Namespace("hansa", writes=(Write("a", b"1"),)),) * 2).serialize()
    assert net.commit(net.channel.transaction(twice)) == [ValidationCode.ILLEGAL_WRITESET]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (chaincode_event_pb2.ChaincodeEvent(chaincode_id="hansa").SerializeToString(), VALID),
        (
            chaincode_event_pb2.ChaincodeEvent(chaincode_id="other").SerializeToString(),
            ValidationCode.INVALID_OTHER_REASON,
        ),
        (b"\xff\xff", ValidationCode.INVALID_OTHER_REASON),
    ],
)
def test_an_event_is_its_chaincode_s_own(net: Net, event: bytes, code: int) -> None:
    proposal = net.channel.propose()
    responses = net.channel.responses(proposal, net.simulate(put("a")), event=event)
    assert net.commit(net.channel.sign(proposal, responses)) == [code]


@pytest.mark.parametrize(("chaincode", "version"), [("other", "1.0"), ("", "")])
def test_the_answer_is_the_asked_chaincode_s(net: Net, chaincode: str, version: str) -> None:
    proposal = net.channel.propose()
    responses = net.channel.responses(proposal, net.simulate(put("a")), chaincode=chaincode, version=version)
    assert net.commit(net.channel.sign(proposal, responses)) == [ValidationCode.INVALID_CHAINCODE]


def test_a_chaincode_needs_a_definition(bare: Net) -> None:
    assert bare.run(lambda one: None) == ValidationCode.INVALID_CHAINCODE


@pytest.mark.parametrize("fields", [{"epoch": 1}, {"type": common_pb2.MESSAGE}])
def test_an_id_is_used_up_even_by_what_cannot_be_read(net: Net, fields: dict[str, int]) -> None:
    envelope = net.channel.transaction(net.simulate(put("a")))
    assert net.commit(header_changed(net, envelope, **fields)) == [ValidationCode.BAD_COMMON_HEADER]
    assert net.commit(envelope) == [ValidationCode.DUPLICATE_TXID]


def test_in_one_block_what_cannot_be_read_uses_no_id_up(net: Net) -> None:
    envelope = net.channel.transaction(net.simulate(put("a")))
    spoiled = header_changed(net, envelope, epoch=1)
    assert net.commit(spoiled, envelope) == [ValidationCode.BAD_COMMON_HEADER, ValidationCode.VALID]


def test_private_data_is_kept_of_what_cannot_be_valid(net: Net) -> None:
    with net.ledger.simulator(BANK, "tx") as simulator:
        simulator.put_private("hansa", f"_implicit_org_{BANK}", "a", b"1")
        result = simulator.result()
    envelope = header_changed(net, net.channel.transaction(result.public), epoch=1)
    assert result.private is not None
    net.ledger.keep_private(stated_id(envelope), result.private)
    assert net.commit(envelope) == [ValidationCode.BAD_COMMON_HEADER]
    assert net.ledger.private_data(BANK, net.ledger.height - 1) == {0: result.private}
    assert stated(b"\x0a\xff") is None
    assert stated_id(b"\x0a\xff") == ""

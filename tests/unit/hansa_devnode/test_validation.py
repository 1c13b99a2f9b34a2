"""Verdicts on really signed transactions: form, creator, endorsement by chaincode, collection and key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.peer import chaincode_event_pb2, collection_pb2, proposal_pb2, transaction_pb2

from hansa_devnode.ledger import SimulationError, Simulator
from hansa_devnode.ledger.definitions import LIFECYCLE, ChaincodeDefinition, definition_writes
from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.policy_expression import application_policy, parse
from hansa_fabric.rwsets import Namespace, ReadWriteSet, Write
from hansa_fabric.validation_codes import ValidationCode
from tests.support.channel import MEMBERS, Channel
from tests.support.fabric_organizations import Organization, organization

VALID = ValidationCode.VALID
FAILURE = ValidationCode.ENDORSEMENT_POLICY_FAILURE
PARAMETER = "VALIDATION_PARAMETER"
BANK, CARRIER, PRODUCER = MEMBERS
OWN = "_implicit_org_BankMSP"


@dataclass
class Net:
    """A channel and its ledger."""

    channel: Channel
    ledger: Ledger

    def simulate(self, play: Callable[[Simulator], object], msp_id: str = BANK) -> bytes:
        with self.ledger.simulator(msp_id, "tx") as simulator:
            play(simulator)
            return simulator.result().public

    def commit(self, *envelopes: bytes) -> list[int]:
        return [status.code for status in self.ledger.commit(envelopes).transactions]

    def run(
        self, play: Callable[[Simulator], object], endorsers: Sequence[str] = MEMBERS, **options: Any
    ) -> int:
        return self.commit(self.channel.transaction(self.simulate(play), endorsers, **options))[0]

    def define(self, policy: str, *, name: str = "hansa", collections: bytes = b"") -> None:
        definition = ChaincodeDefinition(
            name, "1.0", 1, application_policy(policy).SerializeToString(), collections
        )

        def play(simulator: Simulator) -> None:
            for key, value in definition_writes(lambda key: simulator.get_state(LIFECYCLE, key), definition):
                simulator.put_state(LIFECYCLE, key, value)

        assert self.run(play, chaincode=LIFECYCLE) == VALID


def shared_collection(policy: str | None) -> bytes:
    config = collection_pb2.StaticCollectionConfig(name="shared")
    config.member_orgs_policy.signature_policy.CopyFrom(parse("OR('BankMSP.member', 'CarrierMSP.member')"))
    if policy is not None:
        config.endorsement_policy.CopyFrom(application_policy(policy))
    return collection_pb2.CollectionConfigPackage(
        config=[collection_pb2.CollectionConfig(static_collection_config=config)]
    ).SerializeToString()


@pytest.fixture(scope="module")
def channel() -> Channel:
    return Channel()


@pytest.fixture
def bare(channel: Channel, tmp_path: Path):
    ledger = Ledger.open(tmp_path, channel.genesis.message, map_size=1 << 24)
    yield Net(channel, ledger)
    ledger.close()


@pytest.fixture
def net(bare: Net) -> Net:
    bare.define("/Channel/Application/Endorsement")
    return bare


def put(key: str, value: bytes = b"1", *, chaincode: str = "hansa") -> Callable[[Simulator], None]:
    return lambda simulator: simulator.put_state(chaincode, key, value)


def protect(key: str, policy: str, *, chaincode: str = "hansa") -> Callable[[Simulator], None]:
    metadata = {PARAMETER: parse(policy).SerializeToString()}
    return lambda simulator: simulator.set_state_metadata(chaincode, key, metadata)


# Chaincode policies


@pytest.mark.parametrize(
    ("endorsers", "code"),
    [((), FAILURE), ((BANK,), FAILURE), ((BANK, BANK), FAILURE), ((BANK, PRODUCER), VALID), (MEMBERS, VALID)],
)
def test_the_default_policy_is_the_majority(net: Net, endorsers: tuple[str, ...], code: int) -> None:
    proposal = net.channel.propose()
    responses = net.channel.responses(proposal, net.simulate(put("a")), endorsers or MEMBERS)
    envelope = rebuilt(net, proposal, responses, endorsers=len(endorsers))
    assert net.commit(envelope) == [code]


def rebuilt(net: Net, proposal: Any, responses: list[Any], *, endorsers: int) -> bytes:
    """An envelope with just so many endorsements, repeated ones included."""

    def change(action: Any) -> None:
        del action.action.endorsements[:]
        action.action.endorsements.extend(one.endorsement for one in responses[:endorsers])

    return altered(net, net.channel.sign(proposal, responses), change)


def altered(net: Net, envelope: bytes, change: Callable[[Any], object], client: str = BANK) -> bytes:
    """The envelope with its ChaincodeActionPayload changed, signed anew."""
    message = common_pb2.Envelope.FromString(envelope)
    payload = common_pb2.Payload.FromString(message.payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
    change(action)
    transaction.actions[0].payload = action.SerializeToString()
    payload.data = transaction.SerializeToString()
    return signed(net, payload.SerializeToString(), client)


def signed(net: Net, payload: bytes, client: str = BANK) -> bytes:
    signature = net.channel.clients[client].sign(payload)
    return common_pb2.Envelope(payload=payload, signature=signature).SerializeToString()


def test_a_signature_policy_names_who_must_endorse(bare: Net) -> None:
    bare.define("AND('BankMSP.peer', 'CarrierMSP.peer')")
    assert bare.run(put("a"), (BANK, PRODUCER)) == FAILURE
    assert bare.run(put("a"), (BANK, CARRIER)) == VALID


def test_a_false_endorsement_does_not_count(net: Net) -> None:
    proposal = net.channel.propose()
    responses = net.channel.responses(proposal, net.simulate(put("a")), (BANK, PRODUCER))
    forged = responses[1].endorsement.signature
    responses[1].endorsement.signature = responses[0].endorsement.signature
    assert net.commit(net.channel.sign(proposal, responses)) == [FAILURE]
    responses[1].endorsement.signature = forged
    assert net.commit(net.channel.sign(proposal, responses)) == [ValidationCode.DUPLICATE_TXID]


def test_a_stranger_s_endorsement_does_not_count(net: Net) -> None:
    stranger = Organization(PRODUCER, *(organization("Stranger").authority,) * 2)
    proposal = net.channel.propose()
    responses = net.channel.responses(proposal, net.simulate(put("a")), (BANK,))
    peer = stranger.member("peer")
    endorsement = type(responses[0].endorsement)(
        endorser=peer.identity.serialized,
        signature=peer.sign(responses[0].payload + peer.identity.serialized),
    )

    def change(action: Any) -> None:
        action.action.endorsements.append(endorsement)

    assert net.commit(altered(net, net.channel.sign(proposal, responses), change)) == [FAILURE]


def test_clients_do_not_endorse(net: Net) -> None:
    channel = Channel()
    channel.__dict__["peers"] = channel.clients
    channel.__dict__["clients"] = net.channel.clients
    assert net.commit(channel.transaction(net.simulate(put("a")))) == [FAILURE]


def test_every_namespace_that_is_written_needs_its_own_endorsement(net: Net) -> None:
    net.define("AND('CarrierMSP.peer')", name="customs")
    play = put("a", chaincode="customs")
    assert net.run(play, (BANK, PRODUCER)) == FAILURE
    assert net.run(play, (BANK, CARRIER)) == VALID
    assert net.run(lambda one: one.get_state("customs", "a"), (BANK, PRODUCER)) == VALID


def test_a_transaction_that_writes_nothing_needs_the_chaincode_s_policy(net: Net) -> None:
    assert net.run(lambda one: one.get_state("hansa", "a"), (BANK,)) == FAILURE


# Key-level policies


def test_a_key_s_policy_replaces_the_chaincode_s(net: Net) -> None:
    net.run(put("a"))
    assert net.run(protect("a", "AND('CarrierMSP.peer')")) == VALID
    assert net.run(put("a", b"2"), (BANK, PRODUCER)) == FAILURE
    assert net.run(put("a", b"2"), (CARRIER,)) == VALID
    assert net.run(lambda one: (put("a")(one), put("b")(one)), (CARRIER,)) == FAILURE
    assert net.run(lambda one: (put("a")(one), put("b")(one)), (CARRIER, BANK)) == VALID


def test_a_key_s_policy_is_changed_by_whom_it_names(net: Net) -> None:
    net.run(put("a"))
    net.run(protect("a", "AND('CarrierMSP.peer')"))
    assert net.run(protect("a", "AND('BankMSP.peer')"), (BANK, PRODUCER)) == FAILURE
    assert net.run(protect("a", "AND('BankMSP.peer')"), (CARRIER,)) == VALID
    assert net.run(put("a", b"2"), (BANK,)) == VALID


def test_deleting_a_key_ends_its_policy(net: Net) -> None:
    net.run(put("a"))
    net.run(protect("a", "AND('CarrierMSP.peer')"))
    assert net.run(put("a", b""), (CARRIER,)) == VALID
    assert net.run(put("a"), (CARRIER,)) == FAILURE
    assert net.run(put("a"), (BANK, PRODUCER)) == VALID


def test_a_policy_set_in_the_same_block_refuses_who_could_not_know_it(net: Net) -> None:
    net.run(put("a"))
    change = net.channel.transaction(net.simulate(protect("a", "AND('BankMSP.peer')")))
    write = net.channel.transaction(net.simulate(put("a", b"2")))
    other = net.channel.transaction(net.simulate(put("b")))
    assert net.commit(write, change, net.channel.transaction(net.simulate(put("a", b"3"))), other) == [
        VALID,
        VALID,
        FAILURE,
        VALID,
    ]


def test_a_refused_policy_change_refuses_nobody(net: Net) -> None:
    net.run(put("a"))
    change = net.channel.transaction(net.simulate(protect("a", "AND('BankMSP.peer')")), (BANK,))
    write = net.channel.transaction(net.simulate(put("a", b"2")))
    assert net.commit(change, write) == [FAILURE, VALID]


def test_a_policy_change_that_lost_the_race_still_refuses_the_next(net: Net) -> None:
    # The endorsement check runs before the conflict check, and does not look back.
    net.run(put("a"))

    def change(simulator: Simulator) -> None:
        simulator.get_state("hansa", "other")
        protect("a", "AND('BankMSP.peer')")(simulator)

    first = net.channel.transaction(net.simulate(put("other")))
    second = net.channel.transaction(net.simulate(change))
    third = net.channel.transaction(net.simulate(put("a", b"2")))
    assert net.commit(first, second, third) == [VALID, ValidationCode.MVCC_READ_CONFLICT, FAILURE]


def test_garbage_for_a_policy_freezes_its_key(net: Net) -> None:
    net.run(put("a"))
    assert net.run(lambda one: one.set_state_metadata("hansa", "a", {PARAMETER: b"\xff\xff"})) == VALID
    with pytest.raises(SimulationError, match="error unmarshalling SignaturePolicyEnvelope"):
        net.simulate(put("a", b"2"))
    blind = ReadWriteSet((Namespace("hansa", writes=(Write("a", b"2"),)),)).serialize()
    assert net.commit(net.channel.transaction(blind)) == [FAILURE]
    assert net.run(put("b", b"2")) == VALID


# Collections


def test_an_implicit_collection_is_endorsed_by_its_organisation(net: Net) -> None:
    def play(simulator: Simulator) -> None:
        simulator.put_private("hansa", OWN, "a", b"1")

    assert net.run(play, (CARRIER, PRODUCER)) == FAILURE
    assert net.run(play, (BANK,)) == VALID
    both = lambda simulator: (play(simulator), put("a")(simulator))  # noqa: E731
    assert net.run(both, (BANK,)) == FAILURE
    assert net.run(both, (BANK, CARRIER)) == VALID


@pytest.mark.parametrize(
    ("policy", "good", "bad"),
    [
        ("AND('CarrierMSP.peer')", (CARRIER,), (BANK, PRODUCER)),
        (None, (BANK, PRODUCER), (CARRIER,)),
        ("/Channel/Application/Endorsement", (BANK, PRODUCER), (CARRIER,)),
    ],
)
def test_a_configured_collection_has_its_own_policy_or_the_chaincode_s(
    bare: Net, policy: str | None, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    bare.define("/Channel/Application/Endorsement", collections=shared_collection(policy))
    play = lambda simulator: simulator.put_private("hansa", "shared", "a", b"1")  # noqa: E731
    assert bare.run(play, bad) == FAILURE
    assert bare.run(play, good) == VALID


def test_private_keys_have_policies_too(net: Net) -> None:
    def play(simulator: Simulator) -> None:
        simulator.put_private("hansa", OWN, "a", b"1")

    def guard(simulator: Simulator) -> None:
        policy = parse("AND('CarrierMSP.peer')").SerializeToString()
        simulator.set_private_metadata("hansa", OWN, "a", {PARAMETER: policy})

    assert net.run(play, (BANK,)) == VALID
    assert net.run(guard, (BANK,)) == VALID
    assert net.run(play, (BANK,)) == FAILURE
    assert net.run(play, (CARRIER,)) == VALID
    change = net.channel.transaction(net.simulate(guard), (CARRIER,))
    write = net.channel.transaction(net.simulate(play), (CARRIER,))
    assert net.commit(change, write) == [VALID, FAILURE]


def test_writes_to_unknown_collections_fail(net: Net) -> None:
    with net.ledger.simulator(BANK, "tx") as simulator:
        simulator.put_private("hansa", OWN, "a", b"1")
        public = simulator.result().public
    for name in ("_implicit_org_GoneMSP", "unknown"):
        message = rwset_pb2.TxReadWriteSet.FromString(public)
        message.ns_rwset[0].collection_hashed_rwset[0].collection_name = name
        assert net.commit(net.channel.transaction(message.SerializeToString())) == [FAILURE]


# The interest that a Gateway plans by


def test_the_interest_tells_which_policies_a_write_meets(net: Net) -> None:
    net.run(put("a"))
    net.run(protect("a", "AND('CarrierMSP.peer')"))

    def interest(play: Callable[[Simulator], object]) -> Any:
        with net.ledger.simulator(BANK, "tx") as simulator:
            play(simulator)
            return simulator.result().interest.chaincodes

    (only,) = interest(put("a"))
    assert only.disregard_namespace_policy and list(only.key_policies) == [parse("AND('CarrierMSP.peer')")]
    (mixed,) = interest(lambda one: (put("a")(one), put("b")(one)))
    assert not mixed.disregard_namespace_policy and len(mixed.key_policies) == 1
    (new,) = interest(put("b"))
    assert not new.key_policies and not new.disregard_namespace_policy
    assert [one.name for one in interest(lambda one: one.get_state("hansa", "a"))] == ["hansa"]
    assert not interest(lambda one: one.get_state(LIFECYCLE, "a"))


# Form and creator


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


def header_changed(net: Net, envelope: bytes, **fields: Any) -> bytes:
    message = common_pb2.Envelope.FromString(envelope)
    payload = common_pb2.Payload.FromString(message.payload)
    header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    for name, value in fields.items():
        setattr(header, name, value)
    payload.header.channel_header = header.SerializeToString()
    return signed(net, payload.SerializeToString())


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

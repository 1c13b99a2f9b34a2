"""Verdicts on really signed transactions: endorsement by chaincode, collection and key."""

from __future__ import annotations

from typing import Any

import pytest
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.peer import collection_pb2

from hansa_devnode.ledger import SimulationError, Simulator
from hansa_devnode.ledger.definitions import LIFECYCLE
from hansa_fabric.policy_expression import application_policy, parse
from hansa_fabric.rwsets import Namespace, ReadWriteSet, Write
from hansa_fabric.validation_codes import ValidationCode
from tests.support.channel import MEMBERS, Channel
from tests.support.fabric_organizations import Organization, organization
from tests.support.validation import BANK, CARRIER, PRODUCER, Net, Play, altered, put, rebuilt

VALID = ValidationCode.VALID
FAILURE = ValidationCode.ENDORSEMENT_POLICY_FAILURE
PARAMETER = "VALIDATION_PARAMETER"
OWN = "_implicit_org_BankMSP"


def shared_collection(policy: str | None) -> bytes:
    config = collection_pb2.StaticCollectionConfig(name="shared")
    config.member_orgs_policy.signature_policy.CopyFrom(parse("OR('BankMSP.member', 'CarrierMSP.member')"))
    if policy is not None:
        config.endorsement_policy.CopyFrom(application_policy(policy))
    return collection_pb2.CollectionConfigPackage(
        config=[collection_pb2.CollectionConfig(static_collection_config=config)]
    ).SerializeToString()


def protect(key: str, policy: str, *, chaincode: str = "hansa") -> Play:
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

    def interest(play: Play) -> Any:
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

"""Private data: who holds it, what the public set tells, what is missing, and what a purge leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.peer import collection_pb2

from hansa_devnode.ledger import SimulationError, Simulator
from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.rwsets import PrivateSet, ReadWriteSet, key_hash, value_hash
from hansa_fabric.validation_codes import ValidationCode
from tests.support.ledger import (
    CHAINCODE,
    ORGANIZATIONS,
    commit_results,
    creator,
    open_ledger,
    ready_ledger,
    run,
    simulate,
    unsigned,
)

VALID = ValidationCode.VALID
OWN = "_implicit_org_BankMSP"
SHARED = "prices"


def collections(*, members_only: bool = False) -> bytes:
    identities = [
        msp_principal_pb2.MSPPrincipal(
            principal_classification=msp_principal_pb2.MSPPrincipal.ROLE,
            principal=msp_principal_pb2.MSPRole(
                msp_identifier=msp_id, role=msp_principal_pb2.MSPRole.MEMBER
            ).SerializeToString(),
        )
        for msp_id in ("BankMSP", "ProducerMSP")
    ]
    config = collection_pb2.StaticCollectionConfig(
        name=SHARED,
        member_orgs_policy=collection_pb2.CollectionPolicyConfig(
            signature_policy=policies_pb2.SignaturePolicyEnvelope(identities=identities)
        ),
        member_only_read=members_only,
        member_only_write=members_only,
    )
    package = collection_pb2.CollectionConfigPackage(
        config=[collection_pb2.CollectionConfig(static_collection_config=config)]
    )
    return package.SerializeToString()


@pytest.fixture
def ledger(tmp_path: Path):
    found = ready_ledger(tmp_path / "ledger", collections=collections())
    yield found
    found.close()


def put(collection: str, key: str, value: bytes):
    return lambda simulator: simulator.put_private(CHAINCODE, collection, key, value)


def get(ledger: Ledger, msp_id: str, collection: str, key: str) -> bytes | None:
    with ledger.simulator(msp_id, "tx") as simulator:
        return simulator.get_private(CHAINCODE, collection, key)


def get_hash(ledger: Ledger, msp_id: str, collection: str, key: str) -> bytes | None:
    with ledger.simulator(msp_id, "tx") as simulator:
        return simulator.get_private_hash(CHAINCODE, collection, key)


def test_only_members_hold_values_and_all_hold_hashes(ledger: Ledger) -> None:
    assert run(ledger, put(OWN, "a", b"mine"), put(SHARED, "a", b"ours")) == [VALID, VALID]
    assert get(ledger, "BankMSP", OWN, "a") == b"mine"
    assert get(ledger, "BankMSP", SHARED, "a") == get(ledger, "ProducerMSP", SHARED, "a") == b"ours"
    for msp_id in ORGANIZATIONS:
        assert get_hash(ledger, msp_id, OWN, "a") == value_hash(b"mine")
    message = (
        "private data matching public hash version is not available. "
        r"Public hash version = \{BlockNum: 2, TxNum: 1\}, Private data version = <nil>"
    )
    with pytest.raises(SimulationError, match=message):
        get(ledger, "CarrierMSP", SHARED, "a")


def test_nothing_private_enters_the_public_set(ledger: Ledger) -> None:
    result = simulate(ledger, put(OWN, "secret key", b"secret value"))
    assert b"secret" not in result.public
    assert result.private is not None
    public = ReadWriteSet.parse(result.public).namespaces[0].collections[0]
    private = PrivateSet.parse(result.private).namespaces[0].collections[0]
    assert public.private_hash == private.hash
    assert public.writes[0].key_hash == key_hash("secret key")


def test_private_values_that_never_came_are_missing_but_their_hash_counts(ledger: Ledger) -> None:
    result = simulate(ledger, put(OWN, "a", b"1"))
    _, envelope = unsigned(result)
    assert ledger.commit([envelope]).transactions[0].code == VALID
    assert get_hash(ledger, "BankMSP", OWN, "a") == value_hash(b"1")
    with pytest.raises(SimulationError, match="is not available"):
        get(ledger, "BankMSP", OWN, "a")
    with ledger.simulator("BankMSP", "tx") as simulator:
        assert simulator.get_privates(CHAINCODE, OWN, ["a"]) == [None]
    run(ledger, put(OWN, "a", b"2"))
    assert get(ledger, "BankMSP", OWN, "a") == b"2"


def test_private_values_that_do_not_fit_the_public_hash_are_not_taken(ledger: Ledger) -> None:
    proposal, envelope = unsigned(simulate(ledger, put(OWN, "a", b"1")))
    forged = simulate(ledger, put(OWN, "a", b"forged")).private
    assert forged is not None
    ledger.keep_private(proposal.tx_id, forged)
    assert ledger.commit([envelope]).transactions[0].code == VALID
    with pytest.raises(SimulationError, match="is not available"):
        get(ledger, "BankMSP", OWN, "a")
    assert ledger.private_data("BankMSP", 2) == {}


def test_what_endorsers_kept_survives_a_restart_and_is_put_together(tmp_path: Path) -> None:
    ledger = ready_ledger(tmp_path, collections=collections())

    def play(simulator: Simulator) -> None:
        simulator.put_private(CHAINCODE, OWN, "a", b"1")
        simulator.put_private(CHAINCODE, SHARED, "a", b"2")

    result = simulate(ledger, play)
    assert result.private is not None
    proposal, envelope = unsigned(result)
    whole = PrivateSet.parse(result.private)
    for one in whole.namespaces[0].collections:
        part = whole.namespaces[0]._replace(collections=(one,))
        ledger.keep_private(proposal.tx_id, PrivateSet((part,)).serialize())
    ledger.close()
    ledger = open_ledger(tmp_path)
    ledger.commit([envelope])
    assert get(ledger, "BankMSP", OWN, "a") == b"1"
    assert get(ledger, "ProducerMSP", SHARED, "a") == b"2"
    ledger.close()


def test_reads_of_private_keys_conflict_by_hash(ledger: Ledger) -> None:
    run(ledger, put(OWN, "a", b"1"))

    def read(simulator: Simulator) -> None:
        simulator.get_private_hash(CHAINCODE, OWN, "a")

    assert run(ledger, put(OWN, "a", b"2"), read) == [VALID, ValidationCode.MVCC_READ_CONFLICT]
    assert run(ledger, read) == [VALID]


def test_deliveries_hold_what_the_organisation_is_entitled_to(ledger: Ledger) -> None:
    def play(simulator: Simulator) -> None:
        simulator.put_private(CHAINCODE, OWN, "a", b"1")
        simulator.put_private(CHAINCODE, SHARED, "b", b"2")

    run(ledger, play)
    seen = {msp_id: ledger.private_data(msp_id, 2) for msp_id in ORGANIZATIONS}
    names = {
        msp_id: [one.name for space in PrivateSet.parse(sets[0]).namespaces for one in space.collections]
        for msp_id, sets in seen.items()
        if sets
    }
    assert names == {"BankMSP": [OWN, SHARED], "ProducerMSP": [SHARED]}
    assert ledger.private_data("BankMSP", 1) == {}


def test_a_purge_removes_value_and_past_sets_everywhere(ledger: Ledger) -> None:
    run(ledger, put(SHARED, "a", b"1"), put(SHARED, "b", b"keep"))
    run(ledger, put(SHARED, "a", b"2"))
    assert run(ledger, lambda one: one.purge_private(CHAINCODE, SHARED, "a")) == [VALID]
    for msp_id in ("BankMSP", "ProducerMSP"):
        assert get(ledger, msp_id, SHARED, "a") is None
        assert get(ledger, msp_id, SHARED, "b") == b"keep"
        kept = b"".join(b"".join(ledger.private_data(msp_id, number).values()) for number in range(5))
        assert b"keep" in kept
        assert b"\x0a\x01a" not in kept
    assert get_hash(ledger, "CarrierMSP", SHARED, "a") is None
    run(ledger, put(SHARED, "a", b"again"))
    assert get(ledger, "ProducerMSP", SHARED, "a") == b"again"


def test_a_purge_removes_what_its_own_block_wrote_before_and_not_after(ledger: Ledger) -> None:
    purge = lambda one: one.purge_private(CHAINCODE, OWN, "a")  # noqa: E731
    run(ledger, put(OWN, "a", b"before"), purge, put(OWN, "a", b"after"))
    assert get(ledger, "BankMSP", OWN, "a") == b"after"
    delivered = ledger.private_data("BankMSP", 2)
    # What was purged leaves its collection behind, empty, as on Fabric.
    assert [_keys(delivered[place]) for place in range(3)] == [[(OWN, [])], [(OWN, [])], [(OWN, ["a"])]]


def _keys(delivered: bytes) -> list[tuple[str, list[str]]]:
    return [
        (one.name, [write.key for write in one.writes])
        for space in PrivateSet.parse(delivered).namespaces
        for one in space.collections
    ]


def test_private_data_of_what_was_invalid_is_kept_and_purged_but_changes_nothing(ledger: Ledger) -> None:
    def stale(simulator: Simulator) -> None:
        simulator.get_private_hash(CHAINCODE, OWN, "a")
        simulator.put_private(CHAINCODE, OWN, "a", b"late")

    verdicts = run(ledger, put(OWN, "a", b"early"), stale)
    assert verdicts == [VALID, ValidationCode.MVCC_READ_CONFLICT]
    assert get(ledger, "BankMSP", OWN, "a") == b"early"
    assert b"late" in ledger.private_data("BankMSP", 2)[1]
    run(ledger, lambda one: one.purge_private(CHAINCODE, OWN, "a"))
    assert [_keys(one) for one in ledger.private_data("BankMSP", 2).values()] == [[(OWN, [])], [(OWN, [])]]


def test_hashes_of_an_unknown_collection_are_refused(ledger: Ledger) -> None:
    with (
        ledger.simulator("BankMSP", "tx") as simulator,
        pytest.raises(SimulationError, match=r"collection \[nowhere\] not defined in the collection config"),
    ):
        simulator.get_private_hash(CHAINCODE, "nowhere", "a")


def test_a_purge_marks_its_write(ledger: Ledger) -> None:
    result = simulate(ledger, lambda one: one.purge_private(CHAINCODE, OWN, "a"))
    write = ReadWriteSet.parse(result.public).namespaces[0].collections[0].writes[0]
    assert write.purge and write.value_hash is None


def test_metadata_alone_moves_the_private_version_along(ledger: Ledger) -> None:
    run(ledger, put(SHARED, "a", b"1"))
    run(ledger, lambda one: one.set_private_metadata(CHAINCODE, SHARED, "a", {"note": b"n"}))
    assert get(ledger, "ProducerMSP", SHARED, "a") == b"1"
    with ledger.simulator("CarrierMSP", "tx") as simulator:
        assert simulator.get_private_metadata(CHAINCODE, SHARED, "a") == {"note": b"n"}


def test_private_ranges_are_for_reading_only(ledger: Ledger) -> None:
    run(ledger, put(SHARED, "a", b"1"), put(SHARED, "b", b"2"), put(SHARED, "c", b"3"), put(OWN, "b", b"x"))
    with ledger.simulator("ProducerMSP", "tx") as simulator:
        found = [(one.key, one.value) for one in simulator.scan_private(CHAINCODE, SHARED, "a", "c")]
        assert found == [("a", b"1"), ("b", b"2")]
        assert [one.key for one in simulator.scan_private(CHAINCODE, SHARED, "", "")] == ["a", "b", "c"]
        with pytest.raises(SimulationError, match="already performed queries on pvt data"):
            simulator.put_state(CHAINCODE, "a", b"1")
    with ledger.simulator("ProducerMSP", "tx") as simulator:
        simulator.put_state(CHAINCODE, "a", b"1")
        with pytest.raises(SimulationError, match="Queries on pvt data is supported only"):
            simulator.scan_private(CHAINCODE, SHARED, "", "")


@pytest.mark.parametrize(
    ("namespace", "collection"),
    [
        (CHAINCODE, "unknown"),
        (CHAINCODE, "_implicit_org_StrangerMSP"),
        ("unknown", "any"),
        ("unknown", OWN),
    ],
)
def test_unknown_collections_are_refused(ledger: Ledger, namespace: str, collection: str) -> None:
    message = f"collection trade/{namespace}/{collection} could not be found"
    with ledger.simulator("BankMSP", "tx") as simulator:
        with pytest.raises(SimulationError, match=message):
            simulator.get_private(namespace, collection, "a")
        with pytest.raises(SimulationError, match=message):
            simulator.put_private(namespace, collection, "a", b"1")


def test_members_only_collections_ask_who_the_creator_is(tmp_path: Path) -> None:
    ledger = ready_ledger(tmp_path, collections=collections(members_only=True))
    with ledger.simulator("BankMSP", "tx", creator("CarrierMSP").serialized) as simulator:
        with pytest.raises(SimulationError, match="does not have read access permission on privatedata"):
            simulator.get_private(CHAINCODE, SHARED, "a")
        assert simulator.get_private_hash(CHAINCODE, SHARED, "a") is None, "hashes are for everybody"
        with pytest.raises(SimulationError, match="does not have write access permission on privatedata"):
            simulator.put_private(CHAINCODE, SHARED, "a", b"1")
        simulator.put_private(CHAINCODE, OWN, "a", b"1")
    with ledger.simulator("BankMSP", "tx", creator("ProducerMSP").serialized) as simulator:
        assert simulator.get_private(CHAINCODE, SHARED, "a") is None
        simulator.put_private(CHAINCODE, SHARED, "a", b"1")
    ledger.close()


def test_the_interest_names_collections_and_whether_values_were_read(ledger: Ledger) -> None:
    def play(simulator: Simulator) -> None:
        simulator.get_private(CHAINCODE, OWN, "a")
        simulator.put_private(CHAINCODE, SHARED, "a", b"1")

    calls = simulate(ledger, play).interest.chaincodes
    assert [(list(one.collection_names), one.no_private_reads) for one in calls] == [
        ([OWN], False),
        ([SHARED], True),
    ]


def test_a_block_may_hold_the_private_data_of_many_transactions(ledger: Ledger) -> None:
    results = [simulate(ledger, put(OWN, f"k{n}", b"%d" % n)) for n in range(20)]
    assert {one.code for one in commit_results(ledger, results).transactions} == {VALID}
    assert [get(ledger, "BankMSP", OWN, f"k{n}") for n in range(20)] == [b"%d" % n for n in range(20)]
    assert len(ledger.private_data("BankMSP", 2)) == 20

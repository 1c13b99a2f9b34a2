"""Private data: who holds it, who may read and write it, what everybody else sees, and how it goes away."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2

from hansa_gateway import EndorseError, EvaluateError
from hansa_gateway.blocking.contract import Contract
from tests.support.devnode import CHAINCODE
from tests.support.engine import eventually
from tests.support.running_network import RunningNetwork

OWN = "_implicit_org_AMSP"


def ask(network: RunningNetwork, msp_id: str, *args: str, at: str | None = None) -> bytes:
    """What the chaincode answers an organisation's administrator at one organisation's peer: his own's."""
    with network.gateway(msp_id) as gateway:
        contract = gateway.network("trade").contract(CHAINCODE)
        return contract.evaluate(*args, endorsing_organizations=[at or msp_id])


def refusal(network: RunningNetwork, msp_id: str, *args: str, at: str | None = None) -> str:
    """The peer's words when it is not answered."""
    with pytest.raises(EvaluateError) as caught:
        ask(network, msp_id, *args, at=at)
    (detail,) = caught.value.details
    return detail.message


def write(contract: Contract, collection: str, key: str, value: str) -> Any:
    """Writes private data, with the value where it belongs: in transient data."""
    named = ["AMSP"] if collection == OWN else ["AMSP", "BMSP"]
    return contract.submit("pput", collection, key, transient={"value": value}, endorsing_organizations=named)


def delivered(network: RunningNetwork, reader: str, number: int) -> dict[str, bytes]:
    """The private values that an organisation's peer delivers of a block to its own administrator."""
    with network.gateway(reader) as gateway:
        channel = gateway.network("trade")
        with channel.block_and_private_data_events(start_block=number, stop_block=number) as blocks:
            (found,) = blocks
    return {
        write.key: write.value
        for sets in found.private_data.values()
        for namespace in sets.ns_pvt_rwset
        for collection in namespace.collection_pvt_rwset
        for write in kv_rwset_pb2.KVRWSet.FromString(collection.rwset).writes
    }


def test_members_read_the_value_and_everybody_its_hash(network: RunningNetwork, contract: Contract) -> None:
    write(contract, "between", "p/1", "secret")
    network.settle()
    for member in ("AMSP", "BMSP"):
        assert eventually(lambda who=member: ask(network, who, "pget", "between", "p/1")) == b"secret"  # type: ignore[misc]
    digest = hashlib.sha256(b"secret").hexdigest().encode()
    for each in ("AMSP", "BMSP", "CMSP"):
        assert ask(network, each, "phash", "between", "p/1") == digest
    assert ask(network, "CMSP", "phash", "between", "p/nothing") == b""


def test_who_is_no_member_may_neither_read_nor_write(network: RunningNetwork, contract: Contract) -> None:
    write(contract, "between", "p/2", "secret")
    for at in ("CMSP", "AMSP"):
        assert refusal(network, "CMSP", "pget", "between", "p/2", at=at).endswith(
            "tx creator does not have read access permission on privatedata in chaincodeName:all"
            " collectionName: between"
        )
    said = refusal(network, "CMSP", "pput", "between", "p/2", "mine", at="AMSP")
    assert "tx creator does not have write access permission on privatedata in" in said
    assert "chaincodeName:all collectionName: between" in said
    assert "read access permission" in refusal(network, "CMSP", "prange", "between", "p/", "p0", at="AMSP")


def test_a_peer_that_has_not_the_data_says_so(network: RunningNetwork, contract: Contract) -> None:
    number = write(contract, OWN, "p/3", "secret").block_number
    network.settle()
    said = refusal(network, "AMSP", "pget", OWN, "p/3", at="BMSP")
    assert (
        "private data matching public hash version is not available. Public hash version ="
        f" {{BlockNum: {number}, TxNum: 0}}, Private data version = <nil>" in said
    )
    # Of what is not there it has as much as anybody.
    assert ask(network, "AMSP", "pget", OWN, "p/never", at="BMSP") == b""
    assert ask(network, "AMSP", "prange", OWN, "p/", "p0", at="BMSP") == b"[]"
    assert "is not available" in refusal(network, "AMSP", "pmulti_get", OWN, "p/none", "p/3", at="BMSP")


def test_ranges_and_composite_keys(network: RunningNetwork, contract: Contract) -> None:
    steps = [
        ["pput", "between", "r/1", "1"],
        ["pput", "between", "r/2", "2"],
        ["pput", "between", '["private","x","1"]', "a"],
        ["pput", "between", '["private","x","2"]', "b"],
        ["pput", "between", '["private","y","1"]', "c"],
    ]
    contract.submit("batch", json.dumps(steps))
    assert json.loads(contract.evaluate("prange", "between", "r/", "r0")) == [["r/1", "1"], ["r/2", "2"]]
    assert json.loads(contract.evaluate("ppartial_composite", "between", "private", "x")) == [
        ['["private","x","1"]', "a"],
        ['["private","x","2"]', "b"],
    ]
    assert json.loads(contract.evaluate("pmulti_get", "between", "r/2", "r/0", "r/1")) == ["2", "", "1"]


def test_deletion_leaves_neither_value_nor_hash(network: RunningNetwork, contract: Contract) -> None:
    written = write(contract, "between", "d/1", "secret").block_number
    deleted = contract.submit("pdel", "between", "d/1").block_number
    assert contract.evaluate("pget", "between", "d/1") == contract.evaluate("phash", "between", "d/1") == b""
    # A deleted value is still in the block it came with; the deletion has none.
    assert delivered(network, "AMSP", written) == {"d/1": b"secret"}
    assert delivered(network, "AMSP", deleted) == {"d/1": b""}
    assert contract.submit("pdel", "between", "d/never").block_number > deleted


def test_a_purged_value_is_gone_from_the_blocks_it_came_with(
    network: RunningNetwork, contract: Contract
) -> None:
    numbers = [write(contract, "between", "g/1", value).block_number for value in ("one", "two")]
    kept = write(contract, "between", "g/2", "kept").block_number
    assert [delivered(network, "AMSP", each) for each in numbers] == [{"g/1": b"one"}, {"g/1": b"two"}]
    contract.submit("ppurge", "between", "g/1")
    assert contract.evaluate("pget", "between", "g/1") == contract.evaluate("phash", "between", "g/1") == b""
    assert [delivered(network, "AMSP", each) for each in numbers] == [{}, {}]
    assert delivered(network, "AMSP", kept) == {"g/2": b"kept"}
    network.settle()
    assert [delivered(network, "BMSP", each) for each in numbers] == [{}, {}]
    contract.submit("ppurge", "between", "g/never")
    write(contract, "between", "g/1", "again")
    assert contract.evaluate("pget", "between", "g/1") == b"again"


def test_a_member_that_was_away_gets_the_values_when_it_is_back(
    network: RunningNetwork, contract: Contract
) -> None:
    with network.silent("BMSP"):
        # The value among the arguments, so that an organisation outside the collection may endorse.
        contract.submit("pput", "between", "away/1", "value", endorsing_organizations=["AMSP", "CMSP"])
        contract.submit("put", "away/2", "x")

    def found() -> bytes:
        try:
            return ask(network, "BMSP", "pget", "between", "away/1")
        except EvaluateError:
            return b""

    assert eventually(found) == b"value"


def test_of_two_that_read_the_same_private_key_one_is_valid(contract: Contract) -> None:
    write(contract, OWN, "c/1", "0")
    calls = [
        contract.new_proposal(
            "batch",
            json.dumps([["pget", OWN, "c/1"], ["pput", OWN, "c/1", value]]),
            endorsing_organizations=["AMSP"],
        ).endorse()
        for value in "12"
    ]
    statuses = [call.submit().status().validation_code_name for call in calls]
    assert statuses == ["VALID", "MVCC_READ_CONFLICT"]
    assert contract.evaluate("pget", OWN, "c/1") == b"1"


def test_an_organisations_own_collection_is_endorsed_by_it(contract: Contract) -> None:
    """Its policy stands in for the chaincode's, for that collection alone."""
    own = contract.new_proposal("pput", OWN, "e/1", "x", endorsing_organizations=["AMSP"]).endorse()
    assert own.submit().status().successful
    other = contract.new_proposal("pput", OWN, "e/1", "y", endorsing_organizations=["BMSP", "CMSP"]).endorse()
    assert other.submit().status().validation_code_name == "ENDORSEMENT_POLICY_FAILURE"
    shared = contract.new_proposal("pput", "between", "e/1", "x", endorsing_organizations=["AMSP"]).endorse()
    assert shared.submit().status().validation_code_name == "ENDORSEMENT_POLICY_FAILURE"
    assert contract.evaluate("pget", OWN, "e/1") == b"x"


def test_a_collection_that_is_not_there_is_named(contract: Contract) -> None:
    looked_up = "collection trade/all/nothing could not be found"
    simulated = "collection [nothing] not defined in the collection config for chaincode [all]"
    for said, args in (
        (looked_up, ("pget", "nothing", "k")),
        (looked_up, ("pput", "nothing", "k", "v")),
        (simulated, ("phash", "nothing", "k")),
    ):
        with pytest.raises(EndorseError) as caught:
            contract.submit(*args)
        assert said in caught.value.details[0].message, args
    with pytest.raises(EndorseError) as caught:
        contract.submit("batch", json.dumps([["put", "k", "v"], ["pput", "nothing", "k", "v"]]))
    assert "WRITE_BATCH_STATE failed" in caught.value.details[0].message

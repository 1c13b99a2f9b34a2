"""Public state: what simulations see, what commits change, what survives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa_devnode.ledger import SimulationError, Simulator
from hansa_devnode.ledger.errors import LedgerError, LedgerMismatchError, NotFoundError
from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.blocks import Block, new_block, verify_chain
from hansa_fabric.rwsets import Namespace, ReadWriteSet, Write
from hansa_fabric.validation_codes import ValidationCode
from tests.support.ledger import (
    CHAINCODE,
    OpenRules,
    define,
    open_ledger,
    ready_ledger,
    run,
    simulate,
    unsigned,
)

VALID = ValidationCode.VALID


def put(key: str, value: bytes):
    return lambda simulator: simulator.put_state(CHAINCODE, key, value)


@pytest.fixture
def ledger(tmp_path: Path):
    found = ready_ledger(tmp_path / "ledger")
    yield found
    found.close()


def test_a_simulation_does_not_see_its_own_writes(ledger: Ledger) -> None:
    run(ledger, put("a", b"old"))

    def play(simulator: Simulator) -> None:
        simulator.put_state(CHAINCODE, "a", b"new")
        assert simulator.get_state(CHAINCODE, "a") == b"old"

    assert run(ledger, play) == [VALID]
    assert simulate_get(ledger, "a") == b"new"


def simulate_get(ledger: Ledger, key: str) -> bytes | None:
    with ledger.simulator("BankMSP", "tx") as simulator:
        return simulator.get_state(CHAINCODE, key)


def test_an_open_simulation_keeps_its_snapshot(ledger: Ledger) -> None:
    run(ledger, put("a", b"1"))
    with ledger.simulator("BankMSP", "tx") as simulator:
        run(ledger, put("a", b"2"), put("b", b"2"))
        assert simulator.get_states(CHAINCODE, ["a", "b"]) == [b"1", None]
        assert simulator.height == ledger.height - 1


def test_an_empty_value_deletes(ledger: Ledger) -> None:
    run(ledger, put("a", b"1"))
    run(ledger, put("a", b""))
    assert simulate_get(ledger, "a") is None


def test_reads_are_recorded_with_their_versions(ledger: Ledger) -> None:
    run(ledger, put("a", b"1"), put("b", b"1"))

    def play(simulator: Simulator) -> None:
        simulator.get_states(CHAINCODE, ["b", "absent", "a"])

    space = ReadWriteSet.parse(simulate(ledger, play).public).namespaces[0]
    assert [(read.key, read.version) for read in space.reads] == [
        ("a", (2, 0)),
        ("absent", None),
        ("b", (2, 1)),
    ]


def test_a_read_of_a_changed_key_is_a_conflict(ledger: Ledger) -> None:
    def play(simulator: Simulator) -> None:
        simulator.get_state(CHAINCODE, "a")
        simulator.put_state(CHAINCODE, "a", b"mine")

    assert run(ledger, play, play) == [VALID, ValidationCode.MVCC_READ_CONFLICT]


def test_a_key_that_appears_in_a_range_is_a_phantom(ledger: Ledger) -> None:
    def play(simulator: Simulator) -> None:
        list(simulator.scan(CHAINCODE, "a", "c"))
        simulator.put_state(CHAINCODE, "seen", b"1")

    assert run(ledger, put("b", b"1"), play) == [VALID, ValidationCode.PHANTOM_READ_CONFLICT]
    assert run(ledger, put("c", b"1"), play) == [VALID, VALID]


@pytest.mark.parametrize("count", [1, 50, 51, 120, 2700])
def test_long_ranges_are_recorded_by_digest_and_checked_alike(ledger: Ledger, count: int) -> None:
    def fill(simulator: Simulator) -> None:
        for number in range(count):
            simulator.put_state(CHAINCODE, f"k{number:05}", b"v")

    run(ledger, fill)

    def play(simulator: Simulator) -> None:
        assert sum(1 for _ in simulator.scan(CHAINCODE, "k", "l")) == count

    result = simulate(ledger, play)
    query = ReadWriteSet.parse(result.public).namespaces[0].range_queries[0]
    assert (query.summary is not None) == (count > 50)
    assert len(query.reads) == (count if count <= 50 else 0)
    assert query.exhausted and query.end == "l"
    assert run(ledger, play) == [VALID]
    assert run(ledger, put(f"k{count - 1:05}", b"changed"), play) == [
        VALID,
        ValidationCode.PHANTOM_READ_CONFLICT,
    ]


def test_a_range_that_was_left_early_ends_at_the_last_key_taken(ledger: Ledger) -> None:
    run(ledger, put("a", b"1"), put("b", b"1"), put("c", b"1"))

    def play(simulator: Simulator) -> None:
        scan = simulator.scan(CHAINCODE, "a", "")
        assert [next(scan).key, next(scan).key] == ["a", "b"]
        assert scan.bookmark() == "c"
        simulator.put_state(CHAINCODE, "seen", b"1")

    query = ReadWriteSet.parse(simulate(ledger, play).public).namespaces[0].range_queries[0]
    assert (query.start, query.end, query.exhausted) == ("a", "b", False)
    assert run(ledger, put("c", b"2"), play) == [VALID, VALID]
    assert run(ledger, put("b", b"2"), play) == [VALID, ValidationCode.PHANTOM_READ_CONFLICT]


def test_pages_and_writes_do_not_mix(ledger: Ledger) -> None:
    run(ledger, put("a", b"1"), put("b", b"1"), put("c", b"1"))
    with ledger.simulator("BankMSP", "tx-7") as simulator:
        page = simulator.scan_page(CHAINCODE, "", "", 2)
        assert [found.key for found in page] == ["a", "b"]
        assert page.bookmark() == "c"
        with pytest.raises(SimulationError, match=r"txid \[tx-7\]: unsuppored .* Writes are not allowed"):
            simulator.put_state(CHAINCODE, "a", b"2")
    with ledger.simulator("BankMSP", "tx-8") as simulator:
        simulator.put_state(CHAINCODE, "a", b"2")
        with pytest.raises(SimulationError, match="only in a read-only transaction"):
            simulator.scan_page(CHAINCODE, "", "", 2)


def test_keys_of_any_length_keep_their_order(ledger: Ledger) -> None:
    stem = "x" * 505
    keys = [stem[:500], stem, stem + "a", stem + "b" * 3000, "x" * 499 + "y", "é" * 400]
    run(ledger, *(put(key, key.encode()) for key in keys))
    with ledger.simulator("BankMSP", "tx") as simulator:
        found = [one.key for one in simulator.scan(CHAINCODE, "", "")]
        assert found == sorted(keys)
        assert simulator.get_state(CHAINCODE, keys[3]) == keys[3].encode()
        assert [one.key for one in simulator.scan(CHAINCODE, stem, stem + "b")] == [stem, stem + "a"]
    run(ledger, put(stem + "a", b""))
    assert simulate_get(ledger, stem + "a") is None
    assert simulate_get(ledger, stem) == stem.encode()


def test_history_is_newest_first_and_tells_deletes(ledger: Ledger) -> None:
    run(ledger, put("a", b"1"), put("ab", b"other"))
    run(ledger, put("a", b"2"), put("a", b"3"))
    run(ledger, put("a", b""))
    with ledger.simulator("BankMSP", "tx") as simulator:
        history = list(simulator.history(CHAINCODE, "a"))
    assert [(one.value, one.is_delete) for one in history] == [
        (b"", True),
        (b"3", False),
        (b"2", False),
        (b"1", False),
    ]
    assert all(len(one.tx_id) == 64 and one.timestamp.seconds > 0 for one in history)


def test_history_leaves_out_what_was_invalid(ledger: Ledger) -> None:
    def play(simulator: Simulator) -> None:
        simulator.get_state(CHAINCODE, "a")
        simulator.put_state(CHAINCODE, "a", b"x")

    run(ledger, play, play)
    with ledger.simulator("BankMSP", "tx") as simulator:
        assert len(list(simulator.history(CHAINCODE, "a"))) == 1


def test_metadata_needs_its_key_and_goes_with_it(ledger: Ledger) -> None:
    def mark(simulator: Simulator) -> None:
        simulator.set_state_metadata(CHAINCODE, "a", {"VALIDATION_PARAMETER": b"", "note": b"n"})

    def metadata() -> dict[str, bytes]:
        with ledger.simulator("BankMSP", "tx") as simulator:
            return simulator.get_state_metadata(CHAINCODE, "a")

    run(ledger, mark)
    run(ledger, put("a", b"1"))
    assert metadata() == {}
    run(ledger, mark)
    assert metadata() == {"VALIDATION_PARAMETER": b"", "note": b"n"}
    run(ledger, put("a", b"2"))
    assert metadata()["note"] == b"n"
    run(ledger, put("a", b""))
    run(ledger, put("a", b"3"))
    assert metadata() == {}


def test_metadata_of_a_key_that_the_block_deleted_is_ignored(ledger: Ledger) -> None:
    run(ledger, put("a", b"1"))
    mark = simulate(ledger, lambda one: one.set_state_metadata(CHAINCODE, "a", {"note": b"n"}))
    assert run(ledger, put("a", b"")) == [VALID]
    _, envelope = unsigned(mark)
    assert ledger.commit([envelope]).transactions[0].code == VALID
    assert simulate_get(ledger, "a") is None


def test_a_transaction_id_counts_once(ledger: Ledger) -> None:
    result = simulate(ledger, put("a", b"1"))
    proposal, envelope = unsigned(result)
    assert [one.code for one in ledger.commit([envelope, envelope]).transactions] == [
        VALID,
        ValidationCode.DUPLICATE_TXID,
    ]
    assert [one.code for one in ledger.commit([envelope]).transactions] == [ValidationCode.DUPLICATE_TXID]
    status = ledger.status(proposal.tx_id)
    assert status is not None and (status.block, status.index, status.code) == (2, 0, VALID)
    assert ledger.transaction(proposal.tx_id) == (envelope, VALID)


def test_blocks_are_found_and_form_a_chain(ledger: Ledger) -> None:
    proposal, envelope = unsigned(simulate(ledger, put("a", b"1")))
    committed = ledger.commit([envelope, b"garbage"], sign=lambda header, last: b"signed by the orderer")
    assert ledger.block(committed.number) == committed.data
    block = Block(committed.data)
    assert block.metadata(0) == b"signed by the orderer"
    assert block.codes == (VALID, ValidationCode.INVALID_OTHER_REASON)
    assert ledger.block_by_hash(block.hash) == ledger.block_of_transaction(proposal.tx_id) == committed.data
    assert ledger.chain_info().current_hash == block.hash
    assert verify_chain(Block(ledger.block(number)) for number in range(ledger.height)) == ledger.height
    for missing in (
        lambda: ledger.block(99),
        lambda: ledger.block_by_hash(b"x"),
        lambda: ledger.transaction("x"),
    ):
        with pytest.raises(NotFoundError):
            missing()
    with pytest.raises(LedgerError, match="at least one"):
        ledger.commit([])


def test_a_restart_continues(tmp_path: Path) -> None:
    ledger = ready_ledger(tmp_path)
    run(ledger, put("a", b"1"))
    before = ledger.chain_info()
    last = Block(ledger.block(2))
    ledger.close()
    ledger = open_ledger(tmp_path)
    assert ledger.chain_info() == before
    assert simulate_get(ledger, "a") == b"1"
    assert run(ledger, put("a", b"2")) == [VALID]
    assert Block(ledger.block(3)).previous_hash == last.hash
    ledger.close()


def test_another_genesis_block_is_refused(tmp_path: Path) -> None:
    open_ledger(tmp_path).close()
    with pytest.raises(LedgerMismatchError, match="another genesis block"):
        Ledger.open_with(tmp_path, Block(new_block(0, b"", [b"other"])), OpenRules())


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    with pytest.raises(LedgerError, match="in use by another process"):
        open_ledger(tmp_path)
    ledger.close()


def test_the_map_grows_when_the_state_does(tmp_path: Path) -> None:
    ledger = ready_ledger(tmp_path, map_size=1 << 20)
    for number in range(6):
        assert run(ledger, put(f"k{number}", bytes(900_000))) == [VALID]
    assert all(simulate_get(ledger, f"k{number}") == bytes(900_000) for number in range(6))
    ledger.close()


def test_definitions_are_kept_as_fabric_keeps_them(ledger: Ledger) -> None:
    first = ledger.chaincode(CHAINCODE)
    assert first is not None and (first.sequence, first.version) == (1, "1.0")
    define(ledger, collections=b"")
    define(ledger, name="another")
    assert [(one.name, one.sequence) for one in ledger.chaincodes()] == [("another", 1), (CHAINCODE, 2)]
    assert ledger.chaincode("unknown") is None


def test_an_undefined_chaincode_is_invalid(ledger: Ledger) -> None:
    _, envelope = unsigned(simulate(ledger, put("a", b"1")), chaincode="unknown")
    assert ledger.commit([envelope]).transactions[0].code == ValidationCode.INVALID_CHAINCODE


def test_a_closed_simulator_says_so(ledger: Ledger) -> None:
    simulator = ledger.simulator("BankMSP", "tx")
    simulator.result()
    with pytest.raises(SimulationError, match="only be called once"):
        simulator.result()
    simulator.close()
    simulator.close()
    with pytest.raises(SimulationError, match="after calling Done"):
        simulator.get_state(CHAINCODE, "a")


def test_a_set_that_writes_a_key_twice_counts_as_fabric_counts_it(ledger: Ledger) -> None:
    """No honest peer makes one. Fabric takes it for a change of metadata: the value stays as it was."""
    twice = ReadWriteSet((Namespace(CHAINCODE, writes=(Write("a", b"1"), Write("a", b"2"))),)).serialize()
    assert ledger.commit([unsigned(twice)[1]]).transactions[0].code == VALID
    assert simulate_get(ledger, "a") is None
    run(ledger, put("a", b"old"))
    assert ledger.commit([unsigned(twice)[1]]).transactions[0].code == VALID
    assert simulate_get(ledger, "a") == b"old"

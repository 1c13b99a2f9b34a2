"""The ledger against models a reader can check by eye: state, history, and who conflicts with whom."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa_devnode.ledger import Simulator
from hansa_devnode.ledger.keyspace import KeySpace
from hansa_devnode.ledger.range_digest import RangeDigest
from hansa_devnode.ledger.store import Store
from hansa_fabric.rwsets import Version
from hansa_fabric.validation_codes import ValidationCode
from tests.support.ledger import CHAINCODE, commit_results, ready_ledger, simulate

KEYS = ["a", "aa", "b", "c"]
key = st.sampled_from(KEYS)
bound = st.sampled_from(["", *KEYS, "z"])
value = st.sampled_from([b"", b"1", b"2"])


@dataclass
class Action:
    """What one transaction does: reads, ranges (with how many results it takes), then writes."""

    reads: list[str]
    ranges: list[tuple[str, str, int]]
    writes: dict[str, bytes]

    def __call__(self, simulator: Simulator) -> None:
        for name in self.reads:
            simulator.get_state(CHAINCODE, name)
        for start, end, count in self.ranges:
            scan = simulator.scan(CHAINCODE, start, end)
            for _ in range(count):
                if next(scan, None) is None:
                    break
        for name, content in self.writes.items():
            simulator.put_state(CHAINCODE, name, content)


action = st.builds(
    Action,
    reads=st.lists(key, max_size=2),
    # At least one result is asked for: a peer always fetches the first batch of a query.
    ranges=st.lists(st.tuples(bound, bound, st.integers(1, 5)), max_size=2),
    writes=st.dictionaries(key, value, max_size=2),
)
# Each block's transactions are simulated on the state before the block, or before the one before.
blocks = st.lists(st.lists(st.tuples(action, st.booleans()), min_size=1, max_size=4), min_size=1, max_size=4)


@dataclass
class Model:
    """The state as a plain mapping from key to value and the transaction that wrote it."""

    state: dict[str, tuple[bytes, tuple[int, int]]] = field(default_factory=dict)
    history: dict[str, list[bytes]] = field(default_factory=dict)

    def in_range(self, start: str, end: str) -> list[tuple[str, tuple[int, int]]]:
        return [
            (name, self.state[name][1])
            for name in sorted(self.state)
            if name >= start and (not end or name < end)
        ]

    def seen(self, action: Action) -> tuple[object, ...]:
        """What a transaction observes: equal before and now means that it may commit."""
        reads = [self.state.get(name, (b"", None))[1] for name in action.reads]
        return (reads, [self._observed(*query) for query in action.ranges])

    def _observed(self, start: str, end: str, count: int) -> object:
        return self.in_range(start, end)[:count]

    def apply(self, action: Action, place: tuple[int, int]) -> None:
        for name, content in action.writes.items():
            self.history.setdefault(name, []).insert(0, content)
            if content:
                self.state[name] = (content, place)
            else:
                self.state.pop(name, None)

    def copy(self) -> Model:
        return Model(dict(self.state), {name: list(entries) for name, entries in self.history.items()})


def expected_code(action: Action, before: Model, now: Model, touched: set[str]) -> ValidationCode:
    """The verdict by definition: a read key that the block touched conflicts even if it looks the same."""
    for name in action.reads:
        if name in touched or before.state.get(name, (b"", None))[1] != now.state.get(name, (b"", None))[1]:
            return ValidationCode.MVCC_READ_CONFLICT
    if before.seen(action)[1] != now.seen(action)[1]:
        return ValidationCode.PHANTOM_READ_CONFLICT
    return ValidationCode.VALID


@settings(max_examples=120, deadline=None)
@given(blocks)
def test_codes_state_and_history_equal_the_models(plan: list[list[tuple[Action, bool]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = ready_ledger(Path(folder))
        model, older = Model(), Model()
        late: list[tuple[Action, object]] = []
        for block in plan:
            todo = [(one, model.copy(), simulate(ledger, one)) for one, delayed in block if not delayed]
            todo += [(one, older, result) for one, result in late]  # type: ignore[misc]
            late = [(one, simulate(ledger, one)) for one, delayed in block if delayed]
            older = model.copy()
            if not todo:
                todo = [(Action([], [], {}), model.copy(), simulate(ledger, Action([], [], {})))]
            committed = commit_results(ledger, [result for _, _, result in todo])
            touched: set[str] = set()
            for index, (one, before, _) in enumerate(todo):
                expected = expected_code(one, before, model, touched)
                assert committed.transactions[index].code == expected
                if expected is ValidationCode.VALID:
                    model.apply(one, (committed.number, index))
                    touched |= set(one.writes)
        with ledger.simulator("BankMSP", "tx") as simulator:
            found = {item.key: item.value for item in simulator.scan(CHAINCODE, "", "")}
            assert found == {name: content for name, (content, _) in model.state.items()}
            for name in KEYS:
                history = [entry.value for entry in simulator.history(CHAINCODE, name)]
                assert history == model.history.get(name, [])
        ledger.close()


long_key = st.one_of(
    st.binary(min_size=1, max_size=4),
    st.builds(lambda size, tail: b"x" * size + tail, st.integers(497, 503), st.binary(max_size=3)),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(long_key, st.one_of(st.none(), st.binary(max_size=5))), max_size=30),
    long_key,
    long_key,
)
def test_the_key_space_is_an_ordered_map(
    writes: list[tuple[bytes, bytes | None]], start: bytes, end: bytes
) -> None:
    model: dict[bytes, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder), 1 << 24)
        space: KeySpace = store.databases.state

        def apply(transaction: object) -> None:
            for name, content in writes:
                if content is None:
                    space.delete(transaction, name)
                    model.pop(name, None)
                else:
                    space.put(transaction, name, content)
                    model[name] = content

        store.write(apply)
        with store.snapshot() as snapshot:
            for name, _ in writes:
                assert space.get(snapshot.transaction, name) == model.get(name)
            found = list(space.scan(snapshot.transaction, start, end))
        assert found == [(name, model[name]) for name in sorted(model) if start <= name < end]
        store.close()


def naive_digest(reads: list[tuple[str, Version]], degree: int) -> tuple[int, list[bytes]]:
    """The Merkle digest built level by level from the whole list, as its definition says."""
    groups = [reads[first : first + degree + 1] for first in range(0, len(reads), degree + 1)]
    hashes = []
    for group in groups:
        message = kv_rwset_pb2.QueryReads()
        for name, version in group:
            message.kv_reads.add(
                key=name, version=kv_rwset_pb2.Version(block_num=version.block, tx_num=version.transaction)
            )
        hashes.append(sha256(message.SerializeToString()).digest())
    level = 1
    while len(hashes) > degree:
        parts = [hashes[first : first + degree + 1] for first in range(0, len(hashes), degree + 1)]
        hashes = [part[0] if len(part) == 1 else sha256(b"".join(part)).digest() for part in parts]
        level += 1
    return level, hashes


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 200), st.integers(2, 6))
def test_the_range_digest_is_the_tree_it_should_be(count: int, degree: int) -> None:
    reads = [(f"k{number:04}", Version(number, number % 3)) for number in range(count)]
    digest = RangeDigest(degree)
    for name, version in reads:
        digest.add(name, version)
    kept, summary = digest.finish()
    if count <= degree:
        assert (list(kept), summary) == (reads, None)
    else:
        assert kept == () and summary is not None
        assert (summary.max_level, list(summary.hashes)) == naive_digest(reads, degree)
        assert summary.max_degree == degree

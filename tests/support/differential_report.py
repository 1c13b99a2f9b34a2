"""What a ledger holds in the end, asked of a real peer through its chaincode, and of the embedded engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hansa_devnode.ledger import SimulationError, Simulator
from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.rwsets import ReadWriteSet
from hansa_shim import create_composite_key, split_composite_key
from tests.support.differential_plan import HOLDERS, Planner

Report = dict[str, list[Any]]
# A question is a chaincode and a function of it with its arguments; the answer is JSON, and what was read.
Ask = Callable[..., tuple[bytes, ReadWriteSet]]
_PARAMETER = "VALIDATION_PARAMETER"


def questions(seeds: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """All that is asked about some seeds."""
    for chaincode in ("all", "other"):
        yield chaincode, "range", "", ""
        yield chaincode, "partial_composite", "item"
    for seed in seeds:
        public, private = Planner(seed, {}).universe()
        for chaincode in ("all", "other"):
            yield chaincode, "survey", *public
        for collection in HOLDERS:
            yield "all", "psurvey", collection, *private
            yield "all", "prange", collection, f"s{seed}.", f"s{seed}.z"


def report(ask: Ask, seeds: Sequence[int]) -> Report:
    """The answers to all questions about some seeds, by question (as JSON)."""
    return {json.dumps(question): answer(ask, question) for question in questions(seeds)}


def answer(ask: Ask, question: Sequence[str]) -> list[Any]:
    """An answer, and the reads (versions among them) of the chaincode's namespace as bytes in hex."""
    said, sets = ask(*question)
    own = ReadWriteSet(tuple(space for space in sets.namespaces if space.name == question[0]))
    return [json.loads(said), own.serialize().hex()]


def refusal(text: str) -> tuple[bytes, ReadWriteSet]:
    """The answer of a peer that refuses; ``text`` is the end of what it says, from the colon on."""
    return json.dumps({"refused": text}).encode(), ReadWriteSet()


def asker(ledger: Ledger, msp_id: str, creator: bytes) -> Ask:
    """Answers as the chaincode does on an organisation's peer, from the embedded engine's ledger.

    Args:
        ledger: where.
        msp_id: whose peer.
        creator: serialized identity of who asks.
    """

    def ask(chaincode: str, function: str, *args: str) -> tuple[bytes, ReadWriteSet]:
        with ledger.simulator(msp_id, "tx", creator) as simulator:
            try:
                answer = _FUNCTIONS[function](simulator, chaincode, *args)
            except SimulationError as error:
                return refusal(f": {error}")
            return json.dumps(answer).encode(), ReadWriteSet.parse(simulator.result().public)

    return ask


def _survey(simulator: Simulator, chaincode: str, *keys: str) -> Any:
    found = {}
    for text in keys:
        key = _key(text)
        value = simulator.get_state(chaincode, key) or b""
        policy = simulator.get_state_metadata(chaincode, key).get(_PARAMETER, b"")
        past = [
            [one.tx_id, one.value.decode(), one.is_delete, one.timestamp.ToMilliseconds()]
            for one in simulator.history(chaincode, key)
        ]
        found[text] = [value.decode(), policy.hex(), past]
    return found


def _private_survey(simulator: Simulator, chaincode: str, collection: str, *keys: str) -> Any:
    found: dict[str, list[str]] = {}
    for key in keys:
        hashed = simulator.get_private_hash(chaincode, collection, key) or b""
        try:
            policy = simulator.get_private_metadata(chaincode, collection, key).get(_PARAMETER, b"")
            value = simulator.get_private(chaincode, collection, key) or b""
            found[key] = [hashed.hex(), policy.hex(), value.decode()]
        except SimulationError as error:
            found[key] = [hashed.hex(), f": {error}"]
    return found


def _range(simulator: Simulator, chaincode: str, start: str, end: str) -> Any:
    # The shim keeps simple ranges apart from composite keys, which begin with U+0000.
    found = simulator.scan(chaincode, start or "\x01", end)
    return [[one.key, one.value.decode()] for one in found]


def _composite(simulator: Simulator, chaincode: str, object_type: str) -> Any:
    prefix = create_composite_key(object_type, [])
    found = simulator.scan(chaincode, prefix, f"{prefix}\U0010ffff")
    return [[_text(one.key), one.value.decode()] for one in found]


def _private_range(simulator: Simulator, chaincode: str, collection: str, start: str, end: str) -> Any:
    found = simulator.scan_private(chaincode, collection, start, end)
    return [[one.key, one.value.decode()] for one in found]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "survey": _survey,
    "psurvey": _private_survey,
    "range": _range,
    "partial_composite": _composite,
    "prange": _private_range,
}


def _key(text: str) -> str:
    if not text.startswith("["):
        return text
    object_type, *attributes = json.loads(text)
    return create_composite_key(object_type, attributes)


def _text(key: str) -> str:
    object_type, attributes = split_composite_key(key)
    return json.dumps([object_type, *attributes], separators=(",", ":"))

"""Every record that version 1 ever wrote must be read for ever (rule 10).

``tests/support/data/records_v1.json`` holds one record of each noun as it was first written. It is never
regenerated: a record that changes its form gets a new ``v`` and a file of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hansa_domain.errors import Refusal
from hansa_domain.operation import Record, canonical, decode_record
from tests.support.domain_walk import walk

WRITTEN = json.loads((Path(__file__).parents[2] / "support" / "data" / "records_v1.json").read_text("utf-8"))


def kinds(base: type[Record] = Record) -> Iterator[type[Record]]:
    for kind in base.__subclasses__():
        # Tests make records of their own.
        if "NOUN" in vars(kind) and kind.__module__.startswith("hansa_domain."):
            yield kind
        yield from kinds(kind)


KINDS = {kind.NOUN: kind for kind in kinds()}


@pytest.mark.parametrize("noun", sorted(WRITTEN))
def test_what_was_written_is_read_and_nothing_of_it_lost(noun: str) -> None:
    record = decode_record(canonical(WRITTEN[noun]), KINDS[noun])
    assert record.v == WRITTEN[noun]["v"] == 1
    again: dict[str, Any] = json.loads(canonical(record))
    assert again.items() >= WRITTEN[noun].items()


@pytest.mark.parametrize("noun", sorted(WRITTEN))
def test_what_a_later_version_wrote_is_refused_not_half_understood(noun: str) -> None:
    later = {**WRITTEN[noun], "v": 2, "heldBack": "1"}
    for document in (later, {"v": 2}):
        with pytest.raises(Refusal) as refused:
            decode_record(canonical(document), KINDS[noun])
        assert refused.value.code.value == "RECORD_TOO_NEW"


def test_every_noun_is_kept_and_no_two_records_share_one() -> None:
    assert set(WRITTEN) == set(KINDS)
    assert len(KINDS) == len(list(kinds()))


def test_every_value_on_the_ledger_carries_its_version() -> None:
    world = walk()
    values = [*world.state.values(), *world.private.values()]
    assert all(json.loads(value)["v"] == 1 for value in values)

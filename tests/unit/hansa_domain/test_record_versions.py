"""Every record that any version ever wrote must be read for ever (rule 10).

``tests/support/data/records_v1.json`` holds one record of each noun as it was first written. It is never
regenerated: a record that changes its form gets a new ``v`` and stands in the next file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hansa_domain.errors import Refusal
from hansa_domain.members import Member
from hansa_domain.operation import Record, canonical, decode_record
from tests.support.domain_walk import walk

DATA = Path(__file__).parents[2] / "support" / "data"
RECORDS = {
    version: json.loads((DATA / f"records_v{version}.json").read_text("utf-8")) for version in (1, 2, 3)
}
WRITTEN = RECORDS[1]
EVERY = [(noun, version) for version, records in RECORDS.items() for noun in sorted(records)]


def kinds(base: type[Record] = Record) -> Iterator[type[Record]]:
    for kind in base.__subclasses__():
        # Tests make records of their own.
        if "NOUN" in vars(kind) and kind.__module__.startswith("hansa_domain."):
            yield kind
        yield from kinds(kind)


KINDS = {kind.NOUN: kind for kind in kinds()}


@pytest.mark.parametrize(("noun", "version"), EVERY)
def test_what_was_written_is_read_and_nothing_of_it_lost(noun: str, version: int) -> None:
    written = RECORDS[version][noun]
    record = decode_record(canonical(written), KINDS[noun])
    assert written["v"] == version
    again: dict[str, Any] = json.loads(canonical(record))
    # Whoever writes it next writes the present version.
    assert again["v"] == KINDS[noun].VERSION
    assert again.items() >= {**written, "v": again["v"]}.items()


@pytest.mark.parametrize("noun", sorted(WRITTEN))
def test_what_a_later_version_wrote_is_refused_not_half_understood(noun: str) -> None:
    version = KINDS[noun].VERSION + 1
    later = {**WRITTEN[noun], "v": version, "heldBack": "1"}
    for document in (later, {"v": version}):
        with pytest.raises(Refusal) as refused:
            decode_record(canonical(document), KINDS[noun])
        assert refused.value.code.value == "RECORD_TOO_NEW"


def test_every_noun_is_kept_and_no_two_records_share_one() -> None:
    assert set(WRITTEN) == set(KINDS)
    assert len(KINDS) == len(list(kinds()))


def test_every_value_on_the_ledger_carries_its_version() -> None:
    world = walk()
    written = [*world.state.items(), *((place.key, value) for place, value in world.private.items())]
    assert all(json.loads(value)["v"] == KINDS[key[0]].VERSION for key, value in written)


def test_a_member_of_version_1_has_not_left() -> None:
    assert decode_record(canonical(WRITTEN["member"]), Member).left_at is None

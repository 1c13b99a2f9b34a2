"""Our reader against GS1's JSON Schema: every specimen broken in every way; both say yes, or both say no.

Where both say no, ours must name the field that was broken. What differs on purpose stands in ``STRICTER``
and ``ELSEWHERE`` with its reason; nothing that the schema refuses may be accepted.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection
from typing import Any

import jsonschema
import pytest

from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis import read_event, split_document
from tests.support.epcis import epcis_schema
from tests.support.epcis_specimens import COMMON, DOCUMENTS, FORMATS, SPECIMENS, Broken, broken

STRICTER: dict[str, str] = {
    r"type is '(urn|https):.*'": "Five types of event are taken; the schema lets a vendor's own pass",
    r"(readPoint|bizLocation)\.colour is added": "An extension's name is a URI (EPCIS 2.0, 7.3.1); of places "
    "the schema does not say so",
    r"parentID is removed": "To add or delete, the parent is named (EPCIS 2.0, 7.4.3)",
}
"""Refused by us although the schema lets it pass: a pattern of "path deed" to the reason."""
ELSEWHERE: dict[str, str] = {
    r"(.*)\[0\] is removed": "Of a list that is empty now, the list is at fault, not the member that is gone",
    r"@context\[2\] repeats the first": "Of two equal ones, the first is not at fault more than the second",
}
"""Refused at what holds the field that was changed: a pattern of "path deed" to the reason."""


@functools.cache
def _validator() -> jsonschema.Draft7Validator:
    schema = json.loads(epcis_schema().read_text("utf-8"))
    return jsonschema.Draft7Validator(schema, format_checker=FORMATS)


def _refusal(value: dict[str, Any]) -> Refusal | None:
    try:
        if str(value.get("type")) in DOCUMENTS:
            split_document(json.dumps(value))
        else:
            read_event(json.dumps(value))
    except Refusal as refusal:
        return refusal
    return None


def _listed(found: Broken, table: dict[str, str]) -> str | None:
    said = f"{found.path} {found.deed}"
    return next((reason for pattern, reason in table.items() if re.fullmatch(pattern, said)), None)


def _compare(kind: str, specimen: dict[str, Any], beside: Collection[str]) -> tuple[int, int, list[str]]:
    """How many were refused by both, taken by both, and what differs without a reason."""
    refused, accepted = 0, 0
    differing: list[str] = []
    for one in broken(specimen, beside=beside):
        if one.path == "type" and kind in DOCUMENTS:
            continue  # another type of document is another schema
        right, refusal = _validator().is_valid(one.event), _refusal(one.event)
        said = f"{one.path} {one.deed}"
        if right and refusal is None:
            accepted += 1
        elif right and refusal is not None:
            if _listed(one, STRICTER) is None:
                differing.append(f"stricter: {said}: {refusal}, {refusal.field}")
        elif refusal is None:
            if kind in DOCUMENTS and one.path.endswith("eventList"):
                continue  # each event is refused where it is captured, with a result of its own
            differing.append(f"laxer: {said}")
        else:
            refused += 1
            wanted = one.path if _listed(one, ELSEWHERE) is None else one.path.rpartition("[")[0]
            field = refusal.field or ""
            if field != wanted and not field.startswith((f"{wanted}.", f"{wanted}[")):
                differing.append(f"elsewhere: {said}: {refusal}, {field}")
    return refused, accepted, differing


@pytest.mark.parametrize("kind", [*SPECIMENS, *DOCUMENTS])
def test_a_specimen_is_right(kind: str) -> None:
    specimen = (SPECIMENS | DOCUMENTS)[kind]
    _validator().validate(specimen)
    assert _refusal(specimen) is None


@pytest.mark.parametrize("kind", SPECIMENS)
def test_what_is_broken_is_refused_as_the_schema_says_and_by_its_field(kind: str) -> None:
    # What all types have in common is broken from inside once.
    beside = () if kind == "ObjectEvent" else COMMON
    refused, accepted, differing = _compare(kind, SPECIMENS[kind], beside)
    assert differing == []
    assert (refused > 300, accepted > 20) == (True, True)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_broken_frame_is_refused_as_the_schema_says(kind: str) -> None:
    refused, accepted, differing = _compare(kind, DOCUMENTS[kind], ())
    assert differing == []
    assert (refused > 100, accepted > 20) == (True, True)

"""A change of the contracts' interface is deliberate: what they offer is written down."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from hansa_domain.events import Event
from interface_reference.__main__ import PAGE, SNAPSHOT
from interface_reference.changes import changes
from interface_reference.page import page
from interface_reference.snapshot import event_kinds, interface, text

RENEW = "\nIf this is meant, renew both files and commit them:  .venv/bin/python -m interface_reference\n"
NOW = interface()


def test_the_interface_is_the_one_written_down() -> None:
    written = SNAPSHOT.read_text(encoding="utf-8")
    if written != text(NOW):
        try:
            told = [str(change) for change in changes(json.loads(written), NOW)]
        except ValueError:
            told = ["what is written down is no JSON: a merge tore it"]
        raise AssertionError("\n".join(["The contracts' interface changed:", *told, RENEW]))


def test_the_page_says_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), RENEW


def test_the_snapshot_is_json_and_whole() -> None:
    assert json.loads(text(NOW)) == NOW


def test_every_event_is_in_it() -> None:
    def below(kind: type[Event]) -> set[type[Event]]:
        return {kind}.union(*(below(each) for each in kind.__subclasses__()))

    told = {each for each in below(Event) - {Event} if each.__module__.startswith("hansa_domain.")}
    assert set(event_kinds().values()) == told


OLD: dict[str, Any] = {
    "error_codes": ["A_CODE"],
    "events": {"thing.done": "Done"},
    "operations": {"things:Do": {"kind": "command", "argument": "Do", "reply": "Done"}},
    "types": {
        "Do": {
            "type": "object",
            "properties": {
                "how": {"enum": ["fast", "slow"]},
                "count": {"type": "integer", "minimum": 1, "maximum": 9},
                "note": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}]},
                "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
            },
            "required": ["how"],
        },
        "Part": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        "Done": {
            "type": "object",
            "properties": {"state": {"enum": ["open", "done"]}, "by": {"type": "string"}},
            "required": ["state", "by"],
        },
    },
}

Edit = Callable[[dict[str, Any]], Any]


def field(kind: str, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda new: new["types"][kind]["properties"][name]


ADDITIVE: dict[str, Edit] = {
    "a code": lambda new: new["error_codes"].append("B_CODE"),
    "an event": lambda new: new["events"].update({"thing.undone": "Done"}),
    "an operation": lambda new: new["operations"].update(
        {"things:Undo": {"kind": "command", "argument": "Do", "reply": "Done"}}
    ),
    "an optional field": lambda new: (
        field("Do", "how")(new) and new["types"]["Do"]["properties"].update({"more": {"type": "string"}})
    ),
    "a field of a reply": lambda new: new["types"]["Done"]["properties"].update({"at": {"type": "string"}}),
    "a field that need not be given any more": lambda new: new["types"]["Do"]["required"].clear(),
    "one more choice for callers": lambda new: field("Do", "how")(new)["enum"].append("asleep"),
    "a reply that says one thing less": lambda new: field("Done", "state")(new)["enum"].pop(),
    "a wider bound": lambda new: field("Do", "count")(new).update({"maximum": 10}),
    "no bound": lambda new: field("Do", "note")(new)["anyOf"][0].pop("maxLength"),
    "one more form": lambda new: field("Do", "note")(new)["anyOf"].append({"type": "integer"}),
}
BREAKING: dict[str, Edit] = {
    "a code is gone": lambda new: new["error_codes"].clear(),
    "an event is gone": lambda new: new["events"].clear(),
    "an operation is gone": lambda new: new["operations"].clear(),
    "an operation only asks": lambda new: new["operations"]["things:Do"].update({"kind": "query"}),
    "a new field that must be given": lambda new: new["types"]["Part"].update(
        {"properties": {"id": {"type": "string"}, "of": {"type": "string"}}, "required": ["id", "of"]}
    ),
    "a field is gone": lambda new: new["types"]["Do"]["properties"].pop("count"),
    "a field of a reply is gone": lambda new: new["types"]["Done"]["properties"].pop("by"),
    "a field of a reply may be missing": lambda new: new["types"]["Done"]["required"].remove("by"),
    "a field must be given": lambda new: new["types"]["Do"]["required"].append("count"),
    "one choice less for callers": lambda new: field("Do", "how")(new)["enum"].pop(),
    "a reply that says something new": lambda new: field("Done", "state")(new)["enum"].append("lost"),
    "a narrower bound": lambda new: field("Do", "count")(new).update({"minimum": 2}),
    "a new bound": lambda new: field("Do", "parts")(new).update({"maxItems": 3}),
    "another default": lambda new: new["types"]["Do"]["properties"].update(
        {"parts": field("Do", "parts")(new) | {"default": []}}
    ),
    "another type": lambda new: field("Part", "id")(new).update({"type": "integer"}),
    "one form less": lambda new: field("Do", "note")(new)["anyOf"].pop(),
}


@pytest.mark.parametrize(
    ("edit", "breaking"),
    [*((each, False) for each in ADDITIVE.values()), *((each, True) for each in BREAKING.values())],
    ids=[*ADDITIVE, *BREAKING],
)
def test_a_change_is_told_as_what_it_is(edit: Edit, breaking: bool) -> None:
    new = copy.deepcopy(OLD)
    edit(new)
    found = changes(OLD, new)
    assert found
    assert {change.breaking for change in found} == {breaking}


def test_nothing_changed_is_nothing() -> None:
    assert changes(NOW, NOW) == []

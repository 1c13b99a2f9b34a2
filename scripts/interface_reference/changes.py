"""What differs between two interfaces, and whether it breaks who relies on the first.

A command may take more than before and never less; a reply or event may say more and never less. So each
type is judged by the way it travels: ``in`` as an argument, ``out`` as a reply or event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from interface_reference.snapshot import Schema, name_of

LOOSER = {"maximum": 1, "maxLength": 1, "maxItems": 1, "minimum": -1, "minLength": -1, "minItems": -1}
"""Bounds, and the direction in which they let more through."""


@dataclass(frozen=True, order=True)
class Change:
    """One difference; ``breaking`` where a program written for the old interface may fail."""

    breaking: bool
    where: str
    what: str

    def __str__(self) -> str:
        return f"{'BREAKING' if self.breaking else 'additive'}  {self.where}: {self.what}"


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Every change from one interface to another, the breaking ones last."""
    found = [*_names("error code", old["error_codes"], new["error_codes"])]
    found += _names("event", old["events"], new["events"])
    found += _names("operation", old["operations"], new["operations"])
    compare = _Comparison(old["types"], new["types"])
    for name in sorted(old["events"].keys() & new["events"].keys()):
        found += compare.types(old["events"][name], new["events"][name], name, "out")
    for name in sorted(old["operations"].keys() & new["operations"].keys()):
        before, after = old["operations"][name], new["operations"][name]
        found += compare.types(before["argument"], after["argument"], name, "in")
        found += compare.types(before["reply"], after["reply"], f"{name} reply", "out")
        for key in sorted((before.keys() | after.keys()) - {"argument", "reply"}):
            if before.get(key) != after.get(key):
                found.append(Change(True, name, f"{key} {before.get(key)} becomes {after.get(key)}"))
    return sorted(set(found))


def _names(kind: str, old: Any, new: Any) -> Iterator[Change]:
    for name in sorted(set(new) - set(old)):
        yield Change(False, f"{kind} {name}", "is new")
    for name in sorted(set(old) - set(new)):
        yield Change(True, f"{kind} {name}", "is gone")


@dataclass
class _Comparison:
    """Types of two interfaces; each pair is compared once for each way it travels."""

    old: dict[str, Schema]
    new: dict[str, Schema]
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def types(self, before: str, after: str, where: str, way: str) -> Iterator[Change]:
        if (before, after, way) not in self.seen:
            self.seen.add((before, after, way))
            yield from self.schemas(self.old[before], self.new[after], where, way)

    def schemas(self, before: Schema, after: Schema, where: str, way: str) -> Iterator[Change]:
        if "$ref" in before and "$ref" in after:
            yield from self.types(name_of(before), name_of(after), where, way)
            return
        if before.get("default") != after.get("default") and way == "in":
            # Defaults are left out of a command's digest: with another one it would be another command.
            yield Change(
                True, where, f"is {after.get('default')} if left out, no longer {before.get('default')}"
            )
        before, after = self.resolved(before), self.resolved(after)
        old, new = _alternatives(before), _alternatives(after)
        if len(old) > 1 or len(new) > 1:
            yield from self.choices(old, new, where, way)
            return
        yield from self.fields(before, after, where, way)
        if "items" in before and "items" in after:
            yield from self.schemas(before["items"], after["items"], f"{where}[]", way)
        if "enum" in before and "enum" in after:
            yield from _values(before["enum"], after["enum"], where, way)
        handled = {"properties", "required", "items", "enum", "anyOf", "default"}
        for key in sorted((before.keys() | after.keys()) - handled):
            if before.get(key) != after.get(key):
                breaking = _tighter(key, before.get(key), after.get(key), way)
                yield Change(breaking, where, f"{key} {before.get(key)} becomes {after.get(key)}")

    def resolved(self, schema: Schema) -> Schema:
        if "$ref" not in schema:
            return schema
        name = name_of(schema)
        return self.old[name] if name in self.old else self.new[name]

    def fields(self, before: Schema, after: Schema, where: str, way: str) -> Iterator[Change]:
        old, new = before.get("properties", {}), after.get("properties", {})
        needed = set(after.get("required", ()))
        for name in sorted(new.keys() - old.keys()):
            said = "is a new field" + (" that must be given" if name in needed and way == "in" else "")
            yield Change(way == "in" and name in needed, f"{where}.{name}", said)
        for name in sorted(old.keys() - new.keys()):
            yield Change(True, f"{where}.{name}", "is gone")
        for name in sorted(old.keys() & new.keys()):
            yield from self.schemas(old[name], new[name], f"{where}.{name}", way)
            was, now = name in before.get("required", ()), name in needed
            if was != now:
                said = "must be given now" if now else "need not be given any more"
                yield Change(now if way == "in" else was, f"{where}.{name}", said)

    def choices(self, old: list[Schema], new: list[Schema], where: str, way: str) -> Iterator[Change]:
        before, after = ({_kind(each): each for each in side} for side in (old, new))
        yield from _values(list(before), list(after), where, way)
        for kind in sorted(before.keys() & after.keys()):
            yield from self.schemas(before[kind], after[kind], where, way)


def _alternatives(schema: Schema) -> list[Schema]:
    alternatives: list[Schema] = schema.get("anyOf", [schema])
    return alternatives


def _kind(schema: Schema) -> str:
    return name_of(schema) if "$ref" in schema else str(schema.get("type", "enum"))


def _values(old: list[Any], new: list[Any], where: str, way: str) -> Iterator[Change]:
    """More choices break readers, fewer break writers."""
    for value in sorted(set(map(str, new)) - set(map(str, old))):
        yield Change(way == "out", where, f"may be {value} now")
    for value in sorted(set(map(str, old)) - set(map(str, new))):
        yield Change(way == "in", where, f"may not be {value} any more")


def _tighter(key: str, before: Any, after: Any, way: str) -> bool:
    """Whether a changed bound or form breaks: arguments may be bounded less, never more."""
    if key not in LOOSER:
        return True
    if way == "out" or after is None:
        return False
    return before is None or (after - before) * LOOSER[key] < 0

"""The page of all operations for people, made from docstrings and schemas."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

from hansa_cli.main import NOUNS
from hansa_cli.operations import kebab, verb_name
from hansa_contract.metadata import describe
from hansa_domain.catalogue import OPERATIONS
from hansa_domain.error_codes import Code
from hansa_domain.error_hints import HINTS
from hansa_domain.operation import Operation
from interface_reference.snapshot import Schema, event_kinds, name_of

HEAD = """# Operations

Every function of the contracts, made by `python -m interface_reference` from what the program says of itself. Each is reachable in three ways:

- **command line**: the verb given with it; `--help` has its options, `--json` its reply as JSON.
- **SDK**: `client.send(Command(...))` or `client.ask(Query(...))` with the type given; most have a method that saves work, such as
  `client.orders.place(...)`.
- **any Fabric client**: the function with one JSON document; `org.hyperledger.fabric:GetMetadata` answers the schemas.

Commands have an `id` besides the fields shown: a ULID of the client's; the same again has no second effect. Amounts are strings of integer
minor units. The same for programs, with what changed since the last version: [interface.json](interface.json).
"""  # noqa: E501


def page() -> str:
    """The whole page, as Markdown."""
    types: dict[str, Schema] = json.loads(describe())["components"]["schemas"]
    nouns: dict[str, list[Operation[Any]]] = {}
    for name in sorted(OPERATIONS):
        nouns.setdefault(name.partition(":")[0], []).append(OPERATIONS[name])
    lines = [HEAD, *(f"- [{noun}](#{noun.lower()}): {NOUNS[kebab(noun)]}" for noun in nouns)]
    lines += ["- [Types](#types), [events](#events), [refusals](#refusals)", ""]
    for noun, operations in nouns.items():
        lines += [f"## {noun}", ""]
        for operation in operations:
            lines += _operation(operation, types)
    arguments = {each.command.__name__ for each in OPERATIONS.values()}
    lines += ["## Types", ""]
    for name in sorted(types.keys() - arguments):
        lines += [f"### {name}", "", *_described(types[name])]
    lines += ["## Events", "", "What a transaction tells, in the Fabric event `hansa`.", ""]
    for tag, kind in sorted(event_kinds().items()):
        lines.append(f"- `{tag}`: {_said(kind)} Fields: {_fields_of(kind)}.")
    lines += ["", "## Refusals", "", "| code | what to do |", "|---|---|"]
    lines += [f"| `{code.value}` | {HINTS[code]} |" for code in sorted(Code, key=lambda each: each.value)]
    return "\n".join(lines) + "\n"


def _operation(operation: Operation[Any], types: dict[str, Schema]) -> Iterator[str]:
    noun = operation.name.partition(":")[0]
    kind = operation.command
    text = _said(kind)
    said = re.sub(rf"^`{operation.name}`(, |: )?", "", text)
    sort = "query" if operation.query else "private command" if operation.private else "command"
    yield f"### {operation.name}"
    yield ""
    yield said[:1].upper() + said[1:]
    yield ""
    yield (
        f"{sort.capitalize()}; `hansa {kebab(noun)} {verb_name(operation)}`; "
        f"`{kind.__module__}.{kind.__name__}` answers [`{operation.reply.__name__}`]"
        f"(#{operation.reply.__name__.lower()})."
    )
    yield ""
    yield from _table(types[kind.__name__], leave_out="id" if not operation.query else "")


def _said(kind: type) -> str:
    text = inspect.cleandoc(kind.__doc__ or "").replace("``", "`")
    return " ".join(text.split())


def _fields_of(kind: Any) -> str:
    return ", ".join(f"`{name}`" for name in kind.__struct_fields__ if name != "v") or "none"


def _described(schema: Schema) -> Iterator[str]:
    if "description" in schema:
        yield " ".join(schema["description"].replace("``", "`").split())
        yield ""
    if "properties" in schema:
        yield from _table(schema)
    else:
        yield _form(schema)
        yield ""


def _table(schema: Schema, leave_out: str = "") -> Iterator[str]:
    fields = {name: each for name, each in schema.get("properties", {}).items() if name != leave_out}
    if not fields:
        return
    yield from ("| field | form | if left out |", "|---|---|---|")
    for name, each in fields.items():
        missing = "" if name in schema.get("required", ()) else json.dumps(each.get("default"))
        yield f"| `{name}` | {_form(each)} | {missing} |"
    yield ""


def _form(schema: Schema) -> str:
    if "$ref" in schema:
        name = name_of(schema)
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_form(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list{_bounds(schema, 'minItems', 'maxItems')} of {_form(schema.get('items', {}))}"
    said: str = schema.get("description") or str(schema.get("type", "any JSON"))
    return said.rstrip(".").replace("<", "&lt;") + _bounds(schema, "minimum", "maximum")


def _bounds(schema: Schema, low: str, high: str) -> str:
    if low not in schema and high not in schema:
        return ""
    return f" ({schema.get(low, '')} to {schema.get(high, '')})".replace("( to", "(up to").replace(
        "to )", "or more)"
    )

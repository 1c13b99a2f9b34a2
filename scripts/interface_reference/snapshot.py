"""The contracts' interface as one document: operations, events and error codes with the types they name.

It is what ``GetMetadata`` answers, without words (whose change breaks nobody) and with what a contract's
description has no place for: the events and the codes.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from hansa_contract.metadata import describe
from hansa_domain import events
from hansa_domain.catalogue import OPERATIONS
from hansa_domain.error_codes import Code
from hansa_domain.events import Event
from hansa_domain.operation import MAX_ARGUMENT_BYTES, Operation

REFERENCE = "#/components/schemas/"
WORDS = frozenset({"title", "description"})

Schema = dict[str, Any]


def interface() -> dict[str, Any]:
    """``operations``, ``events`` and ``types`` by name, and ``error_codes``; all in order of name."""
    metadata = json.loads(describe())
    told, event_types = _events()
    types = metadata["components"]["schemas"]
    for name, schema in event_types.items():
        if types.setdefault(name, schema) != schema:
            raise ValueError(f"two types are called {name}: give one of them another name")
    operations = {
        f"{noun}:{transaction['name']}": _operation(OPERATIONS[f"{noun}:{transaction['name']}"], transaction)
        for noun, contract in metadata["contracts"].items()
        for transaction in contract["transactions"]
    }
    return {
        "error_codes": sorted(code.value for code in Code),
        "events": told,
        "operations": operations,
        "types": {name: without_words(schema) for name, schema in types.items()},
    }


def text(document: dict[str, Any]) -> str:
    """The document as it is committed: in order of name, a line for each operation and field of a type."""
    sections = ",\n".join(f"{_json(name)}: {_block(document[name], ' ', 1)}" for name in sorted(document))
    return f"{{\n{sections}\n}}\n"


def _block(value: Any, indent: str, depth: int) -> str:
    """What stands below this depth, and lists of a few words, stands on one line."""
    if isinstance(value, dict) and value and (depth > 0 or "properties" in value):
        inner = (
            f"{indent}{_json(name)}: {_block(value[name], indent + ' ', int(name == 'properties'))}"
            for name in sorted(value)
        )
        return "{\n" + ",\n".join(inner) + f"\n{indent[1:]}}}"
    if isinstance(value, list) and indent == " ":
        return "[\n" + ",\n".join(f"{indent}{_json(each)}" for each in value) + "\n]"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def event_kinds() -> dict[str, type[Event]]:
    """Every event that the ledger tells, by its type."""
    kinds = (getattr(events, name) for name in events.__all__)
    return {
        str(kind.__struct_config__.tag): kind
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    }


def _events() -> tuple[dict[str, str], dict[str, Schema]]:
    kinds = event_kinds()
    references, schemas = msgspec.json.schema_components(kinds.values(), ref_template=REFERENCE + "{name}")
    return {tag: name_of(reference) for tag, reference in zip(kinds, references, strict=True)}, schemas


def _operation(operation: Operation[Any], transaction: dict[str, Any]) -> dict[str, Any]:
    (parameter,) = transaction["parameters"]
    said: dict[str, Any] = {
        "kind": "query" if operation.query else "command",
        "argument": name_of(parameter["schema"]),
        "reply": name_of(transaction["returns"]),
    }
    if operation.private:
        said["private"] = True
    if not operation.members_only:
        said["members_only"] = False
    if operation.max_bytes != MAX_ARGUMENT_BYTES:
        said["max_bytes"] = operation.max_bytes
    return said


def name_of(reference: Schema) -> str:
    """The name of the type that a schema refers to."""
    return str(reference["$ref"]).removeprefix(REFERENCE)


def without_words(schema: Any) -> Any:
    """A schema without its titles and descriptions; fields of these names stay."""
    if isinstance(schema, list):
        return [without_words(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: (
            {field: without_words(each) for field, each in inner.items()}
            if name == "properties"
            else without_words(inner)
        )
        for name, inner in schema.items()
        if name not in WORDS
    }

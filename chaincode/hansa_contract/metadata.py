"""The chaincode's description in the form of Fabric's contract API, so that tools can discover functions."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import msgspec

from hansa_domain.catalogue import OPERATIONS
from hansa_domain.operation import Operation

_REF = "#/components/schemas/{name}"


def describe() -> bytes:
    """JSON with ``info``, ``contracts`` (one per noun) and ``components.schemas`` (by type name).

    ``tag`` tells commands (``submitTx``) from queries (``evaluateTx``) as contract APIs do; transient data is
    not part of that form, so it is told in words by the operation's schema.
    """
    types = [kind for operation in OPERATIONS.values() for kind in (operation.command, operation.reply)]
    references, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    referenced = dict(zip(types, references, strict=True))
    contracts: dict[str, dict[str, Any]] = {}
    for name in sorted(OPERATIONS):
        noun = name.partition(":")[0]
        contract = contracts.setdefault(noun, {"name": noun, "info": _info(noun), "transactions": []})
        contract["transactions"].append(_transaction(OPERATIONS[name], referenced))
    document = {"info": _info("hansa"), "contracts": contracts, "components": {"schemas": schemas}}
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _info(title: str) -> dict[str, str]:
    return {"title": title, "version": version("hansa")}


def _transaction(operation: Operation[Any], references: dict[type, dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": operation.name.partition(":")[2],
        "tag": ["evaluateTx" if operation.query else "submitTx"],
        "parameters": [{"name": "document", "required": True, "schema": references[operation.command]}],
        "returns": references[operation.reply],
    }

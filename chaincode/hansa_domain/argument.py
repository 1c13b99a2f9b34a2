"""The argument of an operation: one JSON document, bounded, typed, and refused with the field at fault."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import FORMS
from hansa_domain.operation import Operation

_PATH = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
# A refusal travels in gRPC's trailers, which hold 8 KiB: no more of the caller's own words comes back.
_LONGEST_ECHO = 200
_NAMED = re.compile(r"(missing required|contains unknown) field `(.*)`")
_PATTERN = re.compile(r"^Expected `str` matching regex (.+)$", re.DOTALL)


def decode_argument(operation: Operation[Any], argument: bytes) -> Any:
    """The command or query that the bytes say.

    Raises:
        Refusal: DOCUMENT_TOO_LARGE, MALFORMED_DOCUMENT (no JSON object in UTF-8), or FIELD_INVALID with the
            path of the first field at fault.
    """
    if len(argument) > operation.max_bytes:
        raise Refusal(
            Code.DOCUMENT_TOO_LARGE,
            f"The document has {len(argument)} bytes; {operation.name} takes at most {operation.max_bytes}.",
        )
    return decode_document(argument, operation.command)


def decode_document(raw: bytes, kind: type[Any], prefix: str = "") -> Any:
    """A typed document from JSON; ``prefix`` goes before the path of a field at fault.

    Raises:
        Refusal: MALFORMED_DOCUMENT or FIELD_INVALID.
    """
    try:
        document = msgspec.json.decode(raw, type=kind)
        # The document is signed and stays as evidence: no reader may take it for another than we do.
        json.loads(raw.decode(), object_pairs_hook=_names_once)
        return document
    except msgspec.ValidationError as failure:
        raise field_refusal(failure, prefix) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        sentence = "The document is not valid JSON in UTF-8."
    except _RepeatedNameError as twice:
        sentence = f"The name {twice} stands twice in one object."
    except RecursionError:
        sentence = "The document is nested too deeply."
    raise Refusal(Code.MALFORMED_DOCUMENT, sentence, prefix or None)


class _RepeatedNameError(ValueError):
    """An object names a member twice."""


def _names_once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _RepeatedNameError(name)
        seen.add(name)


def field_refusal(failure: msgspec.ValidationError, prefix: str = "") -> Refusal:
    """What is wrong with a field, in words; ``prefix`` goes before its path."""
    text = str(failure)
    found = _PATH.search(text)
    path = found.group(1) if found else ""
    words = text[: found.start()] if found else text
    named = _NAMED.search(words)
    if named:
        path = f"{path}.{named.group(2)}" if path else named.group(2)
    where = ".".join(part for part in (prefix, path) if part).replace(".[", "[")[:_LONGEST_ECHO]
    if not where:
        return Refusal(Code.MALFORMED_DOCUMENT, "The argument must be one JSON object.")
    if named:
        fault = "is missing" if named.group(1).startswith("missing") else "is not known here"
        return Refusal(Code.FIELD_INVALID, f"The field {where} {fault}.", where)
    pattern = _PATTERN.match(words)
    if pattern:
        return Refusal(Code.FIELD_INVALID, f"{where} must be {_meaning(pattern.group(1))}.", where)
    words = words[:_LONGEST_ECHO].replace("`", "")
    return Refusal(Code.FIELD_INVALID, f"{where}: {words[0].lower()}{words[1:]}.", where)


_MEANINGS = {repr(pattern): meaning for pattern, meaning in FORMS.items()}


def _meaning(shown: str) -> str:
    """msgspec shows a pattern as Python's repr."""
    return _MEANINGS.get(shown, f"text of the form {shown}")

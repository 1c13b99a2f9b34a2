"""How a command line fails: a code, a sentence and a hint on stderr, and an exit status that is not 0."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class CliError(Exception):
    """A command that cannot be carried out as given.

    Args:
        code: stable upper-case code.
        message: what is wrong.
        hint: what to do about it.
        field: the field or option at fault, where one is.
    """

    def __init__(self, code: str, message: str, hint: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field


@contextmanager
def reporting(as_json: bool = False) -> Iterator[None]:
    """Turns every expected failure into words on stderr, or one JSON document there, and exit status 1."""
    try:
        yield
    except CliError as error:
        told = {"code": error.code, "message": error.message, "hint": error.hint}
        _fail(told | ({"field": error.field} if error.field else {}), as_json)
    except OSError as error:
        hint = "See whether the file or folder is there, yours, and the disk not full."
        named = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
        _fail({"code": "SYSTEM_ERROR", "message": named, "hint": hint}, as_json)
    except Exception as error:
        # The SDK and the network are imported only where something can fail that is theirs.
        document = _document(error)
        if document is None:
            raise
        _fail(document, as_json)
    else:
        return
    raise SystemExit(1)


def _document(error: Exception) -> dict[str, str] | None:
    from hansa.errors import HansaError
    from hansa_network.errors import NetworkError

    if isinstance(error, HansaError):
        return error.document()
    if isinstance(error, NetworkError):
        return {"code": error.code, "message": error.message, "hint": error.hint}
    return None


_OPERATION = re.compile(r"\b([a-z][A-Za-z0-9]*):([A-Z][A-Za-z]*)\b")


def _as_typed(text: str) -> str:
    """Operations of the ledger as one types them here: ``orders:List`` as ``hansa orders list``."""
    if not _OPERATION.search(text):
        return text
    from hansa_cli.operations import kebab, verb_name
    from hansa_domain.catalogue import OPERATIONS

    def typed(found: re.Match[str]) -> str:
        known = OPERATIONS.get(found[0])
        return found[0] if known is None else f"hansa {kebab(found[1])} {verb_name(known)}"

    return _OPERATION.sub(typed, text)


def _fail(document: dict[str, str], as_json: bool) -> None:
    if document.get("hint"):
        document = document | {"hint": _as_typed(document["hint"])}
    if as_json:
        shown = {name: value for name, value in document.items() if value}
        sys.stderr.write(json.dumps({"error": shown}, ensure_ascii=False) + "\n")
        return
    where = f" (field {document['field']})" if document.get("field") else ""
    sys.stderr.write(f"{document['code']}: {document['message']}{where}\n")
    if document.get("transaction_id"):
        sys.stderr.write(f"  transaction {document['transaction_id']}\n")
    if document.get("hint"):
        sys.stderr.write(f"  {document['hint']}\n")

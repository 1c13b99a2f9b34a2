"""The ``@context`` of a document or an event: which prefixes it declares. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis.values import MAX_URI, is_uri

MAX_PARTS = 100

# Prefixes that GS1's own EPCIS context declares.
GS1_PREFIXES: Mapping[str, str] = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}


def prefixes(*contexts: Any) -> dict[str, str]:
    """The prefixes that these contexts declare, later ones over earlier ones, over GS1's own.

    Args:
        contexts: values of ``@context``, already checked by ``check_context``.
    """
    found = dict(GS1_PREFIXES)
    for context in contexts:
        for part in context if isinstance(context, list) else [context]:
            if isinstance(part, dict):
                found.update({name: to for name, to in part.items() if isinstance(to, str)})
    return found


def check_context(value: Any, field: str = "@context") -> None:
    """Checks the form that EPCIS allows: a URI, an object, or an array of these without repetition.

    Raises:
        Refusal: EPCIS_FIELD_INVALID at ``field``.
    """
    parts = value if isinstance(value, list) else [value]
    if len(parts) > MAX_PARTS:
        raise Refusal(Code.EPCIS_FIELD_INVALID, f"A context has at most {MAX_PARTS} parts.", field)
    for place, part in enumerate(parts):
        if not isinstance(part, dict) and not (isinstance(part, str) and is_uri(part)):
            where = f"{field}[{place}]" if isinstance(value, list) else field
            says = "A context is a URI, an object of prefixes, or a list of these."
            raise Refusal(Code.EPCIS_FIELD_INVALID, says, where)
    if any(part in parts[:place] for place, part in enumerate(parts)):
        raise Refusal(Code.EPCIS_FIELD_INVALID, "A context stands twice in the list.", field)
    # A prefix is written out at each of its uses: a long one would make gigabytes of a short event.
    if any(isinstance(part, dict) and any(map(_too_long, part.values())) for part in parts):
        raise Refusal(Code.EPCIS_FIELD_INVALID, f"A prefix stands for at most {MAX_URI} characters.", field)


def _too_long(to: Any) -> bool:
    return isinstance(to, str) and len(to) > MAX_URI


def expand(text: str, declared: Mapping[str, str]) -> str:
    """A compact URI in full: ``gs1:Temperature`` is ``https://gs1.org/voc/Temperature``; others as given."""
    prefix, colon, rest = text.partition(":")
    return declared[prefix] + rest if colon and prefix in declared else text


def expand_name(name: str, declared: Mapping[str, str]) -> str:
    """An extension's name as the event hash writes it: ``{http://ns.example.com/epcis/}myField``."""
    prefix, colon, rest = name.partition(":")
    return f"{{{declared[prefix]}}}{rest}" if colon and prefix in declared else name

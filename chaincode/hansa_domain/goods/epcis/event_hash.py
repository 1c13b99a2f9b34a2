"""The event hash of CBV 2.0 (8.9): one fingerprint for every way of writing the same event.

The order of fields is the standard's. Where its prose leaves room, this follows the published vectors of the
reference implementation: a type stands before what it types; business transactions, sources, destinations,
ILMD and extensions come last, in lexical order. Fields the standard's order does not list (``bizRules`` of a
sensor report) stand with their parent's extensions, so that no content is left out of the hash.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from hansa_domain.goods.epcis.json_text import MAX_DIGITS, MAX_EXPONENT, JsonObject, plain_decimal
from hansa_domain.goods.epcis.jsonld_context import expand, expand_name
from hansa_domain.goods.epcis.values import milliseconds
from hansa_domain.goods.epcis.vocabulary import (
    ALERT_TYPES,
    BUSINESS_STEPS,
    CBV,
    COMPONENTS,
    DISPOSITIONS,
    MEASUREMENT_TYPES,
    SOURCE_TYPES,
    TRANSACTION_TYPES,
    WEB_VOCABULARY,
)
from hansa_domain.gs1 import normal_form
from hansa_domain.times import rfc3339

Prefixes = Mapping[str, str]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_URN_TERMS = (
    ("urn:epcglobal:cbv:bizstep:", CBV + "BizStep-"),
    ("urn:epcglobal:cbv:disp:", CBV + "Disp-"),
    ("urn:epcglobal:cbv:btt:", CBV + "BTT-"),
    ("urn:epcglobal:cbv:sdt:", CBV + "SDT-"),
    ("urn:epcglobal:cbv:er:", CBV + "ER-"),
)
_NOT_HASHED = ("@context", "type", "eventID", "recordTime", "errorDeclaration")
_COMMENTS = ("rdfs:comment", "comment")


def event_hash(event: JsonObject, prefixes: Prefixes) -> str:
    """The hash as a named-information URI (RFC 6920): ``ni:///sha-256;<hex>?ver=CBV2.0``.

    Args:
        event: a checked event, decimals as Decimal.
        prefixes: what its contexts declare.
    """
    return f"ni:///sha-256;{hashlib.sha256(pre_hash(event, prefixes).encode()).hexdigest()}?ver=CBV2.0"


def error_digest(event: JsonObject) -> str | None:
    """SHA-256 (hex) of the error declaration, which the event hash leaves out; None without one."""
    if "errorDeclaration" not in event:
        return None
    text = _generic([("errorDeclaration", event["errorDeclaration"])], {})
    return hashlib.sha256(text.encode()).hexdigest()


def pre_hash(event: JsonObject, prefixes: Prefixes) -> str:
    """The canonical text that is hashed."""
    found = f"eventType={event['type']}"
    for name, render in _EVENT_ORDER:
        if name in event:
            found += render(name, event[name], prefixes)
    last = [render(name, event[name], prefixes) for name, render in _LAST if name in event]
    if "ilmd" in event:
        last.append("ilmd" + _generic(event["ilmd"].items(), prefixes))
    known = {*_NOT_HASHED, "ilmd", *(name for name, _ in _EVENT_ORDER + _LAST)}
    last.extend(_extensions(event, known, prefixes))
    return found + "".join(sorted(last))


def canonical_value(value: Any, prefixes: Prefixes) -> str:
    """A single value as the hash writes it: numbers plain, URIs and vocabulary terms in one form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return plain_decimal(value)
    text = expand(str(value).strip(), prefixes)
    for urn, uri in _URN_TERMS:
        if text.startswith(urn):
            text = uri + text[len(urn) :]
    if len(text) <= MAX_DIGITS and _NUMBER.fullmatch(text):
        number = Decimal(text)
        return plain_decimal(number) if abs(number.adjusted()) <= MAX_EXPONENT else text
    return normal_form(text)


_Render = Callable[[str, Any, Prefixes], str]
_Order = list[tuple[str, _Render]]


def _text(name: str, value: Any, prefixes: Prefixes) -> str:
    text = canonical_value(value, prefixes)
    return f"{name}={text}" if text else ""


def _texts(name: str, value: Any, prefixes: Prefixes) -> str:
    values = value if isinstance(value, list) else [value]
    return "".join(sorted(_text(name, member, prefixes) for member in values))


def _time(name: str, value: Any, prefixes: Prefixes) -> str:
    return f"{name}={rfc3339(milliseconds(value, name))}"


def _term(namespace: str, terms: frozenset[str]) -> _Render:
    def render(name: str, value: Any, prefixes: Prefixes) -> str:
        return f"{name}={namespace}{value}" if value in terms else _text(name, value, prefixes)

    return render


def _list(name: str, elements: Iterable[str]) -> str:
    rendered = sorted(elements)
    return name + "".join(rendered) if rendered else ""


def _epcs(name: str, value: Any, prefixes: Prefixes) -> str:
    return _list(name, (_text("epc", epc, prefixes) for epc in value))


def _quantities(name: str, value: Any, prefixes: Prefixes) -> str:
    order: _Order = [("epcClass", _text), ("quantity", _text), ("uom", _text)]
    return _list(name, ("quantityElement" + _ordered(element, order, prefixes) for element in value))


def _persistent(name: str, value: Any, prefixes: Prefixes) -> str:
    found = name
    for part in ("set", "unset"):
        found += "".join(sorted(_disposition(part, term, prefixes) for term in value.get(part, ())))
    return found


def _place(name: str, value: Any, prefixes: Prefixes) -> str:
    return name + _ordered(value, [("id", _text)], prefixes)


def _typed(kind: _Render, of: str) -> _Render:
    order: _Order = [("type", kind), (of, _text)]
    return lambda name, value, prefixes: _list(name, (_ordered(member, order, prefixes) for member in value))


def _sensors(name: str, value: Any, prefixes: Prefixes) -> str:
    return _list(name, ("sensorElement" + _ordered(element, _SENSOR_ORDER, prefixes) for element in value))


def _metadata(name: str, value: Any, prefixes: Prefixes) -> str:
    found = _ordered(value, _METADATA_ORDER, prefixes)
    return name + found if found else ""


def _reports(name: str, value: Any, prefixes: Prefixes) -> str:
    return "".join(sorted(name + _ordered(report, _REPORT_ORDER, prefixes) for report in value))


def _ordered(value: JsonObject, order: _Order, prefixes: Prefixes) -> str:
    known = {name for name, _ in order}
    found = "".join(render(name, value[name], prefixes) for name, render in order if name in value)
    return found + "".join(sorted(_extensions(value, known, prefixes)))


def _extensions(value: JsonObject, known: set[str], prefixes: Prefixes) -> list[str]:
    return _members(((name, member) for name, member in value.items() if name not in known), prefixes)


def _generic(members: Iterable[tuple[str, Any]], prefixes: Prefixes) -> str:
    return "".join(sorted(_members(members, prefixes)))


def _members(members: Iterable[tuple[str, Any]], prefixes: Prefixes) -> list[str]:
    found: list[str] = []
    for name, value in members:
        if name in _COMMENTS or value is None:
            continue
        if isinstance(value, list):
            found.extend(_members(((name, member) for member in value), prefixes))
        elif isinstance(value, dict):
            found.append(expand_name(name, prefixes) + _generic(value.items(), prefixes))
        else:
            text = canonical_value(value, prefixes)
            found.append(expand_name(name, prefixes) + (f"={text}" if text else ""))
    return found


_disposition = _term(CBV + "Disp-", DISPOSITIONS)
_sourced = _term(CBV + "SDT-", SOURCE_TYPES)

_REPORT_ORDER: _Order = [
    ("type", _term(WEB_VOCABULARY, MEASUREMENT_TYPES)),
    ("exception", _term(WEB_VOCABULARY, ALERT_TYPES)),
    ("deviceID", _text),
    ("deviceMetadata", _text),
    ("rawData", _text),
    ("dataProcessingMethod", _text),
    ("time", _time),
    ("microorganism", _text),
    ("chemicalSubstance", _text),
    ("value", _text),
    ("component", _term(CBV + "Comp-", COMPONENTS)),
    ("stringValue", _text),
    ("booleanValue", _text),
    ("hexBinaryValue", _text),
    ("uriValue", _text),
    ("minValue", _text),
    ("maxValue", _text),
    ("meanValue", _text),
    ("sDev", _text),
    ("percRank", _text),
    ("percValue", _text),
    ("uom", _text),
    ("coordinateReferenceSystem", _text),
]
_METADATA_ORDER: _Order = [
    ("time", _time),
    ("startTime", _time),
    ("endTime", _time),
    ("deviceID", _text),
    ("deviceMetadata", _text),
    ("rawData", _text),
    ("dataProcessingMethod", _text),
    ("bizRules", _text),
]
_SENSOR_ORDER: _Order = [("sensorMetadata", _metadata), ("sensorReport", _reports)]
_EVENT_ORDER: _Order = [
    ("eventTime", _time),
    ("eventTimeZoneOffset", _text),
    ("certificationInfo", _texts),
    ("parentID", _text),
    ("epcList", _epcs),
    ("inputEPCList", _epcs),
    ("childEPCs", _epcs),
    ("quantityList", _quantities),
    ("childQuantityList", _quantities),
    ("inputQuantityList", _quantities),
    ("outputEPCList", _epcs),
    ("outputQuantityList", _quantities),
    ("action", _text),
    ("transformationID", _text),
    ("bizStep", _term(CBV + "BizStep-", BUSINESS_STEPS)),
    ("disposition", _disposition),
    ("persistentDisposition", _persistent),
    ("readPoint", _place),
    ("bizLocation", _place),
    ("sensorElementList", _sensors),
]
_LAST: _Order = [
    ("bizTransactionList", _typed(_term(CBV + "BTT-", TRANSACTION_TYPES), "bizTransaction")),
    ("sourceList", _typed(_sourced, "source")),
    ("destinationList", _typed(_sourced, "destination")),
]

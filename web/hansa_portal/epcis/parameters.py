"""EPCIS query parameters, from a URL or a query's JSON, as what the read model is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from hansa_domain.errors import Refusal
from hansa_domain.events.goods import GoodsRole
from hansa_domain.goods.epcis.rules import EVENT_TYPES
from hansa_domain.goods.epcis.values import milliseconds
from hansa_domain.goods.epcis.vocabulary import bare_term
from hansa_domain.gs1 import normal_form
from hansa_domain.times import rfc3339
from hansa_portal.epcis.answers import Problem, parameter
from hansa_readmodel.goods_roles import bits
from hansa_readmodel.queries.epcis import Column, EventFilter, Naming, OrderBy

MOST_VALUES = 200

_VALUES: Mapping[str, tuple[Column, Callable[[str], str]]] = {
    "eventType": ("kind", str),
    "EQ_action": ("action", str),
    "EQ_bizStep": ("biz_step", lambda text: bare_term(text, "BizStep-")),
    "EQ_disposition": ("disposition", lambda text: bare_term(text, "Disp-")),
    "EQ_readPoint": ("read_point", normal_form),
    "EQ_bizLocation": ("biz_location", normal_form),
    "EQ_eventID": ("event_id", str),
}
_ROLES: Mapping[str, tuple[GoodsRole, ...]] = {
    "MATCH_epc": ("epc", "child"),
    "MATCH_parentID": ("parent",),
    "MATCH_inputEPC": ("input",),
    "MATCH_outputEPC": ("output",),
    "MATCH_anyEPC": ("epc", "child", "parent", "input", "output"),
    "MATCH_epcClass": ("epc_class", "child_class"),
    "MATCH_inputEPCClass": ("input_class",),
    "MATCH_outputEPCClass": ("output_class",),
    "MATCH_anyEPCClass": ("epc_class", "child_class", "input_class", "output_class"),
    "EQ_transformationID": ("transformation",),
}
_TIMES = ("GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime")
_PAGING = frozenset({"perPage", "nextPageToken"})


@dataclass(frozen=True)
class EventQuery:
    """A query: what events must be like, their order, and how many there may be."""

    asked: EventFilter
    order: OrderBy = "eventTime"
    ascending: bool = False
    first: int | None = None
    most: int | None = None


def from_url(args: MultiDict[str, str], **given: Sequence[str]) -> EventQuery:
    """The query in a URL, with parameters that its path gives; several values are parted by ``|``.

    Raises:
        Problem: a parameter is unknown, or its value is not right.
    """
    found = {name: [text for value in args.getlist(name) for text in value.split("|")] for name in args}
    for name, values in given.items():
        if name in found:
            raise parameter(f"{name} stands in the path already.", name)
        found[name] = list(values)
    return _query({name: values for name, values in found.items() if name not in _PAGING})


def from_document(document: object) -> EventQuery:
    """The query in JSON (EPCIS Query Language): an object of parameters. Raises Problem."""
    if not isinstance(document, dict):
        raise Problem(400, "ValidationException", "A query is an object of parameters.", field="query")
    found: dict[str, list[str]] = {}
    for name, value in document.items():
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(one, str | int) for one in values):
            raise parameter(f"{name} has one or several texts.", name)
        found[name] = [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
    return _query({name: values for name, values in found.items() if name not in _PAGING})


def _query(given: Mapping[str, list[str]]) -> EventQuery:
    values: dict[Column, Sequence[str]] = {}
    names: list[Naming] = []
    for name, texts in given.items():
        if len(texts) > MOST_VALUES or not all(texts):
            raise parameter(f"{name} has 1 to {MOST_VALUES} values.", name)
        if name in _VALUES:
            column, read = _VALUES[name]
            values[column] = [read(text) for text in texts]
        elif name in _ROLES:
            if any(":idpat:" in text or text.endswith("*") for text in texts):
                raise parameter("Patterns are not matched here: name the goods or their class.", name)
            names.append(Naming(texts, bits(*_ROLES[name])))
        elif name not in (*_TIMES, *_SINGLE):
            raise parameter(f"This server does not answer {name[:60]}.", name[:60])
    for kind in values.get("kind", ()):
        if kind not in EVENT_TYPES:
            raise parameter(f"EPCIS 2.0 has no event type {kind[:60]}.", "eventType")
    times = {name: _time(name, _one(given, name)) for name in _TIMES}
    asked = EventFilter(
        values=values,
        names=names,
        time_from=times["GE_eventTime"],
        time_before=times["LT_eventTime"],
        recorded_from=times["GE_recordTime"],
        recorded_before=times["LT_recordTime"],
        error_declared=None if _chosen(given, "EXISTS_errorDeclaration", ("true",)) is None else True,
    )
    return _ordered(given, asked)


_SINGLE = ("EXISTS_errorDeclaration", "orderBy", "orderDirection", "eventCountLimit", "maxEventCount")


def _ordered(given: Mapping[str, list[str]], asked: EventFilter) -> EventQuery:
    order = _chosen(given, "orderBy", ("eventTime", "recordTime"))
    direction = _chosen(given, "orderDirection", ("ASC", "DESC"))
    first, most = _number(given, "eventCountLimit"), _number(given, "maxEventCount")
    if first is not None and (order is None or most is not None):
        raise parameter("eventCountLimit goes with orderBy, and without maxEventCount.", "eventCountLimit")
    by: OrderBy = "recordTime" if order == "recordTime" else "eventTime"
    return EventQuery(asked, by, direction == "ASC", first, most)


def _one(given: Mapping[str, list[str]], name: str) -> str | None:
    texts = given.get(name)
    if texts is None:
        return None
    if len(texts) > 1:
        raise parameter(f"{name} has one value.", name)
    return texts[0]


def _chosen(given: Mapping[str, list[str]], name: str, choices: Sequence[str]) -> str | None:
    text = _one(given, name)
    if text is not None and text not in choices:
        raise parameter(f"{name} is {' or '.join(choices)}.", name)
    return text


def _number(given: Mapping[str, list[str]], name: str) -> int | None:
    text = _one(given, name)
    if text is None:
        return None
    if not text.isdecimal() or not 0 < len(text) < 10 or int(text) < 1:
        raise parameter(f"{name} is a whole number from 1 on.", name)
    return int(text)


def _time(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return rfc3339(milliseconds(text, name))
    except Refusal as refusal:
        raise parameter(refusal.message, name) from refusal

"""Events out: found in the read model, read whole from the ledger, and told as GS1's query document."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from flask import Response

from hansa.errors import RefusedError
from hansa.goods import Goods
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis import read_event
from hansa_domain.goods.queries import EventView
from hansa_portal.clock import utc_now
from hansa_portal.epcis.access import client
from hansa_portal.epcis.answers import CONTEXT, Problem, answer, next_link, page_token, per_page
from hansa_portal.epcis.parameters import EventQuery
from hansa_portal.viewer import portal
from hansa_readmodel.queries.epcis import FoundEvent

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CONTEXTS = msgspec.json.Decoder(list[msgspec.Raw])


def page(query: EventQuery, name: str = "SimpleEventQuery") -> Response:
    """A page of the events that a query finds, and the link to the next.

    Raises:
        Problem: there are more than the query allows.
    """
    queries = portal().queries.epcis
    most, token = per_page(), page_token(str, int, int)
    if query.most is not None and queries.count(query.asked, most=query.most + 1) > query.most:
        raise Problem(413, "QueryTooLargeException", f"There are more than {query.most} events.")
    left = query.first if token is None else token[2]
    wanted = most if not left else min(most, left)
    after = None if token is None else (token[0], token[1])
    found = queries.find(
        query.asked, order=query.order, ascending=query.ascending, after=after, limit=wanted + 1
    )
    shown = found[:wanted]
    still = (left or 0) - len(shown)
    headers = {}
    if len(found) > wanted and (not left or still > 0):
        last = shown[-1]
        moment = last.time if query.order == "eventTime" else last.at
        headers = next_link([moment, last.event, max(still, 0)])
    return answer(document(whole(client().goods, shown), name), headers=headers)


def whole(goods: Goods, found: Sequence[FoundEvent]) -> list[str]:
    """The events' JSON as the ledger has it; each read from the member's own peer."""
    known: dict[str, list[EventView]] = {}
    texts = []
    for event in found:
        if event.event_id not in known:
            known[event.event_id] = goods.event(event.event_id)
        texts += [told(view) for view in known[event.event_id] if _is(view, event)][:1]
    return texts


def of_id(event_id: str) -> list[str]:
    """All reports of an event, error declarations included. Raises Problem where there is none."""
    try:
        return [told(view) for view in client().goods.event(event_id)]
    except RefusedError as error:
        raise Problem(404, "NoSuchResourceException", error.message, code=error.code) from error


def told(view: EventView) -> str:
    """An event that stands alone: as received, with its contexts, its id, and when the ledger took it."""
    members = _MEMBERS.decode(view.event)
    contexts = [*_parts(view.context), *_parts(bytes(members.pop("@context", msgspec.Raw())).decode())]
    members.setdefault("eventID", msgspec.Raw(msgspec.json.encode(view.event_id)))
    members["recordTime"] = msgspec.Raw(msgspec.json.encode(view.captured_at))
    once = list(dict.fromkeys(bytes(part) for part in contexts))
    members["@context"] = msgspec.Raw(b"[" + b",".join(once) + b"]")
    return msgspec.json.encode(members).decode()


def document(events: Sequence[str], name: str, subscription: str | None = None) -> str:
    """An EPCISQueryDocument around events."""
    about = {"queryName": name} | ({} if subscription is None else {"subscriptionID": subscription})
    head = msgspec.json.encode(about).decode()[1:-1]
    return (
        f'{{"@context": ["{CONTEXT}"], "type": "EPCISQueryDocument", "schemaVersion": "2.0", '
        f'"creationDate": "{utc_now()}", "epcisBody": {{"queryResults": {{{head}, '
        f'"resultsBody": {{"eventList": [{", ".join(events)}]}}}}}}}}'
    )


def _parts(context: str) -> list[msgspec.Raw]:
    if not context:
        return []
    return _CONTEXTS.decode(context) if context.lstrip().startswith("[") else [msgspec.Raw(context.encode())]


def _is(view: EventView, event: FoundEvent) -> bool:
    if (view.event_id, view.hash, view.reporter) != (event.event_id, event.hash, event.reporter):
        return False
    if not view.error_declared:
        return event.variant == "event"
    try:
        digest = read_event(view.event, view.context).error_digest or ""
    except Refusal:
        # Rules may have become stricter since it was captured; among declarations it cannot be told apart.
        return event.variant != "event"
    return event.variant == f"error-{digest[:32]}"

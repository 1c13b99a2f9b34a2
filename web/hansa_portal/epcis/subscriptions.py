"""Subscriptions to named queries: new events go to an address of the subscriber's, signed."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, current_app, g

from hansa.ids import new_id
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis.values import milliseconds
from hansa_domain.times import rfc3339
from hansa_portal.clock import utc_now
from hansa_portal.epcis.answers import Problem, answer
from hansa_portal.epcis.documents import Documents
from hansa_portal.epcis.named_queries import body, named, own, queries
from hansa_portal.epcis.webhook import Destination, DestinationError
from hansa_portal.viewer import portal

EXTENSION = "hansa_epcis_subscriptions"
PRIVATE = "hansa_epcis_private_webhooks"
MOST_SUBSCRIPTIONS = 100
SHORTEST_TOKEN = 24

_KNOWN = {"dest", "signatureToken", "stream", "initialRecordTime", "schedule", "reportIfEmpty"}


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription, as it is kept.

    ``sent`` is the number of the last event that was looked at, ``failures`` how often in a row a delivery
    failed; one that failed too often is not ``active`` any more.
    """

    id: str
    query: str
    dest: str
    token: str
    user: str
    created_at: str
    sent: int
    initial_record_time: str | None = None
    last_notified_at: str | None = None
    failures: int = 0
    retry_at: str = ""
    error: str | None = None
    active: bool = True

    def shown(self) -> dict[str, Any]:
        """What a caller sees: not the token."""
        found: dict[str, Any] = {
            "subscriptionID": self.id,
            "queryName": self.query,
            "dest": self.dest,
            "stream": True,
            "createdAt": self.created_at,
            "active": self.active,
            "failures": self.failures,
        }
        last = {
            "lastNotifiedAt": self.last_notified_at,
            "initialRecordTime": self.initial_record_time,
            "error": self.error,
        }
        return found | {name: value for name, value in last.items() if value is not None}


def subscriptions() -> Documents[Subscription]:
    """The subscriptions of the portal that is asked."""
    found: Documents[Subscription] = current_app.extensions[EXTENSION]
    return found


def delete_query(name: str) -> Response:
    """``DELETE /queries/{queryName}``, by who made it or an administrator; its subscriptions end with it."""
    own(named(name).user)
    queries().delete(name)
    for one in subscriptions().all():
        if one.query == name:
            subscriptions().delete(one.id)
    return answer("", 204)


def create(name: str) -> Response:
    """``POST /queries/{queryName}/subscriptions``: a stream of new events."""
    query, given = named(name), body()
    unknown = sorted(given.keys() - _KNOWN)
    if unknown:
        raise _impossible(f"This server does not know {unknown[0][:60]}.", unknown[0][:60])
    if given.get("stream") is not True or "schedule" in given or given.get("reportIfEmpty"):
        raise _impossible("Subscriptions here are streams: send stream true and no schedule.", "stream")
    token = given.get("signatureToken")
    if not isinstance(token, str) or not SHORTEST_TOKEN <= len(token) <= 512:
        detail = f"signatureToken has at least {SHORTEST_TOKEN} characters; by it you know our messages."
        raise _impossible(detail, "signatureToken")
    dest = given.get("dest")
    try:
        Destination.of(dest if isinstance(dest, str) else "", private=current_app.extensions[PRIVATE])
    except DestinationError as error:
        raise _impossible(str(error), "dest") from error
    if len(subscriptions().all()) >= MOST_SUBSCRIPTIONS:
        detail = f"A member keeps {MOST_SUBSCRIPTIONS} subscriptions. Delete one first."
        raise Problem(403, "SecurityException", detail)
    start = _start(given.get("initialRecordTime"))
    made = Subscription(
        id=new_id(),
        query=query.name,
        dest=str(dest),
        token=token,
        user=g.epcis_user,
        created_at=utc_now(),
        sent=portal().queries.epcis.last() if start is None else -1,
        initial_record_time=start,
    )
    subscriptions().put(made.id, made)
    location = f"/epcis/v2/queries/{query.name}/subscriptions/{made.id}"
    return answer(made.shown(), 201, {"Location": location})


def listed(name: str) -> Response:
    """``GET /queries/{queryName}/subscriptions``: all of them, MOST_SUBSCRIPTIONS at most."""
    query = named(name)
    return answer([one.shown() for one in subscriptions().all() if one.query == query.name])


def show(name: str, subscription_id: str) -> Response:
    """``GET /queries/{queryName}/subscriptions/{subscriptionID}``."""
    return answer(_of(name, subscription_id).shown())


def delete(name: str, subscription_id: str) -> Response:
    """``DELETE`` of the same: nothing is sent any more."""
    found = _of(name, subscription_id)
    own(found.user)
    subscriptions().delete(found.id)
    return answer("", 204)


def _of(name: str, subscription_id: str) -> Subscription:
    found = subscriptions().find(subscription_id)
    if found is None or found.query != named(name).name:
        raise Problem(404, "NoSuchNameException", "There is no such subscription.")
    return found


def _start(value: object) -> str | None:
    if value is None:
        return None
    try:
        return rfc3339(milliseconds(value, "initialRecordTime"))
    except Refusal as refusal:
        raise _impossible(refusal.message, "initialRecordTime") from refusal


def _impossible(detail: str, field: str) -> Problem:
    return Problem(400, "SubscriptionControlsException", detail, field=field)

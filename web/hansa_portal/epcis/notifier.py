"""The notifier: sends subscribers what is new, again where it did not arrive, and gives up in the end."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from hansa.errors import HansaError
from hansa_domain.times import rfc3339
from hansa_portal.epcis.documents import Documents
from hansa_portal.epcis.events import document, whole
from hansa_portal.epcis.named_queries import NamedQuery
from hansa_portal.epcis.parameters import from_document
from hansa_portal.epcis.subscriptions import Subscription
from hansa_portal.epcis.webhook import Destination, DestinationError, signature
from hansa_portal.office import Office
from hansa_readmodel.queries import Queries
from hansa_readmodel.queries.epcis import EventFilter, FoundEvent

log = structlog.get_logger("hansa.webhooks")

MOST_EVENTS = 50
"""Events in one message."""
MOST_MESSAGES = 10
"""Messages to one subscriber at one look, so that others get theirs."""
WAITS_S = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)
"""Seconds before a message is sent again; after the last one the subscription ends."""


class Notifier:
    """Serves the subscriptions of one member.

    Args:
        office: the member; its own programs' identity reads the events.
        queries: the read model.
        kept: the member's subscriptions.
        named: its queries.
        private: see ``Destination``.
        now: Unix seconds.
    """

    def __init__(
        self,
        office: Office,
        queries: Queries,
        kept: Documents[Subscription],
        named: Documents[NamedQuery],
        *,
        private: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._office = office
        self._queries = queries
        self._kept = kept
        self._named = named
        self._private = private
        self._now = now

    def start(self, stopping: threading.Event, interval: float) -> threading.Thread:
        """Looks every ``interval`` seconds, in a thread of its own, until ``stopping`` is set."""
        thread = threading.Thread(
            target=self._run, args=(stopping, interval), name=f"webhooks-{self._office.msp_id}", daemon=True
        )
        thread.start()
        return thread

    def look(self) -> int:
        """Sends what is new to everybody whose turn it is; returns how many messages arrived."""
        return sum(self._serve(one) for one in self._kept.all() if one.active)

    def _serve(self, one: Subscription) -> int:
        query = self._named.find(one.query)
        if query is None:
            self._kept.delete(one.id)
            return 0
        if one.retry_at > self._time():
            return 0
        asked = from_document(query.query).asked
        arrived = 0
        for _ in range(MOST_MESSAGES):
            found = self._new(asked, one)
            if not found:
                break
            after = self._deliver(one, found)
            # Somebody may have ended it while we were sending.
            if self._kept.find(one.id) is None:
                break
            self._kept.put(one.id, after)
            if after.failures or not after.active:
                break
            arrived += 1
            one = after
        return arrived

    def _new(self, asked: EventFilter, one: Subscription) -> list[FoundEvent]:
        start = max(filter(None, (asked.recorded_from, one.initial_record_time)), default=None)
        asked = replace(asked, recorded_from=start)
        return self._queries.epcis.since(asked, one.sent, limit=MOST_EVENTS)

    def _deliver(self, one: Subscription, found: list[FoundEvent]) -> Subscription:
        to = log.bind(member=self._office.msp_id, subscription=one.id, events=len(found))
        try:
            texts = whole(self._office.service().goods, found)
            body = document(texts, one.query, one.id).encode()
            destination = Destination.of(one.dest, private=self._private)
            # The same for every attempt: by it the subscriber knows what he has already.
            message = f"{one.id}.{found[0].event}-{found[-1].event}"
            status = destination.send(body, self._headers(one, message, body))
        except (DestinationError, OSError, http.client.HTTPException, HansaError) as error:
            to.warning("not delivered", error=str(error))
            return self._failed(one, f"{type(error).__name__}: {error}"[:300])
        if status == 410:
            to.info("the subscriber wants no more")
            return msgspec.structs.replace(one, active=False, error="The subscriber answered 410 Gone.")
        if not 200 <= status < 300:
            to.warning("not delivered", status=status)
            return self._failed(one, f"The subscriber answered {status}.")
        return msgspec.structs.replace(
            one,
            sent=found[-1].event,
            last_notified_at=self._time(),
            failures=0,
            retry_at="",
            error=None,
        )

    def _headers(self, one: Subscription, message: str, body: bytes) -> dict[str, str]:
        seconds = int(self._now())
        signed = signature(one.token, message, seconds, body)
        return {
            "Content-Type": "application/json",
            "GS1-EPCIS-Version": "2.0.0",
            "GS1-Signature": signed,
            "webhook-id": message,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signed,
        }

    def _failed(self, one: Subscription, error: str) -> Subscription:
        wait = WAITS_S[min(one.failures, len(WAITS_S) - 1)]
        return msgspec.structs.replace(
            one,
            failures=one.failures + 1,
            retry_at=rfc3339(int((self._now() + wait) * 1000)),
            error=error,
            active=one.failures < len(WAITS_S),
        )

    def _time(self) -> str:
        return rfc3339(int(self._now() * 1000))

    def _run(self, stopping: threading.Event, interval: float) -> None:
        while not stopping.wait(interval):
            try:
                self.look()
            except SQLAlchemyError as error:
                log.warning("the read model does not answer", error=str(error))

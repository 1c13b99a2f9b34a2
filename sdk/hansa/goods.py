"""Goods: EPCIS events captured, and the trail they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from hansa.errors import RefusedError, hint
from hansa.ids import derived_id, new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.error_codes import Code
from hansa_domain.error_hints import HINTS
from hansa_domain.errors import Refusal
from hansa_domain.goods.batches import batches
from hansa_domain.goods.capture import Capture, CaptureReply, CaptureResult
from hansa_domain.goods.condition_query import Condition, ConditionReply, GetCondition
from hansa_domain.goods.epcis import EventSource, split_document
from hansa_domain.goods.queries import (
    EventReply,
    EventView,
    GetEvent,
    GetUnit,
    Trace,
    TraceReply,
    TraceStep,
    UnitReply,
)
from hansa_domain.goods.records import Unit


@dataclass(frozen=True)
class Captured:
    """What became of a document: a result for each event in order, and the transactions that carried them.

    ``alerts`` are the ids of those that were raised by it.
    """

    results: tuple[CaptureResult, ...]
    receipts: tuple[Receipt[CaptureReply], ...]
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trail:
    """The whole trail of goods: its steps by time, the unit as the ledger knows it, and if it was cut."""

    epc: str
    unit: Unit | None
    steps: tuple[TraceStep, ...]
    truncated: bool


class Goods:
    """``client.goods``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def capture(
        self,
        document: str,
        *,
        command_id: str | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Captured:
        """Captures EPCIS 2.0 events: a document, a query document, one event, or a list of them (JSON-LD).

        A large document goes in several transactions; what was captured before is answered as such, so the
        same document may be sent again after a failure.

        Args:
            document: JSON text, kept as received.
            command_id: a ULID, to make a repetition harmless; made here when None.
            progress: told how many events are done.

        Raises:
            RefusedError: it is no EPCIS document; single events that are refused stand in the results.
            HansaError: see ``Submitter.submit``.
        """
        try:
            sources = split_document(document)
        except Refusal as error:
            raise RefusedError(
                error.code.value, error.message, hint(error.code.value), field=error.field
            ) from error
        return self._capture(sources, command_id, progress)

    def declare_error(
        self,
        event_id: str,
        *,
        reason: str = "incorrect_data",
        corrective_event_ids: Sequence[str] = (),
        declared_at: str | None = None,
        command_id: str | None = None,
    ) -> Captured:
        """Takes an event back that this member reported; what it did is undone where nothing was built on it.

        Args:
            event_id: the event's id, or its hash where it had none.
            reason: ``incorrect_data`` or ``did_not_occur``, or a URI of another vocabulary.
            corrective_event_ids: events that stand in its place.
            declared_at: RFC 3339; now when None.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            RefusedError: EVENT_NOT_FOUND, also where only others reported it.
            HansaError: see ``Submitter.submit``.
        """
        own = [
            view
            for view in self.event(event_id)
            if view.reporter == self._submitter.msp_id and not view.error_declared
        ]
        if not own:
            code = Code.EVENT_NOT_FOUND
            raise RefusedError(
                code.value, f"You reported no event {event_id}.", HINTS[code], field="event_id"
            )
        members = msgspec.json.decode(own[0].event, type=dict[str, msgspec.Raw])
        declaration: dict[str, object] = {
            "declarationTime": declared_at or datetime.now(UTC).isoformat(timespec="milliseconds"),
            "reason": reason,
        }
        if corrective_event_ids:
            declaration["correctiveEventIDs"] = list(corrective_event_ids)
        members["errorDeclaration"] = msgspec.Raw(msgspec.json.encode(declaration))
        source = EventSource(event=msgspec.json.encode(members).decode(), context=own[0].context)
        return self._capture([source], command_id, lambda _: None)

    def condition(self, *epcs: str) -> list[Condition]:
        """What a buyer should know of units or lots, 200 at most, before he takes them."""
        return self._submitter.evaluate(
            "goods:Condition", GetCondition(epcs=list(epcs)), ConditionReply
        ).conditions

    def _capture(
        self, sources: Iterable[EventSource], command_id: str | None, progress: Callable[[int], None]
    ) -> Captured:
        first = command_id or new_id()
        receipts = []
        alerts: list[str] = []
        results: list[CaptureResult] = []
        for number, batch in enumerate(batches(sources)):
            command = Capture(id=first if number == 0 else derived_id(first, str(number)), events=batch)
            given = None if command_id is None else command.id
            receipt = submit_once(self._submitter, "goods:Capture", command, CaptureReply, given)
            receipts.append(receipt)
            results += receipt.reply.results
            alerts += receipt.reply.alerts
            progress(len(results))
        return Captured(tuple(results), tuple(receipts), tuple(alerts))

    def event(self, event_id: str) -> list[EventView]:
        """All reports of an event, by its id or hash. Raises RefusedError (EVENT_NOT_FOUND)."""
        return self._submitter.evaluate("goods:Event", GetEvent(event_id=event_id), EventReply).reports

    def unit(self, epc: str) -> Unit:
        """A unit of goods as it is now. Raises RefusedError (UNIT_NOT_FOUND)."""
        return self._submitter.evaluate("goods:Unit", GetUnit(epc=epc), UnitReply).unit

    def trace(self, epc: str, *, depth: int = 20) -> Trail:
        """The trail of goods: their events, upstream to the first and downstream, by time.

        Args:
            epc: an EPC URI or GS1 Digital Link, in any spelling.
            depth: how many steps of packing and transformation to follow, at most 2000.
        """
        steps: list[TraceStep] = []
        bookmark = ""
        while True:
            query = Trace(epc=epc, depth=depth, limit=1000, bookmark=bookmark)
            page = self._submitter.evaluate("goods:Trace", query, TraceReply)
            steps += page.steps
            bookmark = page.bookmark
            if not bookmark:
                return Trail(page.epc, page.unit, tuple(steps), page.truncated)

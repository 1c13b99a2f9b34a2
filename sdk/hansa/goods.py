"""Goods: EPCIS events captured, and the trail they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hansa.errors import RefusedError, hint
from hansa.ids import derived_id, new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.errors import Refusal
from hansa_domain.goods.batches import batches
from hansa_domain.goods.capture import Capture, CaptureReply, CaptureResult
from hansa_domain.goods.epcis import split_document
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
    """What became of a document: a result for each event in order, and the transactions that carried them."""

    results: tuple[CaptureResult, ...]
    receipts: tuple[Receipt[CaptureReply], ...]


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
        first = command_id or new_id()
        receipts = []
        results: list[CaptureResult] = []
        for number, batch in enumerate(batches(sources)):
            command = Capture(id=first if number == 0 else derived_id(first, str(number)), events=batch)
            given = None if command_id is None else command.id
            receipt = submit_once(self._submitter, "goods:Capture", command, CaptureReply, given)
            receipts.append(receipt)
            results += receipt.reply.results
            progress(len(results))
        return Captured(tuple(results), tuple(receipts))

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

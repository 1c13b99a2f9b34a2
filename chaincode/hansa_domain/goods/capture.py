"""``goods:Capture``: EPCIS events come in, each with a result of its own."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import CapturedEventView, CustodyMoved, Event, GoodsCaptured
from hansa_domain.goods.custody import MAX_UNITS, load_units
from hansa_domain.goods.delegations import Delegations, delegation_keys, read_delegations
from hansa_domain.goods.effects import apply, hands_over_recalled
from hansa_domain.goods.epcis import EpcisEvent, EventSource, read_event
from hansa_domain.goods.lineage import lot_of, offspring
from hansa_domain.goods.lots import Lots, lot_keys, read_lots
from hansa_domain.goods.records import (
    ClaimReason,
    EventOfEpc,
    EventOfHash,
    EventRecord,
    EventStatus,
    Unit,
    key_part,
    unit_key,
)
from hansa_domain.goods.roles import roles_of
from hansa_domain.goods.standing import Known, claim_reason
from hansa_domain.gs1 import normal_form, parse
from hansa_domain.members import member_key, require_role
from hansa_domain.operation import Command, Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.orders.order import Order
from hansa_domain.products.records import Product
from hansa_domain.recalls.blocking import mark_keys, recalled, subjects_of

MAX_EVENTS = 50
MAX_INDEX_ENTRIES = 2000
MAX_COMMAND_BYTES = 2 * 1024 * 1024

EventKey = tuple[str, str, str]
CaptureStatus = Literal["accepted", "claim", "already_captured", "refused"]


class Capture(Command["CaptureReply"], frozen=True, kw_only=True):
    """``goods:Capture``, by a producer, retailer or carrier: at most MAX_EVENTS events as received.

    ``hansa_domain.goods.epcis.split_document`` makes them of a document, ``goods.batches`` cuts them to size.
    """

    events: Annotated[list[EventSource], msgspec.Meta(min_length=1, max_length=MAX_EVENTS)]


class CaptureResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one event.

    ``reason`` says why it is a claim; ``code``, ``message`` and ``field`` (a path within the event) why it
    was refused. ``event_id`` is the event's own or its hash.
    """

    status: CaptureStatus
    event_id: str | None = None
    hash: str | None = None
    reason: ClaimReason | None = None
    code: str | None = None
    message: str | None = None
    field: str | None = None


class CaptureReply(msgspec.Struct, frozen=True, kw_only=True):
    """A result for each event, in the order sent."""

    results: list[CaptureResult]


@dataclass
class _Work:
    """A capture as it proceeds from event to event."""

    context: Context
    known: Known
    stored: dict[EventKey, EventRecord]
    lots: Lots
    delegations: Delegations
    writes: dict[Key, Record | None] = field(default_factory=dict)
    moves: list[CustodyMoved] = field(default_factory=list)
    views: list[CapturedEventView] = field(default_factory=list)


@operation("goods:Capture", Capture, CaptureReply, max_bytes=MAX_COMMAND_BYTES)
def capture(command: Capture, context: Context) -> Steps:
    """Reads every event, loads what they concern, then takes them one after the other."""
    read = [_read(source) for source in command.events]
    events = [event for event in read if isinstance(event, EpcisEvent)]
    entries = sum(len(event.named) for event in events)
    if entries > MAX_INDEX_ENTRIES:
        raise Refusal(
            Code.CAPTURE_TOO_LARGE,
            f"These events name {entries} goods; at once {MAX_INDEX_ENTRIES} can.",
            "events",
        )
    reporter = context.caller.msp_id
    keys = list(dict.fromkeys(event_key(event, reporter) for event in events))
    gtins = sorted({gtin for event in events for gtin in _gtins(event)})
    records = yield Fetch(
        keys=(
            member_key(reporter),
            *((EventRecord.NOUN, *key) for key in keys),
            *((Product.NOUN, gtin) for gtin in gtins),
            *lot_keys(events, reporter, gtins),
        )
    )
    require_role(records, context, ("producer", "retailer", "carrier"), "report goods")
    known, delegations = yield from _load(events, records, gtins, reporter)
    before = dict(known.units)
    stored = {key: found for key in keys if (found := records.find(EventRecord, *key)) is not None}
    work = _Work(context, known, stored, read_lots(events, reporter, gtins, records), delegations)
    results = [
        _refused(event) if isinstance(event, Refusal) else _take(event, source, work)
        for event, source in zip(read, command.events, strict=True)
    ]
    for epc, unit in known.units.items():
        if before.get(epc) != unit:
            work.writes[unit_key(epc)] = unit
    work.writes.update(work.lots.writes())
    counted = work.lots.event(context.at)
    happened: tuple[Event, ...] = (*work.moves, *(() if counted is None else (counted,)))
    if work.views:
        happened = (GoodsCaptured(reporter=reporter, events=work.views, at=context.at), *happened)
    return Decision(reply=CaptureReply(results=results), writes=work.writes, events=happened)


def event_key(event: EpcisEvent, reporter: str) -> EventKey:
    """The key, without noun, of an event as ``reporter`` reports it.

    A reporter's events stand apart from others', so that nobody can occupy another's event ids. An error
    declaration, which bears the id of the event it concerns, stands beside it.
    """
    return (key_part(event.event_id), reporter, _variant(event))


def _variant(event: EpcisEvent) -> str:
    return "event" if event.error_digest is None else f"error-{event.error_digest[:32]}"


def _read(source: EventSource) -> EpcisEvent | Refusal:
    try:
        event = read_event(source.event, source.context)
    except Refusal as refusal:
        return refusal
    if len(event.named) > MAX_INDEX_ENTRIES:
        return Refusal(Code.EVENT_TOO_LARGE, f"An event names at most {MAX_INDEX_ENTRIES} goods.")
    return event


def _refused(refusal: Refusal) -> CaptureResult:
    return CaptureResult(
        status="refused", code=refusal.code.value, message=refusal.message, field=refusal.field
    )


def _gtins(event: EpcisEvent) -> list[str]:
    keys = [parse(epc) for epc in event.named]
    return [key.gtin for key in keys if key is not None and key.gtin is not None]


def _load(
    events: list[EpcisEvent], records: Records, gtins: list[str], reporter: str
) -> Generator[Fetch, Records, tuple[Known, Delegations]]:
    units = yield from load_units(epc for event in events for epc in event.named)
    asked: set[str] = set()
    while (
        parents := {unit.parent for unit in units.values() if unit.parent is not None} - units.keys() - asked
    ):
        asked |= parents
        if len(asked) > MAX_UNITS:
            raise Refusal(Code.CAPTURE_TOO_LARGE, f"The goods are packed in more than {MAX_UNITS} others.")
        # What else is packed in these is nobody's business here.
        around = yield Fetch(keys=tuple(unit_key(epc) for epc in sorted(parents)))
        found_around = (around.find(Unit, *unit_key(epc)[1:]) for epc in sorted(parents))
        units.update((unit.epc, unit) for unit in found_around if unit is not None)
    wanted = sorted({unit.order for unit in units.values() if unit.order is not None})
    subjects = _subjects(events, units)
    products = {gtin: records.find(Product, gtin) for gtin in gtins}
    owners = {gtin: product.owner for gtin, product in products.items() if product is not None}
    delegated = delegation_keys(events, units, owners.values(), reporter)
    found = yield Fetch(keys=(*((Order.NOUN, order) for order in wanted), *mark_keys(subjects), *delegated))
    orders = {order: record for order in wanted if (record := found.find(Order, order)) is not None}
    recalls = yield from recalled(subjects, found)
    delegations = read_delegations(events, units, owners.values(), reporter, found)
    return Known(units, orders, owners, recalls), delegations


def _subjects(events: list[EpcisEvent], units: dict[str, Unit]) -> set[str]:
    """All that a recall may name to cover the goods of these events, those about to be made included."""
    found = {subject for epc, unit in units.items() for subject in subjects_of(epc, unit)}
    for event in events:
        for epc in event.named:
            found.update(subjects_of(epc, units.get(epc)))
            lot = lot_of(epc, event.lot_number)
            if lot is not None:
                found.add(lot)
    return found


def _counts_for(event: EpcisEvent, work: _Work) -> tuple[str, ClaimReason | None]:
    """For whom the event counts: its reporter, else a member that delegated it; or why it is only a claim."""
    reporter = work.context.caller.msp_id
    reason = _objection(event, reporter, work) or work.lots.objection(event)
    if reason is not None:
        for grantor in work.delegations.grantors(event, work.context.now):
            if _objection(event, grantor, work) is None:
                return grantor, None
    return reporter, reason


def _objection(event: EpcisEvent, party: str, work: _Work) -> ClaimReason | None:
    reason = claim_reason(event, party, work.known)
    if reason is None and hands_over_recalled(event, party, work.known):
        return "recalled"
    return reason


def _take(event: EpcisEvent, source: EventSource, work: _Work) -> CaptureResult:
    reporter = work.context.caller.msp_id
    key = event_key(event, reporter)
    party, reason = _counts_for(event, work)
    earlier = work.stored.get(key)
    if earlier is not None and earlier.hash != event.hash:
        says = f"You reported another event as {event.event_id} before."
        return _refused(Refusal(Code.EVENT_ID_REUSED, says, "eventID"))
    # A claim sent again counts from now on, once the reporter has standing (the product is registered, say).
    if earlier is not None and (earlier.status == "accepted" or reason is not None):
        return CaptureResult(
            status="already_captured", event_id=event.event_id, hash=event.hash, reason=earlier.reason
        )
    orders = sorted({unit.order for epc in event.named if (unit := work.known.units.get(epc)) and unit.order})
    status: EventStatus = "accepted" if reason is None else "claim"
    if reason is None:
        work.moves.extend(apply(event, party, work.known, work.context.now))
        work.lots.apply(event)
        work.writes.update(offspring(event, work.known))
    record = EventRecord(
        event_id=event.event_id,
        hash=event.hash,
        reporter=reporter,
        status=status,
        reason=reason,
        text=source.event,
        context=source.context,
        time=event.time,
        captured_at=work.context.at,
        tx_id=work.context.tx_id,
        error_declared=event.error_digest is not None,
        on_behalf_of=None if party == reporter else party,
    )
    work.stored[key] = record
    work.writes[(EventRecord.NOUN, *key)] = record
    work.writes[(EventOfHash.NOUN, event.hash, *key)] = EventOfHash(event=key)
    for epc in event.named:
        work.writes[(EventOfEpc.NOUN, key_part(epc), event.time, *key)] = EventOfEpc(
            event=key, claim=reason is not None
        )
    work.views.append(_view(event, status, orders if reason is None else []))
    return CaptureResult(status=status, event_id=event.event_id, hash=event.hash, reason=reason)


def _view(event: EpcisEvent, status: EventStatus, orders: list[str]) -> CapturedEventView:
    place = event.fields.get("bizLocation")
    return CapturedEventView(
        event_id=event.event_id,
        hash=event.hash,
        kind=event.kind,
        status=status,
        time=event.time,
        action=event.action,
        biz_step=event.biz_step,
        read_point=event.read_point,
        error_declared=event.error_digest is not None,
        epcs=list(event.named),
        orders=orders,
        roles=roles_of(event),
        variant=_variant(event),
        disposition=event.disposition,
        biz_location=normal_form(place["id"]) if place is not None else None,
    )

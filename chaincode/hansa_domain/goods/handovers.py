"""Handovers: custody and ownership of goods pass by offer of the one side and acceptance of the other.

Beside orders: goods that an order carries go the order's way.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import CustodyChange, CustodyMoved, Event, HandoverClosed, HandoverOffered
from hansa_domain.fields import EntityId, Epc, MspId, Timestamp
from hansa_domain.goods.custody import Units, load_units
from hansa_domain.goods.records import Unit, unit_key
from hansa_domain.goods.sellable import refuse_unsellable
from hansa_domain.gs1 import normal_form
from hansa_domain.members import known_member, member_key
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Steps,
    operation,
)
from hansa_domain.recalls.blocking import mark_keys, recalled, subjects_of

MAX_NAMED = 200

Passes = Literal["custody", "ownership", "both"]
HandoverStatus = Literal["offered", "accepted", "declined", "withdrawn"]


class Handover(Record, frozen=True, kw_only=True):
    """An offer of goods and what became of it; key ``("handover", id)``. ``epcs`` in normal form."""

    NOUN: ClassVar[str] = "handover"
    id: str
    giver: str
    taker: str
    passes: Passes
    epcs: list[str]
    status: HandoverStatus
    offered_at: Timestamp
    closed_at: Timestamp | None = None


class OfferHandover(Command["HandoverReply"], frozen=True, kw_only=True):
    """``handovers:Offer``: custody by who holds the goods, ownership by who owns them, both by who does both.

    What is packed in the goods goes with them.
    """

    taker: MspId
    epcs: Annotated[list[Epc], msgspec.Meta(min_length=1, max_length=MAX_NAMED)]
    passes: Passes = "custody"


class AcceptHandover(Command["HandoverReply"], frozen=True, kw_only=True):
    """``handovers:Accept``, by the taker: the goods are his to hold, to own, or both, from now on."""

    handover: EntityId


class DeclineHandover(Command["HandoverReply"], frozen=True, kw_only=True):
    """``handovers:Decline``, by the taker."""

    handover: EntityId


class WithdrawHandover(Command["HandoverReply"], frozen=True, kw_only=True):
    """``handovers:Withdraw``, by the giver, as long as it is not accepted."""

    handover: EntityId


class GetHandover(Query["HandoverReply"], frozen=True, kw_only=True):
    """``handovers:Get``."""

    handover: EntityId


class HandoverReply(msgspec.Struct, frozen=True, kw_only=True):
    """A handover as it stands."""

    handover: Handover


@operation("handovers:Offer", OfferHandover, HandoverReply)
def offer(command: OfferHandover, context: Context) -> Steps:
    """Checks that the goods are the caller's to give; nothing moves yet."""
    giver = context.caller.msp_id
    epcs = [normal_form(epc) for epc in command.epcs]
    for place, epc in enumerate(epcs):
        if epc in epcs[:place]:
            raise Refusal(Code.EPC_REPEATED, f"{epc} is named twice.", f"epcs[{place}]")
    if command.taker == giver:
        raise Refusal(Code.FIELD_INVALID, "Nobody hands goods over to himself.", "taker")
    records = yield Fetch(keys=(member_key(command.taker),))
    known_member(records, command.taker, "taker")
    handover = Handover(
        id=context.reference(command),
        giver=giver,
        taker=command.taker,
        passes=command.passes,
        epcs=epcs,
        status="offered",
        offered_at=context.at,
    )
    yield from _givable(handover, "epcs")
    event = HandoverOffered(
        handover=handover.id,
        giver=giver,
        taker=handover.taker,
        passes=handover.passes,
        epcs=epcs,
        at=context.at,
    )
    return Decision(
        reply=HandoverReply(handover=handover),
        writes={(Handover.NOUN, handover.id): handover},
        events=(event,),
    )


@operation("handovers:Accept", AcceptHandover, HandoverReply)
def accept(command: AcceptHandover, context: Context) -> Steps:
    """Checks the goods again, since the offer may be old, and passes them."""
    handover = yield from _offered(command.handover, context, "taker", "accept")
    units = yield from _givable(handover, "handover")
    taker = handover.taker
    writes: dict[Key, Record | None] = {}
    changes: list[CustodyChange] = []
    for epc in sorted(units):
        unit = units[epc]
        if handover.passes != "ownership":
            changes.append(CustodyChange(epc=epc, giver=unit.custodian, holder=taker))
            unit = replace(unit, custodian=taker)
        if handover.passes != "custody":
            unit = replace(unit, owner=taker)
        writes[unit_key(epc)] = unit
    moved: tuple[Event, ...] = (CustodyMoved(order=None, changes=changes, at=context.at),) if changes else ()
    return _closed(handover, "accepted", context, writes, moved)


@operation("handovers:Decline", DeclineHandover, HandoverReply)
def decline(command: DeclineHandover, context: Context) -> Steps:
    """The taker does not want them; nothing moves."""
    handover = yield from _offered(command.handover, context, "taker", "decline")
    return _closed(handover, "declined", context, {}, ())


@operation("handovers:Withdraw", WithdrawHandover, HandoverReply)
def withdraw(command: WithdrawHandover, context: Context) -> Steps:
    """The giver keeps them."""
    handover = yield from _offered(command.handover, context, "giver", "withdraw")
    return _closed(handover, "withdrawn", context, {}, ())


@operation("handovers:Get", GetHandover, HandoverReply)
def get(command: GetHandover, context: Context) -> Steps:
    """One handover."""
    records = yield Fetch(keys=((Handover.NOUN, command.handover),))
    found = records.get(Handover, command.handover, refuse=Code.HANDOVER_NOT_FOUND, where="handover")
    return Decision(reply=HandoverReply(handover=found))


def _offered(
    name: str, context: Context, side: Literal["giver", "taker"], act: str
) -> Generator[Fetch, Records, Handover]:
    records = yield Fetch(keys=((Handover.NOUN, name),))
    handover = records.get(Handover, name, refuse=Code.HANDOVER_NOT_FOUND, where="handover")
    party = handover.giver if side == "giver" else handover.taker
    if context.caller.msp_id != party:
        raise Refusal(Code.NOT_PERMITTED, f"Only {party} may {act} this handover.")
    if handover.status != "offered":
        raise Refusal(Code.HANDOVER_STATE, f"The handover is {handover.status} already.", "handover")
    return handover


def _givable(handover: Handover, where: str) -> Generator[Fetch, Records, Units]:
    """All goods of a handover with what is packed in them, if they are the giver's to give at present."""
    units = yield from load_units(handover.epcs)
    for epc in handover.epcs:
        if epc not in units:
            raise Refusal(Code.UNIT_NOT_FOUND, f"The ledger knows no {epc}.", where)
    for epc in sorted(units):
        _check_givable(units[epc], units, handover, where)
    if handover.passes != "custody":
        refuse_unsellable(units, sorted(units), where)
    subjects = {subject for epc, unit in units.items() for subject in subjects_of(epc, unit)}
    records = yield Fetch(keys=mark_keys(subjects))
    found = yield from recalled(subjects, records)
    for epc in sorted(units):
        name = found.of(epc, units[epc])
        # Recalled goods go one way only: back to whom the product belongs.
        if name is not None and (found.recalls[name].owner != handover.taker or handover.passes != "custody"):
            says = f"{epc} is recalled by {name}: it may only be handed back to the product's owner."
            raise Refusal(Code.GOODS_RECALLED, says, where)
    return units


def _check_givable(unit: Unit, units: Units, handover: Handover, where: str) -> None:
    giver, passes = handover.giver, handover.passes
    held = unit.custodian == giver or passes == "ownership"
    owned = unit.owner == giver or passes == "custody"
    if not held or not owned or unit.order is not None or unit.ended is not None:
        raise Refusal(Code.UNIT_NOT_AVAILABLE, f"{unit.epc} is not {giver}'s to hand over.", where)
    if passes != "ownership" and unit.parent is not None and unit.parent not in units:
        says = f"{unit.epc} is packed in {unit.parent}: unpack it first."
        raise Refusal(Code.UNIT_NOT_AVAILABLE, says, where)


def _closed(
    handover: Handover,
    outcome: Literal["accepted", "declined", "withdrawn"],
    context: Context,
    writes: dict[Key, Record | None],
    moved: tuple[Event, ...],
) -> Decision:
    closed = replace(handover, status=outcome, closed_at=context.at)
    event = HandoverClosed(
        handover=handover.id,
        outcome=outcome,
        giver=handover.giver,
        taker=handover.taker,
        by=context.caller.msp_id,
        at=context.at,
    )
    return Decision(
        reply=HandoverReply(handover=closed),
        writes={(Handover.NOUN, handover.id): closed, **writes},
        events=(event, *moved),
    )

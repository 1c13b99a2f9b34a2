"""Settlements by consent: those whom it costs something agree how escrow is split, in part or whole.

Cancelling for a fee after shipping, a partial refund, a partial release and the end of a dispute are all
such a split.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.disputes.records import without_dispute
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import NoteView, SettlementAccepted, SettlementProposed, SettlementWithdrawn
from hansa_domain.fields import EntityId, Seconds, Sha256Hex, Timestamp
from hansa_domain.notes import organisation
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
from hansa_domain.orders import closing
from hansa_domain.orders.closing import Holder
from hansa_domain.orders.commands import OrderClosedReply
from hansa_domain.orders.division import Split, check_split, divide, parts_of
from hansa_domain.orders.order import Order, after, require_status
from hansa_domain.orders.receivable import Receivable, payee, receivable_key
from hansa_domain.times import milliseconds

ProposalNumber = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
SettlementStatus = Literal["proposed", "accepted", "withdrawn"]


class AgreedSplit(Record, frozen=True, kw_only=True):
    """A split that somebody proposed; key ``("settlement", order)``. A new proposal takes its place.

    ``needs`` are the members who must agree: buyer and seller; the carrier, where it would get less than the
    freight for goods it took over; who bought the proceeds, where they would get less than what is left of
    them. ``agreed`` are those who did, its author first.
    """

    NOUN: ClassVar[str] = "settlement"
    order: str
    number: int
    status: SettlementStatus
    split: Split
    goods: Holder | None
    needs: list[str]
    agreed: list[str]
    statement: str | None
    proposed_at: Timestamp
    expires_at: Timestamp
    closed_at: Timestamp | None = None


class ProposeSettlement(Command["SettlementReply"], frozen=True, kw_only=True):
    """``settlements:Propose``, by a party of an order under way: who gets how much of what is in escrow.

    Where the parts come to all that is held, the order ends, and ``goods`` says whose they are then; else
    that much is paid and the order goes on. ``statement`` is the hash of what the author says to it.
    """

    order: EntityId
    split: Split
    valid_for: Seconds
    goods: Holder | None = None
    statement: Sha256Hex | None = None


class AcceptSettlement(Command["SettlementReply"], frozen=True, kw_only=True):
    """``settlements:Accept``, by each who must agree, to proposal ``number``; the last one carries it out."""

    order: EntityId
    number: ProposalNumber


class WithdrawSettlement(Command["SettlementReply"], frozen=True, kw_only=True):
    """``settlements:Withdraw``: its author takes the proposal back, or one who must agree says no."""

    order: EntityId
    number: ProposalNumber


class GetSettlement(Query["SettlementFoundReply"], frozen=True, kw_only=True):
    """``settlements:Get``: the latest proposal of an order."""

    order: EntityId


class SettlementReply(msgspec.Struct, frozen=True, kw_only=True):
    """The proposal and the order as they stand; the notes that were paid, where it was carried out."""

    settlement: AgreedSplit
    order: Order
    notes: list[NoteView]


class SettlementFoundReply(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal."""

    settlement: AgreedSplit


def settlement_key(order: str) -> Key:
    """Where the latest proposal of an order stands."""
    return (AgreedSplit.NOUN, order)


@operation("settlements:Propose", ProposeSettlement, SettlementReply)
def propose(command: ProposeSettlement, context: Context) -> Steps:
    """Writes the proposal; its author has agreed to it."""
    order, before, receivable = yield from _load(command.order)
    caller = context.caller.msp_id
    if caller not in order.parties:
        raise Refusal(Code.NOT_PERMITTED, f"{caller} is not a party of this order.")
    _check(order, command.split, command.goods)
    made = AgreedSplit(
        order=order.id,
        number=1 if before is None else before.number + 1,
        status="proposed",
        split=command.split,
        goods=command.goods,
        needs=_needs(order, command.split, receivable),
        agreed=[caller],
        statement=command.statement,
        proposed_at=context.at,
        expires_at=after(context, command.valid_for),
    )
    event = SettlementProposed(
        order=order.id,
        number=made.number,
        by=caller,
        currency=order.currency,
        to_buyer=made.split.to_buyer,
        to_seller=made.split.to_seller,
        to_carrier=made.split.to_carrier,
        goods=made.goods,
        needs=made.needs,
        statement=made.statement,
        expires_at=made.expires_at,
        at=context.at,
    )
    return Decision(
        reply=SettlementReply(settlement=made, order=order, notes=[]),
        writes={settlement_key(order.id): made},
        events=(event,),
    )


@operation("settlements:Accept", AcceptSettlement, SettlementReply)
def accept(command: AcceptSettlement, context: Context) -> Steps:
    """One more agrees; with the last one it is carried out, and a dispute is over with the order."""
    order, found, receivable = yield from _load(command.order)
    proposed = _require(found, command.number)
    caller = context.caller.msp_id
    # Who must agree is asked again: the goods may have been shipped, or the proceeds sold, meanwhile.
    needs = _needs(order, proposed.split, receivable)
    if caller not in needs or caller in proposed.agreed:
        raise Refusal(Code.NOT_PERMITTED, f"{caller} has agreed already, or need not.")
    if context.now >= milliseconds(proposed.expires_at):
        raise Refusal(Code.SETTLEMENT_STATE, f"The proposal ended at {proposed.expires_at}.", "number")
    _check(order, proposed.split, proposed.goods)
    agreed = [*proposed.agreed, caller]
    complete = set(needs) <= set(agreed)
    status: SettlementStatus = "accepted" if complete else "proposed"
    accepted = replace(
        proposed,
        status=status,
        needs=needs,
        agreed=agreed,
        closed_at=context.at if complete else None,
    )
    told = SettlementAccepted(
        order=order.id, number=accepted.number, by=caller, complete=complete, at=context.at
    )
    written: dict[Key, Record | None] = {settlement_key(order.id): accepted}
    if not complete:
        reply = SettlementReply(settlement=accepted, order=order, notes=[])
        return Decision(reply=reply, writes=written, events=(told,))
    return (yield from _carry_out(order, accepted, context.reference(command), context, told))


def _carry_out(
    order: Order, accepted: AgreedSplit, reference: str, context: Context, told: SettlementAccepted
) -> Steps:
    free, writes, events = yield from without_dispute(order, "agreed", context)
    decision: Decision = yield from divide(
        free, accepted.split, accepted.goods, reference, context, cause="agreed"
    )
    closed = decision.reply
    assert isinstance(closed, OrderClosedReply)
    done = closing.beside(decision, {**writes, settlement_key(order.id): accepted}, told, *events)
    reply = SettlementReply(settlement=accepted, order=closed.order, notes=closed.notes)
    return Decision(reply=reply, writes=done.writes, events=done.events)


@operation("settlements:Withdraw", WithdrawSettlement, SettlementReply)
def withdraw(command: WithdrawSettlement, context: Context) -> Steps:
    """The proposal is off."""
    order, found, _ = yield from _load(command.order)
    proposed = _require(found, command.number)
    if context.caller.msp_id not in (*proposed.agreed, *proposed.needs):
        raise Refusal(Code.NOT_PERMITTED, f"{context.caller.msp_id} has no say in this proposal.")
    gone = replace(proposed, status="withdrawn", closed_at=context.at)
    event = SettlementWithdrawn(order=order.id, number=gone.number, by=context.caller.msp_id, at=context.at)
    return Decision(
        reply=SettlementReply(settlement=gone, order=order, notes=[]),
        writes={settlement_key(order.id): gone},
        events=(event,),
    )


@operation("settlements:Get", GetSettlement, SettlementFoundReply)
def get(command: GetSettlement, context: Context) -> Steps:
    """The latest proposal of an order."""
    records = yield Fetch(keys=(settlement_key(command.order),))
    found = records.get(AgreedSplit, command.order, refuse=Code.SETTLEMENT_NOT_FOUND, where="order")
    return Decision(reply=SettlementFoundReply(settlement=found))


def _load(
    order_id: str,
) -> Generator[Fetch, Records, tuple[Order, AgreedSplit | None, Receivable | None]]:
    """An order under way, with its latest proposal and the sale of its proceeds."""
    keys = ((Order.NOUN, order_id), settlement_key(order_id), receivable_key(order_id))
    records = yield Fetch(keys=keys)
    order = records.get(Order, order_id, refuse=Code.ORDER_NOT_FOUND, where="order")
    require_status(order, ("accepted", "shipped", "delivered"), "split the escrow of")
    return order, records.find(AgreedSplit, order_id), records.find(Receivable, order_id)


def _require(found: AgreedSplit | None, number: int) -> AgreedSplit:
    if found is None:
        raise Refusal(Code.SETTLEMENT_NOT_FOUND, "No split of this order was proposed.", "order")
    if found.number != number:
        raise Refusal(Code.SETTLEMENT_STATE, f"The latest proposal is number {found.number}.", "number")
    if found.status != "proposed":
        raise Refusal(Code.SETTLEMENT_STATE, f"The proposal is {found.status}.", "number")
    return found


def _check(order: Order, split: Split, goods: Holder | None) -> None:
    """Within what is held; goods named where it ends the order, and only there."""
    check_split(order, split, "split")
    whole = split.total == order.held
    if whole and goods is None:
        raise Refusal(Code.SPLIT_INVALID, "It ends the order: say whose the goods are.", "goods")
    if not whole and goods is not None:
        raise Refusal(Code.SPLIT_INVALID, "The order goes on: nothing is said of the goods.", "goods")
    if not whole and order.settlement == "deliveries":
        raise Refusal(
            Code.SPLIT_INVALID,
            "An order by deliveries is split whole, or paid part by part.",
            "split",
        )
    if not whole and order.dispute is not None:
        raise Refusal(Code.SPLIT_INVALID, "During a dispute a split comes to all that is held.", "split")


def _needs(order: Order, split: Split, receivable: Receivable | None) -> list[str]:
    """Buyer and seller, and who else would get less by it than without it."""
    needs = [order.buyer, order.seller]
    shares, parts = order.shares, parts_of(order, split)
    carried = parts.carrier + int(parts.left.freight)
    # A split pays one carrier: of several, the others get nothing by one that pays all of the freight.
    least = int(shares.freight) + (1 if len(order.carriers) > 1 and shares.freight != "0" else 0)
    if order.status != "accepted" and carried < least:
        needs.extend(order.carriers)
    sold = receivable is not None and receivable.status == "assigned"
    if sold and parts.seller + int(parts.left.proceeds) < int(shares.proceeds):
        needs.append(organisation(payee(receivable, order.seller)))
    return list(dict.fromkeys(needs))

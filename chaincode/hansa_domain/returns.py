"""Returns: after shipping, goods may go back for an agreed fee, and the rest of the escrow with them."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import (
    Event,
    ExchangeAsked,
    ReturnAccepted,
    ReturnProposed,
    ReturnReceived,
    ReturnRefused,
)
from hansa_domain.fields import Amount, EntityId, Seconds, Timestamp
from hansa_domain.iso4217 import shown
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
from hansa_domain.orders.commands import OrderClosedReply
from hansa_domain.orders.order import (
    Order,
    after,
    require_party,
    require_settlement,
    require_status,
    require_undisputed,
)
from hansa_domain.orders.receivable import Receivable, receivable_key, refuse_sold
from hansa_domain.times import milliseconds

ReturnStatus = Literal["proposed", "accepted", "refused", "received"]


class Return(Record, frozen=True, kw_only=True):
    """What buyer and seller agree on about goods that go back; key ``("return", order)``.

    ``restocking_fee`` stays with the seller, the freight goes to the carrier, the rest back to the buyer.
    ``receive_within`` is how many seconds the seller has, once he agreed, to say that he has the goods.

    Version 2 has ``exchange``: the money stays in escrow, and the order is shipped anew with other goods.
    """

    NOUN: ClassVar[str] = "return"
    VERSION: ClassVar[int] = 2
    v: int = 2
    order: str
    status: ReturnStatus
    restocking_fee: str
    receive_within: int
    proposed_at: Timestamp
    accepted_at: Timestamp | None = None
    closed_at: Timestamp | None = None
    exchange: bool = False


class ProposeReturn(Command["ReturnReply"], frozen=True, kw_only=True):
    """``returns:Propose``, by the buyer, of an order that is shipped or delivered and not settled.

    While it is shipped, this cancels the order for a fee. A proposal may be replaced until it is accepted.
    Goods on trial go back without asking: within the trial, for no fee, if the seller has at least
    ``deliver_within`` of the order to receive them. ``exchange`` asks for other goods instead of the money;
    it leaves no fee, and the seller is always asked.
    """

    order: EntityId
    restocking_fee: Amount
    receive_within: Seconds
    exchange: bool = False


class AcceptReturn(Command["ReturnReply"], frozen=True, kw_only=True):
    """``returns:Accept``, by the seller, to exactly this fee: the order waits until the goods are back.

    And to exactly an exchange, where that was proposed.
    """

    order: EntityId
    restocking_fee: Amount
    exchange: bool = False


class RefuseReturn(Command["ReturnReply"], frozen=True, kw_only=True):
    """``returns:Refuse``, by the seller: not agreed, or what came back is not what was agreed.

    The order goes on; where the return was accepted, its inspection period begins anew.
    """

    order: EntityId


class ReceiveReturn(Command["OrderClosedReply"], frozen=True, kw_only=True):
    """``returns:Receive``, by the seller: he has the goods, and escrow is paid out as agreed."""

    order: EntityId


class GetReturn(Query["ReturnReply"], frozen=True, kw_only=True):
    """``returns:Get``."""

    order: EntityId


class ReturnReply(msgspec.Struct, frozen=True, kw_only=True):
    """The return of an order."""

    returned: Return


def return_key(order: str) -> Key:
    """Where the return of an order stands."""
    return (Return.NOUN, order)


@operation("returns:Propose", ProposeReturn, ReturnReply)
def propose(command: ProposeReturn, context: Context) -> Steps:
    """The buyer wants to give the goods back and says what he would leave for it."""
    order, earlier = _read((yield _wanted(command.order)), command.order)
    require_party(context, order.buyer, "propose a return of")
    _require_returnable(order)
    if earlier is not None and earlier.status == "accepted":
        raise Refusal(Code.RETURN_STATE, "A return of this order is agreed already.", "order")
    freight = order.shares.freight
    if int(command.restocking_fee) > order.held - int(freight):
        raise Refusal(
            Code.SHARES_EXCEED_AMOUNT,
            f"The fee and the freight {freight} are more than the amount {order.held}.",
            "restocking_fee",
        )
    if command.exchange and command.restocking_fee != "0":
        raise Refusal(Code.FIELD_INVALID, "An exchange leaves the seller no fee.", "restocking_fee")
    proposed = Return(
        order=order.id,
        status="proposed",
        exchange=command.exchange,
        restocking_fee=command.restocking_fee,
        receive_within=command.receive_within,
        proposed_at=context.at,
    )
    event = ReturnProposed(
        order=order.id,
        currency=order.currency,
        restocking_fee=proposed.restocking_fee,
        receive_within=proposed.receive_within,
        at=context.at,
    )
    if _on_trial(order, command, context):
        return _accepted(order, proposed, context, event)
    return Decision(
        reply=ReturnReply(returned=proposed),
        writes={return_key(order.id): proposed},
        events=(event, *((ExchangeAsked(order=order.id, at=context.at),) if command.exchange else ())),
    )


def _on_trial(order: Order, command: ProposeReturn, context: Context) -> bool:
    """Whether the seller agreed beforehand: goods on trial, in time, for no fee.

    He has the goods' way back for it at least as long as their way there; in that time he may refuse what
    came back.
    """
    trial = None if order.pricing is None else order.pricing.trial
    if command.exchange or trial is None or order.status != "delivered" or order.delivered_at is None:
        return False
    in_time = context.now <= milliseconds(order.delivered_at) + trial * 1000
    return in_time and command.restocking_fee == "0" and command.receive_within >= order.terms.deliver_within


def _accepted(order: Order, proposed: Return, context: Context, *before: Event) -> Decision:
    due = after(context, proposed.receive_within)
    accepted = replace(proposed, status="accepted", accepted_at=context.at)
    return Decision(
        reply=ReturnReply(returned=accepted),
        writes={return_key(order.id): accepted, (Order.NOUN, order.id): replace(order, due=due)},
        events=(*before, ReturnAccepted(order=order.id, due=due, at=context.at)),
    )


@operation("returns:Accept", AcceptReturn, ReturnReply)
def accept(command: AcceptReturn, context: Context) -> Steps:
    """The seller agrees; from here on the order's deadline is that of the goods' way back."""
    records = yield Fetch(keys=(*_wanted(command.order).keys, receivable_key(command.order)))
    order, found = _read(records, command.order)
    require_party(context, order.seller, "accept a return of")
    refuse_sold(records.find(Receivable, order.id), "take the goods back")
    _require_returnable(order)
    proposed = _require(found, ("proposed",), "accept")
    if command.restocking_fee != proposed.restocking_fee:
        raise Refusal(
            Code.RETURN_STATE,
            f"The fee proposed is {shown(proposed.restocking_fee, order.currency)}.",
            "restocking_fee",
        )
    if command.exchange != proposed.exchange:
        wanted = "other goods" if proposed.exchange else "the money"
        raise Refusal(Code.RETURN_STATE, f"The buyer wants {wanted} for it.", "exchange")
    return _accepted(order, proposed, context)


@operation("returns:Refuse", RefuseReturn, ReturnReply)
def refuse(command: RefuseReturn, context: Context) -> Steps:
    """The seller says no; the order goes on as if nothing had been proposed."""
    order, found = _read((yield _wanted(command.order)), command.order)
    require_party(context, order.seller, "refuse a return of")
    _require_returnable(order)
    before = _require(found, ("proposed", "accepted"), "refuse")
    refused = replace(before, status="refused", closed_at=context.at)
    writes: dict[Key, Record | None] = {return_key(order.id): refused}
    due = order.due
    if before.status == "accepted":
        due = after(context, order.terms.inspect_within)
        writes[Order.NOUN, order.id] = replace(order, due=due)
    assert due is not None  # an open order always has a deadline
    return Decision(
        reply=ReturnReply(returned=refused),
        writes=writes,
        events=(ReturnRefused(order=order.id, due=due, at=context.at),),
    )


@operation("returns:Receive", ReceiveReturn, OrderClosedReply)
def receive(command: ReceiveReturn, context: Context) -> Steps:
    """The seller has the goods: fee to him, freight to the carrier, the rest to the buyer."""
    order, found = _read((yield _wanted(command.order)), command.order)
    require_party(context, order.seller, "report goods received of")
    _require_returnable(order)
    accepted = _require(found, ("accepted",), "receive")
    return (yield from complete(order, accepted, context.reference(command), context))


def complete(order: Order, accepted: Return, reference: str, context: Context) -> Steps:
    """The end of an agreed return: by the seller's word, or since he was silent until the deadline."""
    # A split agreed meanwhile may have left less than the fee.
    fee = min(int(accepted.restocking_fee), order.held - int(order.shares.freight))
    if accepted.exchange:
        decision: Decision = yield from closing.ship_anew(order, context)
    else:
        decision = yield from closing.take_back(order, fee, reference, context)
    received = replace(accepted, status="received", closed_at=context.at)
    event = ReturnReceived(
        order=order.id,
        by=context.caller.msp_id,
        currency=order.currency,
        restocking_fee=str(fee),
        at=context.at,
    )
    return Decision(
        reply=decision.reply,
        writes={**decision.writes, return_key(order.id): received},
        events=(event, *decision.events),
    )


def _require_returnable(order: Order) -> None:
    require_settlement(order, ("whole",), "return")
    require_status(order, ("shipped", "delivered"), "return")
    require_undisputed(order, "return")


def _wanted(order: str) -> Fetch:
    return Fetch(keys=((Order.NOUN, order), return_key(order)))


def _read(records: Records, order: str) -> tuple[Order, Return | None]:
    found = records.get(Order, order, refuse=Code.ORDER_NOT_FOUND, where="order")
    return found, records.find(Return, order)


def _require(found: Return | None, allowed: tuple[ReturnStatus, ...], act: str) -> Return:
    if found is None:
        raise Refusal(Code.RETURN_NOT_FOUND, "No return of this order was proposed.", "order")
    if found.status not in allowed:
        raise Refusal(
            Code.RETURN_STATE,
            f"The return is {found.status}; to {act} it, it must be {' or '.join(allowed)}.",
            "order",
        )
    return found


@operation("returns:Get", GetReturn, ReturnReply)
def get(command: GetReturn, context: Context) -> Steps:
    """The return of an order, if one was proposed."""
    records = yield Fetch(keys=(return_key(command.order),))
    found = records.get(Return, command.order, refuse=Code.RETURN_NOT_FOUND, where="order")
    return Decision(reply=ReturnReply(returned=found))

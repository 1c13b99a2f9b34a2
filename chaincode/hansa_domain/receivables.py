"""Invoice financing: a seller sells what an order owes him, and settlement pays who bought it.

The price moves in the transaction that assigns. Where the buyer gets the money back instead, nothing is left
for the financier: he buys the risk too, unless the two agreed otherwise elsewhere.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.authority import Spending
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import NoteView, ReceivableAssigned, ReceivableOffered, ReceivableWithdrawn
from hansa_domain.exchanges.swap import require_free
from hansa_domain.fields import Amount, EntityId, MspId, Owner, Seconds
from hansa_domain.frozen import FROZEN
from hansa_domain.members import known_member, member_key
from hansa_domain.money import NoteIds, money_moved
from hansa_domain.notes import note_keys, own_account, pay_out, spendable
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
from hansa_domain.orders.order import Order, require_party, require_status, require_undisputed
from hansa_domain.orders.receivable import Receivable, receivable_key
from hansa_domain.returns import Return, return_key
from hansa_domain.times import milliseconds, rfc3339


class OfferReceivable(Command["ReceivableReply"], frozen=True, kw_only=True):
    """``receivables:Offer``, by the seller of an order that he accepted: its proceeds for ``price``.

    ``account`` gets the price; without it, the organisation's main account.
    """

    order: EntityId
    financier: MspId
    price: Amount
    expires_within: Seconds
    account: Owner | None = None


class AssignReceivable(Spending["ReceivableAssignedReply"], frozen=True, kw_only=True):
    """``receivables:Assign``, by the financier: pays the price, and the proceeds are his when they are paid.

    ``account`` gets them, and the change; without it, the organisation's main account. ``price`` must be the
    one offered, so that nobody pays more than he saw.
    """

    order: EntityId
    price: Amount
    notes: NoteIds
    account: Owner | None = None


class WithdrawReceivable(Command["ReceivableReply"], frozen=True, kw_only=True):
    """``receivables:Withdraw``, by the seller: the proceeds are not for sale."""

    order: EntityId


class GetReceivable(Query["ReceivableReply"], frozen=True, kw_only=True):
    """``receivables:Get``: the proceeds of an order, offered or sold."""

    order: EntityId


class ReceivableReply(msgspec.Struct, frozen=True, kw_only=True):
    """The receivable as it stands."""

    receivable: Receivable


class ReceivableAssignedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The receivable, the price paid, and the financier's change."""

    receivable: Receivable
    paid: NoteView
    change: NoteView | None


@operation("receivables:Offer", OfferReceivable, ReceivableReply)
def offer(command: OfferReceivable, context: Context) -> Steps:
    """Writes the offer; a new one takes the place of one that was not taken."""
    if command.price == "0":
        raise Refusal(Code.AMOUNT_ZERO, "A receivable is sold for a price.", "price")
    key = receivable_key(command.order)
    records = yield Fetch(keys=(key, (Order.NOUN, command.order), member_key(command.financier)))
    order = _open_order(records, command.order)
    require_party(context, order.seller, "sell the proceeds of")
    known_member(records, command.financier, "financier")
    if command.financier in (order.seller, order.buyer):
        raise Refusal(Code.NOT_PERMITTED, "The financier is neither seller nor buyer.", "financier")
    before = records.find(Receivable, command.order)
    if before is not None and before.status == "assigned":
        raise Refusal(Code.RECEIVABLE_STATE, f"It was sold to {before.financier}.", "order")
    made = Receivable(
        order=order.id,
        status="offered",
        seller=order.seller,
        financier=command.financier,
        currency=order.currency,
        proceeds=order.shares.proceeds,
        price=command.price,
        account=own_account(command.account, context, "account"),
        assignee=None,
        offered_at=context.at,
        expires_at=rfc3339(context.now + command.expires_within * 1000),
    )
    event = ReceivableOffered(
        order=made.order,
        seller=made.seller,
        financier=made.financier,
        currency=made.currency,
        proceeds=made.proceeds,
        price=made.price,
        expires_at=made.expires_at,
        at=context.at,
    )
    return Decision(reply=ReceivableReply(receivable=made), writes={key: made}, events=(event,))


@operation("receivables:Assign", AssignReceivable, ReceivableAssignedReply)
def assign(command: AssignReceivable, context: Context) -> Steps:
    """Pays the seller, and from then on the order's proceeds are the financier's."""
    key = receivable_key(command.order)
    returned = return_key(command.order)
    records = yield Fetch(
        keys=(key, (Order.NOUN, command.order), returned, FROZEN, *note_keys(command.notes))
    )
    found = _offered(records, command.order)
    if found.financier != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"It is offered to {found.financier}.")
    order = _open_order(records, command.order)
    require_undisputed(order, "sell the proceeds of")
    # The proceeds would come into the seller's main account, and stay there while it is frozen.
    require_free(records, found.seller, "order")
    agreed = records.find(Return, command.order)
    if agreed is not None and agreed.status == "accepted":
        raise Refusal(Code.RETURN_STATE, "Seller and buyer agreed that the goods go back.", "order")
    if context.now >= milliseconds(found.expires_at):
        raise Refusal(Code.RECEIVABLE_STATE, f"The offer ended at {found.expires_at}.", "order")
    if order.shares.proceeds != found.proceeds:
        says = f"Of {found.proceeds} offered, {order.shares.proceeds} are left: ask for another offer."
        raise Refusal(Code.RECEIVABLE_STATE, says, "order")
    if command.price != found.price:
        raise Refusal(Code.PRICE_MISMATCH, f"It is offered for {found.price}.", "price")
    account = own_account(command.account, context, "account")
    consumed = spendable(records, command.notes, context, found.currency)
    payment = pay_out(
        consumed,
        int(found.price),
        payee=found.account,
        account=account,
        reference=context.reference(command),
    )
    assigned = replace(found, status="assigned", assignee=account, assigned_at=context.at)
    event = ReceivableAssigned(
        order=found.order,
        seller=found.seller,
        financier=found.financier,
        assignee=account,
        currency=found.currency,
        price=found.price,
        at=context.at,
    )
    moved = money_moved(
        "transfer", consumed, payment.created, context, currency=found.currency, order=found.order
    )
    return Decision(
        reply=ReceivableAssignedReply(
            receivable=assigned, paid=payment.paid.view, change=payment.change_view
        ),
        writes={**payment.writes, key: assigned},
        events=(event, moved),
    )


@operation("receivables:Withdraw", WithdrawReceivable, ReceivableReply)
def withdraw(command: WithdrawReceivable, context: Context) -> Steps:
    """Ends the offer."""
    key = receivable_key(command.order)
    found = _offered((yield Fetch(keys=(key,))), command.order)
    if found.seller != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {found.seller} may withdraw it.")
    ended = replace(found, status="withdrawn")
    event = ReceivableWithdrawn(
        order=found.order, seller=found.seller, financier=found.financier, at=context.at
    )
    writes: dict[Key, Record | None] = {key: ended}
    return Decision(reply=ReceivableReply(receivable=ended), writes=writes, events=(event,))


@operation("receivables:Get", GetReceivable, ReceivableReply)
def get(command: GetReceivable, context: Context) -> Steps:
    """One receivable."""
    records = yield Fetch(keys=(receivable_key(command.order),))
    return Decision(reply=ReceivableReply(receivable=_found(records, command.order)))


def _found(records: Records, order: str) -> Receivable:
    return records.get(Receivable, order, refuse=Code.RECEIVABLE_NOT_FOUND, where="order")


def _offered(records: Records, order: str) -> Receivable:
    found = _found(records, order)
    if found.status != "offered":
        raise Refusal(Code.RECEIVABLE_STATE, f"The receivable is {found.status}.", "order")
    return found


def _open_order(records: Records, name: str) -> Order:
    """The order, accepted and not yet ended."""
    order = records.get(Order, name, refuse=Code.ORDER_NOT_FOUND, where="order")
    require_status(order, ("accepted", "shipped", "delivered"), "sell the proceeds of")
    return order

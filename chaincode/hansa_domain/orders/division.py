"""A split of what is in escrow: what everybody gets, the fee in it, and for whom the rest is meant."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import msgspec

from hansa_domain.deliveries.suspending import end_parts
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import DivisionCause, EscrowReleased, Event, MoneyReason, OrderDivided
from hansa_domain.fields import Amount, MspId
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records
from hansa_domain.orders import closing
from hansa_domain.orders.closing import Holder
from hansa_domain.orders.escrow import escrow_key, pay_out
from hansa_domain.orders.order import Order, Shares
from hansa_domain.orders.receivable import Receivable, payee, receivable_key


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """So much of what is in escrow to buyer, seller and carrier, in minor units.

    ``to_seller`` is before the consortium's fee, which is taken of it as of the order's proceeds. ``carrier``
    names one of several who carry the order.
    """

    to_buyer: Amount
    to_seller: Amount
    to_carrier: Amount = "0"
    carrier: MspId | None = None

    @property
    def total(self) -> int:
        """All of it."""
        return int(self.to_buyer) + int(self.to_seller) + int(self.to_carrier)


@dataclass(frozen=True)
class Parts:
    """A split worked out: ``seller`` is without ``fee``; ``left`` is for whom the rest is meant."""

    buyer: int
    seller: int
    carrier: int
    fee: int
    arbitration: int
    left: Shares


def check_split(order: Order, split: Split, where: str, *, arbitration: int = 0) -> None:
    """Refuses SPLIT_INVALID where it is nothing, more than what is held, or for a carrier there is not.

    ``arbitration`` are minor units of what is held that are the arbitrator's.
    """
    held = order.held - arbitration
    if split.total > held:
        raise Refusal(Code.SPLIT_INVALID, f"The parts come to {split.total}, to split are {held}.", where)
    if split.total == 0 and held > 0:
        raise Refusal(Code.SPLIT_INVALID, "Somebody gets something.", where)
    if split.carrier is not None and split.carrier not in order.carriers:
        raise Refusal(Code.SPLIT_INVALID, f"{split.carrier} carries nothing here.", f"{where}.carrier")
    if split.to_carrier != "0" and _carrier(order, split) is None:
        said = "Say which carrier it is for." if order.carriers else "The order has no carrier."
        raise Refusal(Code.SPLIT_INVALID, said, f"{where}.to_carrier")


def _carrier(order: Order, split: Split) -> str | None:
    """Who gets the carrier's part: the one that is named, or the only one."""
    only = order.carriers[0] if len(order.carriers) == 1 else None
    return split.carrier or only


def parts_of(order: Order, split: Split, arbitration: int = 0) -> Parts:
    """What everybody gets by a split, and what stays.

    The fee is to the seller's part as it is to his share of the escrow, rounded down. What goes back to the
    buyer costs no fee. The rest is for the carrier up to the freight not yet paid, then for the seller.

    Args:
        order: as it stands.
        split: within what is held, arbitration included.
        arbitration: what the arbitrator gets besides, minor units.
    """
    shares = order.shares
    fee, gross = int(shares.fee), int(shares.fee) + int(shares.proceeds)
    seller, carrier = int(split.to_seller), int(split.to_carrier)
    rest = order.held - split.total - arbitration
    freight_left = min(max(int(shares.freight) - carrier, 0), rest)
    gross_left = rest - freight_left
    fee_now = min(fee, fee * seller // gross) if gross else 0
    fee_left = min(fee - fee_now, fee * gross_left // gross) if gross else 0
    left = Shares(proceeds=str(gross_left - fee_left), freight=str(freight_left), fee=str(fee_left))
    return Parts(int(split.to_buyer), seller - fee_now, carrier, fee_now, arbitration, left)


def divide(
    order: Order,
    split: Split,
    goods: Holder | None,
    reference: str,
    context: Context,
    *,
    cause: DivisionCause,
    arbitration: tuple[str, int] | None = None,
) -> Generator[Fetch, Records, Decision]:
    """Pays a split out of escrow. Where it is all that is held, the order ends; else it goes on.

    Args:
        order: open, without a dispute.
        split: checked by ``check_split``.
        goods: whose they are then, where the order ends.
        reference: of the command; names the new notes.
        context: the transaction's.
        cause: agreed or decided.
        arbitration: the arbitrator's account and what he gets, minor units.
    """
    records = yield Fetch(keys=(escrow_key(order.id), receivable_key(order.id)))
    owed = payee(records.find(Receivable, order.id), order.seller)
    arbitrator, costs = arbitration or (order.arbitrator, 0)
    parts = parts_of(order, split, costs)
    outputs = [
        (order.refund_account, parts.buyer),
        (owed, parts.seller),
        (order.fee_account, parts.fee),
        (arbitrator, parts.arbitration),
    ]
    carrier = _carrier(order, split)
    if carrier is not None:
        outputs.insert(2, (carrier, parts.carrier))
    only_back = parts.seller + parts.carrier + parts.fee + parts.arbitration == 0
    reason: MoneyReason = "refund" if only_back else "release"
    paid = pay_out(
        order, outputs, reason, reference=reference, records=records, context=context, left=parts.left
    )
    if paid.order.held > 0:
        event = _released(paid.order, parts, context)
        writes: dict[Key, Record | None] = {**paid.writes, (Order.NOUN, order.id): paid.order}
        return closing.answer(paid.order, paid.notes, writes, (event, paid.event))
    if goods is None:
        raise Refusal(Code.SPLIT_INVALID, "It ends the order: say whose the goods are.", "goods")
    moves: Mapping[Key, Record | None]
    moved: tuple[Event | None, ...]
    gone = closing.closed(paid.order, context, "settled" if parts.seller > 0 else "refunded", cause)
    if order.settlement == "deliveries":
        out = Shares(proceeds=str(parts.seller), freight=str(parts.carrier), fee=str(parts.fee))
        moves, moved = yield from end_parts(gone, goods == "buyer", out, parts.buyer, context)
    else:
        moves, moved = yield from closing.move_goods(order, goods, context)
    return closing.ended(gone, paid, goods=moves, events=(_divided(gone, parts, goods, context), *moved))


def _released(order: Order, parts: Parts, context: Context) -> EscrowReleased:
    return EscrowReleased(
        order=order.id,
        by=context.caller.msp_id,
        currency=order.currency,
        buyer=str(parts.buyer),
        seller=str(parts.seller),
        carrier=str(parts.carrier),
        fee=str(parts.fee),
        left=str(order.held),
        at=context.at,
    )


def _divided(order: Order, parts: Parts, goods: Holder, context: Context) -> OrderDivided:
    return OrderDivided(
        order=order.id,
        status=order.status,
        cause="decided" if order.cause == "decided" else "agreed",
        by=context.caller.msp_id,
        currency=order.currency,
        buyer=str(parts.buyer),
        seller=str(parts.seller),
        carrier=str(parts.carrier),
        fee=str(parts.fee),
        arbitration=str(parts.arbitration),
        goods=goods,
        at=context.at,
    )

"""The beginning of an order delivered in parts: its terms hold together, and its lines have values."""

from __future__ import annotations

from collections.abc import Sequence

from hansa_domain.deliveries.records import Fulfilment, LineState, terms_of
from hansa_domain.deliveries.shares import allocated
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import CarriageView, DeliveriesAgreed
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.order import Order, Settlement


def check_terms(
    settlement: Settlement,
    terms: DeliveryTerms | None,
    lines: int,
    freight: str,
    carrier: str | None,
    prefix: str = "",
) -> None:
    """Refuses what does not go together: settlement, terms, carriages and freight.

    Args:
        settlement: the order's.
        terms: for its deliveries.
        lines: how many it has.
        freight: all of it, minor units.
        carrier: of the order as a whole.
        prefix: of the fields in the command, such as ``proposal.``.
    """
    where = f"{prefix}deliveries"
    if (settlement == "deliveries") != (terms is not None):
        raise Refusal(Code.FIELD_INVALID, "Settlement 'deliveries' and terms for them go together.", where)
    if terms is None:
        return
    if carrier is not None:
        raise Refusal(
            Code.CARRIER_INVALID, "Each despatch has its carrier: name carriages.", f"{prefix}carrier"
        )
    if terms.freight != int(freight):
        raise Refusal(
            Code.AMOUNTS_DIFFER,
            f"The carriages' freight is {terms.freight} minor units, the order's {freight}.",
            f"{where}.carriages",
        )
    if terms.weights is not None and len(terms.weights) != lines:
        raise Refusal(Code.FIELD_INVALID, f"Give one weight for each of {lines} lines.", f"{where}.weights")


def begin(order: Order, prices: Sequence[int] | None) -> tuple[Fulfilment, DeliveriesAgreed]:
    """How far the parts of a new order are, and the event that tells its terms.

    Args:
        order: just made.
        prices: minor units of each line, where the listings say so.

    Raises:
        Refusal: FIELD_INVALID, where nothing says how the price is divided among the lines.
    """
    terms = terms_of(order)
    goods = int(order.amount) - int(order.freight)
    weights = [int(each) for each in terms.weights] if terms.weights is not None else prices
    if weights is None or (goods and not sum(weights)):
        raise Refusal(
            Code.FIELD_INVALID,
            "Agree on a weight for each line: their prices are not public.",
            "deliveries.weights",
        )
    values = allocated(goods, weights) if goods else [0] * len(order.lines)
    lines = [
        LineState(value=str(value), ordered=line.quantity, open=line.quantity)
        for line, value in zip(order.lines, values, strict=True)
    ]
    event = DeliveriesAgreed(
        order=order.id,
        carriages=[CarriageView(carrier=each.carrier, freight=each.freight) for each in terms.carriages],
        values=[line.value for line in lines],
        answer_within=terms.answer_within,
        invoice_within=terms.invoice_within,
        cancellation_fee=terms.cancellation_fee,
        return_fee=terms.return_fee,
        damage_discount=terms.damage_discount,
        tolerance=terms.tolerance,
        at=order.placed_at,
    )
    accepted = order.status == "accepted"
    return Fulfilment(order=order.id, lines=lines, open_due=order.due if accepted else None), event

"""The three-way match: what order and receipt make due of a despatch, and whether an invoice asks that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hansa_domain.deliveries.commands import Difference
from hansa_domain.deliveries.records import (
    Despatch,
    Fulfilment,
    Invoice,
    LineState,
    ReceivedLine,
    terms_of,
)
from hansa_domain.deliveries.shares import portion
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.order import Order


@dataclass(frozen=True)
class DueLine:
    """What is due of one line of a despatch: units the buyer keeps, minor units he pays, and the line's
    price.

    ``price`` includes what goes back to the buyer, and units kept beyond the despatch.
    """

    line: int
    kept: int
    lost: int
    amount: int
    price: int


@dataclass(frozen=True)
class Due:
    """What is due of a despatch; ``freight`` is its carrier's, nothing where nothing arrived."""

    lines: tuple[DueLine, ...]
    freight: int

    @property
    def price(self) -> int:
        """Minor units of all of its goods."""
        return sum(line.price for line in self.lines)


def amount_due(
    order: Order, fulfilment: Fulfilment, despatch: Despatch, lines: Sequence[ReceivedLine]
) -> Due:
    """What order and receipt make due, at the order's prices; ``lines`` are the receipt's."""
    terms = terms_of(order)
    received = {line.line: line for line in lines}
    due = []
    for sent in despatch.lines:
        found = received[sent.line]
        state = fulfilment.lines[sent.line]
        beyond = state.worth(found.over_first, found.over_accepted)
        due.append(
            DueLine(
                line=sent.line,
                kept=found.kept,
                lost=sent.quantity + found.over_accepted - found.kept,
                amount=_amount(state, sent.first, found, terms) + beyond,
                price=state.worth(sent.first, sent.quantity) + beyond,
            )
        )
    arrived = any(line.arrived for line in lines)
    return Due(tuple(due), int(despatch.freight) if arrived else 0)


def _amount(state: LineState, first: int, found: ReceivedLine, terms: DeliveryTerms) -> int:
    """Accepted units in full, damaged ones kept less the discount, and the fee for sound ones sent back."""
    damaged = first + found.accepted
    kept = state.worth(damaged, found.damaged_kept)
    sound = state.worth(damaged + found.damaged_kept, found.returned)
    whole = state.worth(first, found.accepted)
    return whole + kept - portion(kept, terms.damage_discount or 0) + portion(sound, terms.return_fee or 0)


def nothing_due(fulfilment: Fulfilment, despatch: Despatch) -> Due:
    """Of a despatch that did not arrive nothing is due."""
    lines = [
        DueLine(
            line=sent.line,
            kept=0,
            lost=sent.quantity,
            amount=0,
            price=fulfilment.lines[sent.line].worth(sent.first, sent.quantity),
        )
        for sent in despatch.lines
    ]
    return Due(tuple(lines), 0)


def differences(order: Order, due: Due | None, invoice: Invoice) -> list[Difference]:
    """What an invoice does not agree in with order and receipt, the fields as it has them; empty: it matches.

    Args:
        order: whose price counts, and whose tolerance.
        due: what order and receipt make due; None where nothing was received yet.
        invoice: with its credits.
    """
    if invoice.status != "issued":
        return [Difference(field="status", message=f"The invoice is {invoice.status}.")]
    if due is None:
        return [Difference(field="despatch", message="The buyer has not reported what he received.")]
    found: list[Difference] = []
    places = {line.line: place for place, line in enumerate(invoice.lines)}
    for line in due.lines:
        place = places.get(line.line)
        quantity, amount = (0, 0) if place is None else invoice.standing(place)
        where = "" if place is None else f"lines[{place}]."
        if quantity != line.kept:
            message = f"{quantity} of line {line.line} are invoiced, {line.kept} were received and kept."
            found.append(Difference(field=f"{where}quantity" if where else "lines", message=message))
        if abs(amount - line.amount) > portion(line.amount, terms_of(order).tolerance):
            message = f"{amount} minor units are invoiced for line {line.line}, {line.amount} are due."
            found.append(Difference(field=f"{where}amount" if where else "lines", message=message))
    freight = int(invoice.freight) - int(invoice.freight_credited)
    if freight != due.freight:
        message = f"Freight of {freight} minor units is invoiced, {due.freight} is due."
        found.append(Difference(field="freight", message=message))
    return found


def payable(due: Due, invoice: Invoice | None) -> int:
    """Minor units for the goods: what the invoice asks, never more than is due; without one, what is due."""
    if invoice is None:
        return sum(line.amount for line in due.lines)
    places = {line.line: place for place, line in enumerate(invoice.lines)}
    asked = {line: invoice.standing(place)[1] for line, place in places.items()}
    return sum(min(line.amount, asked.get(line.line, 0)) for line in due.lines)

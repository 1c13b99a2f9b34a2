"""What waits for a member: whose turn it is on each of its orders."""

from __future__ import annotations

from dataclasses import dataclass

from hansa_portal.viewer import Viewer
from hansa_portal.words import _
from hansa_readmodel.queries import OrderRow, Queries

_SHOWN = 10


@dataclass(frozen=True)
class Duty:
    """Orders that wait for the same step of ours, or of others: the most urgent, and how many in all."""

    title: str
    ours: bool
    orders: list[OrderRow]
    count: int


def duties(queries: Queries, viewer: Viewer) -> list[Duty]:
    """Our own turns first, each with the order due next on top; what does not wait is left out."""
    turns = [
        (_("Accept or decline"), True, "seller", ("placed",)),
        (_("Ship"), True, "seller", ("accepted",)),
        (_("Carry and report delivery"), True, "carrier", ("shipped",)),
        (_("Inspect and confirm"), True, "buyer", ("delivered",)),
        (_("On its way to us"), False, "buyer", ("shipped",)),
        (_("Waiting for the seller"), False, "buyer", ("placed", "accepted")),
        (_("Waiting for carrier or buyer"), False, "seller", ("shipped", "delivered")),
        (_("Delivered, waiting for the buyer"), False, "carrier", ("delivered",)),
    ]
    found = []
    for title, ours, role, statuses in turns:
        count = queries.orders.count(party=viewer.msp_id, role=role, statuses=statuses)
        if count:
            rows = queries.orders.list(party=viewer.msp_id, role=role, statuses=statuses, limit=100)
            rows.sort(key=lambda row: row.due or "")
            found.append(Duty(title, ours, rows[:_SHOWN], count))
    return found


@dataclass(frozen=True)
class Action:
    """A step that the viewer may take now: its name in addresses, its button, and what it means."""

    name: str
    button: str
    meaning: str
    grave: bool = False


def actions(order: OrderRow, viewer: Viewer, now: str, *, in_parts: bool = False) -> list[Action]:
    """The buttons of an order's page, the most likely first; shipping has a form of its own.

    Of an order ``in_parts`` most steps are those of its despatches.
    """
    me = viewer.msp_id
    found: list[Action] = []
    if viewer.role == "regulator":
        return found
    if order.due is not None and order.due <= now:
        found.append(
            Action(
                "default", _("Call the default"), _("The deadline has passed: the terms take effect."), True
            )
        )
    if order.dispute is not None:
        return found + _conceding(order, me)
    if me == order.seller and order.status == "placed":
        found.append(Action("accept", _("Accept"), _("You agree to deliver at this price.")))
    whole = not in_parts
    if whole and me == (order.carrier or order.seller) and order.status == "shipped":
        found.append(Action("deliver", _("Report delivery"), _("The buyer's inspection begins.")))
    if whole and me == order.buyer and order.status in {"shipped", "delivered"}:
        found.append(
            Action("confirm", _("Confirm receipt"), _("Seller, carrier and fee are paid at once, for good."))
        )
    if (me == order.seller and order.status in ({"placed", "accepted"} if whole else {"placed"})) or (
        me == order.buyer and order.status == "placed"
    ):
        found.append(Action("cancel", _("Cancel the order"), _("The buyer gets the money back."), True))
    return found


def _conceding(order: OrderRow, me: str) -> list[Action]:
    """What ends an open dispute by a button: the buyer pays, or the seller gives the money back."""
    if me == order.buyer and order.status in {"shipped", "delivered"}:
        meaning = _("You concede the dispute: seller, carrier and fee are paid at once, for good.")
        return [Action("confirm", _("Confirm receipt"), meaning, True)]
    if me == order.seller and order.status == "accepted":
        meaning = _("You concede the dispute: the buyer gets the money back.")
        return [Action("cancel", _("Cancel the order"), meaning, True)]
    return []

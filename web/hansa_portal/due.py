"""What waits for a member: whose turn each of its orders and shipments is, and alerts about its goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hansa_portal.viewer import Viewer
from hansa_portal.words import _
from hansa_readmodel.queries import (
    UNDER_WAY,
    AlertFilter,
    AlertRow,
    OrderRow,
    Part,
    Queries,
    ShipmentRow,
)

_SHOWN = 10


@dataclass(frozen=True)
class Duty:
    """What waits for the same step of ours, or of others: the most urgent of it, and how many in all.

    It is about orders, shipments or alerts; ``asked`` is what the list of all these alerts is asked for.
    ``despatching`` are the ids of its orders of which some may be despatched now.
    """

    title: str
    ours: bool
    count: int
    orders: Sequence[OrderRow] = ()
    despatching: frozenset[str] = frozenset()
    shipments: Sequence[ShipmentRow] = ()
    alerts: Sequence[AlertRow] = ()
    asked: dict[str, str] = field(default_factory=dict)


def duties(queries: Queries, viewer: Viewer) -> list[Duty]:
    """Our own turns first, each with what is due next on top; what does not wait is left out."""
    turns = _Turns(queries, viewer.msp_id)
    found = [
        turns.orders(_("Accept or decline"), True, "seller", ("placed",)),
        turns.orders(_("Ship"), True, "seller", ("accepted",)),
        turns.orders(_("Despatch the rest"), True, "seller", ("shipped",), unsent=True),
        turns.shipments(_("Carry and report delivery"), True, "bringer", UNDER_WAY),
        turns.shipments(_("Inspect and confirm"), True, "buyer", ("delivered",)),
        turns.shipments(_("Invoice, and have it paid"), True, "seller", ("received",)),
        *_alerts(turns, viewer),
        turns.shipments(_("On its way to us"), False, "buyer", UNDER_WAY),
        turns.orders(_("Waiting for the seller"), False, "buyer", ("placed", "accepted")),
        turns.shipments(_("Waiting for the carrier"), False, "sender", UNDER_WAY),
        turns.shipments(_("Delivered, waiting for the buyer"), False, "seller", ("delivered",)),
        turns.shipments(_("Delivered, waiting for the buyer"), False, "carrier", ("delivered",)),
        turns.shipments(_("Received, to be invoiced and paid"), False, "carrier", ("received",)),
        turns.shipments(_("Received, to be invoiced and paid"), False, "buyer", ("received",)),
    ]
    return [each for each in found if each.count]


def _alerts(turns: _Turns, viewer: Viewer) -> list[Duty]:
    """Who answers for a product closes its alerts, as does a regulator; who holds the goods should know."""
    me = viewer.msp_id
    if viewer.role == "regulator":
        return [turns.alerts(_("Alerts that are not closed"), False, AlertFilter(closed=False), {})]
    ours, held = AlertFilter(answers=me, closed=False), AlertFilter(holder=me, others_than=me, closed=False)
    return [
        turns.alerts(_("Look into alerts about our products"), True, ours, {"answers": me}),
        turns.alerts(_("Alerts about goods that we hold"), False, held, {"holder": me}),
    ]


@dataclass(frozen=True)
class _Turns:
    """Asks the read model what of a member's waits."""

    queries: Queries
    party: str

    def orders(
        self, title: str, ours: bool, role: str, statuses: tuple[str, ...], *, unsent: bool = False
    ) -> Duty:
        orders = self.queries.orders
        count = orders.count(party=self.party, role=role, statuses=statuses, unsent=unsent)
        rows: list[OrderRow] = []
        parts: list[OrderRow] = []
        if count:
            if ours:
                parts = orders.list(party=self.party, role=role, statuses=statuses, unsent=True, limit=100)
            rows = orders.list(party=self.party, role=role, statuses=statuses, unsent=unsent, limit=100)
            rows.sort(key=lambda row: row.due or "")
        despatching = frozenset(row.order_id for row in parts if row.dispute is None)
        return Duty(title, ours, count, orders=rows[:_SHOWN], despatching=despatching)

    def shipments(self, title: str, ours: bool, role: Part, statuses: tuple[str, ...]) -> Duty:
        count = self.queries.shipments.count(self.party, role, statuses)
        rows = self.queries.shipments.list(self.party, role, statuses, limit=_SHOWN) if count else ()
        return Duty(title, ours, count, shipments=rows)

    def alerts(self, title: str, ours: bool, wanted: AlertFilter, asked: dict[str, str]) -> Duty:
        count = self.queries.alerts.count(wanted)
        rows = self.queries.alerts.list(wanted, limit=_SHOWN) if count else ()
        return Duty(title, ours, count, alerts=rows, asked=asked)


@dataclass(frozen=True)
class Action:
    """A step that the viewer may take now: its name in addresses, its button, and what it means."""

    name: str
    button: str
    meaning: str
    grave: bool = False


def actions(
    order: OrderRow, viewer: Viewer, now: str, *, in_parts: bool = False, back_order: str | None = None
) -> list[Action]:
    """The buttons of an order's page, the most likely first; shipping has a form of its own.

    Of an order ``in_parts`` most steps are those of its despatches; ``back_order`` says how one stands.
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
    if me == order.buyer and back_order == "proposed":
        found += _answers()
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


def _answers() -> list[Action]:
    """What a buyer may say to a back-order; silence means the second."""
    return [
        Action("accept_back_order", _("Wait for the rest"), _("Until the promised time.")),
        Action(
            "refuse_back_order", _("Do not wait"), _("The money for what is back-ordered comes back."), True
        ),
    ]


def _conceding(order: OrderRow, me: str) -> list[Action]:
    """What ends an open dispute by a button: the buyer pays, or the seller gives the money back."""
    if me == order.buyer and order.status in {"shipped", "delivered"}:
        meaning = _("You concede the dispute: seller, carrier and fee are paid at once, for good.")
        return [Action("confirm", _("Confirm receipt"), meaning, True)]
    if me == order.seller and order.status == "accepted":
        meaning = _("You concede the dispute: the buyer gets the money back.")
        return [Action("cancel", _("Cancel the order"), meaning, True)]
    return []

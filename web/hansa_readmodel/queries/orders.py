"""Orders: whose they are, how they stand, what is due, and what happened to them."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from hansa_readmodel import delivery_tables as d
from hansa_readmodel import tables as t
from hansa_readmodel.fold import subject_of
from hansa_readmodel.queries.deliveries import OrderDeliveries, deliveries_of
from hansa_readmodel.queries.ledger import Step, steps
from hansa_readmodel.queries.rows import all_of, has, one_of

OPEN = ("placed", "accepted", "shipped", "delivered")
"""The states in which an order holds money and has a deadline."""


@dataclass(frozen=True)
class OrderRow:
    """An order as lists show it; amounts in minor units, ``due`` None once it ended.

    ``released`` has left escrow; ``dispute`` is the MSP id of who has a dispute open.
    """

    order_id: str
    status: str
    buyer: str
    buyer_name: str
    seller: str
    seller_name: str
    carrier: str | None
    carrier_name: str | None
    arbitrator: str
    currency: str
    amount: int
    freight: int
    fee: int
    proceeds: int
    reference: str | None
    sscc: str | None
    due: str | None
    cause: str | None
    released: int
    dispute: str | None
    placed_at: str
    changed_at: str

    @property
    def parties(self) -> tuple[str, ...]:
        """Buyer, seller and, where there is one, carrier."""
        return (self.buyer, self.seller, *((self.carrier,) if self.carrier else ()))


@dataclass(frozen=True)
class OrderLineRow:
    """One line of an order with the product's name; ``listing`` None: agreed by an offer.

    ``price`` as ``LinePrice`` of the domain has it; None: by agreement.
    """

    listing: str | None
    gtin: str
    product: str
    quantity: int
    price: dict[str, Any] | None


@dataclass(frozen=True)
class OrderDetail:
    """An order with its lines, the goods shipped, and everything that happened to it in order.

    ``deliveries`` are its parts, None where it is delivered as a whole.
    """

    order: OrderRow
    lines: list[OrderLineRow]
    epcs: list[str]
    steps: list[Step]
    deliveries: OrderDeliveries | None = None

    @property
    def parties(self) -> tuple[str, ...]:
        """Buyer, seller, and whoever carries all or a part of it."""
        parts = () if self.deliveries is None else (each.carrier for each in self.deliveries.carriages)
        return tuple(dict.fromkeys((*self.order.parties, *parts)))


class OrderQueries:
    """``queries.orders``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        party: str | None = None,
        role: str | None = None,
        statuses: tuple[str, ...] = (),
        words: str = "",
        unsent: bool = False,
        limit: int = 25,
        offset: int = 0,
    ) -> list[OrderRow]:
        """Orders, the newest first.

        Args:
            party: MSP id of a party or the arbitrator; None gives everybody's.
            role: ``buyer``, ``seller`` or ``carrier``, where the party must be that.
            statuses: only in one of these.
            words: an order's id or part of it, reference, GTIN, EPC in any spelling, or SSCC.
            unsent: only orders in parts of which the seller may despatch more now.
        """
        query = _chosen(party, role, statuses, words, unsent)
        c = t.orders.c
        query = query.order_by(c.placed_at.desc(), c.order_id.desc()).limit(limit).offset(offset)
        with self._engine.connect() as connection:
            return all_of(OrderRow, connection, query)

    def count(
        self,
        *,
        party: str | None = None,
        role: str | None = None,
        statuses: tuple[str, ...],
        unsent: bool = False,
    ) -> int:
        """How many orders ``list`` would find."""
        query = _chosen(party, role, statuses, "", unsent).subquery()
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(query)).scalar_one())

    def find(self, order_id: str) -> OrderRow | None:
        """One order."""
        with self._engine.connect() as connection:
            row = connection.execute(_orders().where(t.orders.c.order_id == order_id)).one_or_none()
        return None if row is None else one_of(OrderRow, row)

    def detail(self, order_id: str) -> OrderDetail | None:
        """One order with everything about it."""
        order = self.find(order_id)
        if order is None:
            return None
        line, epc = t.order_lines.c, t.shipped_epcs.c
        lines = (
            select(line.listing, line.gtin, t.products.c.name.label("product"), line.quantity, line.price)
            .join(t.products, t.products.c.gtin == line.gtin)
            .where(line.order_id == order_id)
            .order_by(line.number)
        )
        epcs = select(epc.epc).where(epc.order_id == order_id).order_by(epc.number)
        with self._engine.connect() as connection:
            return OrderDetail(
                order=order,
                lines=all_of(OrderLineRow, connection, lines),
                epcs=list(connection.execute(epcs).scalars()),
                steps=steps(connection, [order_id]),
                deliveries=deliveries_of(connection, order_id),
            )

    def due(self, now: str, *, party: str | None = None, limit: int = 100) -> builtins.list[OrderRow]:
        """Open orders whose deadline has come, the oldest first.

        Args:
            now: RFC 3339 with milliseconds, UTC.
            party: MSP id of a party; None gives everybody's.
        """
        c = t.orders.c
        query = _orders().where(c.status.in_(OPEN), c.due <= now).order_by(c.due, c.order_id).limit(limit)
        if party is not None:
            query = query.where(_party(party, None))
        with self._engine.connect() as connection:
            return all_of(OrderRow, connection, query)


def _orders() -> Select[Any]:
    buyer, seller, carrier = (aliased(t.members) for _ in range(3))
    c = t.orders.c
    return (
        select(
            *(column for column in c),
            buyer.c.name.label("buyer_name"),
            seller.c.name.label("seller_name"),
            carrier.c.name.label("carrier_name"),
        )
        .join(buyer, buyer.c.msp_id == c.buyer)
        .join(seller, seller.c.msp_id == c.seller)
        .outerjoin(carrier, carrier.c.msp_id == c.carrier)
    )


def _party(party: str, role: str | None) -> ColumnElement[bool]:
    c = t.orders.c
    by_parts = c.order_id.in_(select(d.carriages.c.order_id).where(d.carriages.c.carrier == party))
    if role == "carrier":
        return or_(c.carrier == party, by_parts)
    if role is not None:
        return c[role] == party
    return or_(c.buyer == party, c.seller == party, c.carrier == party, c.arbitrator == party, by_parts)


def _chosen(
    party: str | None, role: str | None, statuses: tuple[str, ...], words: str, unsent: bool
) -> Select[Any]:
    query = _orders()
    if unsent:
        query = query.where(t.orders.c.order_id.in_(_unsent()))
    if party is not None:
        query = query.where(_party(party, role))
    if statuses:
        query = query.where(t.orders.c.status.in_(statuses))
    return query.where(_matches(words)) if words else query


def _unsent() -> Select[Any]:
    """Orders with units to despatch: accepted ones, and back-ordered ones that the buyer waits for."""
    line, agreed = d.delivery_lines.c, d.deliveries.c
    waited_for = and_(line.back > 0, agreed.back_order == "agreed")
    return (
        select(line.order_id)
        .join_from(d.delivery_lines, d.deliveries, agreed.order_id == line.order_id)
        .where(or_(line.open > 0, waited_for))
    )


def _matches(words: str) -> ColumnElement[bool]:
    c, line, s, h = t.orders.c, t.order_lines.c, t.subjects.c, t.history
    goods = [subject_of(words)]
    if words.isdigit() and len(words) == 18:
        goods.append(subject_of(f"https://id.gs1.org/00/{words}"))
    # A shipment or a change of custody names goods and the order that carries them: it stands under both. A
    # capture names the goods of many orders, so it tells nothing of which.
    about_goods = (
        select(s.block, s.position, s.number)
        .join(h, (s.block == h.c.block) & (s.position == h.c.position) & (s.number == h.c.number))
        .where(s.subject.in_(goods), h.c.type != "goods.captured")
        .subquery()
    )
    same_event = select(s.subject).join(
        about_goods,
        (s.block == about_goods.c.block)
        & (s.position == about_goods.c.position)
        & (s.number == about_goods.c.number),
    )
    ordered = select(line.order_id).where(line.gtin == words.zfill(14))
    return or_(
        has(c.order_id, words),
        has(c.reference, words),
        c.sscc == words,
        c.order_id.in_(ordered),
        c.order_id.in_(same_event),
    )

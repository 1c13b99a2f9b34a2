"""Shipments: orders that go whole, and the despatches of orders that go in parts, as one list."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from hansa_readmodel import delivery_tables as d
from hansa_readmodel import tables as t

UNDER_WAY = ("shipped", "despatched")
"""Goods on their way: an order's word for it, and a despatch's."""

Part = Literal["carrier", "bringer", "sender", "seller", "buyer"]
"""What a member is to a shipment.

``bringer``: who reports delivery, the carrier or else the seller. ``sender``: a seller who has it carried.
"""


@dataclass(frozen=True)
class ShippedLine:
    """Units of a product that are, or were, on their way."""

    quantity: int
    product: str


@dataclass(frozen=True)
class ShipmentRow:
    """A shipment; ``despatch_id`` and ``number`` are None where the order goes whole.

    ``carrier`` None: the seller brings it himself. ``due``: until when its present state may last.
    ``dispute`` is the MSP id of who has a dispute of the order open.
    """

    order_id: str
    despatch_id: str | None
    number: int | None
    status: str
    reference: str | None
    buyer: str
    buyer_name: str
    seller: str
    seller_name: str
    carrier: str | None
    carrier_name: str | None
    sscc: str | None
    due: str | None
    expected_at: str | None
    dispute: str | None
    lines: builtins.list[ShippedLine]

    @property
    def under_way(self) -> bool:
        """Whether nobody has reported its delivery yet."""
        return self.status in UNDER_WAY


class ShipmentQueries:
    """``queries.shipments``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        party: str,
        role: Part,
        statuses: Sequence[str],
        *,
        newest_first: bool = False,
        limit: int = 25,
        offset: int = 0,
    ) -> list[ShipmentRow]:
        """Shipments of a member: what is under way first, and of that the most urgent.

        Args:
            party: MSP id.
            role: what he is to them.
            statuses: of an order or a despatch; only those in one of these.
            newest_first: by the order's last change instead.
            limit: at most so many.
            offset: after so many.
        """
        found, o = _found(party, role, statuses).subquery(), t.orders.c
        buyer, seller, carrier = (aliased(t.members) for _ in range(3))
        later = case((found.c.status.in_(UNDER_WAY), 0), else_=1)
        order = (o.changed_at.desc(),) if newest_first else (later, found.c.due.nulls_last())
        query = (
            select(
                *found.c,
                *(o[name] for name in ("reference", "buyer", "seller", "dispute")),
                buyer.c.name.label("buyer_name"),
                seller.c.name.label("seller_name"),
                carrier.c.name.label("carrier_name"),
            )
            .join_from(found, t.orders, o.order_id == found.c.order_id)
            .join(buyer, buyer.c.msp_id == o.buyer)
            .join(seller, seller.c.msp_id == o.seller)
            .outerjoin(carrier, carrier.c.msp_id == found.c.carrier)
            .order_by(*order, found.c.order_id, found.c.number.nulls_first())
            .limit(limit)
            .offset(offset)
        )
        with self._engine.connect() as connection:
            rows = [ShipmentRow(**row._mapping, lines=[]) for row in connection.execute(query)]
            return _with_lines(connection, rows)

    def count(self, party: str, role: Part, statuses: Sequence[str]) -> int:
        """How many ``list`` would find."""
        query = select(func.count()).select_from(_found(party, role, statuses).subquery())
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())


def _found(party: str, role: Part, statuses: Sequence[str]) -> Any:
    o, p = t.orders.c, d.despatches.c
    # An order that never left is no shipment, however it ended.
    left = or_(o.status != "refunded", o.cause == "not_delivered")
    whole: Select[Any] = select(
        o.order_id,
        cast(null(), String(128)).label("despatch_id"),
        cast(null(), Integer).label("number"),
        *(o[name] for name in ("status", "carrier", "sscc", "due")),
        cast(null(), String(32)).label("expected_at"),
    ).where(
        o.status.in_(statuses),
        left,
        _concerns(party, role, o.carrier),
        o.order_id.not_in(select(d.deliveries.c.order_id)),
    )
    names = ("order_id", "despatch_id", "number", "status", "carrier", "sscc", "due", "expected_at")
    parts: Select[Any] = (
        select(*(p[name] for name in names))
        .join(t.orders, o.order_id == p.order_id)
        .where(p.status.in_(statuses), _concerns(party, role, p.carrier))
    )
    return union_all(whole, parts)


def _concerns(party: str, role: Part, carrier: ColumnElement[Any]) -> ColumnElement[bool]:
    seller = t.orders.c.seller == party
    roles: dict[Part, ColumnElement[bool]] = {
        "carrier": carrier == party,
        "bringer": or_(carrier == party, and_(carrier.is_(None), seller)),
        "sender": and_(seller, carrier.is_not(None)),
        "seller": seller,
        "buyer": t.orders.c.buyer == party,
    }
    return roles[role]


def _with_lines(connection: Connection, rows: Iterable[ShipmentRow]) -> list[ShipmentRow]:
    found = list(rows)
    line, part = t.order_lines.c, d.despatch_lines.c
    product = t.products.c.name.label("product")
    of_whole = (
        select(line.order_id.label("of"), line.quantity, product)
        .join_from(t.order_lines, t.products, t.products.c.gtin == line.gtin)
        .where(line.order_id.in_([row.order_id for row in found if row.despatch_id is None]))
        .order_by(line.order_id, line.number)
    )
    of_parts = (
        select(part.despatch_id.label("of"), part.quantity, product)
        .join_from(d.despatch_lines, d.despatches, d.despatches.c.despatch_id == part.despatch_id)
        .join(t.order_lines, and_(line.order_id == d.despatches.c.order_id, line.number == part.line))
        .join(t.products, t.products.c.gtin == line.gtin)
        .where(part.despatch_id.in_([row.despatch_id for row in found if row.despatch_id is not None]))
        .order_by(part.despatch_id, part.line)
    )
    lines: dict[str, list[ShippedLine]] = {}
    for query in (of_whole, of_parts):
        for each in connection.execute(query):
            lines.setdefault(each.of, []).append(ShippedLine(each.quantity, each.product))
    return [replace(row, lines=lines.get(row.despatch_id or row.order_id, [])) for row in found]

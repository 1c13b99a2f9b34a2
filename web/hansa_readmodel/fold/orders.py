"""An order's life."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, insert, update

from hansa_domain import events as domain
from hansa_domain.pricing.figures import Pricing
from hansa_readmodel import offering_tables as o
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.OrderPlaced)
def _order_placed(connection: Connection, event: domain.OrderPlaced, place: Place) -> tuple[str, ...]:
    values = {
        "status": "placed",
        "buyer": event.buyer,
        "seller": event.seller,
        "carrier": event.carrier,
        "arbitrator": event.arbitrator,
        "currency": event.currency,
        "amount": int(event.amount),
        "freight": int(event.freight),
        "fee": int(event.fee),
        "proceeds": int(event.proceeds),
        "reference": event.reference,
        "due": event.due,
        "released": 0,
        "placed_at": event.at,
        "changed_at": event.at,
    }
    put(connection, t.orders, {"order_id": event.order}, values)
    rows = [
        {
            "order_id": event.order,
            "number": number,
            "listing": line.listing,
            "gtin": line.gtin,
            "quantity": line.quantity,
            "price": None if line.price is None else msgspec.to_builtins(line.price),
        }
        for number, line in enumerate(event.lines)
    ]
    connection.execute(insert(t.order_lines), rows)
    if event.pricing is not None:
        put(connection, o.order_pricing, {"order_id": event.order}, _pricing(event.pricing))
    coupon = None if event.pricing is None else event.pricing.coupon
    if coupon is not None:
        c = o.coupons.c
        used = update(o.coupons).where(c.seller == event.seller, c.code_hash == coupon)
        connection.execute(used.values(used=c.used + 1))
    return (event.order, *(line.listing for line in event.lines if line.listing is not None))


def _pricing(pricing: Pricing) -> dict[str, Any]:
    return {
        "destination": pricing.destination,
        "tax_table": pricing.tax_table,
        "tax": int(pricing.tax),
        "duty": int(pricing.duty),
        "discount": int(pricing.discount),
        "pricing": msgspec.to_builtins(pricing),
    }


def _order_changed(
    connection: Connection, order: str, status: str, at: str, due: str | None, cause: str | None = None
) -> tuple[str, ...]:
    changed = update(t.orders).where(t.orders.c.order_id == order)
    connection.execute(changed.values(status=status, due=due, changed_at=at, cause=cause))
    if due is None:
        # The order ended, and nothing is left in escrow.
        connection.execute(changed.values(released=t.orders.c.amount))
    return (order,)


@on(domain.OrderAccepted)
def _order_accepted(connection: Connection, event: domain.OrderAccepted, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "accepted", event.at, event.due)


@on(domain.OrderShipped)
def _order_shipped(connection: Connection, event: domain.OrderShipped, place: Place) -> tuple[str, ...]:
    rows = [{"order_id": event.order, "number": number, "epc": epc} for number, epc in enumerate(event.epcs)]
    if rows:
        connection.execute(insert(t.shipped_epcs), rows)
    connection.execute(update(t.orders).where(t.orders.c.order_id == event.order).values(sscc=event.sscc))
    goods = (subject_of(epc) for epc in event.epcs)
    about = (*_order_changed(connection, event.order, "shipped", event.at, event.due), *goods)
    return about if event.sscc is None else (*about, subject_of(f"https://id.gs1.org/00/{event.sscc}"))


@on(domain.OrderDelivered)
def _order_delivered(connection: Connection, event: domain.OrderDelivered, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "delivered", event.at, event.due)


@on(domain.OrderSettled)
def _order_settled(connection: Connection, event: domain.OrderSettled, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "settled", event.at, None, event.cause)


@on(domain.OrderCancelled)
def _order_cancelled(connection: Connection, event: domain.OrderCancelled, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "cancelled", event.at, None)


@on(domain.OrderRefunded)
def _order_refunded(connection: Connection, event: domain.OrderRefunded, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "refunded", event.at, None, event.cause)

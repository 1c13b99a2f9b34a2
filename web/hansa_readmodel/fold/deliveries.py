"""Orders delivered in parts: what was agreed, despatched, received, invoiced and paid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from hansa_domain import events as domain
from hansa_readmodel import delivery_tables as d
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.DeliveriesAgreed)
def _agreed(connection: Connection, event: domain.DeliveriesAgreed, place: Place) -> tuple[str, ...]:
    values: dict[str, Any] = {
        "answer_within": event.answer_within,
        "invoice_within": event.invoice_within,
        "cancellation_fee": event.cancellation_fee,
        "return_fee": event.return_fee,
        "damage_discount": event.damage_discount,
        "tolerance": event.tolerance,
        "back_order": None,
        "promised_at": None,
    }
    put(
        connection,
        d.deliveries,
        {"order_id": event.order},
        {**values, **dict.fromkeys(("proceeds", "freight", "fee", "refunded"), 0)},
    )
    lines = t.order_lines.c
    found = select(lines.number, lines.quantity).where(lines.order_id == event.order)
    ordered = {row.number: row.quantity for row in connection.execute(found)}
    rows = [
        {
            "order_id": event.order,
            "number": number,
            "value": int(value),
            "ordered": ordered[number],
            "open": ordered[number],
            **dict.fromkeys(("back", "under_way", "paid", "refunded"), 0),
        }
        for number, value in enumerate(event.values)
    ]
    connection.execute(insert(d.delivery_lines), rows)
    carriages = [
        {"order_id": event.order, "number": number, "carrier": each.carrier, "freight": int(each.freight)}
        for number, each in enumerate(event.carriages)
    ]
    if carriages:
        connection.execute(insert(d.carriages), carriages)
    return (event.order,)


@on(domain.OrderProgressed)
def _progressed(connection: Connection, event: domain.OrderProgressed, place: Place) -> tuple[str, ...]:
    orders = update(t.orders).where(t.orders.c.order_id == event.order)
    out = sum(int(part) for part in (event.proceeds, event.freight, event.fee, event.refunded))
    # An order that ended has nothing left, also where a split ended it.
    released = out if event.due is not None else t.orders.c.amount
    changes = {"status": event.status, "due": event.due, "changed_at": event.at, "released": released}
    connection.execute(orders.values(**changes))
    values = {
        "back_order": event.back_order,
        "promised_at": event.promised_at,
        "proceeds": int(event.proceeds),
        "freight": int(event.freight),
        "fee": int(event.fee),
        "refunded": int(event.refunded),
    }
    connection.execute(update(d.deliveries).where(d.deliveries.c.order_id == event.order).values(**values))
    for number, line in enumerate(event.lines):
        counts = {
            "open": line.open,
            "back": line.back,
            "under_way": line.under_way,
            "paid": line.paid,
            "refunded": line.refunded,
        }
        put(connection, d.delivery_lines, {"order_id": event.order, "number": number}, counts)
    # It says what the events beside it did: these stand in the history.
    return ()


@on(domain.OrderPartAccepted)
def _part_accepted(connection: Connection, event: domain.OrderPartAccepted, place: Place) -> tuple[str, ...]:
    return (event.order,)


@on(domain.BackOrderAnswered)
def _answered(connection: Connection, event: domain.BackOrderAnswered, place: Place) -> tuple[str, ...]:
    return (event.order,)


@on(domain.OrderPartDropped)
def _dropped(connection: Connection, event: domain.OrderPartDropped, place: Place) -> tuple[str, ...]:
    return (event.order,)


@on(domain.DespatchSent)
def _sent(connection: Connection, event: domain.DespatchSent, place: Place) -> tuple[str, ...]:
    values = {
        "despatch_id": event.despatch,
        "order_id": event.order,
        "number": event.number,
        "status": "despatched",
        "carrier": event.carrier,
        "carriage_freight": int(event.freight),
        "sscc": event.sscc,
        "epcs": event.epcs,
        "expected_at": event.expected_at,
        "due": event.due,
        "despatched_at": event.at,
        "deemed": False,
    }
    connection.execute(insert(d.despatches).values(**values))
    rows = [
        {"despatch_id": event.despatch, "line": line.line, "quantity": line.quantity} for line in event.lines
    ]
    connection.execute(insert(d.despatch_lines), rows)
    about = (event.order, event.despatch, *(subject_of(epc) for epc in event.epcs))
    return about if event.sscc is None else (*about, subject_of(f"https://id.gs1.org/00/{event.sscc}"))


def _despatch_changed(connection: Connection, despatch: str, **values: Any) -> None:
    changed = update(d.despatches).where(d.despatches.c.despatch_id == despatch)
    connection.execute(changed.values(**values))


@on(domain.DespatchDelivered)
def _delivered(connection: Connection, event: domain.DespatchDelivered, place: Place) -> tuple[str, ...]:
    values = {"status": "delivered", "delivered_at": event.at, "due": event.due}
    _despatch_changed(connection, event.despatch, **values)
    return (event.order, event.despatch)


@on(domain.ReceiptReported)
def _received(connection: Connection, event: domain.ReceiptReported, place: Place) -> tuple[str, ...]:
    values = {"status": "received", "received_at": event.at, "due": event.due, "deemed": event.deemed}
    _despatch_changed(connection, event.despatch, **values)
    c = d.despatch_lines.c
    for line in event.lines:
        found = update(d.despatch_lines).where(c.despatch_id == event.despatch, c.line == line.line)
        counts = {
            "accepted": line.accepted,
            "short": line.short,
            "over": line.over,
            "over_accepted": line.over_accepted,
            "damaged": line.damaged,
            "damaged_kept": line.damaged_kept,
            "rejected": line.rejected,
            "returned": line.returned,
            "reason": line.reason,
        }
        connection.execute(found.values(**counts))
    return (event.order, event.despatch)


@on(domain.InvoiceIssued)
def _issued(connection: Connection, event: domain.InvoiceIssued, place: Place) -> tuple[str, ...]:
    values = {
        "invoice_id": event.invoice,
        "order_id": event.order,
        "despatch_id": event.despatch,
        "status": "issued",
        "currency": event.currency,
        "issued_total": int(event.total),
        "total": int(event.total),
        "freight": int(event.freight),
        "number": event.number,
        "document": event.document,
        "issued_at": event.at,
    }
    connection.execute(insert(d.invoices).values(**values))
    rows = [
        {
            "invoice_id": event.invoice,
            "line": line.line,
            "quantity": line.quantity,
            "amount": int(line.amount),
        }
        for line in event.lines
    ]
    connection.execute(insert(d.invoice_lines), rows)
    return (event.order, event.despatch, event.invoice)


@on(domain.InvoiceCredited)
def _credited(connection: Connection, event: domain.InvoiceCredited, place: Place) -> tuple[str, ...]:
    closed = event.at if event.status == "credited" else None
    values = {"status": event.status, "total": int(event.total), "closed_at": closed}
    connection.execute(update(d.invoices).where(d.invoices.c.invoice_id == event.invoice).values(**values))
    return (event.order, event.invoice)


@on(domain.DespatchSettled)
def _settled(connection: Connection, event: domain.DespatchSettled, place: Place) -> tuple[str, ...]:
    values = {
        "status": event.status,
        "due": None,
        "closed_at": event.at,
        "cause": event.cause,
        "proceeds": int(event.proceeds),
        "freight": int(event.freight),
        "fee": int(event.fee),
        "refunded": int(event.refunded),
    }
    _despatch_changed(connection, event.despatch, **values)
    if event.invoice is not None:
        paid = update(d.invoices).where(d.invoices.c.invoice_id == event.invoice)
        connection.execute(paid.values(status="paid", closed_at=event.at))
    return (event.order, event.despatch)

"""Orders delivered in parts: how far their lines are, their despatches, receipts and invoices."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from hansa_readmodel import delivery_tables as d
from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, one_of


@dataclass(frozen=True)
class PartLineRow:
    """How far a line is, in units; ``value`` is the price of all of it, in minor units."""

    number: int
    gtin: str
    product: str
    value: int
    ordered: int
    open: int
    back: int
    under_way: int
    paid: int
    refunded: int


@dataclass(frozen=True)
class CarriageRow:
    """The transport agreed for one despatch; freight in minor units."""

    number: int
    carrier: str
    carrier_name: str
    freight: int


@dataclass(frozen=True)
class DespatchLineRow:
    """A line of a despatch and, once received, what became of it, in units."""

    line: int
    product: str
    quantity: int
    accepted: int | None
    short: int | None
    over: int | None
    over_accepted: int | None
    damaged: int | None
    damaged_kept: int | None
    rejected: int | None
    returned: int | None
    reason: str | None


@dataclass(frozen=True)
class DespatchRow:
    """A despatch; ``proceeds``, ``freight``, ``fee``, ``refunded`` are what it paid once it ended, minor
    units.

    ``deemed``: the buyer was silent, so all of it counts as accepted.
    """

    despatch_id: str
    order_id: str
    number: int
    status: str
    carrier: str | None
    carriage_freight: int
    sscc: str | None
    epcs: builtins.list[str]
    expected_at: str | None
    due: str | None
    despatched_at: str
    delivered_at: str | None
    received_at: str | None
    deemed: bool
    closed_at: str | None
    cause: str | None
    proceeds: int | None
    freight: int | None
    fee: int | None
    refunded: int | None


@dataclass(frozen=True)
class InvoiceLineRow:
    """Units of a line, and minor units asked for them, as issued."""

    line: int
    quantity: int
    amount: int


@dataclass(frozen=True)
class InvoiceRow:
    """An invoice; ``total`` is what it asks for after credit notes, in minor units."""

    invoice_id: str
    order_id: str
    despatch_id: str
    status: str
    currency: str
    issued_total: int
    total: int
    freight: int
    number: str | None
    document: str | None
    issued_at: str
    closed_at: str | None


@dataclass(frozen=True)
class DespatchDetail:
    """A despatch with its lines and its invoices, the oldest first."""

    despatch: DespatchRow
    lines: builtins.list[DespatchLineRow]
    invoices: builtins.list[InvoiceRow]


@dataclass(frozen=True)
class DeliveryTermsRow:
    """What was agreed (seconds, basis points), a back-order if any, and what left escrow so far."""

    order_id: str
    answer_within: int
    invoice_within: int
    cancellation_fee: int
    return_fee: int | None
    damage_discount: int | None
    tolerance: int
    back_order: str | None
    promised_at: str | None
    proceeds: int
    freight: int
    fee: int
    refunded: int


@dataclass(frozen=True)
class OrderDeliveries:
    """Everything about the parts of one order."""

    terms: DeliveryTermsRow
    lines: builtins.list[PartLineRow]
    carriages: builtins.list[CarriageRow]
    despatches: builtins.list[DespatchDetail]


class DeliveryQueries:
    """``queries.deliveries``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, order_id: str) -> OrderDeliveries | None:
        """The parts of one order; None where it is delivered as a whole."""
        with self._engine.connect() as connection:
            return deliveries_of(connection, order_id)

    def invoices(
        self, *, party: str | None = None, status: str | None = None, limit: int = 100, offset: int = 0
    ) -> builtins.list[InvoiceRow]:
        """Invoices, the newest first.

        Args:
            party: MSP id of buyer or seller; None: everybody's.
            status: ``issued``, ``credited`` or ``paid``.
        """
        c, order = d.invoices.c, t.orders.c
        query = (
            select(d.invoices)
            .join(t.orders, order.order_id == c.order_id)
            .order_by(c.issued_at.desc(), c.invoice_id.desc())
            .limit(limit)
            .offset(offset)
        )
        if party is not None:
            query = query.where((order.buyer == party) | (order.seller == party))
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(InvoiceRow, connection, query)


def deliveries_of(connection: Connection, order_id: str) -> OrderDeliveries | None:
    """The parts of one order; None where it is delivered as a whole."""
    terms = connection.execute(select(d.deliveries).where(d.deliveries.c.order_id == order_id)).one_or_none()
    if terms is None:
        return None
    line, ordered, carriage = d.delivery_lines.c, t.order_lines.c, d.carriages.c
    lines = (
        select(
            line.number,
            ordered.gtin,
            t.products.c.name.label("product"),
            *(line[name] for name in ("value", "ordered", "open", "back", "under_way", "paid", "refunded")),
        )
        .join(t.order_lines, (ordered.order_id == line.order_id) & (ordered.number == line.number))
        .join(t.products, t.products.c.gtin == ordered.gtin)
        .where(line.order_id == order_id)
        .order_by(line.number)
    )
    carriages = (
        select(carriage.number, carriage.carrier, t.members.c.name.label("carrier_name"), carriage.freight)
        .join(t.members, t.members.c.msp_id == carriage.carrier)
        .where(carriage.order_id == order_id)
        .order_by(carriage.number)
    )
    sent = select(d.despatches).where(d.despatches.c.order_id == order_id).order_by(d.despatches.c.number)
    return OrderDeliveries(
        terms=one_of(DeliveryTermsRow, terms),
        lines=all_of(PartLineRow, connection, lines),
        carriages=all_of(CarriageRow, connection, carriages),
        despatches=[_detail(connection, row) for row in all_of(DespatchRow, connection, sent)],
    )


def _detail(connection: Connection, despatch: DespatchRow) -> DespatchDetail:
    line, ordered, invoice = d.despatch_lines.c, t.order_lines.c, d.invoices.c
    found = [column for column in line if column.name != "despatch_id"]
    lines = (
        select(*found, t.products.c.name.label("product"))
        .join(t.order_lines, (ordered.order_id == despatch.order_id) & (ordered.number == line.line))
        .join(t.products, t.products.c.gtin == ordered.gtin)
        .where(line.despatch_id == despatch.despatch_id)
        .order_by(line.line)
    )
    invoices = (
        select(d.invoices)
        .where(invoice.despatch_id == despatch.despatch_id)
        .order_by(invoice.issued_at, invoice.invoice_id)
    )
    return DespatchDetail(
        despatch=despatch,
        lines=all_of(DespatchLineRow, connection, lines),
        invoices=all_of(InvoiceRow, connection, invoices),
    )

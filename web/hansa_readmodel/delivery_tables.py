"""The tables of orders delivered in parts: terms, how far lines are, despatches with receipts, invoices."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Table

from hansa_readmodel.columns import String
from hansa_readmodel.tables import metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("order_id", String(128), primary_key=True),
    # Fees in basis points, times in seconds, as agreed.
    Column("answer_within", BigInteger, nullable=False),
    Column("invoice_within", BigInteger, nullable=False),
    Column("cancellation_fee", BigInteger, nullable=False),
    Column("return_fee", BigInteger),
    Column("damage_discount", BigInteger),
    Column("tolerance", BigInteger, nullable=False),
    Column("back_order", String(16)),
    Column("promised_at", String(32)),
    # What has left escrow so far, in minor units.
    Column("proceeds", BigInteger, nullable=False),
    Column("freight", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
)

delivery_lines = Table(
    "delivery_lines",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("ordered", BigInteger, nullable=False),
    Column("open", BigInteger, nullable=False),
    Column("back", BigInteger, nullable=False),
    Column("under_way", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
)

carriages = Table(
    "carriages",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("carrier", String(64), nullable=False, index=True),
    Column("freight", BigInteger, nullable=False),
)

despatches = Table(
    "despatches",
    metadata,
    Column("despatch_id", String(128), primary_key=True),
    Column("order_id", String(128), nullable=False, index=True),
    Column("number", BigInteger, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("carrier", String(64), index=True),
    Column("carriage_freight", BigInteger, nullable=False),
    Column("sscc", String(18)),
    # Identities of the goods, as the seller named them.
    Column("epcs", JSON, nullable=False),
    Column("expected_at", String(32)),
    Column("due", String(32)),
    Column("despatched_at", String(32), nullable=False),
    Column("delivered_at", String(32)),
    Column("received_at", String(32)),
    Column("deemed", Boolean, nullable=False),
    Column("closed_at", String(32)),
    Column("cause", String(32)),
    # What was paid for it, in minor units, once it ended.
    Column("proceeds", BigInteger),
    Column("freight", BigInteger),
    Column("fee", BigInteger),
    Column("refunded", BigInteger),
)

despatch_lines = Table(
    "despatch_lines",
    metadata,
    Column("despatch_id", String(128), primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    # What the buyer found of it; none of these before the receipt.
    Column("accepted", BigInteger),
    Column("short", BigInteger),
    Column("over", BigInteger),
    Column("over_accepted", BigInteger),
    Column("damaged", BigInteger),
    Column("damaged_kept", BigInteger),
    Column("rejected", BigInteger),
    Column("returned", BigInteger),
    Column("reason", String(3)),
)

invoices = Table(
    "invoices",
    metadata,
    Column("invoice_id", String(128), primary_key=True),
    Column("order_id", String(128), nullable=False, index=True),
    Column("despatch_id", String(128), nullable=False, index=True),
    Column("status", String(16), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    # As issued, and what it still asks for after credit notes.
    Column("issued_total", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("freight", BigInteger, nullable=False),
    Column("number", String(64)),
    Column("document", String(64)),
    Column("issued_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
)

invoice_lines = Table(
    "invoice_lines",
    metadata,
    Column("invoice_id", String(128), primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
)

"""Tables of goods called back, counted by lot, and handed over; they belong to ``hansa_readmodel.tables``."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table, Text

from hansa_readmodel.tables import metadata

recalls = Table(
    "recalls",
    metadata,
    Column("recall", String(128), primary_key=True),
    Column("opener", String(64), nullable=False),
    Column("gtin", String(14), nullable=False, index=True),
    Column("lots", JSON, nullable=False),
    Column("serials", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("followed", Integer, nullable=False),
    Column("opened_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
    Column("closed_by", String(64)),
)

recalled_goods = Table(
    "recalled_goods",
    metadata,
    Column("epc", String(256), primary_key=True),
    Column("recall", String(128), primary_key=True, index=True),
    Column("uri", Text, nullable=False),
    Column("marked_at", String(32), nullable=False),
)

recall_acknowledgements = Table(
    "recall_acknowledgements",
    metadata,
    Column("recall", String(128), primary_key=True),
    Column("member", String(64), primary_key=True),
    Column("secured", BigInteger, nullable=False),
    Column("acknowledged_at", String(32), nullable=False),
)

lot_holdings = Table(
    "lot_holdings",
    metadata,
    Column("lot", String(256), primary_key=True),
    Column("member", String(64), primary_key=True, index=True),
    Column("uom", String(8), primary_key=True),
    Column("uri", Text, nullable=False),
    # A decimal number, as text: databases differ in how exactly they keep one.
    Column("quantity", String(64), nullable=False),
    Column("changed_at", String(32), nullable=False),
)

tolerances = Table(
    "tolerances",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("basis_points", Integer, nullable=False),
    Column("agreed_at", String(32), nullable=False),
)

handovers = Table(
    "handovers",
    metadata,
    Column("handover", String(128), primary_key=True),
    Column("giver", String(64), nullable=False, index=True),
    Column("taker", String(64), nullable=False, index=True),
    Column("passes", String(16), nullable=False),
    Column("epcs", JSON, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("offered_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
)

delegations = Table(
    "delegations",
    metadata,
    Column("grantor", String(64), primary_key=True),
    Column("reporter", String(64), primary_key=True, index=True),
    Column("subject", String(256), primary_key=True),
    Column("uri", Text, nullable=False),
    Column("actions", JSON, nullable=False),
    Column("until", String(32), nullable=False),
)

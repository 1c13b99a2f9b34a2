"""Tables of goods called back, counted by lot, and handed over; they belong to ``hansa_readmodel.tables``."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Table

from hansa_readmodel.columns import String, Text
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
    Column("followed", BigInteger, nullable=False),
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
    Column("basis_points", BigInteger, nullable=False),
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

corrections = Table(
    "corrections",
    metadata,
    Column("event_key", String(256), primary_key=True),
    Column("reporter", String(64), primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("hash", String(128), nullable=False),
    Column("reason", Text),
    Column("corrective_event_ids", JSON, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("doubted", JSON, nullable=False),
    Column("declared_at", String(32), nullable=False),
)

dispositions = Table(
    "dispositions",
    metadata,
    Column("epc", String(256), primary_key=True),
    Column("uri", Text, nullable=False),
    Column("dispositions", JSON, nullable=False),
    Column("changed_at", String(32), nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert", String(128), primary_key=True),
    Column("code", String(32), nullable=False, index=True),
    Column("severity", String(16), nullable=False),
    Column("epc", String(256), nullable=False, index=True),
    Column("uri", Text, nullable=False),
    Column("gtin", String(14), index=True),
    # Whose product it was when the alert was raised; the product's owner now stands in ``products``.
    Column("owner", String(64), index=True),
    Column("reporter", String(64), nullable=False, index=True),
    Column("evidence", JSON, nullable=False),
    Column("detail", Text, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("raised_at", String(32), nullable=False, index=True),
    Column("acknowledged_at", String(32)),
    Column("acknowledged_by", String(64)),
    Column("closed_at", String(32)),
    Column("closed_by", String(64)),
    Column("outcome", String(16)),
    Column("remark", Text),
)

cold_chain_limits = Table(
    "cold_chain_limits",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("measures", Text, nullable=False),
    Column("uom", String(8), nullable=False),
    # Decimal numbers, as text: databases differ in how exactly they keep one.
    Column("minimum", String(32)),
    Column("maximum", String(32)),
    Column("allowed_seconds", BigInteger, nullable=False),
    Column("set_at", String(32), nullable=False),
)

excursions = Table(
    "excursions",
    metadata,
    Column("epc", String(256), primary_key=True),
    Column("measures", String(200), primary_key=True),
    Column("device", String(256), primary_key=True),
    Column("uri", Text, nullable=False),
    Column("gtin", String(14), nullable=False, index=True),
    Column("since", String(32), nullable=False, index=True),
    Column("until", String(32)),
    Column("seconds", BigInteger, nullable=False),
    Column("worst", String(64), nullable=False),
    Column("uom", String(64), nullable=False),
    Column("changed_at", String(32), nullable=False),
)

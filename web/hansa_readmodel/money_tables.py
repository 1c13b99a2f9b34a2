"""The tables of fees, of rates and exchange, and of netting."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table

from hansa_readmodel.tables import metadata

fee_schedules = Table(
    "fee_schedules",
    metadata,
    Column("schedule", String(128), primary_key=True),
    Column("version", Integer, index=True),
    # Basis points and bounds by currency, as the event has them.
    Column("order", JSON, nullable=False),
    Column("arbitration", JSON, nullable=False),
    Column("exchange", JSON, nullable=False),
    Column("account", String(128), nullable=False),
    Column("document", String(64)),
    Column("effective_from", String(32), nullable=False),
    Column("published_by", String(64), nullable=False),
    Column("published_at", String(32), nullable=False),
    Column("in_force_from", String(32), index=True),
)

fee_approvals = Table(
    "fee_approvals",
    metadata,
    Column("schedule", String(128), primary_key=True),
    Column("member", String(64), primary_key=True),
    Column("approved_at", String(32), nullable=False),
)

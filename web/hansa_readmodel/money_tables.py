"""The tables of fees, of rates and exchange, and of netting."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table

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

oracle_approvals = Table(
    "oracle_approvals",
    metadata,
    Column("base", String(3), primary_key=True),
    Column("quote", String(3), primary_key=True),
    Column("oracle", String(64), primary_key=True),
    Column("member", String(64), primary_key=True),
    Column("approved_at", String(32), nullable=False),
)

rate_pairs = Table(
    "rate_pairs",
    metadata,
    Column("base", String(3), primary_key=True),
    Column("quote", String(3), primary_key=True),
    Column("oracles", JSON, nullable=False),
    Column("changed_at", String(32), nullable=False),
)

rates = Table(
    "rates",
    metadata,
    # Every quote, not only the latest: where it stands on the ledger is its key.
    Column("block", BigInteger, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("base", String(3), nullable=False),
    Column("quote", String(3), nullable=False),
    Column("oracle", String(64), nullable=False),
    Column("base_amount", BigInteger, nullable=False),
    Column("quote_amount", BigInteger, nullable=False),
    Column("observed_at", String(32), nullable=False),
    Column("published_at", String(32), nullable=False, index=True),
    Column("source", String(64), nullable=False),
    Index("rates_of_pair", "base", "quote", "published_at"),
)

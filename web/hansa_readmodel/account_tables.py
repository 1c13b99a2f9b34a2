"""The tables of accounts with rules; see ``tables``."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Table

from hansa_readmodel.columns import String, Text
from hansa_readmodel.tables import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("account", String(128), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("threshold", BigInteger, nullable=False),
    Column("delay", BigInteger, nullable=False),
    Column("cold", String(128)),
    # Lists of documents, as the event has them.
    Column("signers", JSON, nullable=False),
    Column("limits", JSON, nullable=False),
    Column("changed_at", String(32), nullable=False),
)

account_days = Table(
    "account_days",
    metadata,
    Column("account", String(128), primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("day", String(10), primary_key=True),
    # Decimal digits: on users' own authority, and with signatures.
    Column("drawn", Text, nullable=False),
    Column("signed", Text, nullable=False),
)

refills = Table(
    "refills",
    metadata,
    Column("refill", String(128), primary_key=True),
    Column("hot", String(128), nullable=False, index=True),
    Column("cold", String(128), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("due", String(32), nullable=False),
    Column("proposed_at", String(32), nullable=False),
    Column("closed_at", String(32)),
    Column("stopped_by", String(64)),
)

recoveries = Table(
    "recoveries",
    metadata,
    Column("recovery", String(128), primary_key=True),
    Column("account", String(128), nullable=False, index=True),
    Column("threshold", BigInteger, nullable=False),
    Column("signers", JSON, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("due", String(32), nullable=False),
    Column("proposed_at", String(32), nullable=False),
    Column("closed_at", String(32)),
    Column("stopped_by", String(64)),
)

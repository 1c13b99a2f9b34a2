"""The tables of fees, of rates and exchange, and of netting."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Table

from hansa_readmodel.columns import String
from hansa_readmodel.tables import metadata

fee_schedules = Table(
    "fee_schedules",
    metadata,
    Column("schedule", String(128), primary_key=True),
    Column("version", BigInteger, index=True),
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
    Column("position", BigInteger, primary_key=True),
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

held_money = Table(
    "held_money",
    metadata,
    # Money outside notes that belongs to no order: under which record it is, such as exchange or facility.
    Column("kind", String(32), primary_key=True),
    Column("holder", String(160), primary_key=True),
    Column("account", String(128), nullable=False, index=True),
    Column("currency", String(3), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("exchange", String(128), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("dealer", String(64), nullable=False, index=True),
    Column("account", String(128), nullable=False),
    Column("taker", String(64), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("price_currency", String(3), nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("fee", BigInteger),
    Column("expires_at", String(32), nullable=False),
    Column("offered_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
    Index("exchanges_due", "status", "expires_at"),
)

facilities = Table(
    "facilities",
    metadata,
    Column("facility", String(128), primary_key=True),
    Column("status", String(16), nullable=False, index=True),
    Column("dealer", String(64), nullable=False, index=True),
    Column("account", String(128), nullable=False),
    Column("base", String(3), nullable=False),
    Column("quote", String(3), nullable=False),
    Column("gives", String(3), nullable=False),
    Column("takes", String(3), nullable=False),
    Column("spread", BigInteger, nullable=False),
    Column("max_age", BigInteger, nullable=False),
    Column("opened_at", String(32), nullable=False, index=True),
    Column("changed_at", String(32), nullable=False),
)

obligations = Table(
    "obligations",
    metadata,
    Column("obligation", String(128), primary_key=True),
    Column("status", String(16), nullable=False, index=True),
    Column("debtor", String(64), nullable=False, index=True),
    Column("creditor", String(64), nullable=False, index=True),
    Column("account", String(128), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reference", String(64)),
    Column("cycle", String(128), index=True),
    Column("registered_by", String(64), nullable=False),
    Column("registered_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
)

netting_cycles = Table(
    "netting_cycles",
    metadata,
    Column("cycle", String(128), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", String(32), nullable=False, index=True),
    Column("due", String(32), nullable=False),
    Column("closed_at", String(32)),
    Index("netting_due", "status", "due"),
)

netting_positions = Table(
    "netting_positions",
    metadata,
    Column("cycle", String(128), primary_key=True),
    Column("member", String(64), primary_key=True),
    Column("account", String(128), nullable=False),
    Column("owes", BigInteger, nullable=False),
    Column("receives", BigInteger, nullable=False),
    Column("funded_at", String(32)),
)

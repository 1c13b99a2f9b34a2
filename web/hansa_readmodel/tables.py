"""The tables of the read model. Everything in them follows from the blocks; nothing is stored only here."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, MetaData, Table

from hansa_readmodel.columns import String, Text

SCHEMA_VERSION = 31
"""Raised with every change of these tables or of the fold: a read model of another version is made anew."""

metadata = MetaData()

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("schema_version", BigInteger, nullable=False),
    Column("genesis_hash", String(64), nullable=False),
    Column("next_block", BigInteger, nullable=False),
    Column("last_at", String(32), nullable=False),
)

transactions = Table(
    "transactions",
    metadata,
    Column("block", BigInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("transaction_id", String(64), nullable=False, index=True),
    Column("validation_code", String(64), nullable=False, index=True),
    Column("creator", String(64), nullable=False),
    # The common name in the signer's certificate: who of that organisation.
    Column("signer", String(200), nullable=False),
    Column("chaincode", String(64), nullable=False),
    Column("function", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("block", BigInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("type", String(64), nullable=False),
    Column("body", JSON, nullable=False),
    Column("at", String(32), nullable=False),
)

subjects = Table(
    "subjects",
    metadata,
    Column("subject", String(256), primary_key=True),
    Column("block", BigInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
)

members = Table(
    "members",
    metadata,
    Column("msp_id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("gln", String(13)),
    Column("country", String(2), nullable=False),
    Column("joined_at", String(32), nullable=False),
    Column("left_at", String(32)),
    # Its name in small letters, for searches: databases differ in which letters they make small.
    Column("found_by", Text, nullable=False),
)

config_updates = Table(
    "config_updates",
    metadata,
    Column("config_update", String(128), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("organization", String(64)),
    # The newcomer's, where one joins.
    Column("name", String(200)),
    Column("role", String(16)),
    Column("summary", Text, nullable=False),
    Column("proposer", String(64), nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("revision", BigInteger, nullable=False),
    Column("base_sequence", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("proposed_at", String(32), nullable=False, index=True),
    Column("revised_at", String(32), nullable=False),
    Column("closed_at", String(32)),
    Column("closed_by", String(64)),
    Column("config_block", BigInteger),
)

config_signatures = Table(
    "config_signatures",
    metadata,
    Column("config_update", String(128), primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("msp_id", String(64), primary_key=True),
    Column("signer", String(200), nullable=False),
    Column("signed_at", String(32), nullable=False),
)

consortium = Table(
    "consortium",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("basis_points", BigInteger, nullable=False),
    Column("fee_account", String(128), nullable=False),
    Column("arbitrator", String(64), nullable=False),
)

products = Table(
    "products",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("owner", String(64), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("brand", String(200)),
    Column("registered_at", String(32), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("hs_code", String(10), index=True),
    Column("origin", String(2), index=True),
    Column("un_number", String(7)),
    # What else is said of it, and its certificates, as the events tell them.
    Column("details", JSON, nullable=False),
    # Name and brand in small letters, for searches: databases differ in which letters they make small.
    Column("found_by", Text, nullable=False),
)

listings = Table(
    "listings",
    metadata,
    Column("listing", String(128), primary_key=True),
    Column("seller", String(64), nullable=False, index=True),
    Column("gtin", String(14), nullable=False, index=True),
    Column("unit_price", String(18)),
    Column("currency", String(3), nullable=False),
    Column("offered", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", String(32), nullable=False, index=True),
    Column("version", BigInteger, nullable=False),
    Column("incoterm", String(3), index=True),
    # All its terms, as the events tell them.
    Column("terms", JSON, nullable=False),
)

stock = Table(
    "stock",
    metadata,
    Column("listing", String(128), primary_key=True),
    Column("bucket", BigInteger, primary_key=True),
    Column("quantity", BigInteger, nullable=False),
)

currencies = Table(
    "currencies",
    metadata,
    Column("currency", String(3), primary_key=True),
    Column("issuer", String(64), nullable=False),
    Column("minor_units", BigInteger, nullable=False),
    # Decimal digits, since a currency's total may pass 64 bits.
    Column("minted", Text, nullable=False),
    Column("burned", Text, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("note", String(160), primary_key=True),
    Column("owner", String(128), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Index("notes_by_owner", "owner", "currency"),
)

issuer_approvals = Table(
    "issuer_approvals",
    metadata,
    Column("currency", String(3), primary_key=True),
    Column("bank", String(64), primary_key=True),
    Column("member", String(64), primary_key=True),
    Column("approved_at", String(32), nullable=False),
)

attestations = Table(
    "attestations",
    metadata,
    Column("attestation", String(128), primary_key=True),
    Column("currency", String(3), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("document", String(64), nullable=False),
    Column("auditor", String(200), nullable=False),
    Column("attested_at", String(32), nullable=False),
)

frozen_accounts = Table(
    "frozen_accounts",
    metadata,
    Column("account", String(128), primary_key=True),
    Column("by", String(64), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("court_order", String(64)),
    Column("order_hash", String(64)),
    Column("frozen_at", String(32), nullable=False),
)

receivables = Table(
    "receivables",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("status", String(16), nullable=False, index=True),
    Column("seller", String(64), nullable=False, index=True),
    Column("financier", String(64), nullable=False, index=True),
    Column("assignee", String(128)),
    Column("currency", String(3), nullable=False),
    Column("proceeds", BigInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("offered_at", String(32), nullable=False, index=True),
    Column("expires_at", String(32), nullable=False),
)

mandates = Table(
    "mandates",
    metadata,
    Column("mandate", String(128), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("payer", String(128), nullable=False, index=True),
    Column("payee", String(128), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("maximum", BigInteger, nullable=False),
    Column("period", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("collected", BigInteger, nullable=False),
    Column("reference", String(64)),
    Column("granted_at", String(32), nullable=False, index=True),
    Column("expires_at", String(32), nullable=False),
)

payment_requests = Table(
    "payment_requests",
    metadata,
    Column("payment_request", String(128), primary_key=True),
    Column("status", String(16), nullable=False, index=True),
    Column("payee", String(128), nullable=False, index=True),
    Column("payer", String(64), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reference", String(64)),
    Column("requested_at", String(32), nullable=False, index=True),
    Column("expires_at", String(32), nullable=False),
    Column("closed_at", String(32)),
)

hashlocks = Table(
    "hashlocks",
    metadata,
    Column("hashlock", String(128), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("payer", String(128), nullable=False, index=True),
    Column("recipient", String(128), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False, index=True),
    Column("preimage", String(128)),
    Column("expires_at", String(32), nullable=False),
    Column("locked_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
    Index("hashlocks_due", "status", "expires_at"),
)

orders = Table(
    "orders",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("buyer", String(64), nullable=False, index=True),
    Column("seller", String(64), nullable=False, index=True),
    Column("carrier", String(64), index=True),
    Column("arbitrator", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("freight", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("proceeds", BigInteger, nullable=False),
    Column("reference", String(64)),
    Column("sscc", String(18)),
    Column("due", String(32)),
    Column("cause", String(32)),
    # What has left escrow, minor units; and whose dispute is open, by MSP id.
    Column("released", BigInteger, nullable=False),
    Column("dispute", String(64), index=True),
    Column("placed_at", String(32), nullable=False, index=True),
    Column("changed_at", String(32), nullable=False),
    Index("orders_due", "status", "due"),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    # None where an offer was agreed on.
    Column("listing", String(128)),
    Column("gtin", String(14), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    # Unit price, discount, tax and duty, in minor units; None by agreement.
    Column("price", JSON(none_as_null=True)),
)

shipped_epcs = Table(
    "shipped_epcs",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("epc", String(256), nullable=False, index=True),
)

epcis_events = Table(
    "epcis_events",
    metadata,
    Column("block", BigInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    # Counts events in the order the ledger took them; what else is about an event names this.
    Column("event", BigInteger, nullable=False, unique=True),
    Column("event_id", Text, nullable=False),
    Column("hash", String(128), nullable=False, index=True),
    Column("reporter", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("time", String(40), nullable=False, index=True),
    Column("at", String(32), nullable=False, index=True),
    Column("action", String(16)),
    Column("biz_step", Text),
    Column("disposition", Text),
    Column("read_point", Text),
    Column("biz_location", Text),
    Column("error_declared", BigInteger, nullable=False),
    Column("declared_in_error", BigInteger, nullable=False),
    # "event", or which error declaration: that has the id and hash of the event it concerns.
    Column("variant", String(64), nullable=False),
)

event_epcs = Table(
    "event_epcs",
    metadata,
    Column("epc", String(256), primary_key=True),
    Column("event", BigInteger, primary_key=True),
    # The sum of hansa_readmodel.goods_roles.BITS of the roles in which the event names it.
    Column("roles", BigInteger, nullable=False),
    Index("event_epcs_by_event", "event"),
)

units = Table(
    "units",
    metadata,
    # As in event_epcs and subjects: the normal form, or its digest where a database could not index it.
    Column("epc", String(256), primary_key=True),
    Column("uri", Text, nullable=False),
    Column("holder", String(64), nullable=False, index=True),
    Column("order_id", String(128)),
    Column("since", String(32), nullable=False),
)

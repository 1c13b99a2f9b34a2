"""Importing this module registers every operation; ``OPERATIONS`` is the catalogue."""

from __future__ import annotations

from hansa_domain import (
    approvals,
    commands,
    config_updates_queries,
    config_updates_steps,
    coupons,
    currencies,
    discounts,
    freezes,
    guard_renewal,
    hashlocks,
    licences,
    mandates,
    members,
    milestones,
    money,
    money_queries,
    papers,
    payment_requests,
    places,
    receivables,
    returns,
    settlements,
    tenders,
)
from hansa_domain.accounts import queries as account_queries
from hansa_domain.accounts import recoveries, refills, rules
from hansa_domain.alerts import operations as alert_operations
from hansa_domain.claims import meeting as claim_meeting
from hansa_domain.claims import steps as claim_steps
from hansa_domain.coldchain import operations as cold_chain_operations
from hansa_domain.compliance import checks as compliance_checks
from hansa_domain.compliance import publishing
from hansa_domain.compliance import queries as compliance_queries
from hansa_domain.deliveries import agreeing, despatching, invoicing, receiving
from hansa_domain.deliveries import queries as delivery_queries
from hansa_domain.disputes import disclosure as dispute_disclosure
from hansa_domain.disputes import steps as dispute_steps
from hansa_domain.exchanges import facility_steps, facility_use
from hansa_domain.exchanges import quotes as exchange_quotes
from hansa_domain.fees import queries as fee_queries
from hansa_domain.fees import steps as fee_steps
from hansa_domain.goods import capture, condition_query, delegations, handovers, lot_operations
from hansa_domain.goods import queries as goods_queries
from hansa_domain.listings import offering, restocking
from hansa_domain.listings import queries as listing_queries
from hansa_domain.netting import cycles, obligations
from hansa_domain.offers import disclosure as offer_disclosure
from hansa_domain.offers import negotiation, taking
from hansa_domain.offers import queries as offer_queries
from hansa_domain.operation import BY_ARGUMENT, OPERATIONS
from hansa_domain.orders import disclosure, ending, place, queries, quote, steps
from hansa_domain.products import operations as product_operations
from hansa_domain.rates import queries as rate_queries
from hansa_domain.rates import steps as rate_steps
from hansa_domain.recalls import queries as recall_queries
from hansa_domain.recalls import steps as recall_steps
from hansa_domain.taxes import operations as tax_operations

__all__ = [
    "BY_ARGUMENT",
    "OPERATIONS",
    "account_queries",
    "agreeing",
    "alert_operations",
    "approvals",
    "capture",
    "claim_meeting",
    "claim_steps",
    "cold_chain_operations",
    "commands",
    "compliance_checks",
    "compliance_queries",
    "condition_query",
    "config_updates_queries",
    "config_updates_steps",
    "coupons",
    "currencies",
    "cycles",
    "delegations",
    "delivery_queries",
    "despatching",
    "disclosure",
    "discounts",
    "dispute_disclosure",
    "dispute_steps",
    "ending",
    "exchange_quotes",
    "facility_steps",
    "facility_use",
    "fee_queries",
    "fee_steps",
    "freezes",
    "goods_queries",
    "guard_renewal",
    "handovers",
    "hashlocks",
    "invoicing",
    "licences",
    "listing_queries",
    "lot_operations",
    "mandates",
    "members",
    "milestones",
    "money",
    "money_queries",
    "negotiation",
    "obligations",
    "offer_disclosure",
    "offer_queries",
    "offering",
    "papers",
    "payment_requests",
    "place",
    "places",
    "product_operations",
    "publishing",
    "queries",
    "quote",
    "rate_queries",
    "rate_steps",
    "recall_queries",
    "recall_steps",
    "receivables",
    "receiving",
    "recoveries",
    "refills",
    "restocking",
    "returns",
    "rules",
    "settlements",
    "steps",
    "taking",
    "tax_operations",
    "tenders",
]

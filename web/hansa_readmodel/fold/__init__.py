"""What each domain event does to the tables. One function an event type; together they are the read model."""

from __future__ import annotations

from hansa_readmodel.fold import (
    accounts,
    approvals,
    consortium,
    currencies,
    delegations,
    fees,
    goods,
    handovers,
    hashlocks,
    listings,
    lots,
    money,
    offers,
    orders,
    recalls,
    receivables,
    requests,
    returns,
)
from hansa_readmodel.fold.register import Place, UnknownEventError, apply_event, known_types, subject_of

__all__ = [
    "Place",
    "UnknownEventError",
    "accounts",
    "apply_event",
    "approvals",
    "consortium",
    "currencies",
    "delegations",
    "fees",
    "goods",
    "handovers",
    "hashlocks",
    "known_types",
    "listings",
    "lots",
    "money",
    "offers",
    "orders",
    "recalls",
    "receivables",
    "requests",
    "returns",
    "subject_of",
]

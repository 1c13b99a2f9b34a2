"""The Hansa SDK: place an order in one line.

import hansa
with hansa.connect("Retailer", "purchasing") as client:
    client.orders.place(listing, 2)
"""

from hansa.amounts import parse_amount, show_amount
from hansa.client import Client, connect
from hansa.disputes import statement
from hansa.errors import (
    ConflictError,
    ConnectionProfileError,
    HansaError,
    InvalidTransactionError,
    OutcomeUnknownError,
    RefusedError,
    UnreachableError,
)
from hansa.ids import derived_id, new_id
from hansa.orders import DEFAULT_TERMS, DisclosureError, Item, salt
from hansa.policy import Policy
from hansa.settling import Settling
from hansa.submission import Receipt, Retry
from hansa_domain.orders.commands import Delivery
from hansa_domain.orders.milestone_plan import Milestone
from hansa_domain.orders.order import Terms

__all__ = [
    "DEFAULT_TERMS",
    "Client",
    "ConflictError",
    "ConnectionProfileError",
    "Delivery",
    "DisclosureError",
    "HansaError",
    "InvalidTransactionError",
    "Item",
    "Milestone",
    "OutcomeUnknownError",
    "Policy",
    "Receipt",
    "RefusedError",
    "Retry",
    "Settling",
    "Terms",
    "UnreachableError",
    "connect",
    "derived_id",
    "new_id",
    "parse_amount",
    "salt",
    "show_amount",
    "statement",
]

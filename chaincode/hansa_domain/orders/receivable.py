"""What an order owes its seller, where he sold that on."""

from __future__ import annotations

from typing import ClassVar, Literal

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Timestamp
from hansa_domain.operation import Key, Record

ReceivableStatus = Literal["offered", "assigned", "withdrawn"]


class Receivable(Record, frozen=True, kw_only=True):
    """The proceeds of an order, offered or sold; key ``("receivable", order)``.

    ``account`` is the seller's that gets ``price``; ``assignee`` the financier's that gets the proceeds.
    """

    NOUN: ClassVar[str] = "receivable"
    order: str
    status: ReceivableStatus
    seller: str
    financier: str
    currency: str
    proceeds: str
    price: str
    account: str
    assignee: str | None
    offered_at: Timestamp
    expires_at: Timestamp
    assigned_at: Timestamp | None = None


def receivable_key(order: str) -> Key:
    """Where it stands."""
    return (Receivable.NOUN, order)


def payee(receivable: Receivable | None, seller: str) -> str:
    """The account that gets the proceeds: the financier's, once it bought them."""
    assigned = receivable is not None and receivable.status == "assigned"
    return receivable.assignee or seller if assigned and receivable is not None else seller


def refuse_sold(receivable: Receivable | None, act: str) -> None:
    """Refuses RECEIVABLE_STATE where the proceeds are sold: without their buyer nobody gives them away."""
    if receivable is not None and receivable.status == "assigned":
        raise Refusal(
            Code.RECEIVABLE_STATE,
            f"The proceeds were sold to {receivable.financier}; to {act}, agree on a split with him too.",
            "order",
        )

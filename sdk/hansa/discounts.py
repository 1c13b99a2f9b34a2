"""Discounts and coupons: what a seller takes off, and for whom."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from hansa.ids import new_id
from hansa.quotes import code_hash
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.coupons import CouponLeftReply, CouponReply, GetCoupon, IssueCoupon, WithdrawCoupon
from hansa_domain.discounts import (
    CreateDiscount,
    DiscountReply,
    DiscountsReply,
    ListDiscounts,
    WithdrawDiscount,
)
from hansa_domain.pricing.concessions import Concession

__all__ = ["Concession", "Coupons", "Discounts", "IssuedCoupon", "new_code"]

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_code() -> str:
    """A code that nobody guesses: 80 random bits in four groups, easy to read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


@dataclass(frozen=True)
class IssuedCoupon:
    """A coupon and its code. The ledger has only the code's hash: keep it, and give it to buyers."""

    code: str
    receipt: Receipt[CouponReply]


class Discounts:
    """``client.discounts``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def create(
        self, name: str, concession: Concession, *, command_id: str | None = None
    ) -> Receipt[DiscountReply]:
        """Takes something off for whoever meets the conditions; everybody can read it.

        Args:
            name: what people call it.
            concession: how much, and on which conditions; amounts in minor units.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = CreateDiscount(id=command_id or new_id(), name=name, concession=concession)
        return submit_once(self._submitter, "discounts:Create", command, DiscountReply, command_id)

    def withdraw(self, discount: str, *, command_id: str | None = None) -> Receipt[DiscountReply]:
        """Ends a discount; orders already placed keep it."""
        command = WithdrawDiscount(id=command_id or new_id(), discount=discount)
        return submit_once(self._submitter, "discounts:Withdraw", command, DiscountReply, command_id)

    def list(self, seller: str, *, limit: int = 100, bookmark: str = "") -> DiscountsReply:
        """A page of a seller's (MSP id) discounts, withdrawn ones too."""
        query = ListDiscounts(seller=seller, limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("discounts:List", query, DiscountsReply)


class Coupons:
    """``client.coupons``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def issue(
        self,
        name: str,
        concession: Concession,
        *,
        uses: int,
        per_buyer: int = 1,
        code: str | None = None,
        command_id: str | None = None,
    ) -> IssuedCoupon:
        """Takes something off for who knows a code.

        Args:
            name: what people call it; everybody reads it.
            concession: how much, and on which conditions; amounts in minor units.
            uses: how many orders may use it in all.
            per_buyer: how many of each buyer.
            code: what buyers type; None makes one that nobody guesses. A short one can be found by trying.
            command_id: a ULID, to make a repetition harmless (with the same code); made here when None.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        code = code or new_code()
        command = IssueCoupon(
            id=command_id or new_id(),
            code_hash=code_hash(code),
            name=name,
            concession=concession,
            uses=uses,
            per_buyer=per_buyer,
        )
        return IssuedCoupon(
            code, submit_once(self._submitter, "coupons:Issue", command, CouponReply, command_id)
        )

    def withdraw(self, code: str, *, command_id: str | None = None) -> Receipt[CouponReply]:
        """Ends a coupon, by its code; orders already placed keep it."""
        command = WithdrawCoupon(id=command_id or new_id(), code_hash=code_hash(code))
        return submit_once(self._submitter, "coupons:Withdraw", command, CouponReply, command_id)

    def get(self, seller: str, code: str, *, buyer: str | None = None) -> CouponLeftReply:
        """A coupon by its code, with the uses left, and how often the buyer (None: oneself) used it."""
        query = GetCoupon(seller=seller, code_hash=code_hash(code), buyer=buyer)
        return self._submitter.evaluate("coupons:Get", query, CouponLeftReply)

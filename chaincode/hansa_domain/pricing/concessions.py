"""What a seller takes off his prices, and on which conditions: the same for discounts and coupons."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Amount, CurrencyCode, EntityId, Moment, MspId, Quantity, Timestamp
from hansa_domain.iso4217 import minor_units
from hansa_domain.times import check_moment


class Concession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the price, or an amount once an order, off the lines that meet every condition.

    Args:
        basis_points: hundredths of a percent off; this or ``amount``.
        amount: minor units of ``currency`` off an order's lines together, as far as they cost so much.
        from_quantity: only lines of at least so many units.
        listings: only these; empty: all of the seller's.
        buyers: only these members; empty: everybody.
        valid_from, valid_until: when it holds; the second is the first moment when it no longer does.
    """

    basis_points: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    amount: Amount | None = None
    currency: CurrencyCode | None = None
    from_quantity: Quantity | None = None
    listings: Annotated[list[EntityId], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list)
    buyers: Annotated[list[MspId], msgspec.Meta(max_length=100)] = msgspec.field(default_factory=list)
    valid_from: Moment | None = None
    valid_until: Moment | None = None

    def holds(self, buyer: str, at: Timestamp) -> bool:
        """Whether that member may have it at that time."""
        begun = self.valid_from is None or self.valid_from <= at
        over = self.valid_until is not None and self.valid_until <= at
        return begun and not over and (not self.buyers or buyer in self.buyers)

    def covers(self, listing: str, quantity: int, currency: str) -> bool:
        """Whether a line of so many units, priced in that currency, meets its conditions."""
        return (
            (not self.listings or listing in self.listings)
            and (self.from_quantity is None or quantity >= self.from_quantity)
            and (self.currency is None or self.currency == currency)
        )


def check_concession(concession: Concession) -> None:
    """Refuses CONCESSION_INVALID, CURRENCY_UNKNOWN or FIELD_INVALID for one that makes no sense."""
    if (concession.basis_points is None) == (concession.amount is None):
        raise _invalid("Take off either basis points or an amount.", "basis_points")
    if (concession.amount is None) != (concession.currency is None):
        raise _invalid("An amount has a currency, and nothing else has one.", "currency")
    if concession.currency is not None:
        minor_units(concession.currency, "concession.currency")
    if concession.amount == "0":
        raise _invalid("It takes nothing off.", "amount")
    for name in ("valid_from", "valid_until"):
        moment = getattr(concession, name)
        if moment is not None:
            check_moment(moment, f"concession.{name}")
    if concession.valid_from and concession.valid_until and concession.valid_from >= concession.valid_until:
        raise _invalid("It ends before it begins.", "valid_until")


def _invalid(sentence: str, where: str) -> Refusal:
    return Refusal(Code.CONCESSION_INVALID, sentence, f"concession.{where}")

"""The schedule of fees, and what it comes to. All fees round down, to whoever pays them."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Amount, BasisPoints, CurrencyCode, Sha256Hex, Timestamp
from hansa_domain.majority import MemberApproval
from hansa_domain.members import Consortium
from hansa_domain.operation import Key, Record, Records

BASIS = 10_000
"""Basis points in the whole."""

MAX_BOUNDS = 20
"""Currencies with bounds of their own, for each kind of fee: every order reads the schedules in force."""


class FeeBounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The least and the most that a fee comes to in one currency, minor units; no ``maximum``: no limit."""

    currency: CurrencyCode
    minimum: Amount = "0"
    maximum: Amount | None = None


class FeeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fee: basis points of an amount, within the bounds of its currency."""

    basis_points: BasisPoints
    bounds: Annotated[list[FeeBounds], msgspec.Meta(max_length=MAX_BOUNDS)] = msgspec.field(
        default_factory=list
    )

    def fee(self, currency: str, amount: int) -> int:
        """What it comes to for an amount, minor units: rounded down, and never more than the amount."""
        fee = amount * self.basis_points // BASIS
        for bound in self.bounds:
            if bound.currency == currency:
                fee = max(fee, int(bound.minimum))
                if bound.maximum is not None:
                    fee = min(fee, int(bound.maximum))
        return min(fee, amount)


class FeeSchedule(Record, frozen=True, kw_only=True):
    """A published schedule; key ``("fee-schedule", id)``.

    ``order`` is a part of an order's amount and goes to ``account``, as does ``exchange``, a part of what is
    given in exchange; ``arbitration`` is a part of what is in dispute, and goes to who decides it.
    ``effective_from`` is when it was to begin at the earliest. ``version``, counted from 1, and
    ``in_force_from`` it gets once a majority approved it. ``follows`` is the
    version approved last when it was published, 0 for none. ``document`` is the SHA-256 of what explains it.
    """

    NOUN: ClassVar[str] = "fee-schedule"
    id: str
    order: FeeRule
    arbitration: FeeRule
    exchange: FeeRule
    account: str
    document: Sha256Hex | None
    effective_from: Timestamp
    published_by: str
    published_at: Timestamp
    follows: int
    version: int | None = None
    in_force_from: Timestamp | None = None


class FeeApproval(MemberApproval, frozen=True, kw_only=True):
    """A member agrees to a schedule; key ``("fee-approval", schedule, member)``."""

    NOUN: ClassVar[str] = "fee-approval"
    schedule: str


class FeesInForce(Record, frozen=True, kw_only=True):
    """The schedule in force, and approved ones whose time is to come, by version; key ``("fees",)``.

    One record, so that what charges a fee reads one key. Absent: no schedule was approved yet.
    """

    NOUN: ClassVar[str] = "fees"
    schedules: list[FeeSchedule]


FEES: Key = (FeesInForce.NOUN,)
"""Where it stands: whatever charges a fee fetches it."""


def schedule_key(schedule: str) -> Key:
    """Where a schedule stands."""
    return (FeeSchedule.NOUN, schedule)


def latest_version(records: Records) -> int:
    """The version approved last, also where its time is to come; 0 before the first. ``FEES`` was fetched."""
    found = records.find(FeesInForce)
    return 0 if found is None else found.schedules[-1].version or 0


def schedule_in_force(records: Records, at: Timestamp) -> FeeSchedule | None:
    """The schedule that holds: the latest version whose time has come; None before the first.

    Args:
        records: hold ``FEES``.
        at: the moment, such as ``context.at``.
    """
    found = records.find(FeesInForce)
    begun = [] if found is None else [each for each in found.schedules if (each.in_force_from or at) <= at]
    return begun[-1] if begun else None


def order_fee(
    schedule: FeeSchedule | None, consortium: Consortium, currency: str, amount: int
) -> tuple[int, str]:
    """What an order costs, minor units, and whose account gets it; at first by the terms of the beginning."""
    if schedule is None:
        return amount * consortium.basis_points // BASIS, consortium.fee_account
    return schedule.order.fee(currency, amount), schedule.account


def arbitration_fee(records: Records, currency: str, amount: int, *, schedule: str | None) -> int:
    """What deciding a dispute over an amount costs, minor units; it goes to who decides.

    Args:
        records: hold ``fee_keys(schedule)``.
        currency: of the amount.
        amount: what is in dispute, minor units; the fee is never more.
        schedule: id of the one that held when the order was placed, ``Order.fee_schedule``; with none,
            deciding costs nothing.
    """
    if schedule is None:
        return 0
    found = records.get(FeeSchedule, schedule, refuse=Code.FEE_SCHEDULE_NOT_FOUND)
    return found.arbitration.fee(currency, amount)


def fee_keys(schedule: str | None) -> tuple[Key, ...]:
    """What is read for the fees that were agreed to with an order."""
    return () if schedule is None else (schedule_key(schedule),)


def check_fee(fee: int, most: Amount | None) -> None:
    """Refuses FEE_CHANGED where a fee is higher than what the caller was ready to pay."""
    if most is not None and fee > int(most):
        raise Refusal(Code.FEE_CHANGED, f"The fee is {fee} minor units now, more than {most}.", "max_fee")

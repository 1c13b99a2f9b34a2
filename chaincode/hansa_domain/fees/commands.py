"""What may be asked about fees, and what is answered."""

from __future__ import annotations

import msgspec

from hansa_domain.fees.schedule import FeeApproval, FeeRule, FeeSchedule
from hansa_domain.fields import Amount, CurrencyCode, EntityId, Moment, MspId, Owner, Sha256Hex
from hansa_domain.operation import Command, Query


class PublishFees(Command["FeeScheduleReply"], frozen=True, kw_only=True):
    """``fees:Publish``, by an administrator of any member, who approves it with that: what things cost.

    It holds once more than half of the members approved it, and not before ``effective_from``; without that,
    as soon as it is approved. ``account`` gets the fees of orders and exchanges; the arbitration fee goes to
    who decides the dispute.
    """

    order: FeeRule
    arbitration: FeeRule
    exchange: FeeRule
    account: Owner
    effective_from: Moment | None = None
    document: Sha256Hex | None = None


class ApproveFees(Command["FeeScheduleReply"], frozen=True, kw_only=True):
    """``fees:Approve``, by an administrator: his organisation agrees to a published schedule."""

    schedule: EntityId


class GetFees(Query["FeeScheduleReply"], frozen=True, kw_only=True):
    """``fees:Get``: a schedule, and who approved it; where none is named, the one in force."""

    schedule: EntityId | None = None


class ListFees(Query["FeeSchedulesReply"], frozen=True, kw_only=True):
    """``fees:List``: every schedule ever published: those in force by version, then the others."""


class QuoteFees(Query["FeeQuoteReply"], frozen=True, kw_only=True):
    """``fees:Quote``: what an order, a dispute and an exchange of an amount cost now, and who receives it.

    ``arbitrator`` is who would decide the dispute; by default the consortium's.
    """

    currency: CurrencyCode
    amount: Amount
    arbitrator: MspId | None = None


class FeeScheduleReply(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule, the members that approved it, by MSP id, and how many it takes."""

    schedule: FeeSchedule
    approved_by: list[str]
    needed: int


class FeeSchedulesReply(msgspec.Struct, frozen=True, kw_only=True):
    """Schedules, and every approval; ``in_force`` is the id of the one that holds now, None before any."""

    schedules: list[FeeSchedule]
    approvals: list[FeeApproval]
    in_force: str | None


class FeeQuote(msgspec.Struct, frozen=True, kw_only=True):
    """A fee in minor units, and the account or member that receives it."""

    fee: str
    recipient: str


class FeeQuoteReply(msgspec.Struct, frozen=True, kw_only=True):
    """Fees for one amount by the schedule in force, ``schedule``; None: by the terms of the beginning.

    ``coming`` are approved schedules that begin later: what is quoted here changes then.
    """

    currency: str
    amount: str
    order: FeeQuote
    arbitration: FeeQuote
    exchange: FeeQuote
    schedule: str | None
    coming: list[FeeSchedule]

"""Publishing a schedule of fees, and agreeing to it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import (
    Event,
    FeeRuleView,
    FeeScheduleApproved,
    FeeScheduleInForce,
    FeeSchedulePublished,
)
from hansa_domain.fees.commands import ApproveFees, FeeScheduleReply, PublishFees
from hansa_domain.fees.schedule import (
    FEES,
    FeeApproval,
    FeeRule,
    FeeSchedule,
    FeesInForce,
    latest_version,
    schedule_key,
)
from hansa_domain.iso4217 import minor_units
from hansa_domain.majority import require_administrator, tally
from hansa_domain.members import known_member, member_key
from hansa_domain.moments import check_moment
from hansa_domain.notes import organisation
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Steps, operation

MAX_AHEAD = 10
"""Approved schedules that wait for their time: whatever charges a fee reads them all."""


@operation("fees:Publish", PublishFees, FeeScheduleReply)
def publish(command: PublishFees, context: Context) -> Steps:
    """A schedule, approved by who publishes it."""
    require_administrator(context, "publish fees")
    for kind in ("order", "arbitration", "exchange"):
        _check_rule(getattr(command, kind), kind)
    effective_from = command.effective_from or context.at
    check_moment(effective_from, "effective_from")
    holder = organisation(command.account)
    records = yield Fetch(keys=(FEES, member_key(holder)))
    known_member(records, holder, "account")
    schedule = FeeSchedule(
        id=context.reference(command),
        order=command.order,
        arbitration=command.arbitration,
        exchange=command.exchange,
        account=command.account,
        document=command.document,
        effective_from=effective_from,
        published_by=context.caller.msp_id,
        published_at=context.at,
        follows=latest_version(records),
    )
    event = FeeSchedulePublished(
        schedule=schedule.id,
        order=_view(schedule.order),
        arbitration=_view(schedule.arbitration),
        exchange=_view(schedule.exchange),
        account=schedule.account,
        document=schedule.document,
        effective_from=schedule.effective_from,
        by=schedule.published_by,
        at=context.at,
    )
    decided = yield from _approved(schedule, context)
    writes = {schedule_key(schedule.id): schedule, **decided.writes}
    return Decision(reply=decided.reply, writes=writes, events=(event, *decided.events))


def _check_rule(rule: FeeRule, kind: str) -> None:
    seen: list[str] = []
    for place, bound in enumerate(rule.bounds):
        where = f"{kind}.bounds[{place}]"
        minor_units(bound.currency, f"{where}.currency")
        if bound.currency in seen:
            raise Refusal(Code.FIELD_INVALID, f"{bound.currency} has bounds already.", f"{where}.currency")
        seen.append(bound.currency)
        if bound.maximum is not None and int(bound.maximum) < int(bound.minimum):
            raise Refusal(Code.FIELD_INVALID, "The most is less than the least.", f"{where}.maximum")


def _view(rule: FeeRule) -> FeeRuleView:
    return FeeRuleView(
        basis_points=rule.basis_points,
        minimum={bound.currency: bound.minimum for bound in rule.bounds if bound.minimum != "0"},
        maximum={bound.currency: bound.maximum for bound in rule.bounds if bound.maximum is not None},
    )


@operation("fees:Approve", ApproveFees, FeeScheduleReply)
def approve(command: ApproveFees, context: Context) -> Steps:
    """One record a member. Whose approval makes the majority puts the schedule in force."""
    require_administrator(context, "approve fees")
    key = schedule_key(command.schedule)
    schedule = (yield Fetch(keys=(key,))).get(
        FeeSchedule, key[1], refuse=Code.FEE_SCHEDULE_NOT_FOUND, where="schedule"
    )
    if schedule.in_force_from is not None:
        raise Refusal(
            Code.FEE_SCHEDULE_STATE,
            f"A majority approved it: it holds from {schedule.in_force_from}.",
            "schedule",
        )
    return (yield from _approved(schedule, context))


def _approved(schedule: FeeSchedule, context: Context) -> Steps:
    """The caller's approval, and what follows where it makes the majority."""
    member = context.caller.msp_id
    subject: Key = (FeeApproval.NOUN, schedule.id)
    records = yield Fetch(keys=(FEES,))
    found = records.find(FeesInForce)
    latest = latest_version(records)
    if schedule.follows != latest:
        # Else words given long ago could bring back what the members have replaced since.
        raise Refusal(
            Code.FEE_SCHEDULE_STATE, f"Version {latest} was approved since this was published.", "schedule"
        )
    count = yield from tally(subject, besides=member)
    approval = FeeApproval(
        schedule=schedule.id, member=member, approved_by=context.caller.name, approved_at=context.at
    )
    writes: dict[Key, Record | None] = {(*subject, member): approval}
    events: list[Event] = [FeeScheduleApproved(schedule=schedule.id, member=member, at=context.at)]
    if count.reached:
        begins = max(schedule.effective_from, context.at)
        schedule = replace(schedule, version=latest + 1, in_force_from=begins)
        writes[schedule_key(schedule.id)] = schedule
        writes[FEES] = FeesInForce(
            schedules=_holding([*(found.schedules if found else []), schedule], context)
        )
        events.append(
            FeeScheduleInForce(schedule=schedule.id, version=latest + 1, begins=begins, at=context.at)
        )
    reply = FeeScheduleReply(schedule=schedule, approved_by=list(count.approved), needed=count.needed)
    return Decision(reply=reply, writes=writes, events=tuple(events))


def _holding(schedules: Sequence[FeeSchedule], context: Context) -> list[FeeSchedule]:
    """Without those that a later version has replaced for good."""
    begun = [
        place for place, each in enumerate(schedules) if (each.in_force_from or context.at) <= context.at
    ]
    kept = list(schedules[begun[-1] if begun else 0 :])
    if len(kept) > MAX_AHEAD + len(begun[-1:]):
        raise Refusal(
            Code.FEE_SCHEDULE_STATE,
            f"{MAX_AHEAD} approved schedules wait for their time already.",
            "schedule",
        )
    return kept

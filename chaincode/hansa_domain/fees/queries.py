"""Questions about fees."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fees.commands import (
    FeeQuote,
    FeeQuoteReply,
    FeeScheduleReply,
    FeeSchedulesReply,
    GetFees,
    ListFees,
    QuoteFees,
)
from hansa_domain.fees.schedule import (
    FEES,
    FeeApproval,
    FeeSchedule,
    FeesInForce,
    order_fee,
    schedule_in_force,
    schedule_key,
)
from hansa_domain.iso4217 import minor_units
from hansa_domain.majority import tally
from hansa_domain.members import Consortium
from hansa_domain.operation import Context, Decision, Fetch, Steps, decode_record, operation
from hansa_domain.paging import scan_all


@operation("fees:Get", GetFees, FeeScheduleReply)
def get(command: GetFees, context: Context) -> Steps:
    """A schedule with the approvals of present members."""
    if command.schedule is None:
        schedule = schedule_in_force((yield Fetch(keys=(FEES,))), context.at)
        if schedule is None:
            raise Refusal(Code.FEE_SCHEDULE_NOT_FOUND, "No schedule is in force yet.", "schedule")
    else:
        key = schedule_key(command.schedule)
        records = yield Fetch(keys=(key,))
        schedule = records.get(FeeSchedule, key[1], refuse=Code.FEE_SCHEDULE_NOT_FOUND, where="schedule")
    count = yield from tally((FeeApproval.NOUN, schedule.id))
    return Decision(
        reply=FeeScheduleReply(schedule=schedule, approved_by=list(count.approved), needed=count.needed)
    )


@operation("fees:List", ListFees, FeeSchedulesReply)
def list_schedules(command: ListFees, context: Context) -> Steps:
    """All of them, with every approval."""
    records = yield Fetch(keys=(FEES,))
    holds = schedule_in_force(records, context.at)
    schedules = yield from scan_all((FeeSchedule.NOUN,))
    approvals = yield from scan_all((FeeApproval.NOUN,))
    return Decision(
        reply=FeeSchedulesReply(
            schedules=sorted(
                (decode_record(value, FeeSchedule) for _, value in schedules),
                key=lambda each: (each.version is None, each.version or 0, each.published_at, each.id),
            ),
            approvals=[decode_record(value, FeeApproval) for _, value in approvals],
            in_force=None if holds is None else holds.id,
        )
    )


@operation("fees:Quote", QuoteFees, FeeQuoteReply)
def quote(command: QuoteFees, context: Context) -> Steps:
    """What it would cost now."""
    minor_units(command.currency, "currency")
    records = yield Fetch(keys=(FEES, (Consortium.NOUN,)))
    consortium = records.get(Consortium, refuse=Code.CONSORTIUM_NOT_INITIALIZED)
    schedule = schedule_in_force(records, context.at)
    amount = int(command.amount)
    fee, account = order_fee(schedule, consortium, command.currency, amount)
    exchange = 0 if schedule is None else schedule.exchange.fee(command.currency, amount)
    found = records.find(FeesInForce)
    return Decision(
        reply=FeeQuoteReply(
            currency=command.currency,
            amount=command.amount,
            order=FeeQuote(fee=str(fee), recipient=account),
            arbitration=FeeQuote(
                fee=str(0 if schedule is None else schedule.arbitration.fee(command.currency, amount)),
                recipient=command.arbitrator or consortium.arbitrator,
            ),
            exchange=FeeQuote(fee=str(exchange), recipient=account),
            schedule=None if schedule is None else schedule.id,
            coming=[
                each
                for each in ([] if found is None else found.schedules)
                if (each.in_force_from or context.at) > context.at
            ],
        )
    )

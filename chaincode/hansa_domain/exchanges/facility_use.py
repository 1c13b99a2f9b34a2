"""Exchanging at the oracles' rate, and asking beforehand what it brings."""

from __future__ import annotations

from collections.abc import Generator

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import FacilityUsed
from hansa_domain.exchanges.facilities import (
    FacilitiesReply,
    Facility,
    FacilityPart,
    FacilityQuoteReply,
    FacilityReply,
    FacilityUsedReply,
    GetFacility,
    ListFacilities,
    QuoteFacility,
    UseFacility,
    load_facility,
    load_part,
    load_parts,
    part_key,
    require_open_facility,
)
from hansa_domain.exchanges.facility_steps import funded
from hansa_domain.exchanges.swap import Side, require_free, swap
from hansa_domain.fees.schedule import FEES, schedule_in_force
from hansa_domain.frozen import FROZEN
from hansa_domain.members import known_member, member_key
from hansa_domain.notes import note_keys, own_account, spendable
from hansa_domain.operation import (
    Context,
    Decision,
    Fetch,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.rates.ratio import Ratio
from hansa_domain.rates.records import Rate, load_rates, usable


@operation("facilities:Exchange", UseFacility, FacilityUsedReply)
def exchange(command: UseFacility, context: Context) -> Steps:
    """Both sides are paid, or neither; only one part of the facility is touched."""
    found = yield from load_facility(command.facility)
    require_open_facility(found)
    customer = context.caller.msp_id
    if customer == found.dealer:
        raise Refusal(Code.NOT_PERMITTED, "Nobody deals with himself.", "facility")
    account = own_account(command.change, context, "change")
    amount = _given(found, command.currency, command.amount)
    part = yield from load_part(found, command.part)
    ratio, rates = yield from _rate(found, command.max_age, context)
    records = yield Fetch(keys=(*note_keys(command.notes), member_key(found.dealer), FEES, FROZEN))
    known_member(records, found.dealer, "facility")
    require_free(records, found.account, "facility")
    require_free(records, account, "change")
    receives = _receives(found, ratio, amount)
    left = _left(part, receives, int(command.least))
    consumed = spendable(records, command.notes, context, found.takes)
    done = swap(
        context.reference(command),
        Side(account=found.account, currency=found.takes, amount=amount),
        Side(account=account, currency=found.gives, amount=receives),
        consumed,
        records,
        context,
        command.max_fee,
    )
    event = FacilityUsed(
        facility=found.id,
        customer=account,
        paid=command.amount,
        bought=str(receives),
        fee=str(done.fee),
        base_amount=str(ratio.base),
        quote_amount=str(ratio.quote),
        oracles=[rate.oracle for rate in rates],
        at=context.at,
    )
    return Decision(
        reply=FacilityUsedReply(
            facility=found.id,
            bought=done.bought,
            change=done.change,
            fee=str(done.fee),
            base_amount=str(ratio.base),
            quote_amount=str(ratio.quote),
        ),
        writes={**done.writes, part_key(found.id, part.part): left},
        events=(event, funded(found, [left], context), *done.events),
    )


def _left(part: FacilityPart, receives: int, least: int) -> FacilityPart:
    """The part without what the customer receives, which must be what he accepts, and there."""
    if receives < max(least, 1):
        raise Refusal(
            Code.RATE_BELOW_LEAST, f"It brings {receives} {part.currency} in minor units now.", "least"
        )
    if receives > int(part.amount):
        raise Refusal(Code.FACILITY_INSUFFICIENT, f"Part {part.part} holds {part.amount}.", "part")
    return replace(part, amount=str(int(part.amount) - receives))


def _given(facility: Facility, currency: str, amount: str) -> int:
    if currency != facility.takes:
        raise Refusal(Code.CURRENCY_MISMATCH, f"It takes {facility.takes}.", "currency")
    if amount == "0":
        raise Refusal(Code.AMOUNT_ZERO, "Give an amount.", "amount")
    return int(amount)


def _rate(
    facility: Facility, max_age: int, context: Context
) -> Generator[Fetch, Records, tuple[Ratio, list[Rate]]]:
    """The pair's rate; the two parties' own quotes do not count."""
    rates = yield from load_rates(facility.base, facility.quote)
    parties = (facility.dealer, context.caller.msp_id)
    return usable(rates, context, min(max_age, facility.max_age), without=parties)


def _receives(facility: Facility, ratio: Ratio, amount: int) -> int:
    """What the amount brings, minor units, rounded down: the rest of one unit stays with the dealer."""
    towards = ratio if facility.takes == facility.base else ratio.inverse
    return towards.convert(amount, facility.spread)


@operation("facilities:Quote", QuoteFacility, FacilityQuoteReply)
def quote(command: QuoteFacility, context: Context) -> Steps:
    """Computed as the exchange would be, without notes."""
    found = yield from load_facility(command.facility)
    require_open_facility(found)
    amount = _given(found, command.currency, command.amount)
    ratio, rates = yield from _rate(found, command.max_age, context)
    schedule = schedule_in_force((yield Fetch(keys=(FEES,))), context.at)
    parts = yield from load_parts(found)
    receives = _receives(found, ratio, amount)
    fullest = sorted(parts, key=lambda part: (-int(part.amount), part.part))
    return Decision(
        reply=FacilityQuoteReply(
            currency=found.takes,
            amount=command.amount,
            receives_currency=found.gives,
            receives=str(receives),
            fee=str(0 if schedule is None else schedule.exchange.fee(found.takes, amount)),
            fee_account=None if schedule is None else schedule.account,
            base_amount=str(ratio.base),
            quote_amount=str(ratio.quote),
            rates=rates,
            parts=[part.part for part in fullest if int(part.amount) >= receives],
        )
    )


@operation("facilities:Get", GetFacility, FacilityReply)
def get(command: GetFacility, context: Context) -> Steps:
    """One of them, with its parts."""
    found = yield from load_facility(command.facility)
    parts = yield from load_parts(found)
    return Decision(reply=FacilityReply(facility=found, parts=parts))


@operation("facilities:List", ListFacilities, FacilitiesReply)
def list_facilities(command: ListFacilities, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((Facility.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, Facility) for _, value in page.items]
    return Decision(reply=FacilitiesReply(facilities=found, bookmark=page.bookmark))

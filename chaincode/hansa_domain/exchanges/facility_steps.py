"""What a dealer does with a facility: open it, change its terms, fund it, take money out, close it."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import FacilityChanged, FacilityFunded
from hansa_domain.exchanges.facilities import (
    CloseFacility,
    Facility,
    FacilityFundedReply,
    FacilityPaidReply,
    FacilityPart,
    FacilityReply,
    OpenFacility,
    ReviseFacility,
    TopUpFacility,
    WithdrawFacility,
    load_facility,
    load_part,
    load_parts,
    part_key,
    require_open_facility,
)
from hansa_domain.iso4217 import minor_units
from hansa_domain.money import money_moved
from hansa_domain.notes import (
    MAX_MINOR,
    change_of,
    new_notes,
    note_keys,
    note_writes,
    own_account,
    spendable,
)
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records, Steps, operation


@operation("facilities:Open", OpenFacility, FacilityFundedReply)
def open_facility(command: OpenFacility, context: Context) -> Steps:
    """Splits the amount over the parts; what does not divide goes into the first ones."""
    minor_units(command.base, "base")
    minor_units(command.quote, "quote")
    if command.base == command.quote:
        raise Refusal(Code.FIELD_INVALID, "A pair has two currencies.", "quote")
    if command.currency not in (command.base, command.quote):
        raise Refusal(Code.CURRENCY_MISMATCH, "It gives one of the pair's currencies.", "currency")
    amount = int(command.amount)
    if amount < command.parts:
        raise Refusal(Code.AMOUNT_ZERO, "Every part holds at least one minor unit.", "amount")
    account = own_account(command.change, context, "change")
    reference = context.reference(command)
    records = yield Fetch(keys=note_keys(command.notes))
    consumed = spendable(records, command.notes, context, command.currency)
    change = change_of(consumed, amount, account, reference)
    made = Facility(
        id=reference,
        status="open",
        account=account,
        base=command.base,
        quote=command.quote,
        gives=command.currency,
        takes=command.quote if command.currency == command.base else command.base,
        spread=command.spread,
        max_age=command.max_age,
        parts=command.parts,
        opened_at=context.at,
    )
    share, rest = divmod(amount, command.parts)
    parts = [_part(made, number, share + (number < rest)) for number in range(command.parts)]
    writes: dict[Key, Record | None] = {(Facility.NOUN, made.id): made, **_part_writes(parts)}
    return Decision(
        reply=FacilityFundedReply(facility=made, parts=parts, change=change[0].view if change else None),
        writes={**writes, **note_writes(consumed, change)},
        events=(
            _changed(made, context),
            funded(made, parts, context),
            money_moved("hold", consumed, change, context, currency=made.gives),
        ),
        payees=((context.caller.msp_id, amount),),
    )


@operation("facilities:Revise", ReviseFacility, FacilityReply)
def revise(command: ReviseFacility, context: Context) -> Steps:
    """For whoever exchanges from now on."""
    found = yield from _own(command.facility, context)
    parts = yield from load_parts(found)
    revised = replace(found, spread=command.spread, max_age=command.max_age)
    return Decision(
        reply=FacilityReply(facility=revised, parts=parts),
        writes={(Facility.NOUN, found.id): revised},
        events=(_changed(revised, context),),
    )


@operation("facilities:TopUp", TopUpFacility, FacilityFundedReply)
def top_up(command: TopUpFacility, context: Context) -> Steps:
    """More money in one part."""
    found = yield from _own(command.facility, context)
    account = own_account(command.change, context, "change")
    amount = _amount(command, found)
    part = yield from load_part(found, command.part)
    records = yield Fetch(keys=note_keys(command.notes))
    consumed = spendable(records, command.notes, context, found.gives)
    change = change_of(consumed, amount, account, context.reference(command))
    filled = _part(found, part.part, int(part.amount) + amount)
    # What another account puts in comes out again into the facility's.
    payee = context.caller.msp_id if account == found.account else found.account
    return Decision(
        reply=FacilityFundedReply(facility=found, parts=[filled], change=change[0].view if change else None),
        writes={**_part_writes([filled]), **note_writes(consumed, change)},
        events=(
            funded(found, [filled], context),
            money_moved("hold", consumed, change, context, currency=found.gives),
        ),
        payees=((payee, amount),),
    )


@operation("facilities:Withdraw", WithdrawFacility, FacilityPaidReply)
def withdraw(command: WithdrawFacility, context: Context) -> Steps:
    """Less money in one part."""
    found = yield from _own(command.facility, context)
    amount = _amount(command, found)
    part = yield from load_part(found, command.part)
    left = _part(found, part.part, int(part.amount) - amount)
    if int(left.amount) < 0:
        raise Refusal(Code.FACILITY_INSUFFICIENT, f"Part {part.part} holds {part.amount}.", "part")
    return _paid_out(found, [left], amount, _part_writes([left]), context.reference(command), context)


@operation("facilities:Close", CloseFacility, FacilityPaidReply)
def close(command: CloseFacility, context: Context) -> Steps:
    """Every part is emptied and gone."""
    found = yield from _own(command.facility, context)
    parts = yield from load_parts(found)
    closed = replace(found, status="closed", closed_at=context.at)
    writes: dict[Key, Record | None] = {part_key(found.id, part.part): None for part in parts}
    empty = [_part(found, part.part, 0) for part in parts]
    total = sum(int(part.amount) for part in parts)
    if total > MAX_MINOR:
        raise Refusal(
            Code.AMOUNT_TOO_LARGE,
            f"No note holds {total} minor units: withdraw from parts first.",
            "facility",
        )
    return _paid_out(
        closed,
        empty,
        total,
        {(Facility.NOUN, closed.id): closed, **writes},
        context.reference(command),
        context,
    )


def _own(facility: str, context: Context) -> Generator[Fetch, Records, Facility]:
    found = yield from load_facility(facility)
    if context.caller.msp_id != found.dealer:
        raise Refusal(Code.NOT_PERMITTED, f"This facility is {found.dealer}'s.")
    require_open_facility(found)
    return found


def _amount(command: TopUpFacility | WithdrawFacility, found: Facility) -> int:
    if command.currency != found.gives:
        raise Refusal(Code.CURRENCY_MISMATCH, f"It holds {found.gives}.", "currency")
    if command.amount == "0":
        raise Refusal(Code.AMOUNT_ZERO, "Give an amount.", "amount")
    return int(command.amount)


def _part(facility: Facility, number: int, amount: int) -> FacilityPart:
    if amount > MAX_MINOR:
        raise Refusal(Code.AMOUNT_TOO_LARGE, f"A part of {amount} minor units is beyond 18 digits.", "amount")
    return FacilityPart(
        facility=facility.id,
        part=number,
        account=facility.account,
        currency=facility.gives,
        amount=str(amount),
    )


def _part_writes(parts: Sequence[FacilityPart]) -> dict[Key, Record | None]:
    return {part_key(part.facility, part.part): part for part in parts}


def _paid_out(
    facility: Facility,
    parts: Sequence[FacilityPart],
    amount: int,
    writes: Mapping[Key, Record | None],
    reference: str,
    context: Context,
) -> Decision:
    """So much goes to the facility's account, which may be frozen: what comes in stays in it."""
    notes = new_notes(reference, facility.gives, [(facility.account, amount)])
    closing = (_changed(facility, context),) if facility.status == "closed" else ()
    moved = (money_moved("refund", [], notes, context, currency=facility.gives),) if notes else ()
    return Decision(
        reply=FacilityPaidReply(facility=facility, notes=[note.view for note in notes]),
        writes={**writes, **note_writes([], notes)},
        events=(*closing, funded(facility, parts, context), *moved),
    )


def funded(facility: Facility, parts: Sequence[FacilityPart], context: Context) -> FacilityFunded:
    """The event that tells what parts hold now."""
    return FacilityFunded(
        facility=facility.id,
        currency=facility.gives,
        parts={str(part.part): part.amount for part in parts},
        at=context.at,
    )


def _changed(facility: Facility, context: Context) -> FacilityChanged:
    return FacilityChanged(
        facility=facility.id,
        status=facility.status,
        account=facility.account,
        base=facility.base,
        quote=facility.quote,
        gives=facility.gives,
        takes=facility.takes,
        spread=facility.spread,
        max_age=facility.max_age,
        at=context.at,
    )

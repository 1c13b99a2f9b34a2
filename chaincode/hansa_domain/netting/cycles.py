"""Netting cycles: opened over confirmed obligations, paid into by net debtors, closed whole or dissolved."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.authority import Spending
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, NettingClosed, NettingFunded, NettingOpened, NoteView
from hansa_domain.exchanges.swap import require_free
from hansa_domain.fields import Bookmark, EntityId, Owner, PageLimit
from hansa_domain.frozen import FROZEN
from hansa_domain.money import NoteIds, money_moved
from hansa_domain.netting.records import (
    MAX_OBLIGATIONS,
    NettingCycle,
    NettingPot,
    NettingReply,
    Obligation,
    load_cycle,
    load_pots,
    net,
    pot_key,
)
from hansa_domain.notes import change_of, new_notes, note_keys, note_writes, own_account, spendable
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.times import milliseconds, rfc3339

WEEK = 7 * 86_400


class OpenNetting(Command["NettingReply"], frozen=True, kw_only=True):
    """``netting:Open``, by a party of one of them: confirmed obligations of one currency are set off.

    They wait for at most ``fund_within`` seconds; any party may end that at once with ``netting:Dissolve``.
    """

    obligations: Annotated[list[EntityId], msgspec.Meta(min_length=2, max_length=MAX_OBLIGATIONS)]
    fund_within: Annotated[int, msgspec.Meta(ge=1, le=WEEK, description="Seconds, from 1 to 7 days.")]


class FundNetting(Spending["NettingFundedReply"], frozen=True, kw_only=True):
    """``netting:Fund``, by a net debtor in time: what he owes on balance, held until the cycle ends.

    With it he consents. ``change`` is the account that pays, and gets the money back if the cycle is
    dissolved; without it, the main one.
    """

    cycle: EntityId
    notes: NoteIds
    change: Owner | None = None


class CloseNetting(Command["NettingEndedReply"], frozen=True, kw_only=True):
    """``netting:Close``, by any member once every net debtor has paid in: all are paid, nothing is owed."""

    cycle: EntityId


class DissolveNetting(Command["NettingEndedReply"], frozen=True, kw_only=True):
    """``netting:Dissolve``, by a party, or by any member once it is due: all stands as before it."""

    cycle: EntityId


class GetNetting(Query["NettingReply"], frozen=True, kw_only=True):
    """``netting:Get``: a cycle, and who has paid in."""

    cycle: EntityId


class ListNetting(Query["NettingCyclesReply"], frozen=True, kw_only=True):
    """``netting:List``: all cycles, in order of id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class NettingFundedReply(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid in, and what came back of the notes."""

    pot: NettingPot
    change: NoteView | None


class NettingEndedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The cycle as it ended, and the notes that were paid out."""

    cycle: NettingCycle
    notes: list[NoteView]


class NettingCyclesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cycles; ``bookmark`` is empty on the last page."""

    cycles: list[NettingCycle]
    bookmark: str


@operation("netting:Open", OpenNetting, NettingReply)
def open_cycle(command: OpenNetting, context: Context) -> Steps:
    """Computes the positions, the same for everybody."""
    ids = command.obligations
    if len(set(ids)) != len(ids):
        raise Refusal(Code.FIELD_INVALID, "Name each obligation once.", "obligations")
    records = yield Fetch(keys=tuple((Obligation.NOUN, each) for each in ids))
    found = [_nettable(records, each, place) for place, each in enumerate(ids)]
    for place, each in enumerate(found):
        if each.currency != found[0].currency:
            raise Refusal(Code.CURRENCY_MISMATCH, "A cycle has one currency.", f"obligations[{place}]")
    if not any(context.caller.msp_id in (each.debtor, each.creditor) for each in found):
        raise Refusal(Code.NOT_PERMITTED, "Only a party of an obligation nets it.", "obligations")
    cycle = NettingCycle(
        id=context.reference(command),
        status="open",
        currency=found[0].currency,
        obligations=sorted(ids),
        positions=net(found),
        opened_by=context.caller.msp_id,
        opened_at=context.at,
        due=rfc3339(context.now + command.fund_within * 1000),
    )
    event = NettingOpened(
        cycle=cycle.id,
        currency=cycle.currency,
        obligations=cycle.obligations,
        positions=cycle.positions,
        by=cycle.opened_by,
        due=cycle.due,
        at=context.at,
    )
    writes: dict[Key, Record | None] = {
        (Obligation.NOUN, each.id): replace(each, cycle=cycle.id) for each in found
    }
    return Decision(
        reply=NettingReply(cycle=cycle, funded=[]),
        writes={**writes, (NettingCycle.NOUN, cycle.id): cycle},
        events=(event,),
    )


def _nettable(records: Records, obligation: str, place: int) -> Obligation:
    where = f"obligations[{place}]"
    found = records.get(Obligation, obligation, refuse=Code.OBLIGATION_NOT_FOUND, where=where)
    if found.status != "confirmed" or found.cycle is not None:
        state = found.status if found.cycle is None else f"in {found.cycle} already"
        raise Refusal(Code.OBLIGATION_STATE, f"{obligation} is {state}.", where)
    return found


@operation("netting:Fund", FundNetting, NettingFundedReply)
def fund(command: FundNetting, context: Context) -> Steps:
    """Each net debtor writes a key of his own, so that they do not conflict."""
    cycle = yield from load_cycle(command.cycle)
    _require_open(cycle)
    debtor = context.caller.msp_id
    owed = next((int(each.owes) for each in cycle.debtors if each.member == debtor), None)
    if owed is None:
        raise Refusal(Code.NOT_PERMITTED, f"{debtor} owes nothing on balance in this cycle.", "cycle")
    if context.now >= milliseconds(cycle.due):
        raise Refusal(Code.NETTING_DUE, f"It took money until {cycle.due}.", "cycle")
    key = pot_key(cycle.id, debtor)
    records = yield Fetch(keys=(key, *note_keys(command.notes)))
    if records.find(NettingPot, *key[1:]) is not None:
        raise Refusal(Code.NETTING_STATE, f"{debtor} has paid in.", "cycle")
    account = own_account(command.change, context, "change")
    consumed = spendable(records, command.notes, context, cycle.currency)
    change = change_of(consumed, owed, account, context.reference(command))
    pot = NettingPot(cycle=cycle.id, account=account, currency=cycle.currency, amount=str(owed))
    event = NettingFunded(
        cycle=cycle.id,
        debtor=debtor,
        account=account,
        currency=pot.currency,
        amount=pot.amount,
        at=context.at,
    )
    return Decision(
        reply=NettingFundedReply(pot=pot, change=change[0].view if change else None),
        writes={key: pot, **note_writes(consumed, change)},
        events=(event, money_moved("hold", consumed, change, context, currency=cycle.currency)),
        payees=((debtor, owed),),
    )


@operation("netting:Close", CloseNetting, NettingEndedReply)
def close(command: CloseNetting, context: Context) -> Steps:
    """Net creditors are paid and all obligations end in one transaction."""
    cycle = yield from load_cycle(command.cycle)
    _require_open(cycle)
    records = yield Fetch(keys=(FROZEN, *_obligation_keys(cycle)))
    for each in _obligations(records, cycle):
        # What is owed into a frozen account must neither pay its owner's debts nor go into his other account.
        require_free(records, each.account, "cycle")
    for position in cycle.positions:
        require_free(records, position.member, "cycle")
    for member, pot in (yield from load_pots(cycle)).items():
        if pot is None:
            raise Refusal(Code.NETTING_STATE, f"{member} has not paid in yet.", "cycle")
        require_free(records, pot.account, "cycle")
    outputs = [(each.account, int(each.receives)) for each in cycle.positions]
    return (yield from _ended(cycle, "closed", outputs, context.reference(command), context))


@operation("netting:Dissolve", DissolveNetting, NettingEndedReply)
def dissolve(command: DissolveNetting, context: Context) -> Steps:
    """Whoever paid in has his money back, and every obligation stands as before."""
    cycle = yield from load_cycle(command.cycle)
    _require_open(cycle)
    party = any(each.member == context.caller.msp_id for each in cycle.positions)
    if not party and context.now < milliseconds(cycle.due):
        raise Refusal(Code.NETTING_NOT_DUE, f"Others may dissolve it from {cycle.due} on.", "cycle")
    pots = yield from load_pots(cycle)
    outputs = [(pot.account, int(pot.amount)) for pot in pots.values() if pot is not None]
    return (yield from _ended(cycle, "dissolved", outputs, context.reference(command), context))


def _obligation_keys(cycle: NettingCycle) -> tuple[Key, ...]:
    return tuple((Obligation.NOUN, each) for each in cycle.obligations)


def _obligations(records: Records, cycle: NettingCycle) -> list[Obligation]:
    return [
        records.get(Obligation, each, refuse=Code.LEDGER_INCONSISTENT, where="cycle")
        for each in cycle.obligations
    ]


def _require_open(cycle: NettingCycle) -> None:
    if cycle.status != "open":
        raise Refusal(Code.NETTING_STATE, f"This cycle is {cycle.status}.", "cycle")


def _ended(
    cycle: NettingCycle,
    outcome: Literal["closed", "dissolved"],
    outputs: list[tuple[str, int]],
    reference: str,
    context: Context,
) -> Generator[Fetch, Records, Decision]:
    obligations = _obligations((yield Fetch(keys=_obligation_keys(cycle))), cycle)
    pots = yield from load_pots(cycle)
    notes = new_notes(reference, cycle.currency, outputs)
    held = sum(int(pot.amount) for pot in pots.values() if pot is not None)
    if held != sum(note.minor for note in notes):
        raise Refusal(Code.LEDGER_INCONSISTENT, f"The cycle holds {held}, another sum goes out.", "cycle")
    ended = replace(cycle, status=outcome, closed_at=context.at)
    writes: dict[Key, Record | None] = {(NettingCycle.NOUN, cycle.id): ended, **note_writes([], notes)}
    for each in obligations:
        writes[Obligation.NOUN, each.id] = (
            replace(each, status="netted", closed_at=context.at)
            if outcome == "closed"
            else replace(each, cycle=None)
        )
    for member, pot in pots.items():
        if pot is not None:
            writes[pot_key(cycle.id, member)] = None
    events: list[Event] = [
        NettingClosed(cycle=cycle.id, outcome=outcome, by=context.caller.msp_id, at=context.at)
    ]
    if notes:
        reason: Literal["netting", "refund"] = "netting" if outcome == "closed" else "refund"
        events.append(money_moved(reason, [], notes, context, currency=cycle.currency))
    return Decision(
        reply=NettingEndedReply(cycle=ended, notes=[note.view for note in notes]),
        writes=writes,
        events=tuple(events),
    )


@operation("netting:Get", GetNetting, NettingReply)
def get(command: GetNetting, context: Context) -> Steps:
    """One of them."""
    cycle = yield from load_cycle(command.cycle)
    pots = yield from load_pots(cycle)
    funded = [member for member, pot in pots.items() if pot is not None]
    return Decision(reply=NettingReply(cycle=cycle, funded=funded))


@operation("netting:List", ListNetting, NettingCyclesReply)
def list_cycles(command: ListNetting, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((NettingCycle.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, NettingCycle) for _, value in page.items]
    return Decision(reply=NettingCyclesReply(cycles=found, bookmark=page.bookmark))

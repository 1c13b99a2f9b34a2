"""The one place that every payment goes through: may this money leave the accounts it is in?

It judges by what a command would write, after the command's own rules: notes that vanish less notes that
come back to the same account. So no operation that spends can forget it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from hansa_domain.accounts.agreement import agreed, instruction_key
from hansa_domain.accounts.authority import Authority, Draw, PaymentInstruction
from hansa_domain.accounts.records import Account, Allowance, UsedInstruction, account_key, today
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import AccountPaid
from hansa_domain.iso4217 import shown
from hansa_domain.notes import Note, organisation
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Record,
    Records,
    decode_record,
)

Judging = Generator[Fetch, Records, Decision]


@dataclass(frozen=True)
class _Payment:
    """So much of one currency that leaves an account, in minor units, by the command named."""

    operation: str
    reference: str
    account: Account
    currency: str
    amount: int
    decision: Decision

    def with_rules(
        self,
        context: Context,
        writes: Mapping[Key, Record | None],
        used: UsedInstruction | None = None,
    ) -> Decision:
        """The decision with what the rules write, and the event that tells."""
        event = AccountPaid(
            account=self.account.owner,
            operation=self.operation,
            currency=self.currency,
            amount=str(self.amount),
            day=today(context),
            instruction=None if used is None else used.id,
            signed_by=[] if used is None else used.signed_by,
            at=context.at,
        )
        return replace(
            self.decision,
            writes={**self.decision.writes, **writes},
            events=(*self.decision.events, event),
        )


def judged(
    operation: str,
    command: Command[Any],
    decision: Decision,
    read: Mapping[Key, bytes | None],
    context: Context,
) -> Judging:
    """The decision, with what an account's rules add to it: draws on its allowance, or a used instruction.

    Args:
        operation: its name.
        decision: what the command's own rules came to.
        read: what was fetched for it so far; a payment reads every note it consumes (rule 12).

    Raises:
        Refusal: the rules of an account say no.
    """
    authority: Authority | None = getattr(command, "authority", None)
    leaving = _leaving(decision, read)
    owners = sorted({owner for owner, _ in leaving})
    found: list[Account] = []
    if owners:
        records = yield Fetch(keys=tuple(account_key(owner) for owner in owners))
        found = [account for owner in owners if (account := records.find(Account, owner)) is not None]
    if not found:
        if authority is not None:
            raise Refusal(Code.ACCOUNT_NOT_FOUND, "No money leaves an account with rules.", "authority")
        return decision
    account = found[0]
    currencies = sorted(currency for owner, currency in leaving if owner == account.owner)
    if len(found) > 1 or len(currencies) > 1:
        raise _mixed("A payment is out of one account with rules, in one currency.")
    (currency,) = currencies
    amount = leaving[account.owner, currency]
    payment = _Payment(operation, context.reference(command), account, currency, amount, decision)
    if decision.payees and getattr(command, "change", account.owner) != account.owner:
        # An order or lock gives the money back there: it must not leave the account that way.
        raise Refusal(Code.NOT_PERMITTED, f"What comes back goes to {account.owner} again.", "change")
    if authority is None:
        raise _missing(payment)
    if authority.instruction is None:
        return (yield from _drawn(payment, authority.draws, context))
    if any(note.owner != account.owner for note in _consumed(decision, read)):
        raise _mixed(f"An instruction spends notes of {account.owner} alone.")
    return (yield from _instructed(payment, authority.instruction, authority, context))


def _consumed(decision: Decision, read: Mapping[Key, bytes | None]) -> list[Note]:
    """The notes that a decision takes or rewrites, as they were read."""
    found = []
    for key, value in decision.writes.items():
        before = read.get(key) if key[0] == Note.NOUN else None
        if before is not None:
            found.append(decode_record(before, Note))
        elif key[0] == Note.NOUN and value is None:
            raise ValueError(f"the note {key[1]} is consumed unread")
    return found


def _created(decision: Decision) -> list[Note]:
    return [value for value in decision.writes.values() if isinstance(value, Note)]


def _leaving(decision: Decision, read: Mapping[Key, bytes | None]) -> dict[tuple[str, str], int]:
    """Minor units that leave each (account, currency), of accounts that can have rules."""
    sums: dict[tuple[str, str], int] = {}
    for sign, notes in ((1, _consumed(decision, read)), (-1, _created(decision))):
        for note in notes:
            if "/" in note.owner and note.owner not in decision.released:
                place = (note.owner, note.currency)
                sums[place] = sums.get(place, 0) + sign * note.minor
    return {place: minor for place, minor in sums.items() if minor > 0}


def _mixed(sentence: str) -> Refusal:
    return Refusal(Code.ACCOUNTS_MIXED, sentence, "notes")


def _missing(payment: _Payment) -> Refusal:
    account, limit = payment.account, payment.account.limit(payment.currency)
    if limit is None or payment.amount > int(limit.per_payment):
        return Refusal(
            Code.SIGNATURES_REQUIRED,
            f"{shown(payment.amount, payment.currency)} out of {account.owner} need "
            f"{account.rules.threshold} signatures.",
            "authority",
        )
    return Refusal(
        Code.AUTHORITY_MISSING,
        f"{account.owner} pays by its rules: name slices of its allowance.",
        "authority",
    )


def _drawn(payment: _Payment, draws: list[Draw], context: Context) -> Judging:
    """A user pays alone, within the limits."""
    account, currency = payment.account, payment.currency
    limit = account.limit(currency)
    if limit is None or payment.amount > int(limit.per_payment):
        raise _missing(payment)
    if len({draw.slice for draw in draws}) != len(draws):
        raise Refusal(Code.FIELD_INVALID, "Each slice is drawn on once.", "authority.draws")
    total = sum(int(draw.amount) for draw in draws)
    if total != payment.amount:
        raise Refusal(
            Code.AMOUNTS_DIFFER,
            f"{payment.amount} leave the account, the draws come to {total}.",
            "authority.draws",
        )
    day = today(context)
    ids = [(account.owner, currency, day, f"{draw.slice:02d}") for draw in draws]
    records = yield Fetch(keys=tuple((Allowance.NOUN, *each) for each in ids))
    writes: dict[Key, Record | None] = {}
    for place, (draw, each) in enumerate(zip(draws, ids, strict=True)):
        drawn = _drawn_after(records, each, int(draw.amount))
        if int(drawn.drawn) > account.share(currency, draw.slice):
            raise Refusal(
                Code.ALLOWANCE_EXCEEDED,
                f"Slice {draw.slice} of {account.owner}'s allowance of {day} has not that much left.",
                f"authority.draws[{place}]",
            )
        writes[Allowance.NOUN, *each] = drawn
    return payment.with_rules(context, writes)


def _drawn_after(records: Records, part: tuple[str, str, str, str], amount: int) -> Allowance:
    before = records.find(Allowance, *part)
    account, currency, day, slice_ = part
    drawn = (0 if before is None else int(before.drawn)) + amount
    return Allowance(account=account, currency=currency, day=day, slice=slice_, drawn=str(drawn))


def _instructed(
    payment: _Payment, instruction: PaymentInstruction, authority: Authority, context: Context
) -> Judging:
    """Signers agreed to this payment."""
    account = payment.account
    if authority.draws:
        raise Refusal(Code.FIELD_INVALID, "A payment with signatures draws on nothing.", "authority.draws")
    # Counted beside the slices that users draw on, so that neither kind of payment conflicts with the other.
    number = int.from_bytes(sha256(instruction.id.encode()).digest()[:4], "big") % account.slices
    part = (account.owner, payment.currency, today(context), f"s{number:02d}")
    siblings = _siblings(payment) if account.kind == "cold" else []
    records = yield Fetch(
        keys=(
            instruction_key(instruction),
            (Allowance.NOUN, *part),
            *(account_key(owner) for owner in siblings),
        )
    )
    used = agreed(
        account,
        instruction,
        authority.signatures,
        records,
        context,
        operation=payment.operation,
        reference=payment.reference,
        where="authority.",
    )
    _check_terms(payment, instruction)
    for owner in siblings:
        other = records.find(Account, owner)
        if other is not None and other.kind == "hot":
            raise Refusal(
                Code.NOT_PERMITTED, f"{owner} is refilled with a delay, not paid.", "authority.instruction"
            )
    writes: dict[Key, Record | None] = {
        instruction_key(instruction): used,
        (Allowance.NOUN, *part): _drawn_after(records, part, payment.amount),
    }
    return payment.with_rules(context, writes, used)


def _siblings(payment: _Payment) -> list[str]:
    """Other accounts of the same organisation that this pays, at once or through a lock or facility."""
    owner = payment.account.owner
    paid = [note.owner for note in _created(payment.decision)]
    paid += [payee for payee, _ in payment.decision.payees]
    return sorted(
        {each for each in paid if each != owner and "/" in each and organisation(each) == organisation(owner)}
    )


def _check_terms(payment: _Payment, instruction: PaymentInstruction) -> None:
    """Currency, amount and payees are those that were signed. Refuses INSTRUCTION_MISMATCH."""
    where = "authority.instruction"
    if (instruction.currency, int(instruction.amount)) != (payment.currency, payment.amount):
        raise Refusal(
            Code.INSTRUCTION_MISMATCH,
            f"{shown(payment.amount, payment.currency)} leave the account, signed are "
            f"{shown(instruction.amount, instruction.currency)}.",
            f"{where}.amount",
        )
    made = [(note.owner, note.minor) for note in _created(payment.decision)]
    paid = _sums([*made, *payment.decision.payees])
    paid.pop(payment.account.owner, None)
    signed = _sums([(output.owner, int(output.amount)) for output in instruction.outputs])
    if paid != signed or sum(paid.values()) != payment.amount:
        raise Refusal(
            Code.INSTRUCTION_MISMATCH, "The payment goes to others than was signed.", f"{where}.outputs"
        )


def _sums(parts: list[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for owner, minor in parts:
        sums[owner] = sums.get(owner, 0) + minor
    return sums

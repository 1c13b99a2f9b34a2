"""Both sides of an exchange in one transaction: notes of one currency against money held in the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, NoteView
from hansa_domain.fees.schedule import check_fee, schedule_in_force
from hansa_domain.fields import Amount
from hansa_domain.frozen import FrozenAccounts
from hansa_domain.money import money_moved
from hansa_domain.notes import Note, new_notes, note_writes
from hansa_domain.operation import Context, Key, Record, Records


@dataclass(frozen=True)
class Swap:
    """What an exchange writes and tells: the taker's note of what he bought, his change, and the fee paid."""

    bought: NoteView
    change: NoteView | None
    fee: int
    writes: dict[Key, Record | None]
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class Side:
    """An amount of a currency in minor units, and the account that gets it."""

    account: str
    currency: str
    amount: int


def swap(
    reference: str,
    paid: Side,
    bought: Side,
    consumed: Sequence[Note],
    records: Records,
    context: Context,
    max_fee: Amount | None,
) -> Swap:
    """The taker pays the dealer and the fee; out of what the dealer holds here the taker gets what he buys.

    Args:
        reference: of the command; names the new notes.
        paid: what the dealer gets; the fee comes on top of it, in the same currency.
        bought: what the taker gets; change goes to the same account.
        consumed: the taker's notes, of the currency that he pays.
        records: hold ``FEES``.
        context: the transaction's.
        max_fee: what the taker is ready to pay as a fee; None takes whatever it is.

    Raises:
        Refusal: FUNDS_INSUFFICIENT, FEE_CHANGED or AMOUNT_TOO_LARGE.
    """
    schedule = schedule_in_force(records, context.at)
    fee = 0 if schedule is None else schedule.exchange.fee(paid.currency, paid.amount)
    check_fee(fee, max_fee)
    held = sum(note.minor for note in consumed)
    change = held - paid.amount - fee
    if change < 0:
        raise Refusal(
            Code.FUNDS_INSUFFICIENT,
            f"The notes hold {held}; {paid.amount} and a fee of {fee} are needed.",
            "notes",
        )
    outputs = [(paid.account, paid.amount), (bought.account, change)]
    if schedule is not None:
        outputs.append((schedule.account, fee))
    given = new_notes(reference, paid.currency, outputs)
    received = new_notes(reference, bought.currency, [(bought.account, bought.amount)], first=len(given))
    return Swap(
        bought=received[0].view,
        change=given[1].view if change else None,
        fee=fee,
        writes={**note_writes(consumed, given), **note_writes([], received)},
        events=(
            money_moved("exchange", list(consumed), given, context, currency=paid.currency),
            money_moved("exchange", [], received, context, currency=bought.currency),
        ),
    )


def require_free(records: Records, account: str, where: str) -> None:
    """Refuses ACCOUNT_FROZEN where an account that takes part is frozen; ``FROZEN`` was fetched."""
    frozen = records.find(FrozenAccounts)
    if frozen is not None and account in frozen.accounts:
        raise Refusal(Code.ACCOUNT_FROZEN, f"{account} is frozen: nothing is paid out of it.", where)

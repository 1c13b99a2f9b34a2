"""An order's escrow: the one place where money leaves it, in part or whole.

Escrow and ``Order.released`` add up to the order's amount until it ends. A command that pays fetches
``escrow_key(order.id)`` and hands the answer to ``pay_out``, at most once, with all its outputs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import MoneyMoved, MoneyReason
from hansa_domain.money import money_moved
from hansa_domain.notes import Note, new_notes, note_writes
from hansa_domain.operation import Context, Key, Record, Records
from hansa_domain.orders.order import Escrow, Order, Shares, require_undisputed


def escrow_key(order: str) -> Key:
    """Where an order's escrow stands."""
    return (Escrow.NOUN, order)


@dataclass(frozen=True)
class Payout:
    """What leaving escrow does.

    ``order`` has ``released`` and ``left`` as they are now; who pays writes it, with whatever else changes.
    ``writes`` are those of notes and escrow. ``event`` is None where nothing was paid.
    """

    order: Order
    notes: list[Note]
    writes: dict[Key, Record | None]
    event: MoneyMoved | None


def pay_out(
    order: Order,
    outputs: Iterable[tuple[str, int]],
    reason: MoneyReason,
    *,
    reference: str,
    records: Records,
    context: Context,
    left: Shares | None = None,
) -> Payout:
    """Pays accounts out of an order's escrow; the last cent deletes it.

    Args:
        order: as it stands on the ledger, with no dispute open; a decision hands it over without its dispute.
        outputs: account and minor units; those of zero make no note.
        reason: of the one MoneyMoved event.
        reference: of the command; names the new notes.
        records: hold ``escrow_key(order.id)``.
        context: the transaction's.
        left: for whom the rest is meant; needed where there is a rest.

    Raises:
        Refusal: ORDER_DISPUTED; LEDGER_INCONSISTENT, where escrow is not what the order says.
        ValueError: outputs and rest are not what is held (a fault of the operation).
    """
    require_undisputed(order, "pay out of")
    check_escrow(records, order)
    paid = list(outputs)
    if any(minor < 0 for _, minor in paid):
        raise ValueError("nobody is paid less than nothing")
    total = sum(minor for _, minor in paid)
    rest = order.held - total
    if rest < 0 or (0 if left is None else left.total) != rest:
        raise ValueError(f"{order.held} are held: {total} cannot be paid and {rest} left")
    notes = new_notes(reference, order.currency, paid)
    writes = note_writes([], notes)
    event = None
    if notes:
        writes[escrow_key(order.id)] = (
            Escrow(order=order.id, currency=order.currency, amount=str(rest)) if rest else None
        )
        event = money_moved(reason, [], notes, context, currency=order.currency, order=order.id)
    released = str(int(order.released) + total)
    return Payout(replace(order, released=released, left=left if rest else None), notes, writes, event)


def check_escrow(records: Records, order: Order) -> None:
    """The escrow must hold exactly what the order says, or the ledger has been tampered with."""
    escrow = records.find(Escrow, order.id)
    held = ("0", order.currency) if escrow is None else (escrow.amount, escrow.currency)
    if held != (str(order.held), order.currency):
        raise Refusal(
            Code.LEDGER_INCONSISTENT, f"Escrow of {order.id} holds {held[0]}, not {order.held}.", "order"
        )

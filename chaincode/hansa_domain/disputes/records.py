"""A dispute of an order: who opened it and why, what was laid before the arbitrator, and how it ended."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import DisputeClosed, DisputeEnd
from hansa_domain.fields import Salt, Sha256Hex, Timestamp, form
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.orders.closing import Holder
from hansa_domain.orders.division import Split
from hansa_domain.orders.order import Order
from hansa_domain.times import milliseconds

MAX_EVIDENCE = 16
"""How many documents a command lays before the arbitrator."""

MAX_DOCUMENTS = 64
"""How many documents a party lays before him in all."""

DisputeReason = Literal[
    "not_delivered", "late", "short", "damaged", "wrong_goods", "quality", "refused", "freight", "other"
]
DisputeStatus = Literal["open", "decided", "agreed", "conceded", "withdrawn", "lapsed"]

Documents = Annotated[list[Sha256Hex], msgspec.Meta(max_length=MAX_EVIDENCE)]
LongText = Annotated[str, form(r"[^\x00-\x08\x0b-\x1f\x7f]+", "text without control characters", 16_000)]


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party's or the arbitrator's text: private, told to one organisation at a time.

    Its public commitment is SHA-256, hex, over its canonical JSON; ``salt`` keeps that from being guessed.
    """

    salt: Salt
    text: LongText


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A document by its SHA-256, and who laid it before the arbitrator when."""

    by: str
    document: str
    at: Timestamp


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The hash of what a party says: the opener's statement first, then the others' answers."""

    by: str
    statement: str
    at: Timestamp


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the arbitrator decided; ``arbitration`` is his own fee, minor units."""

    split: Split
    goods: Holder
    arbitration: str
    statement: str | None


class Dispute(Record, frozen=True, kw_only=True):
    """A dispute; key ``("dispute", order, opener)``: a party opens one of an order, and no second.

    ``arbitrator`` is who decides now, until ``due``; ``remaining`` are the milliseconds that the order's
    deadline still had when it was opened, and has again where the order goes on.
    """

    NOUN: ClassVar[str] = "dispute"
    order: str
    opener: str
    status: DisputeStatus
    reason: DisputeReason
    arbitrator: str
    statements: list[Answer]
    evidence: list[Evidence]
    remaining: int
    opened_at: Timestamp
    due: Timestamp
    passed_on_at: Timestamp | None = None
    closed_at: Timestamp | None = None
    closed_by: str | None = None
    verdict: Verdict | None = None


def dispute_key(order: str, opener: str) -> Key:
    """Where a party's dispute of an order stands."""
    return (Dispute.NOUN, order, opener)


def open_dispute_keys(order: Order) -> tuple[Key, ...]:
    """The key of the order's open dispute, if one is open."""
    return () if order.dispute is None else (dispute_key(order.id, order.dispute),)


def open_dispute(records: Records, order: Order) -> Dispute:
    """The order's open dispute.

    Raises:
        Refusal: DISPUTE_STATE, where none is open.
    """
    if order.dispute is None:
        raise Refusal(Code.DISPUTE_STATE, "No dispute of this order is open.", "order")
    return records.get(Dispute, order.id, order.dispute, refuse=Code.LEDGER_INCONSISTENT)


def ended(
    dispute: Dispute,
    end: DisputeEnd,
    context: Context,
    *,
    due: str | None = None,
    verdict: Verdict | None = None,
) -> tuple[Dispute, DisputeClosed]:
    """The dispute as it ended, and the event; ``due`` is the order's next deadline where it goes on."""
    closed = replace(
        dispute, status=end, closed_at=context.at, closed_by=context.caller.msp_id, verdict=verdict
    )
    event = DisputeClosed(
        order=dispute.order,
        opener=dispute.opener,
        end=end,
        by=context.caller.msp_id,
        statement=None if verdict is None else verdict.statement,
        due=due,
        at=context.at,
    )
    return closed, event


def without_dispute(
    order: Order, end: DisputeEnd, context: Context
) -> Generator[Fetch, Records, tuple[Order, dict[Key, Record | None], tuple[DisputeClosed, ...]]]:
    """The order free of its dispute, if one is open: what ends the order ends the dispute with it.

    Returns:
        the order, and what is written and told of the dispute; nothing where none is open.
    """
    if order.dispute is None:
        return order, {}, ()
    dispute = open_dispute((yield Fetch(keys=open_dispute_keys(order))), order)
    closed, event = ended(dispute, end, context)
    return replace(order, dispute=None), {dispute_key(order.id, dispute.opener): closed}, (event,)


def left_until(due: str, context: Context) -> int:
    """Milliseconds until then; none once it has passed."""
    return max(milliseconds(due) - context.now, 0)

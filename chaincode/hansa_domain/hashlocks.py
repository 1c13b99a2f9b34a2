"""Hash time-locks: money that waits for a secret, so that payments on two ledgers happen both or not at all.

Who wants goods here against a currency that lives on another chain chooses a secret, and both sides lock what
they pay under its SHA-256. To take one side's money the secret must be shown, and whoever reads it there
takes the other side's. Where nobody shows it in time, both get back what they had.
"""

from __future__ import annotations

from collections.abc import Generator
from hashlib import sha256
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.authority import Spending
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import HashlockClaimed, HashlockLocked, HashlockRefunded, NoteView
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    EntityId,
    Owner,
    PageLimit,
    Seconds,
    Sha256Hex,
    Timestamp,
    form,
)
from hansa_domain.iso4217 import minor_units
from hansa_domain.members import known_member, member_key
from hansa_domain.money import NoteIds, money_moved
from hansa_domain.notes import (
    change_of,
    new_notes,
    note_keys,
    note_writes,
    organisation,
    own_account,
    spendable,
)
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Query,
    Record,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.times import milliseconds, rfc3339

Preimage = Annotated[str, form("([0-9a-f]{2}){1,64}", "1 to 64 bytes in lower-case hexadecimal digits")]
HashlockStatus = Literal["locked", "claimed", "refunded"]


class Hashlock(Record, frozen=True, kw_only=True):
    """Money under a hash; key ``("hashlock", id)``. It holds ``amount`` while ``status`` is ``locked``.

    ``payer`` and ``recipient`` are accounts. ``preimage`` is what was shown to claim it.
    """

    NOUN: ClassVar[str] = "hashlock"
    id: str
    status: HashlockStatus
    payer: str
    recipient: str
    currency: str
    amount: str
    hash: str
    expires_at: Timestamp
    locked_at: Timestamp
    preimage: str | None = None
    closed_at: Timestamp | None = None

    @property
    def guardian(self) -> str | None:
        """The payer, whose money it was, as long as it holds any."""
        return organisation(self.payer) if self.status == "locked" else None

    @property
    def holding(self) -> tuple[str, int] | None:
        """The amount, until it is claimed or comes back."""
        return (self.currency, int(self.amount)) if self.status == "locked" else None


class LockHashlock(Spending["HashlockLockedReply"], frozen=True, kw_only=True):
    """``hashlocks:Lock``: ``amount`` of the caller's notes waits for who shows what hashes to ``hash``.

    ``hash`` is the SHA-256 of the secret's bytes. ``change`` is the account that takes what the notes hold
    beyond the amount, and the money itself if it comes back; without it, the organisation's main account.
    """

    notes: NoteIds
    amount: Amount
    currency: CurrencyCode
    recipient: Owner
    hash: Sha256Hex
    expires_within: Seconds
    change: Owner | None = None


class ClaimHashlock(Command["HashlockClosedReply"], frozen=True, kw_only=True):
    """``hashlocks:Claim``, by the recipient before it expires: shows the secret and takes the money."""

    hashlock: EntityId
    preimage: Preimage


class RefundHashlock(Command["HashlockClosedReply"], frozen=True, kw_only=True):
    """``hashlocks:Refund``, by any member once it expired: the payer gets the money back."""

    hashlock: EntityId


class GetHashlock(Query["HashlockReply"], frozen=True, kw_only=True):
    """``hashlocks:Get``: one of them, with the secret once it was shown."""

    hashlock: EntityId


class ListHashlocks(Query["HashlocksReply"], frozen=True, kw_only=True):
    """``hashlocks:List``: all of them, in order of id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class HashlockLockedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The hash time-lock, and what came back of the notes."""

    hashlock: Hashlock
    change: NoteView | None


class HashlockClosedReply(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended, and the notes that it paid."""

    hashlock: Hashlock
    notes: list[NoteView]


class HashlockReply(msgspec.Struct, frozen=True, kw_only=True):
    """One hash time-lock."""

    hashlock: Hashlock


class HashlocksReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hash time-locks; ``bookmark`` is empty on the last page."""

    hashlocks: list[Hashlock]
    bookmark: str


@operation("hashlocks:Lock", LockHashlock, HashlockLockedReply)
def lock(command: LockHashlock, context: Context) -> Steps:
    """Takes the amount out of the caller's notes."""
    minor_units(command.currency, "currency")
    if command.amount == "0":
        raise Refusal(Code.AMOUNT_ZERO, "A hash time-lock needs an amount.", "amount")
    account = own_account(command.change, context, "change")
    holder = organisation(command.recipient)
    records = yield Fetch(keys=(*note_keys(command.notes), member_key(holder)))
    known_member(records, holder, "recipient")
    consumed = spendable(records, command.notes, context, command.currency)
    reference = context.reference(command)
    change = change_of(consumed, int(command.amount), account, reference)
    made = Hashlock(
        id=reference,
        status="locked",
        payer=account,
        recipient=command.recipient,
        currency=command.currency,
        amount=command.amount,
        hash=command.hash,
        expires_at=rfc3339(context.now + command.expires_within * 1000),
        locked_at=context.at,
    )
    event = HashlockLocked(
        hashlock=made.id,
        payer=made.payer,
        recipient=made.recipient,
        currency=made.currency,
        amount=made.amount,
        hash=made.hash,
        expires_at=made.expires_at,
        at=context.at,
    )
    return Decision(
        reply=HashlockLockedReply(hashlock=made, change=change[0].view if change else None),
        writes={**note_writes(consumed, change), (Hashlock.NOUN, made.id): made},
        events=(event, money_moved("lock", consumed, change, context, currency=made.currency)),
        payees=((made.recipient, int(made.amount)),),
    )


@operation("hashlocks:Claim", ClaimHashlock, HashlockClosedReply)
def claim(command: ClaimHashlock, context: Context) -> Steps:
    """Pays the recipient, who shows the secret in time."""
    found = yield from _load(command.hashlock)
    if organisation(found.recipient) != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {organisation(found.recipient)} may claim this money.")
    _require_locked(found)
    if context.now >= milliseconds(found.expires_at):
        raise Refusal(Code.HASHLOCK_EXPIRED, f"It expired at {found.expires_at}.", "hashlock")
    if sha256(bytes.fromhex(command.preimage)).hexdigest() != found.hash:
        raise Refusal(Code.PREIMAGE_WRONG, f"The SHA-256 of the preimage is not {found.hash}.", "preimage")
    notes = new_notes(context.reference(command), found.currency, [(found.recipient, int(found.amount))])
    closed = replace(found, status="claimed", preimage=command.preimage, closed_at=context.at)
    event = HashlockClaimed(
        hashlock=found.id,
        recipient=found.recipient,
        currency=found.currency,
        amount=found.amount,
        preimage=command.preimage,
        at=context.at,
    )
    return Decision(
        reply=HashlockClosedReply(hashlock=closed, notes=[note.view for note in notes]),
        writes={**note_writes([], notes), (Hashlock.NOUN, found.id): closed},
        events=(event, money_moved("claim", [], notes, context, currency=found.currency)),
    )


@operation("hashlocks:Refund", RefundHashlock, HashlockClosedReply)
def refund(command: RefundHashlock, context: Context) -> Steps:
    """Pays the payer back, once the time is over."""
    found = yield from _load(command.hashlock)
    _require_locked(found)
    if context.now < milliseconds(found.expires_at):
        raise Refusal(Code.HASHLOCK_NOT_EXPIRED, f"It expires at {found.expires_at}.", "hashlock")
    notes = new_notes(context.reference(command), found.currency, [(found.payer, int(found.amount))])
    closed = replace(found, status="refunded", closed_at=context.at)
    event = HashlockRefunded(
        hashlock=found.id,
        payer=found.payer,
        by=context.caller.msp_id,
        currency=found.currency,
        amount=found.amount,
        at=context.at,
    )
    return Decision(
        reply=HashlockClosedReply(hashlock=closed, notes=[note.view for note in notes]),
        writes={**note_writes([], notes), (Hashlock.NOUN, found.id): closed},
        events=(event, money_moved("refund", [], notes, context, currency=found.currency)),
    )


@operation("hashlocks:Get", GetHashlock, HashlockReply)
def get(command: GetHashlock, context: Context) -> Steps:
    """One hash time-lock."""
    return Decision(reply=HashlockReply(hashlock=(yield from _load(command.hashlock))))


@operation("hashlocks:List", ListHashlocks, HashlocksReply)
def list_hashlocks(command: ListHashlocks, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((Hashlock.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, Hashlock) for _, value in page.items]
    return Decision(reply=HashlocksReply(hashlocks=found, bookmark=page.bookmark))


def _load(hashlock: str) -> Generator[Fetch, Records, Hashlock]:
    records = yield Fetch(keys=((Hashlock.NOUN, hashlock),))
    return records.get(Hashlock, hashlock, refuse=Code.HASHLOCK_NOT_FOUND, where="hashlock")


def _require_locked(found: Hashlock) -> None:
    if found.status != "locked":
        raise Refusal(Code.HASHLOCK_STATE, f"This hash time-lock is {found.status}.", "hashlock")

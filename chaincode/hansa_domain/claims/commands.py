"""What may be asked about claims, and what is answered."""

from __future__ import annotations

import msgspec

from hansa_domain.accounts.authority import Spending
from hansa_domain.claims.records import Claim
from hansa_domain.disputes.commands import StatementDisclosedReply
from hansa_domain.disputes.records import DisputeReason, Documents
from hansa_domain.events import ClaimRemedy, NoteView
from hansa_domain.fields import Amount, Bookmark, EntityId, MspId, Owner, PageLimit, Seconds, Sha256Hex
from hansa_domain.money import NoteIds
from hansa_domain.operation import Command, Query


class OpenClaim(Command["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Open``, by the buyer of a settled order, while its warranty runs.

    ``amount``, minor units, where money or credit is wanted, and no more than the order's; ``answer_within``
    are the seconds that the seller has. ``account`` takes a payment; without it, the account of refunds.
    """

    order: EntityId
    reason: DisputeReason
    wanted: ClaimRemedy
    answer_within: Seconds
    amount: Amount | None = None
    account: Owner | None = None
    statement: Sha256Hex | None = None
    evidence: Documents = msgspec.field(default_factory=list)


class PayClaim(Spending["ClaimPaidReply"], frozen=True, kw_only=True):
    """``claims:Pay``, by the seller: the claim is met by money, at once.

    ``amount`` is what the buyer asked for or, once it was judged, no less than what is owed. ``change``
    takes what the notes hold beyond it.
    """

    claim: EntityId
    amount: Amount
    notes: NoteIds
    change: Owner | None = None


class ReplaceClaim(Command["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Replace``, by the seller: goods go out under the order ``replacement``, which names this one.

    The buyer places it with ``replaces``; the seller has accepted it.
    """

    claim: EntityId
    replacement: EntityId


class CreditClaim(Command["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Credit``, by the seller, where credit is wanted: ``document`` is the credit note's SHA-256."""

    claim: EntityId
    document: Sha256Hex


class RefuseClaim(Command["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Refuse``, by the seller; ``statement`` is the salted hash of why."""

    claim: EntityId
    statement: Sha256Hex | None = None


class EscalateClaim(Command["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Escalate``, by the buyer: a claim refused, or unanswered in time, comes before the arbitrator.

    And before the second one, where the first did not judge in time.
    """

    claim: EntityId


class JudgeClaim(Command["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Judge``, by the arbitrator: what the seller owes, minor units; "0" dismisses the claim.

    A verdict on record: there is no escrow any more to pay it from.
    """

    claim: EntityId
    amount: Amount
    statement: Sha256Hex | None = None


class WithdrawClaim(Command["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Withdraw``, by the buyer."""

    claim: EntityId


class LapseClaim(Command["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Lapse``, by any member: nobody went on with it in time, and it is closed."""

    claim: EntityId


class DiscloseClaim(Command[StatementDisclosedReply], frozen=True, kw_only=True):
    """``claims:Disclose``, by its author, transient ``private`` = Statement; as ``disputes:Disclose``."""

    claim: EntityId
    recipient: MspId


class GetClaim(Query["ClaimReply"], frozen=True, kw_only=True):
    """``claims:Get``."""

    claim: EntityId


class ListClaims(Query["ClaimsReply"], frozen=True, kw_only=True):
    """``claims:List``: all of them, in order of id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class ClaimReply(msgspec.Struct, frozen=True, kw_only=True):
    """The claim as it stands."""

    claim: Claim


class ClaimPaidReply(msgspec.Struct, frozen=True, kw_only=True):
    """The claim, what was paid, and the seller's change."""

    claim: Claim
    paid: NoteView
    change: NoteView | None


class ClaimsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of claims; ``bookmark`` is empty on the last page."""

    claims: list[Claim]
    bookmark: str

"""What may be asked about disputes, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.disputes.records import MAX_EVIDENCE, Dispute, DisputeReason, Documents, Statement
from hansa_domain.events import NoteView
from hansa_domain.fields import EntityId, MspId, Sha256Hex
from hansa_domain.operation import Command, Query
from hansa_domain.orders.closing import Holder
from hansa_domain.orders.division import Split
from hansa_domain.orders.order import Order


class OpenDispute(Command["DisputeReply"], frozen=True, kw_only=True):
    """``disputes:Open``, by buyer or seller once the order is accepted, by the carrier once it is shipped.

    ``statement`` is the salted hash of the private text, ``evidence`` the SHA-256 of documents. Until it is
    decided, nothing is paid and no deadline of the order counts. A party opens one dispute of an order.
    """

    order: EntityId
    reason: DisputeReason
    statement: Sha256Hex | None = None
    evidence: Documents = msgspec.field(default_factory=list)


class AnswerDispute(Command["DisputeReply"], frozen=True, kw_only=True):
    """``disputes:Answer``, by each of the other parties, once: the hash of what it says to it."""

    order: EntityId
    statement: Sha256Hex
    evidence: Documents = msgspec.field(default_factory=list)


class AddEvidence(Command["DisputeReply"], frozen=True, kw_only=True):
    """``disputes:AddEvidence``, by any party while the dispute is open."""

    order: EntityId
    evidence: Annotated[list[Sha256Hex], msgspec.Meta(min_length=1, max_length=MAX_EVIDENCE)]


class WithdrawDispute(Command["DisputeReply"], frozen=True, kw_only=True):
    """``disputes:Withdraw``, by who opened it: the order goes on with the time it had."""

    order: EntityId


class DecideDispute(Command["DecidedReply"], frozen=True, kw_only=True):
    """``disputes:Decide``, by the arbitrator whose turn it is: a split of all that is in escrow.

    The parts and the arbitrator's own fee, where there is one, come to exactly what is held. ``goods`` says
    whose the goods are then; ``statement`` is the salted hash of his reasons.
    """

    order: EntityId
    split: Split
    goods: Holder
    statement: Sha256Hex | None = None


class DiscloseStatement(Command["StatementDisclosedReply"], frozen=True, kw_only=True):
    """``disputes:Disclose``, by a text's author, transient ``private`` = Statement: one member learns it.

    A party, an arbitrator of the order, or a regulator. Endorsed by the recipient's peer alone.
    """

    order: EntityId
    opener: MspId
    recipient: MspId


class GetDisputes(Query["DisputesReply"], frozen=True, kw_only=True):
    """``disputes:Get``: the disputes of an order, open and ended."""

    order: EntityId


class GetStatement(Query["StatementReply"], frozen=True, kw_only=True):
    """``disputes:Statement``: a text from the caller's own collection, by its hash; ask one's own peer."""

    statement: Sha256Hex


class DisputeReply(msgspec.Struct, frozen=True, kw_only=True):
    """The dispute, and the order with its deadline, as they stand."""

    dispute: Dispute
    order: Order


class DecidedReply(msgspec.Struct, frozen=True, kw_only=True):
    """How it was decided, the order as it ended, and the notes that were paid."""

    dispute: Dispute
    order: Order
    notes: list[NoteView]


class DisputesReply(msgspec.Struct, frozen=True, kw_only=True):
    """An order's disputes: buyer's, seller's, carrier's, those that there are."""

    disputes: list[Dispute]


class StatementDisclosedReply(msgspec.Struct, frozen=True, kw_only=True):
    """Which text was disclosed to whom; nothing of the text."""

    statement: str
    recipient: str


class StatementReply(msgspec.Struct, frozen=True, kw_only=True):
    """A text as disclosed to the caller's organisation."""

    author: str
    text: Statement

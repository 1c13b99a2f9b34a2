"""What may be done about a recall, what may be asked, and what is answered."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from hansa_domain.fields import Bookmark, EntityId, Epc, Gtin, MspId, PageLimit, Text, form
from hansa_domain.operation import Command, Query
from hansa_domain.recalls.records import Recall, RecallAcknowledgement, RecallView

MAX_NAMED = 200

_NOT_BLANK = r"[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"
RecallReason = Annotated[str, form(_NOT_BLANK, "text that is not blank, without control characters", 1000)]
# GS1 General Specifications: 1 to 20 of the 82 characters that batch and serial numbers may have.
Gs1Text = Annotated[
    str, form(r"[!\"%-?A-Z_a-z]{1,20}", "1 to 20 of the characters that GS1 allows in lot and serial numbers")
]
Secured = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000_000)]


class OpenRecall(Command["RecallReply"], frozen=True, kw_only=True):
    """``recalls:Open``, by the product's owner or a regulator: its lots or serials named, or all of it.

    From then on nobody sells or ships them, nor what was made of them.
    """

    gtin: Gtin
    reason: RecallReason
    lots: Annotated[list[Gs1Text], msgspec.Meta(max_length=MAX_NAMED)] = msgspec.field(default_factory=list)
    serials: Annotated[list[Gs1Text], msgspec.Meta(max_length=MAX_NAMED)] = msgspec.field(
        default_factory=list
    )


class ExtendRecall(Command["RecallReply"], frozen=True, kw_only=True):
    """``recalls:Extend``, by any member: follows an open recall further, until it says ``followed``."""

    recall: EntityId


class AcknowledgeRecall(Command["AcknowledgementReply"], frozen=True, kw_only=True):
    """``recalls:Acknowledge``, by any member: how many of the recalled goods it has secured in all.

    Said again, it replaces what was said before.
    """

    recall: EntityId
    secured: Secured
    remark: Text | None = None


class CloseRecall(Command["RecallReply"], frozen=True, kw_only=True):
    """``recalls:Close``, by its opener or a regulator.

    ``completed``: the goods stay blocked for ever; every holder has acknowledged, but those in ``without``.
    ``unfounded``: the goods are free again.
    """

    recall: EntityId
    outcome: Literal["completed", "unfounded"]
    without: Annotated[list[MspId], msgspec.Meta(max_length=100)] = msgspec.field(default_factory=list)


class GetRecall(Query["RecallDetailReply"], frozen=True, kw_only=True):
    """``recalls:Get``: a recall and what its holders acknowledged."""

    recall: EntityId


class ListRecalls(Query["RecallsReply"], frozen=True, kw_only=True):
    """``recalls:List``, in order of id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class CheckRecall(Query["RecallCheckReply"], frozen=True, kw_only=True):
    """``recalls:Check``: whether a recall forbids the sale or shipment of a unit, lot or product."""

    epc: Epc


class RecallReply(msgspec.Struct, frozen=True, kw_only=True):
    """A recall as it stands; ``followed``: everything made of its goods is marked."""

    recall: Recall
    followed: bool


class AcknowledgementReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a member said it has secured."""

    acknowledgement: RecallAcknowledgement


class RecallDetailReply(msgspec.Struct, frozen=True, kw_only=True):
    """A recall whole."""

    recall: RecallView


class RecallsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of recalls; ``bookmark`` is empty on the last page."""

    recalls: list[Recall]
    bookmark: str


class RecallCheckReply(msgspec.Struct, frozen=True, kw_only=True):
    """``blocked_by`` is the recall that forbids it, None where none does."""

    epc: str
    blocked_by: str | None

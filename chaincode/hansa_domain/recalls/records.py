"""What the ledger keeps about a recall: the recall, a mark for everything it covers, what holders secured."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from hansa_domain.events import RecallHolder
from hansa_domain.fields import Timestamp
from hansa_domain.goods.records import key_part
from hansa_domain.operation import Key, Record

RecallStatus = Literal["open", "completed", "unfounded"]


class Recall(Record, frozen=True, kw_only=True):
    """A recall of a product, of some of its lots, or of single items; key ``("recall", id)``.

    ``lots`` and ``serials`` are in normal form; both empty: the whole product. ``marked`` counts what is
    marked so far, ``holders`` who held marked units when they were found, in order of MSP id. What was made
    of marked goods is still to be followed as long as ``first`` is less than ``next``: these number the
    RecallFront records that wait.
    """

    NOUN: ClassVar[str] = "recall"
    id: str
    opener: str
    owner: str
    gtin: str
    lots: list[str]
    serials: list[str]
    reason: str
    status: RecallStatus
    marked: int
    holders: list[RecallHolder]
    first: int
    next: int
    opened_at: Timestamp
    closed_at: Timestamp | None = None
    closed_by: str | None = None

    @property
    def followed(self) -> bool:
        """Whether everything made of the recalled goods is marked."""
        return self.first == self.next


class RecallFront(Record, frozen=True, kw_only=True):
    """Marked goods whose offspring is still to be found; key ``("recall-front", recall, number)``."""

    NOUN: ClassVar[str] = "recall-front"
    recall: str
    subjects: list[str]


class RecallMark(Record, frozen=True, kw_only=True):
    """Says that recalls cover something; key ``("recall-mark", subject)``, read by every sale and shipment.

    ``subject`` is a product, a lot, or a unit, in normal form. Whether a recall still blocks, it says itself.
    """

    NOUN: ClassVar[str] = "recall-mark"
    subject: str
    recalls: list[str]


class RecallAcknowledgement(Record, frozen=True, kw_only=True):
    """What a member has secured of recalled goods; key ``("recall-acknowledgement", recall, msp_id)``."""

    NOUN: ClassVar[str] = "recall-acknowledgement"
    recall: str
    member: str
    secured: int
    remark: str | None
    acknowledged_at: Timestamp


def mark_key(subject: str) -> Key:
    """Where the mark of a product, lot or unit (in normal form) stands."""
    return (RecallMark.NOUN, key_part(subject))


def front_key(recall: str, number: int) -> Key:
    """Where the front of that number stands."""
    return (RecallFront.NOUN, recall, f"{number:08d}")


class RecallView(msgspec.Struct, frozen=True, kw_only=True):
    """A recall, whether it was followed to its end, and what holders secured."""

    recall: Recall
    followed: bool
    acknowledgements: list[RecallAcknowledgement]

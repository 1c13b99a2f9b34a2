"""Tenders: a buyer asks for goods, and sellers answer with offers until a deadline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Protocol

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import GoodsLine, TenderOpened, TenderWithdrawn
from hansa_domain.fields import (
    Bookmark,
    CountryCode,
    EntityId,
    Gtin,
    MspId,
    PageLimit,
    Quantity,
    Reference,
    Seconds,
    Timestamp,
)
from hansa_domain.gs1 import gtin14
from hansa_domain.iso3166 import check_country
from hansa_domain.members import known_member, member_key, require_role
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
from hansa_domain.products.records import Product
from hansa_domain.times import rfc3339

TenderStatus = Literal["open", "withdrawn", "awarded"]
MAX_INVITED = 100
MAX_LINES = 20


class Tender(Record, frozen=True, kw_only=True):
    """A request for offers; key ``("tender", id)``. Sellers only read it, so that they never conflict.

    ``invited`` empty: open to all. Offers may come until ``closes_at``; the buyer may award it at any time
    until he withdraws it. ``offer`` and ``order`` are what it ended in.
    """

    NOUN: ClassVar[str] = "tender"
    id: str
    buyer: str
    status: TenderStatus
    lines: list[GoodsLine]
    country: str
    wanted_by: Timestamp
    invited: list[str]
    closes_at: Timestamp
    reference: str | None
    opened_at: Timestamp
    closed_at: Timestamp | None = None
    offer: str | None = None
    order: str | None = None


class TenderLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many of one trade item."""

    gtin: Gtin
    quantity: Quantity


class OpenTender(Command["TenderReply"], frozen=True, kw_only=True):
    """``tenders:Open``, by who may order. Times in seconds from now; ``country`` is where the goods go.

    ``invited`` names the sellers that may answer; without any, every one may.
    """

    lines: Annotated[list[TenderLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    country: CountryCode
    wanted_within: Seconds
    closes_within: Seconds
    invited: Annotated[list[MspId], msgspec.Meta(max_length=MAX_INVITED)] = msgspec.field(
        default_factory=list
    )
    reference: Reference | None = None


class WithdrawTender(Command["TenderReply"], frozen=True, kw_only=True):
    """``tenders:Withdraw``, by the buyer while it was not awarded."""

    tender: EntityId


class GetTender(Query["TenderReply"], frozen=True, kw_only=True):
    """``tenders:Get``."""

    tender: EntityId


class ListTenders(Query["TendersReply"], frozen=True, kw_only=True):
    """``tenders:List``; ``buyer`` and ``status`` narrow each page, so it may be shorter than ``limit``."""

    buyer: MspId | None = None
    status: TenderStatus | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class TenderReply(msgspec.Struct, frozen=True, kw_only=True):
    """One tender."""

    tender: Tender


class TendersReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of tenders; ``bookmark`` is empty on the last page."""

    tenders: list[Tender]
    bookmark: str


class _Goods(Protocol):
    """A line that names a trade item and how many of it."""

    @property
    def gtin(self) -> str: ...
    @property
    def quantity(self) -> int: ...


def goods_lines(lines: Sequence[_Goods], where: str) -> list[GoodsLine]:
    """Lines with their GTINs in 14 digits.

    Args:
        lines: as a command names them.
        where: the path of the list in the command.

    Raises:
        Refusal: GTIN_INVALID, or LINES_INVALID where a trade item stands twice.
    """
    found: list[GoodsLine] = []
    for place, line in enumerate(lines):
        gtin = gtin14(line.gtin, f"{where}[{place}].gtin")
        if gtin in [other.gtin for other in found]:
            raise Refusal(Code.LINES_INVALID, f"{gtin} is named twice.", f"{where}[{place}].gtin")
        found.append(GoodsLine(gtin=gtin, quantity=line.quantity))
    return found


def check_products(records: Records, lines: Sequence[GoodsLine], where: str) -> None:
    """Refuses PRODUCT_NOT_FOUND for a line whose trade item nobody registered."""
    for place, line in enumerate(lines):
        records.get(Product, line.gtin, refuse=Code.PRODUCT_NOT_FOUND, where=f"{where}[{place}].gtin")


@operation("tenders:Open", OpenTender, TenderReply)
def open_tender(command: OpenTender, context: Context) -> Steps:
    """Asks for offers; nothing is bound by it."""
    lines = goods_lines(command.lines, "lines")
    check_country(command.country, "country")
    keys = (
        member_key(context.caller.msp_id),
        *((Product.NOUN, line.gtin) for line in lines),
        *(member_key(msp_id) for msp_id in command.invited),
    )
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    require_role(records, context, ("producer", "retailer", "carrier", "bank"), "open tenders")
    check_products(records, lines, "lines")
    _check_invited(command, records, context)
    tender = Tender(
        id=context.reference(command),
        buyer=context.caller.msp_id,
        status="open",
        lines=lines,
        country=command.country,
        wanted_by=rfc3339(context.now + command.wanted_within * 1000),
        invited=command.invited,
        closes_at=rfc3339(context.now + command.closes_within * 1000),
        reference=command.reference,
        opened_at=context.at,
    )
    event = TenderOpened(
        tender=tender.id,
        buyer=tender.buyer,
        lines=tender.lines,
        country=tender.country,
        wanted_by=tender.wanted_by,
        invited=tender.invited,
        closes_at=tender.closes_at,
        reference=tender.reference,
        at=context.at,
    )
    return Decision(
        reply=TenderReply(tender=tender), writes={(Tender.NOUN, tender.id): tender}, events=(event,)
    )


def _check_invited(command: OpenTender, records: Records, context: Context) -> None:
    for place, msp_id in enumerate(command.invited):
        where = f"invited[{place}]"
        if msp_id in command.invited[:place]:
            raise Refusal(Code.MEMBER_REPEATED, f"{msp_id} is invited twice.", where)
        if msp_id == context.caller.msp_id:
            raise Refusal(Code.LINES_INVALID, "Nobody buys from himself.", where)
        known_member(records, msp_id, where)


@operation("tenders:Withdraw", WithdrawTender, TenderReply)
def withdraw(command: WithdrawTender, context: Context) -> Steps:
    """The buyer wants no offers any more."""
    records = yield Fetch(keys=((Tender.NOUN, command.tender),))
    tender = load_tender(records, command.tender)
    if tender.buyer != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {tender.buyer} may withdraw this tender.")
    require_open(tender)
    withdrawn = msgspec.structs.replace(tender, status="withdrawn", closed_at=context.at)
    event = TenderWithdrawn(tender=tender.id, at=context.at)
    return Decision(
        reply=TenderReply(tender=withdrawn), writes={(Tender.NOUN, tender.id): withdrawn}, events=(event,)
    )


def load_tender(records: Records, tender: str) -> Tender:
    """The tender, whose key was fetched, or TENDER_NOT_FOUND."""
    return records.get(Tender, tender, refuse=Code.TENDER_NOT_FOUND, where="tender")


def require_open(tender: Tender) -> None:
    """Refuses TENDER_STATE once it was awarded or withdrawn."""
    if tender.status != "open":
        raise Refusal(Code.TENDER_STATE, f"The tender is {tender.status}.", "tender")


@operation("tenders:Get", GetTender, TenderReply)
def get(command: GetTender, context: Context) -> Steps:
    """One tender."""
    records = yield Fetch(keys=((Tender.NOUN, command.tender),))
    return Decision(reply=TenderReply(tender=load_tender(records, command.tender)))


@operation("tenders:List", ListTenders, TendersReply)
def list_tenders(command: ListTenders, context: Context) -> Steps:
    """Tenders in order of id."""
    scan = Scan((Tender.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    tenders = [decode_record(value, Tender) for _, value in page.items]
    found = [
        tender
        for tender in tenders
        if command.buyer in (None, tender.buyer) and command.status in (None, tender.status)
    ]
    return Decision(reply=TendersReply(tenders=found, bookmark=page.bookmark))

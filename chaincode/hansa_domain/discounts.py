"""Discounts: what a seller takes off, as data that anybody can read; an order names those it takes."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import DiscountCreated, DiscountWithdrawn
from hansa_domain.fields import Bookmark, EntityId, MspId, Name, PageLimit, Timestamp
from hansa_domain.members import member_key, require_role
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.pricing.concessions import Concession, check_concession

DiscountStatus = Literal["open", "withdrawn"]


class Discount(Record, frozen=True, kw_only=True):
    """A discount; key ``("discount", seller, id)``. No order rewrites it."""

    NOUN: ClassVar[str] = "discount"
    id: str
    seller: str
    status: DiscountStatus
    name: str
    concession: Concession
    created_at: Timestamp
    withdrawn_at: Timestamp | None = None


class CreateDiscount(Command["DiscountReply"], frozen=True, kw_only=True):
    """``discounts:Create``, by a seller, on listings of his own."""

    name: Name
    concession: Concession


class WithdrawDiscount(Command["DiscountReply"], frozen=True, kw_only=True):
    """``discounts:Withdraw``, by the seller. Orders already placed keep it."""

    discount: EntityId


class GetDiscount(Query["DiscountReply"], frozen=True, kw_only=True):
    """``discounts:Get``."""

    discount: EntityId


class ListDiscounts(Query["DiscountsReply"], frozen=True, kw_only=True):
    """``discounts:List``: one seller's, withdrawn ones too, in order of id."""

    seller: MspId
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class DiscountReply(msgspec.Struct, frozen=True, kw_only=True):
    """One discount."""

    discount: Discount


class DiscountsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of discounts; ``bookmark`` is empty on the last page."""

    discounts: list[Discount]
    bookmark: str


def discount_key(discount: str) -> Key:
    """Where a discount stands: its id begins with its seller's MSP id."""
    return (Discount.NOUN, discount.rpartition(".")[0], discount)


def found_discount(records: Records, discount: str, where: str = "discount") -> Discount:
    """The discount, whose key was fetched. Refuses DISCOUNT_NOT_FOUND."""
    return records.get(Discount, *discount_key(discount)[1:], refuse=Code.DISCOUNT_NOT_FOUND, where=where)


@operation("discounts:Create", CreateDiscount, DiscountReply)
def create(command: CreateDiscount, context: Context) -> Steps:
    """The seller takes something off from now on, or in a period."""
    check_concession(command.concession)
    for place, listing in enumerate(command.concession.listings):
        if listing.rpartition(".")[0] != context.caller.msp_id:
            raise Refusal(
                Code.NOT_PERMITTED, f"{listing} is no listing of yours.", f"concession.listings[{place}]"
            )
    records = yield Fetch(keys=(member_key(context.caller.msp_id),))
    require_role(records, context, ("producer", "retailer"), "give discounts")
    discount = Discount(
        id=context.reference(command),
        seller=context.caller.msp_id,
        status="open",
        name=command.name,
        concession=command.concession,
        created_at=context.at,
    )
    event = DiscountCreated(
        discount=discount.id,
        seller=discount.seller,
        name=discount.name,
        concession=discount.concession,
        at=context.at,
    )
    return Decision(
        reply=DiscountReply(discount=discount), writes={discount_key(discount.id): discount}, events=(event,)
    )


@operation("discounts:Withdraw", WithdrawDiscount, DiscountReply)
def withdraw(command: WithdrawDiscount, context: Context) -> Steps:
    """No further order takes it."""
    discount = found_discount((yield Fetch(keys=(discount_key(command.discount),))), command.discount)
    if discount.seller != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {discount.seller} may withdraw this discount.")
    if discount.status != "open":
        raise Refusal(Code.DISCOUNT_NOT_APPLICABLE, "The discount is withdrawn already.", "discount")
    withdrawn = replace(discount, status="withdrawn", withdrawn_at=context.at)
    event = DiscountWithdrawn(discount=discount.id, seller=discount.seller, at=context.at)
    return Decision(
        reply=DiscountReply(discount=withdrawn),
        writes={discount_key(discount.id): withdrawn},
        events=(event,),
    )


@operation("discounts:Get", GetDiscount, DiscountReply)
def get(command: GetDiscount, context: Context) -> Steps:
    """One discount."""
    records = yield Fetch(keys=(discount_key(command.discount),))
    return Decision(reply=DiscountReply(discount=found_discount(records, command.discount)))


@operation("discounts:List", ListDiscounts, DiscountsReply)
def list_discounts(command: ListDiscounts, context: Context) -> Steps:
    """One seller's discounts in order of id."""
    scan = Scan((Discount.NOUN, command.seller), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    discounts = [decode_record(value, Discount) for _, value in page.items]
    return Decision(reply=DiscountsReply(discounts=discounts, bookmark=page.bookmark))

"""Coupons: a concession for who knows a code, so many times in all and for each buyer.

The ledger has the code's SHA-256; an order shows the code in transient data, so that it is in no block. The
uses are split into parts, as stock into buckets, and each buyer has a count of his own: orders of strangers
share no key but the part that both happen to choose.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import CouponIssued, CouponWithdrawn
from hansa_domain.fields import MspId, Name, Sha256Hex, Timestamp
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

CouponStatus = Literal["open", "withdrawn"]
MAX_PARTS = 64
TRANSIENT = "coupon"
"""The name under which a coupon's code travels with an order."""

Times = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
PartNumber = Annotated[int, msgspec.Meta(ge=0, lt=MAX_PARTS)]


class Coupon(Record, frozen=True, kw_only=True):
    """A coupon; key ``("coupon", seller, code's hash)``. No order rewrites it."""

    NOUN: ClassVar[str] = "coupon"
    seller: str
    code_hash: str
    status: CouponStatus
    name: str
    concession: Concession
    uses: int
    per_buyer: int
    parts: int
    issued_at: Timestamp
    withdrawn_at: Timestamp | None = None


class CouponPart(Record, frozen=True, kw_only=True):
    """A part of a coupon's uses; key ``("coupon-part", seller, hash, "000")``. ``left`` counts down."""

    NOUN: ClassVar[str] = "coupon-part"
    part: int
    left: int


class CouponUses(Record, frozen=True, kw_only=True):
    """How often a buyer used a coupon; key ``("coupon-uses", seller, hash, buyer)``."""

    NOUN: ClassVar[str] = "coupon-uses"
    buyer: str
    used: int


class IssueCoupon(Command["CouponReply"], frozen=True, kw_only=True):
    """``coupons:Issue``, by a seller: ``code_hash`` is SHA-256 of the code's UTF-8.

    Choose codes that cannot be guessed, since everybody may try: the SDK makes some. ``uses`` in all, of them
    ``per_buyer`` for each; ``parts`` defaults to one a use, at most 64.
    """

    code_hash: Sha256Hex
    name: Name
    concession: Concession
    uses: Times
    per_buyer: Times = 1
    parts: Annotated[int, msgspec.Meta(ge=1, le=MAX_PARTS)] | None = None


class WithdrawCoupon(Command["CouponReply"], frozen=True, kw_only=True):
    """``coupons:Withdraw``, by the seller. Orders already placed keep it."""

    code_hash: Sha256Hex


class GetCoupon(Query["CouponLeftReply"], frozen=True, kw_only=True):
    """``coupons:Get``: a coupon, what each part has left, and how often ``buyer`` used it."""

    seller: MspId
    code_hash: Sha256Hex
    buyer: MspId | None = None


class CouponReply(msgspec.Struct, frozen=True, kw_only=True):
    """One coupon."""

    coupon: Coupon


class CouponLeftReply(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon with its uses left, part by part in order, and how often the buyer asked for used it."""

    coupon: Coupon
    left: list[int]
    used: int


def coupon_key(seller: str, code_hash: str) -> Key:
    """Where a coupon stands."""
    return (Coupon.NOUN, seller, code_hash)


def part_key(seller: str, code_hash: str, part: int) -> Key:
    """Where one part of its uses is counted."""
    return (CouponPart.NOUN, seller, code_hash, f"{part:03d}")


def uses_key(seller: str, code_hash: str, buyer: str) -> Key:
    """Where a buyer's uses of it are counted."""
    return (CouponUses.NOUN, seller, code_hash, buyer)


def found_coupon(records: Records, seller: str, code_hash: str, where: str) -> Coupon:
    """The coupon, whose key was fetched. Refuses COUPON_NOT_FOUND at ``where``."""
    coupon = records.find(Coupon, seller, code_hash)
    if coupon is None:
        raise Refusal(Code.COUPON_NOT_FOUND, f"{seller} has issued no such coupon.", where)
    return coupon


@operation("coupons:Issue", IssueCoupon, CouponReply)
def issue(command: IssueCoupon, context: Context) -> Steps:
    """The seller promises something to who shows the code."""
    check_concession(command.concession)
    seller, code_hash = context.caller.msp_id, command.code_hash
    parts = command.parts or min(command.uses, MAX_PARTS)
    if parts > command.uses:
        raise Refusal(Code.CONCESSION_INVALID, f"{command.uses} uses cannot fill {parts} parts.", "parts")
    records = yield Fetch(keys=(member_key(seller), coupon_key(seller, code_hash)))
    require_role(records, context, ("producer", "retailer"), "issue coupons")
    if records.find(Coupon, seller, code_hash) is not None:
        raise Refusal(Code.COUPON_ALREADY_ISSUED, "A code is good for one coupon, once.", "code_hash")
    coupon = Coupon(
        seller=seller,
        code_hash=code_hash,
        status="open",
        name=command.name,
        concession=command.concession,
        uses=command.uses,
        per_buyer=command.per_buyer,
        parts=parts,
        issued_at=context.at,
    )
    each, rest = divmod(coupon.uses, parts)
    writes: dict[Key, Record | None] = {
        part_key(seller, code_hash, part): CouponPart(part=part, left=each + (1 if part < rest else 0))
        for part in range(parts)
    }
    event = CouponIssued(
        seller=seller,
        code_hash=code_hash,
        name=coupon.name,
        concession=coupon.concession,
        uses=coupon.uses,
        per_buyer=coupon.per_buyer,
        at=context.at,
    )
    return Decision(
        reply=CouponReply(coupon=coupon),
        writes={**writes, coupon_key(seller, code_hash): coupon},
        events=(event,),
    )


@operation("coupons:Withdraw", WithdrawCoupon, CouponReply)
def withdraw(command: WithdrawCoupon, context: Context) -> Steps:
    """No further order takes it."""
    key = coupon_key(context.caller.msp_id, command.code_hash)
    coupon = found_coupon((yield Fetch(keys=(key,))), key[1], key[2], "code_hash")
    if coupon.status != "open":
        raise Refusal(Code.COUPON_NOT_APPLICABLE, "The coupon is withdrawn already.", "code_hash")
    withdrawn = replace(coupon, status="withdrawn", withdrawn_at=context.at)
    event = CouponWithdrawn(seller=coupon.seller, code_hash=coupon.code_hash, at=context.at)
    return Decision(reply=CouponReply(coupon=withdrawn), writes={key: withdrawn}, events=(event,))


@operation("coupons:Get", GetCoupon, CouponLeftReply)
def get(command: GetCoupon, context: Context) -> Steps:
    """One coupon and what is left of it."""
    seller, code_hash = command.seller, command.code_hash
    scan = Scan((CouponPart.NOUN, seller, code_hash), MAX_PARTS)
    buyer = command.buyer or context.caller.msp_id
    keys = (coupon_key(seller, code_hash), uses_key(seller, code_hash, buyer))
    records = yield Fetch(keys=keys, scans=(scan,))
    coupon = found_coupon(records, seller, code_hash, "code_hash")
    uses = records.find(CouponUses, *keys[1][1:])
    left = [decode_record(value, CouponPart).left for _, value in records.pages[scan].items]
    return Decision(reply=CouponLeftReply(coupon=coupon, left=left, used=0 if uses is None else uses.used))

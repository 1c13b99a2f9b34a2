"""Checks beside trade: asked for by a member or an auditor, and of what is open when packs have changed."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import msgspec
from msgspec.structs import replace

from hansa_domain.compliance.gate import examine, judged, recorded
from hansa_domain.compliance.gathering import Subject
from hansa_domain.compliance.packs import REGISTER, PacksInForce
from hansa_domain.compliance.records import ComplianceFlag, ComplianceRecord, flag_key
from hansa_domain.compliance.scope import Stage
from hansa_domain.compliance.subjects import Remedy, listing_subject, order_subject, remedies
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, ListingResumed, ListingSuspended, Occasion
from hansa_domain.fields import Amount, CountryCode, CurrencyCode, EntityId, Gtin, MspId, Quantity
from hansa_domain.gs1 import gtin14
from hansa_domain.iso3166 import check_country
from hansa_domain.iso4217 import minor_units
from hansa_domain.listings.records import Listing, listing_key
from hansa_domain.members import member_key, present_member
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Steps,
    operation,
)
from hansa_domain.orders.order import Order, load_order

MAX_LINES = 20
_NOTHING = "No rule pack is in force: there is nothing to check by."


class QuestionLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods that are asked about."""

    gtin: Gtin
    quantity: Quantity


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A trade that is thought of. ``amount`` is the order's total in minor units of ``currency``.

    ``destination`` absent: the buyer's country.
    """

    stage: Stage
    seller: MspId
    lines: Annotated[list[QuestionLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    buyer: MspId | None = None
    carrier: MspId | None = None
    amount: Amount | None = None
    currency: CurrencyCode | None = None
    destination: CountryCode | None = None


class CheckCompliance(Command["CheckReply"], frozen=True, kw_only=True):
    """``compliance:Check``, by a party or a regulator: records a result, failures included; nothing else.

    One of ``listing``, ``order`` and ``question``: what is on the ledger, or a trade that is thought of.
    """

    listing: EntityId | None = None
    order: EntityId | None = None
    question: Question | None = None


class RecheckCompliance(Command["RecheckReply"], frozen=True, kw_only=True):
    """``compliance:Recheck``, by a party or a regulator, of a listing or an order that is open.

    A listing that fails is suspended until a later check lets it through; an order is held back.
    """

    listing: EntityId | None = None
    order: EntityId | None = None


class PreviewCompliance(Query["CheckReply"], frozen=True, kw_only=True):
    """``compliance:Preview``: what a check would say now; nothing is recorded."""

    question: Question


class CheckReply(msgspec.Struct, frozen=True, kw_only=True):
    """A check: ``record.result``, and the outcome of each rule concerned."""

    record: ComplianceRecord


class RecheckReply(msgspec.Struct, frozen=True, kw_only=True):
    """A check of what is open: whether it is held back now, and what its parties may do about it."""

    record: ComplianceRecord
    held_back: bool
    remedies: list[Remedy]


@operation("compliance:Check", CheckCompliance, CheckReply)
def check(command: CheckCompliance, context: Context) -> Steps:
    """Records what the packs in force say; whoever asks is a party, or a regulator."""
    subject = yield from _subject(command, context)
    records = yield Fetch(keys=(REGISTER, member_key(context.caller.msp_id)))
    _require_interest(subject, records, context)
    record = yield from _examined(records, subject, "checked", context.reference(command), context)
    done = recorded(record, flagged=None)
    return Decision(reply=CheckReply(record=record), writes=done.writes, events=done.events)


def _subject(command: CheckCompliance, context: Context) -> Generator[Fetch, Records, Subject]:
    given = [each for each in (command.listing, command.order, command.question) if each is not None]
    if len(given) != 1:
        raise Refusal(Code.COMPLIANCE_SUBJECT, "Name a listing, an order, or a question.", "question")
    if command.question is not None:
        return _asked(command.question, context.reference(command))
    return (yield from _on_ledger(command.listing, command.order))[0]


def _on_ledger(
    listing: str | None, order: str | None
) -> Generator[Fetch, Records, tuple[Subject, Listing | Order]]:
    if listing is not None:
        records = yield Fetch(keys=((Listing.NOUN, listing),))
        found = records.get(Listing, listing, refuse=Code.LISTING_NOT_FOUND, where="listing")
        return listing_subject(found.id, found.seller, found.gtin), found
    assert order is not None  # one of the two is named
    placed = yield from load_order(order)
    return order_subject(placed), placed


def _asked(question: Question, reference: str) -> Subject:
    if question.stage != "listing" and question.buyer is None:
        raise Refusal(Code.COMPLIANCE_SUBJECT, "An order has a buyer.", "question.buyer")
    if question.destination is not None:
        check_country(question.destination, "question.destination")
    if question.currency is not None:
        minor_units(question.currency, "question.currency")
    return Subject(
        kind=question.stage,
        id=reference,
        seller=question.seller,
        buyer=question.buyer,
        carriers=[] if question.carrier is None else [question.carrier],
        lines=[
            (gtin14(line.gtin, f"question.lines[{place}].gtin"), line.quantity)
            for place, line in enumerate(question.lines)
        ],
        amount=question.amount,
        currency=question.currency,
        destination=question.destination,
    )


def _require_interest(subject: Subject, records: Records, context: Context) -> None:
    caller = context.caller.msp_id
    member = present_member(records, caller)
    if caller not in [party for _, party in subject.parties] and (
        member is None or member.role != "regulator"
    ):
        raise Refusal(Code.NOT_PERMITTED, "Only its parties and regulators may have it checked.")


def _examined(
    records: Records, subject: Subject, occasion: Occasion, reference: str, context: Context
) -> Generator[Fetch, Records, ComplianceRecord]:
    """The record; refuses NOTHING_IN_FORCE where there is no pack to check by."""
    register = records.find(PacksInForce)
    record = yield from examine(register, subject, occasion, reference, context)
    if record is None:
        raise Refusal(Code.NOTHING_IN_FORCE, _NOTHING)
    return record


@operation("compliance:Preview", PreviewCompliance, CheckReply)
def preview(command: PreviewCompliance, context: Context) -> Steps:
    """As ``compliance:Check``, for anybody, and leaves no trace."""
    records = yield Fetch(keys=(REGISTER,))
    subject = _asked(command.question, "")
    record = yield from _examined(records, subject, "checked", "", context)
    return Decision(reply=CheckReply(record=record))


@operation("compliance:Recheck", RecheckCompliance, RecheckReply)
def recheck(command: RecheckCompliance, context: Context) -> Steps:
    """Records the result, and holds the listing or order back or lets it go."""
    if (command.listing is None) == (command.order is None):
        raise Refusal(Code.COMPLIANCE_SUBJECT, "Name a listing or an order.", "order")
    subject, entity = yield from _on_ledger(command.listing, command.order)
    keys = (REGISTER, member_key(context.caller.msp_id), flag_key(subject.id))
    records = yield Fetch(keys=keys)
    _require_interest(subject, records, context)
    _require_open(entity)
    register = records.find(PacksInForce)
    flag = records.find(ComplianceFlag, subject.id)
    entries = register.at(context.at) if register is not None else []
    if not entries and flag is None:
        raise Refusal(Code.NOTHING_IN_FORCE, _NOTHING)
    record = yield from judged(entries, subject, "rechecked", context.reference(command), context)
    failed = record.result == "failed"
    listing, order = (entity, None) if isinstance(entity, Listing) else (None, entity)
    writes, events, suspended = _turned(listing, failed, flag, context)
    changed = failed if failed or flag is not None else None
    done = recorded(record, flagged=changed, suspended=suspended)
    reply = RecheckReply(record=record, held_back=failed, remedies=remedies(record, order) if failed else [])
    return Decision(reply=reply, writes={**done.writes, **writes}, events=(*done.events, *events))


def _turned(
    listing: Listing | None, failed: bool, flag: ComplianceFlag | None, context: Context
) -> tuple[dict[Key, Record | None], tuple[Event, ...], bool]:
    """A listing suspended by a check that failed, or opened by one that passed; and whether it was open."""
    by_check = flag is not None and flag.suspended
    if listing is None:
        return {}, (), False
    if failed and listing.status == "open":
        told: Event = ListingSuspended(listing=listing.id, seller=listing.seller, at=context.at)
        return {listing_key(listing.id): replace(listing, status="suspended")}, (told,), True
    if not failed and by_check and listing.status == "suspended":
        told = ListingResumed(listing=listing.id, seller=listing.seller, at=context.at)
        return {listing_key(listing.id): replace(listing, status="open")}, (told,), False
    return {}, (), by_check


def _require_open(entity: Listing | Order) -> None:
    if isinstance(entity, Order) and entity.closed_at is not None:
        raise Refusal(Code.COMPLIANCE_SUBJECT, f"The order is {entity.status} already.", "order")
    if isinstance(entity, Listing) and entity.status == "withdrawn":
        raise Refusal(Code.COMPLIANCE_SUBJECT, "The listing is withdrawn.", "listing")

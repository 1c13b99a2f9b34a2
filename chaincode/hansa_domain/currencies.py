"""Currencies beside their money: who may issue one, and what an auditor found behind it."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import IssuerApproved, ReservesAttested
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    Day,
    MspId,
    Name,
    PageLimit,
    Sha256Hex,
    Timestamp,
)
from hansa_domain.iso4217 import minor_units
from hansa_domain.issuing import IssuerApproval, approval_key
from hansa_domain.majority import require_administrator
from hansa_domain.members import known_member, member_key
from hansa_domain.money import Currency
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Query,
    Record,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.paging import scan_all
from hansa_domain.times import check_day


class Attestation(Record, frozen=True, kw_only=True):
    """What an auditor found behind a currency; key ``("attestation", currency, id)``. Never changed.

    ``amount`` in minor units of the currency on the day ``as_of``; ``document`` is the SHA-256 of the report.
    """

    NOUN: ClassVar[str] = "attestation"
    id: str
    currency: str
    issuer: str
    amount: str
    as_of: str
    document: str
    auditor: str
    attested_at: Timestamp


class ApproveIssuer(Command["IssuerApprovedReply"], frozen=True, kw_only=True):
    """``currencies:Approve``, by an administrator: his organisation approves a bank for a currency.

    A bank that joined after the consortium began may issue a currency once more than half of the members did.
    """

    currency: CurrencyCode
    bank: MspId


class AttestReserves(Command["AttestationReply"], frozen=True, kw_only=True):
    """``currencies:Attest``, by the issuer: what an auditor found behind the currency on a day.

    ``document`` is the SHA-256 of the auditor's report.
    """

    currency: CurrencyCode
    amount: Amount
    as_of: Day
    document: Sha256Hex
    auditor: Name


class ListApprovals(Query["ApprovalsReply"], frozen=True, kw_only=True):
    """``currencies:Approvals``: which members approved which banks for a currency."""

    currency: CurrencyCode


class ListAttestations(Query["AttestationsReply"], frozen=True, kw_only=True):
    """``currencies:Attestations``: what was attested about a currency, in order of id."""

    currency: CurrencyCode
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class IssuerApprovedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The approval, as it stands."""

    approval: IssuerApproval


class AttestationReply(msgspec.Struct, frozen=True, kw_only=True):
    """The attestation made."""

    attestation: Attestation


class ApprovalsReply(msgspec.Struct, frozen=True, kw_only=True):
    """Approvals in order of bank and member."""

    approvals: list[IssuerApproval]


class AttestationsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of attestations; ``bookmark`` is empty on the last page."""

    attestations: list[Attestation]
    bookmark: str


@operation("currencies:Approve", ApproveIssuer, IssuerApprovedReply)
def approve(command: ApproveIssuer, context: Context) -> Steps:
    """One record a member, so that members who approve at once do not conflict."""
    minor_units(command.currency, "currency")
    require_administrator(context, "approve an issuer")
    key = approval_key(command.currency, command.bank, context.caller.msp_id)
    records = yield Fetch(keys=(key, (Currency.NOUN, command.currency), member_key(command.bank)))
    if known_member(records, command.bank, "bank").role != "bank":
        raise Refusal(Code.NOT_PERMITTED, f"{command.bank} is not a bank.", "bank")
    issued = records.find(Currency, command.currency)
    if issued is not None:
        raise Refusal(
            Code.CURRENCY_NOT_YOURS, f"{command.currency} is issued by {issued.issuer} already.", "currency"
        )
    approval = IssuerApproval(
        currency=command.currency,
        bank=command.bank,
        member=context.caller.msp_id,
        approved_by=context.caller.name,
        approved_at=context.at,
    )
    event = IssuerApproved(
        currency=approval.currency, bank=approval.bank, member=approval.member, at=context.at
    )
    return Decision(reply=IssuerApprovedReply(approval=approval), writes={key: approval}, events=(event,))


@operation("currencies:Attest", AttestReserves, AttestationReply)
def attest(command: AttestReserves, context: Context) -> Steps:
    """Keeps the attestation for good."""
    check_day(command.as_of, "as_of")
    if command.as_of > context.at[:10]:
        raise Refusal(Code.FIELD_INVALID, "Reserves are attested for a day that has begun.", "as_of")
    records = yield Fetch(keys=((Currency.NOUN, command.currency),))
    currency = records.get(Currency, command.currency, refuse=Code.CURRENCY_UNKNOWN, where="currency")
    if currency.issuer != context.caller.msp_id:
        raise Refusal(Code.CURRENCY_NOT_YOURS, f"{currency.code} is issued by {currency.issuer}.", "currency")
    made = Attestation(
        id=context.reference(command),
        currency=currency.code,
        issuer=currency.issuer,
        amount=command.amount,
        as_of=command.as_of,
        document=command.document,
        auditor=command.auditor,
        attested_at=context.at,
    )
    event = ReservesAttested(
        attestation=made.id,
        currency=made.currency,
        amount=made.amount,
        as_of=made.as_of,
        document=made.document,
        auditor=made.auditor,
        at=context.at,
    )
    return Decision(
        reply=AttestationReply(attestation=made),
        writes={(Attestation.NOUN, made.currency, made.id): made},
        events=(event,),
    )


@operation("currencies:Approvals", ListApprovals, ApprovalsReply)
def approvals(command: ListApprovals, context: Context) -> Steps:
    """All approvals for a currency."""
    found = yield from scan_all((IssuerApproval.NOUN, command.currency))
    return Decision(
        reply=ApprovalsReply(approvals=[decode_record(value, IssuerApproval) for _, value in found])
    )


@operation("currencies:Attestations", ListAttestations, AttestationsReply)
def attestations(command: ListAttestations, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((Attestation.NOUN, command.currency), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, Attestation) for _, value in page.items]
    return Decision(reply=AttestationsReply(attestations=found, bookmark=page.bookmark))

"""Licences: a regulator lets a member deal in goods of a kind until a time, or until it is revoked."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.compliance.issuers import require_issuer
from hansa_domain.compliance.scope import EVERYTHING, Scope, Slug, canonical_scope
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import LicenceFact, LicenceIssued, LicenceRevoked
from hansa_domain.fields import (
    Bookmark,
    EntityId,
    Moment,
    MspId,
    PageLimit,
    Reference,
    Sha256Hex,
    Text,
    Timestamp,
)
from hansa_domain.members import known_member, member_key, require_role
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.times import check_moment

LicenceStatus = Literal["issued", "revoked"]
MAX_HELD = 16
"""How many licences of one kind a member may hold that have not ended: each is read where one is needed."""


class Licence(Record, frozen=True, kw_only=True):
    """Leave to deal in goods; key ``("licence", id)``.

    ``kind`` is what rules ask for. ``scope`` says for which goods and ways; empty: for all. ``document`` is
    the SHA-256 of the licence on paper, ``number`` what stands on it.
    """

    NOUN: ClassVar[str] = "licence"
    id: str
    kind: str
    holder: str
    issuer: str
    scope: Scope
    valid_from: str
    valid_until: str
    document: str
    number: str | None
    status: LicenceStatus
    issued_at: Timestamp
    revoked_at: Timestamp | None = None
    reason: str | None = None

    @property
    def fact(self) -> LicenceFact:
        """As a check looks at it."""
        return LicenceFact(
            id=self.id,
            kind=self.kind,
            holder=self.holder,
            issuer=self.issuer,
            scope=self.scope,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            revoked=self.status == "revoked",
        )


class HeldLicences(Record, frozen=True, kw_only=True):
    """Which licences of a kind a member holds; key ``("licences-of", holder, kind)``. Issuers write it."""

    NOUN: ClassVar[str] = "licences-of"
    licences: list[str]


class IssueLicence(Command["LicenceReply"], frozen=True, kw_only=True):
    """``licences:Issue``, by a regulator. ``valid_from`` absent: at once."""

    holder: MspId
    kind: Slug
    valid_until: Moment
    document: Sha256Hex
    scope: Scope = EVERYTHING
    valid_from: Moment | None = None
    number: Reference | None = None


class RevokeLicence(Command["LicenceReply"], frozen=True, kw_only=True):
    """``licences:Revoke``, by who issued it; where that member has left, by any regulator."""

    licence: EntityId
    reason: Annotated[Text, msgspec.Meta(min_length=1)]


class GetLicence(Query["LicenceReply"], frozen=True, kw_only=True):
    """``licences:Get``."""

    licence: EntityId


class ListLicences(Query["LicencesReply"], frozen=True, kw_only=True):
    """``licences:List``; ``holder`` and ``kind`` narrow each page."""

    holder: MspId | None = None
    kind: Slug | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class LicenceReply(msgspec.Struct, frozen=True, kw_only=True):
    """One licence."""

    licence: Licence


class LicencesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of licences; ``bookmark`` is empty on the last page."""

    licences: list[Licence]
    bookmark: str


def held_key(holder: str, kind: str) -> Key:
    """Where it stands which licences of a kind a member holds."""
    return (HeldLicences.NOUN, holder, kind)


@operation("licences:Issue", IssueLicence, LicenceReply)
def issue(command: IssueLicence, context: Context) -> Steps:
    """Writes the licence and enters it among those of its holder, without those that have ended."""
    held = held_key(command.holder, command.kind)
    keys = (member_key(context.caller.msp_id), member_key(command.holder), held)
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    require_role(records, context, ("regulator",), "issue licences")
    known_member(records, command.holder, "holder")
    if command.holder == context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, "Nobody licenses himself.", "holder")
    licence = _licence(command, context)
    before = records.find(HeldLicences, *held[1:])
    names = before.licences if before is not None else []
    found = yield Fetch(keys=tuple((Licence.NOUN, name) for name in names))
    still = [
        name
        for name in names
        if (each := found.get(Licence, name, refuse=Code.LEDGER_INCONSISTENT)).status == "issued"
        and each.valid_until > context.at
    ]
    if len(still) >= MAX_HELD:
        says = f"{licence.holder} holds {len(still)} licences {licence.kind} already."
        raise Refusal(Code.TOO_MANY_LICENCES, says, "kind")
    event = LicenceIssued(
        licence=licence.id,
        kind=licence.kind,
        holder=licence.holder,
        issuer=licence.issuer,
        scope=licence.scope,
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        document=licence.document,
        number=licence.number,
        at=context.at,
    )
    return Decision(
        reply=LicenceReply(licence=licence),
        writes={(Licence.NOUN, licence.id): licence, held: HeldLicences(licences=[*still, licence.id])},
        events=(event,),
    )


def _licence(command: IssueLicence, context: Context) -> Licence:
    valid_from = command.valid_from or context.at
    check_moment(valid_from, "valid_from")
    check_moment(command.valid_until, "valid_until")
    if command.valid_until <= max(valid_from, context.at):
        raise Refusal(Code.FIELD_INVALID, "A licence ends after it begins, and after now.", "valid_until")
    return Licence(
        id=context.reference(command),
        kind=command.kind,
        holder=command.holder,
        issuer=context.caller.msp_id,
        scope=canonical_scope(command.scope, "scope"),
        valid_from=valid_from,
        valid_until=command.valid_until,
        document=command.document,
        number=command.number,
        status="issued",
        issued_at=context.at,
    )


@operation("licences:Revoke", RevokeLicence, LicenceReply)
def revoke(command: RevokeLicence, context: Context) -> Steps:
    """From now on the licence covers nothing; what was done under it stays done."""
    records = yield Fetch(keys=((Licence.NOUN, command.licence),))
    licence = records.get(Licence, command.licence, refuse=Code.LICENCE_NOT_FOUND, where="licence")
    yield from require_issuer(licence.issuer, "licence", context)
    if licence.status == "revoked":
        raise Refusal(Code.LICENCE_STATE, f"It was revoked at {licence.revoked_at}.", "licence")
    revoked = replace(licence, status="revoked", revoked_at=context.at, reason=command.reason)
    event = LicenceRevoked(
        licence=licence.id,
        holder=licence.holder,
        by=context.caller.msp_id,
        reason=command.reason,
        at=context.at,
    )
    return Decision(
        reply=LicenceReply(licence=revoked), writes={(Licence.NOUN, licence.id): revoked}, events=(event,)
    )


@operation("licences:Get", GetLicence, LicenceReply)
def get(command: GetLicence, context: Context) -> Steps:
    """One licence."""
    records = yield Fetch(keys=((Licence.NOUN, command.licence),))
    licence = records.get(Licence, command.licence, refuse=Code.LICENCE_NOT_FOUND, where="licence")
    return Decision(reply=LicenceReply(licence=licence))


@operation("licences:List", ListLicences, LicencesReply)
def list_licences(command: ListLicences, context: Context) -> Steps:
    """Licences in order of id."""
    scan = Scan((Licence.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    licences = [decode_record(value, Licence) for _, value in page.items]
    if command.holder is not None:
        licences = [each for each in licences if each.holder == command.holder]
    if command.kind is not None:
        licences = [each for each in licences if each.kind == command.kind]
    return Decision(reply=LicencesReply(licences=licences, bookmark=page.bookmark))

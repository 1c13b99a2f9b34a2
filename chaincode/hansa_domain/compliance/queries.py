"""Questions about rule packs and about what was checked."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.compliance.packs import (
    REGISTER,
    PackEntry,
    PacksInForce,
    PackVersion,
    rules_key,
    rules_read,
    version_key,
)
from hansa_domain.compliance.publishing import PackReply
from hansa_domain.compliance.records import ComplianceFlag, ComplianceRecord, flag_key, record_key
from hansa_domain.compliance.scope import Slug
from hansa_domain.error_codes import Code
from hansa_domain.fields import Bookmark, EntityId, PageLimit
from hansa_domain.operation import Context, Decision, Fetch, Query, Scan, Steps, decode_record, operation


class GetPack(Query["PackReply"], frozen=True, kw_only=True):
    """``compliance:Pack``: a version of a rule pack with its rules."""

    pack: Slug
    version: Annotated[int, msgspec.Meta(ge=1, le=999_999)]


class ListPackVersions(Query["PackVersionsReply"], frozen=True, kw_only=True):
    """``compliance:Packs``: every version ever published, in order; ``pack`` narrows to one."""

    pack: Slug | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class PacksNow(Query["PacksNowReply"], frozen=True, kw_only=True):
    """``compliance:InForce``: the versions by which everything is checked now, and those to come."""


class GetCheck(Query["CheckFoundReply"], frozen=True, kw_only=True):
    """``compliance:Get``: the record of one check of a listing, an order or a shipment."""

    subject: EntityId
    check: EntityId


class ListChecks(Query["ChecksReply"], frozen=True, kw_only=True):
    """``compliance:Records``: every check of one listing, order or shipment, by id of the check."""

    subject: EntityId
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class PackVersionsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of versions without their rules; ``bookmark`` is empty on the last page."""

    packs: list[PackVersion]
    bookmark: str


class PacksNowReply(msgspec.Struct, frozen=True, kw_only=True):
    """Versions in force at ``at``, and those that begin later."""

    at: str
    in_force: list[PackEntry]
    to_come: list[PackEntry]


class CheckFoundReply(msgspec.Struct, frozen=True, kw_only=True):
    """The record of a check."""

    record: ComplianceRecord


class ChecksReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of records, and whether the subject is held back; ``bookmark`` is empty on the last page."""

    records: list[ComplianceRecord]
    held_back: bool
    bookmark: str


@operation("compliance:Pack", GetPack, PackReply)
def get_pack(command: GetPack, context: Context) -> Steps:
    """A version whole, its chunks put together again."""
    key = version_key(command.pack, command.version)
    records = yield Fetch(keys=(key,))
    pack = records.get(PackVersion, *key[1:], refuse=Code.PACK_NOT_FOUND, where="version")
    chunks = yield Fetch(keys=tuple(rules_key(pack.pack, pack.version, name) for name in pack.chunks))
    return Decision(
        reply=PackReply(pack=pack, rules=list(rules_read(chunks, PackEntry.of(pack), pack.chunks).rules))
    )


@operation("compliance:Packs", ListPackVersions, PackVersionsReply)
def list_packs(command: ListPackVersions, context: Context) -> Steps:
    """Versions in order of pack and number."""
    prefix = (PackVersion.NOUN, *((command.pack,) if command.pack is not None else ()))
    scan = Scan(prefix, command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    packs = [decode_record(value, PackVersion) for _, value in page.items]
    return Decision(reply=PackVersionsReply(packs=packs, bookmark=page.bookmark))


@operation("compliance:InForce", PacksNow, PacksNowReply)
def in_force(command: PacksNow, context: Context) -> Steps:
    """The register as it stands for a check made now."""
    register = (yield Fetch(keys=(REGISTER,))).find(PacksInForce)
    entries = register.entries if register is not None else []
    reply = PacksNowReply(
        at=context.at,
        in_force=register.at(context.at) if register is not None else [],
        to_come=[each for each in entries if each.valid_from > context.at],
    )
    return Decision(reply=reply)


@operation("compliance:Get", GetCheck, CheckFoundReply)
def get_check(command: GetCheck, context: Context) -> Steps:
    """One record."""
    key = record_key(command.subject, command.check)
    records = yield Fetch(keys=(key,))
    record = records.get(ComplianceRecord, *key[1:], refuse=Code.CHECK_NOT_FOUND, where="check")
    return Decision(reply=CheckFoundReply(record=record))


@operation("compliance:Records", ListChecks, ChecksReply)
def list_checks(command: ListChecks, context: Context) -> Steps:
    """The checks of one subject."""
    scan = Scan((ComplianceRecord.NOUN, command.subject), command.limit, command.bookmark)
    records = yield Fetch(keys=(flag_key(command.subject),), scans=(scan,))
    page = records.pages[scan]
    found = [decode_record(value, ComplianceRecord) for _, value in page.items]
    held_back = records.find(ComplianceFlag, command.subject) is not None
    return Decision(reply=ChecksReply(records=found, held_back=held_back, bookmark=page.bookmark))

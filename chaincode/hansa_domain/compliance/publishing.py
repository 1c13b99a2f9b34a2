"""A regulator publishes a version of a rule pack; it replaces its predecessor from its time on."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import msgspec

from hansa_domain.compliance.packs import (
    MAX_PACKS,
    MAX_WAITING,
    REGISTER,
    PackDocument,
    PackEntry,
    PacksInForce,
    PackVersion,
    in_chunks,
    rules_key,
    version_key,
)
from hansa_domain.compliance.rules import Rule, WhenUnknown
from hansa_domain.compliance.scope import Slug
from hansa_domain.compliance.validating import checked_rules
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import PackPublished
from hansa_domain.fields import Moment, Name, Sha256Hex
from hansa_domain.members import member_key, present_member, require_role
from hansa_domain.operation import Command, Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.times import check_moment

MAX_RULES = 500
MAX_BYTES = 160 * 1024


class PublishPack(Command["PackReply"], frozen=True, kw_only=True):
    """``compliance:Publish``, by an administrator of a regulator: version 1 of a new pack, or the next.

    ``document`` is the SHA-256 of the text that the rules put into practice. ``valid_from`` absent: at once.
    ``unknown`` says what a fact that the ledger does not have does to a rule. No rules: the pack is repealed.
    """

    pack: Slug
    version: Annotated[int, msgspec.Meta(ge=1, le=999_999)]
    title: Name
    document: Sha256Hex
    rules: Annotated[list[Rule], msgspec.Meta(max_length=MAX_RULES)]
    valid_from: Moment | None = None
    unknown: WhenUnknown = "fail"


class PackReply(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a pack with its rules, in the order of the pack."""

    pack: PackVersion
    rules: list[Rule]


@operation("compliance:Publish", PublishPack, PackReply, max_bytes=MAX_BYTES)
def publish(command: PublishPack, context: Context) -> Steps:
    """Writes the version and its rules, and enters it into the register of packs in force."""
    before = version_key(command.pack, command.version - 1)
    first = version_key(command.pack, 1)
    keys = (member_key(context.caller.msp_id), REGISTER, before, version_key(command.pack, command.version))
    records = yield Fetch(keys=(*keys, *(() if first in keys else (first,))))
    require_role(records, context, ("regulator",), "publish rule packs")
    if not context.caller.admin:
        raise Refusal(Code.NOT_PERMITTED, "Only an administrator of a regulator publishes rule packs.")
    _check_version(command, records)
    if command.version > 1:
        yield from _check_publisher(records.get(PackVersion, *first[1:], refuse=Code.PACK_NOT_FOUND), context)
    rules = checked_rules(command.rules)
    document = PackDocument(
        pack=command.pack,
        version=command.version,
        title=command.title,
        document=command.document,
        valid_from=_valid_from(command, context),
        unknown=command.unknown,
        rules=rules,
    )
    chunks = in_chunks(rules)
    pack = PackVersion(
        pack=document.pack,
        version=document.version,
        title=document.title,
        document=document.document,
        valid_from=document.valid_from,
        unknown=document.unknown,
        digest=document.digest,
        rules=len(rules),
        chunks=list(chunks),
        published_by=context.caller.msp_id,
        published_at=context.at,
    )
    writes: dict[Key, Record | None] = {
        REGISTER: _entered(records.find(PacksInForce), pack, context.at),
        version_key(pack.pack, pack.version): pack,
    }
    for name, chunk in chunks.items():
        writes[rules_key(pack.pack, pack.version, name)] = chunk
    return Decision(
        reply=PackReply(pack=pack, rules=rules), writes=writes, events=(_published(pack, rules, context),)
    )


def _check_version(command: PublishPack, records: Records) -> None:
    if records.find(PackVersion, *version_key(command.pack, command.version)[1:]) is not None:
        says = f"Version {command.version} of {command.pack} is published already."
        raise Refusal(Code.PACK_VERSION, says, "version")
    before = version_key(command.pack, command.version - 1)
    if command.version > 1 and records.find(PackVersion, *before[1:]) is None:
        says = f"There is no version {command.version - 1} of {command.pack} that this could follow."
        raise Refusal(Code.PACK_VERSION, says, "version")


def _check_publisher(first: PackVersion, context: Context) -> Generator[Fetch, Records, None]:
    """Whose pack it is stays so while he is a member; then any regulator may carry it on."""
    owner = first.published_by
    if owner != context.caller.msp_id:
        records = yield Fetch(keys=(member_key(owner),))
        if present_member(records, owner) is not None:
            raise Refusal(Code.NOT_PERMITTED, f"The pack {first.pack} is {owner}'s.", "pack")


def _valid_from(command: PublishPack, context: Context) -> str:
    if command.valid_from is None:
        return context.at
    check_moment(command.valid_from, "valid_from")
    if command.valid_from < context.at:
        raise Refusal(Code.PACK_TIME, "A pack judges nothing that happened before it.", "valid_from")
    return command.valid_from


def _entered(register: PacksInForce | None, pack: PackVersion, now: str) -> PacksInForce:
    """The register with the version in it, and without those that can be in force no more."""
    entry = PackEntry.of(pack)
    entries = [*(register.entries if register is not None else []), entry]
    kept = [each for each in entries if not any(_overtakes(other, each, now) for other in entries)]
    kept.sort(key=lambda each: (each.pack, each.version))
    if sum(each.pack == pack.pack for each in kept) > MAX_WAITING:
        says = f"More than {MAX_WAITING} versions of {pack.pack} would be in force or to come."
        raise Refusal(Code.TOO_MANY_PACKS, says, "version")
    # A pack without rules needs no place, once no earlier version of it is in force.
    kept = [
        each
        for each in kept
        if each.rules or any(other.pack == each.pack and other is not each for other in kept)
    ]
    if len(dict.fromkeys(each.pack for each in kept)) > MAX_PACKS:
        raise Refusal(Code.TOO_MANY_PACKS, f"More than {MAX_PACKS} packs would be in force.", "pack")
    return PacksInForce(entries=kept)


def _overtakes(later: PackEntry, earlier: PackEntry, now: str) -> bool:
    """Whether a version leaves an earlier one of its pack no time: it began, or begins before that one."""
    newer = later.pack == earlier.pack and later.version > earlier.version
    return newer and (later.valid_from <= now or later.valid_from <= earlier.valid_from)


def _published(pack: PackVersion, rules: list[Rule], context: Context) -> PackPublished:
    return PackPublished(
        pack=pack.pack,
        version=pack.version,
        title=pack.title,
        document=pack.document,
        valid_from=pack.valid_from,
        unknown=pack.unknown,
        digest=pack.digest,
        rules=rules,
        by=pack.published_by,
        at=context.at,
    )

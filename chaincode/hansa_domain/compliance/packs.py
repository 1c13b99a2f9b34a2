"""Rule packs on the ledger: each version with its rules, and the one key that says which are in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import ClassVar

import msgspec

from hansa_domain.compliance.deciding import RulesInForce
from hansa_domain.compliance.rules import Rule, WhenUnknown
from hansa_domain.events import LineFact, PackChecked
from hansa_domain.fields import Timestamp
from hansa_domain.operation import Key, Record, Records, canonical

MAX_PACKS = 16
"""How many packs may be in force at once: every listing, order and shipment looks at each."""
MAX_WAITING = 4
"""How many versions of one pack may stand in the register: the one in force and those to come."""
WHOLE_BYTES = 4096
"""Up to this size the rules of a pack are one chunk."""
GENERAL = "general"


class PackVersion(Record, frozen=True, kw_only=True):
    """A version of a rule pack; key ``("compliance-pack", pack, version with 6 digits)``.

    ``document`` is the SHA-256 of the text that the rules put into practice, ``digest`` that of the pack's
    canonical form. ``unknown`` says what a missing fact does. Its rules stand in ``chunks``.
    """

    NOUN: ClassVar[str] = "compliance-pack"
    pack: str
    version: int
    title: str
    document: str
    valid_from: str
    unknown: WhenUnknown
    digest: str
    rules: int
    chunks: list[str]
    published_by: str
    published_at: Timestamp


class PackRules(Record, frozen=True, kw_only=True):
    """Rules of a version that one kind of goods needs; key ``("compliance-rules", pack, version, chunk)``.

    ``places`` say where in the pack each of them stands.
    """

    NOUN: ClassVar[str] = "compliance-rules"
    places: list[int]
    rules: list[Rule]


class PackEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What a check needs to know of a version before it reads rules."""

    pack: str
    version: int
    valid_from: str
    unknown: WhenUnknown
    digest: str
    rules: int
    chunks: list[str]

    @classmethod
    def of(cls, pack: PackVersion) -> PackEntry:
        """A version, as the register has it."""
        return cls(
            pack=pack.pack,
            version=pack.version,
            valid_from=pack.valid_from,
            unknown=pack.unknown,
            digest=pack.digest,
            rules=pack.rules,
            chunks=pack.chunks,
        )

    @property
    def checked(self) -> PackChecked:
        """As a check names it."""
        return PackChecked(pack=self.pack, version=self.version, digest=self.digest, rules=self.rules)


class PacksInForce(Record, frozen=True, kw_only=True):
    """Every version in force or to come; key ``("compliance-register",)``.

    One record, read with the first batch of whatever is checked and written by publications alone.
    """

    NOUN: ClassVar[str] = "compliance-register"
    entries: list[PackEntry]

    def at(self, moment: str) -> list[PackEntry]:
        """The version of each pack in force then, in the order of packs: of those begun, the latest."""
        begun = [each for each in self.entries if each.valid_from <= moment]
        latest = {each.pack: each for each in sorted(begun, key=lambda each: each.version)}
        return [latest[pack] for pack in sorted(latest) if latest[pack].rules]


REGISTER: Key = (PacksInForce.NOUN,)
"""Where it stands."""


class PackDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The canonical form of a version, over which its digest goes."""

    pack: str
    version: int
    title: str
    document: str
    valid_from: str
    unknown: WhenUnknown
    rules: list[Rule]

    @property
    def digest(self) -> str:
        """SHA-256 of the document in the form of RFC 8785, hexadecimal."""
        return sha256(canonical(self)).hexdigest()


def version_key(pack: str, version: int) -> Key:
    """Where a version stands."""
    return (PackVersion.NOUN, pack, f"{version:06d}")


def rules_key(pack: str, version: int, chunk: str) -> Key:
    """Where one chunk of its rules stands."""
    return (PackRules.NOUN, pack, f"{version:06d}", chunk)


def in_chunks(rules: Sequence[Rule]) -> dict[str, PackRules]:
    """The rules by what they concern, so that an order reads those about its goods.

    A rule about GTINs stands with them, else one about HS codes with their chapters, else in ``general``. A
    small pack is one chunk.
    """
    places: dict[str, list[int]] = {GENERAL: []}
    small = len(canonical(list(rules))) <= WHOLE_BYTES
    for place, rule in enumerate(rules):
        for name in [GENERAL] if small else _chunks_of(rule):
            places.setdefault(name, []).append(place)
    return {
        name: PackRules(places=places[name], rules=[rules[place] for place in places[name]])
        for name in sorted(places)
    }


def _chunks_of(rule: Rule) -> list[str]:
    if rule.scope.gtins:
        return sorted(dict.fromkeys(_gtin_chunk(each) for each in rule.scope.gtins))
    if rule.scope.hs:
        return sorted(dict.fromkeys(f"hs-{each[:2]}" for each in rule.scope.hs))
    return [GENERAL]


def _gtin_chunk(gtin: str) -> str:
    # The last two digits of the item reference: the digit after them is the check digit.
    return f"gtin-{gtin[11:13]}"


def chunks_wanted(entry: PackEntry, lines: Iterable[LineFact]) -> list[str]:
    """The chunks that can have rules about these goods; goods without HS code are in every chapter."""
    wanted = {GENERAL}
    for line in lines:
        wanted.add(_gtin_chunk(line.gtin))
        if line.hs is None:
            wanted.update(each for each in entry.chunks if each.startswith("hs-"))
        else:
            wanted.add(f"hs-{line.hs[:2]}")
    return [chunk for chunk in entry.chunks if chunk in wanted]


def rules_read(records: Records, entry: PackEntry, chunks: Iterable[str]) -> RulesInForce:
    """The rules of these chunks, whose keys were fetched, each once and in the order of the pack."""
    found: dict[int, Rule] = {}
    for chunk in chunks:
        read = records.find(PackRules, *rules_key(entry.pack, entry.version, chunk)[1:])
        if read is not None:
            found.update(zip(read.places, read.rules, strict=True))
    return RulesInForce(entry.pack, entry.unknown, [found[place] for place in sorted(found)])

"""Events of rule packs, of checks against them, and the facts that a check rests on: all of them public."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.compliance.rules import Rule
from hansa_domain.compliance.scope import PartyRole, Scope, Stage
from hansa_domain.events.base import Event

Outcome = Literal["passed", "failed", "unknown", "later"]
CheckResult = Literal["passed", "failed"]
Occasion = Literal["created", "revised", "placed", "shipped", "checked", "rechecked"]


class PartyFact(msgspec.Struct, frozen=True, kw_only=True):
    """A party, and the country of its membership."""

    role: PartyRole
    member: str
    country: str


class CertificateFact(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate of a product; ``document`` is its SHA-256, ``valid_until`` the last day it holds."""

    kind: str
    number: str
    document: str
    valid_until: str
    revoked: bool


class LineFact(msgspec.Struct, frozen=True, kw_only=True):
    """Goods, with what the ledger says of the product. None: unknown; an empty list: known to be none."""

    gtin: str
    quantity: int | None
    hs: str | None
    origin: str | None
    dangerous: list[str] | None
    certificates: list[CertificateFact] | None


class LicenceFact(msgspec.Struct, frozen=True, kw_only=True):
    """A licence that a party of the subject holds, as it was at the time of the check."""

    id: str
    kind: str
    holder: str
    issuer: str
    scope: Scope
    valid_from: str
    valid_until: str
    revoked: bool


class PaperFact(msgspec.Struct, frozen=True, kw_only=True):
    """A paper of the order, as it was at the time of the check; ``document`` is its SHA-256."""

    id: str
    kind: str
    issuer: str
    document: str
    valid_from: str
    valid_until: str | None
    revoked: bool


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a check looks at besides the rules; ``amount`` in minor units of ``currency``."""

    stage: Stage
    at: str
    parties: list[PartyFact]
    lines: list[LineFact]
    departure: str | None
    destination: str | None
    amount: str | None
    currency: str | None
    licences: list[LicenceFact] = msgspec.field(default_factory=list)
    papers: list[PaperFact] = msgspec.field(default_factory=list)


class RuleOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one rule that concerns the subject; ``lines`` are the places of the goods it is about.

    ``refuses``: it failed, or could not be told and the pack holds that against it.
    """

    pack: str
    rule: str
    kind: str
    outcome: Outcome
    refuses: bool
    reason: str
    lines: list[int]


class PackChecked(msgspec.Struct, frozen=True, kw_only=True):
    """A pack in force; ``digest`` is the SHA-256 of its canonical form, ``rules`` how many it has."""

    pack: str
    version: int
    digest: str
    rules: int


class PackPublished(Event, frozen=True, kw_only=True, tag="compliance.pack_published"):
    """A regulator published a version of a rule pack, in force from ``valid_from`` on."""

    pack: str
    version: int
    title: str
    document: str
    valid_from: str
    unknown: Literal["fail", "pass"]
    digest: str
    rules: list[Rule]
    by: str
    at: str


class ComplianceChecked(Event, frozen=True, kw_only=True, tag="compliance.checked"):
    """A subject was checked: by which packs, on which facts, with which result of each rule concerned.

    ``flagged`` says whether the subject is held back from now on; None where this check decides nothing.
    """

    check: str
    subject_kind: Stage
    subject: str
    order: str | None
    occasion: Occasion
    by: str
    result: CheckResult
    packs: list[PackChecked]
    facts: Facts
    outcomes: list[RuleOutcome]
    flagged: bool | None
    at: str


class LicenceIssued(Event, frozen=True, kw_only=True, tag="licence.issued"):
    """A regulator lets a member deal in goods of a kind; ``document`` is the SHA-256 of the licence."""

    licence: str
    kind: str
    holder: str
    issuer: str
    scope: Scope
    valid_from: str
    valid_until: str
    document: str
    number: str | None
    at: str


class LicenceRevoked(Event, frozen=True, kw_only=True, tag="licence.revoked"):
    """A licence covers nothing any more."""

    licence: str
    holder: str
    by: str
    reason: str
    at: str


class PaperRegistered(Event, frozen=True, kw_only=True, tag="paper.registered"):
    """A paper of an order; ``signer`` is the SHA-256 of the key that signed it, of a credential."""

    paper: str
    kind: str
    order: str
    issuer: str
    document: str
    number: str | None
    security: str | None
    signer: str | None
    valid_from: str
    valid_until: str | None
    at: str


class PaperRevoked(Event, frozen=True, kw_only=True, tag="paper.revoked"):
    """A paper proves nothing any more."""

    paper: str
    order: str
    by: str
    reason: str
    at: str

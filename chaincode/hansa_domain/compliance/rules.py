"""The kinds of rules that a pack may have. Each says what it is about, and what must be so then."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from hansa_domain.compliance.scope import EVERYTHING, Countries, PartyRole, Scope, Slug, Stage
from hansa_domain.fields import Amount, CurrencyCode, MspId, Name, Reference

PaperKind = Literal[
    "certificate-of-origin",
    "phytosanitary",
    "commercial-invoice",
    "packing-list",
    "bill-of-lading",
    "cmr",
    "air-waybill",
    "customs-declaration",
]
"""Cross-border papers; ``cmr`` is the consignment note for carriage by road."""

WhenUnknown = Literal["fail", "pass"]
Members = Annotated[list[MspId], msgspec.Meta(max_length=100)]


class RuleOfAnyKind(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
):
    """What every rule has.

    ``id`` is unique in the pack and stays with the rule from version to version. ``stages`` empty: checked at
    every stage. ``unknown`` says what a missing fact does, None: what the pack says.
    """

    id: Slug
    title: Name
    scope: Scope = EVERYTHING
    stages: Annotated[list[Stage], msgspec.Meta(max_length=3)] = msgspec.field(default_factory=list)
    unknown: WhenUnknown | None = None


class Prohibited(RuleOfAnyKind, frozen=True, kw_only=True, tag="prohibited"):
    """Goods or ways in scope are forbidden."""


class Licensed(RuleOfAnyKind, frozen=True, kw_only=True, tag="licensed"):
    """``party`` needs a licence of this kind that covers the goods and the way, from one of ``issuers``.

    Without a carrier the seller carries. ``issuers`` empty: any regulator's licence.
    """

    party: PartyRole
    licence: Slug
    issuers: Members = msgspec.field(default_factory=list)


class CertificateRequired(RuleOfAnyKind, frozen=True, kw_only=True, tag="certificate"):
    """The product needs a certificate of this kind, such as ``EU organic``, that is valid at the time."""

    certificate: Reference


class RegionLimited(RuleOfAnyKind, frozen=True, kw_only=True, tag="region"):
    """Goods in scope may go to these countries alone."""

    only: Annotated[Countries, msgspec.Meta(min_length=1)]


class Sanctioned(RuleOfAnyKind, frozen=True, kw_only=True, tag="sanctioned"):
    """No party may be one of ``members`` or of one of ``countries``; ``parties`` empty: none of them all."""

    members: Members = msgspec.field(default_factory=list)
    countries: Countries = msgspec.field(default_factory=list)
    parties: Annotated[list[PartyRole], msgspec.Meta(max_length=3)] = msgspec.field(default_factory=list)


class Threshold(RuleOfAnyKind, frozen=True, kw_only=True, tag="threshold"):
    """At most so many pieces of the goods in scope, or so much for the whole order; beyond, a licence.

    ``max_value`` is in minor units of ``currency`` and compared with the order's total. Without ``licence``
    nothing lifts it.
    """

    max_quantity: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)] | None = None
    max_value: Amount | None = None
    currency: CurrencyCode | None = None
    licence: Slug | None = None
    party: PartyRole = "buyer"
    issuers: Members = msgspec.field(default_factory=list)


class PaperRequired(RuleOfAnyKind, frozen=True, kw_only=True, tag="paper"):
    """Before goods in scope are shipped, a paper of this kind is registered for the order.

    ``issuers`` empty: by any of those who may register one.
    """

    paper: PaperKind
    issuers: Members = msgspec.field(default_factory=list)


Rule = Prohibited | Licensed | CertificateRequired | RegionLimited | Sanctioned | Threshold | PaperRequired

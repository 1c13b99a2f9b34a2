"""What is said of a product besides its name: customs, dangers, certificates, weight, tracking, warranty."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import CountryCode, Day, MspId, Name, Reference, Sha256Hex, Timestamp, form
from hansa_domain.images import Images
from hansa_domain.iso3166 import check_country
from hansa_domain.times import check_day

MAX_CERTIFICATES = 32

HsCode = Annotated[str, form("[0-9]{6,10}", "an HS code of 6 to 10 digits, without dots")]
UnNumber = Annotated[str, form("UN [0-9]{4}", "a UN number such as UN 1203")]
HazardClass = Annotated[
    str,
    form(
        r"1\.[1-6][A-HJ-LNS]|2\.[1-3]|3|4\.[1-3]|5\.[12]|6\.[12]|7|8|9",
        "a class of ADR and IMDG such as 3, 2.1 or 1.4S",
    ),
]
PackingGroup = Literal["I", "II", "III"]
Tracking = Literal["lot", "serial"]

# ADR 2.1.1.3: to these classes no packing groups are assigned.
_WITHOUT_GROUP = ("1", "2", "5.2", "6.2", "7")


class DangerousGoods(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """How ADR (road) and the IMDG Code (sea) classify a product.

    Args:
        un_number: as both write it, ``UN 1203``.
        shipping_name: the proper shipping name.
        hazard_class: class or division; of class 1 with its compatibility group.
        packing_group: how dangerous, I the most; classes 1, 2, 5.2, 6.2 and 7 have none.
        subsidiary: further classes.
        marine_pollutant: as the IMDG Code marks it.
    """

    un_number: UnNumber
    shipping_name: Name
    hazard_class: HazardClass
    packing_group: PackingGroup | None = None
    subsidiary: Annotated[list[HazardClass], msgspec.Meta(max_length=3)] = msgspec.field(default_factory=list)
    marine_pollutant: bool = False


class ProductDetails(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What its owner says of a product; what he does not say is absent.

    Args:
        hs_code: Harmonized System, 6 digits, or up to 10 as a customs tariff continues them.
        origin: ISO 3166-1 code of the country of origin.
        dangerous_goods: only where it is dangerous to carry.
        images: by hash.
        net_weight_grams: of one unit.
        tracking: ``lot`` or ``serial`` where units are told apart.
        warranty_days: how long, counted from delivery, the seller answers for defects.
    """

    hs_code: HsCode | None = None
    origin: CountryCode | None = None
    dangerous_goods: DangerousGoods | None = None
    images: Images = msgspec.field(default_factory=list)
    net_weight_grams: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] | None = None
    tracking: Tracking | None = None
    warranty_days: Annotated[int, msgspec.Meta(ge=1, le=36_500)] | None = None


class Certificate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A paper about a product: the ledger has its number and the hash of the document.

    Args:
        kind: what it certifies, such as ``CE`` or ``EU organic``.
        number: the issuer's; with the kind it is unique for the product.
        issuer: who issued it, in words.
        valid_until: the last day on which it holds.
        document: SHA-256 of the document.
        member: the issuer's MSP id, where he is a member; he may revoke it.
    """

    kind: Reference
    number: Reference
    issuer: Name
    valid_until: Day
    document: Sha256Hex
    member: MspId | None = None


class HeldCertificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate as the product has it: since when and, where it was revoked, until when and by whom."""

    certificate: Certificate
    added_at: Timestamp
    revoked_at: Timestamp | None = None
    revoked_by: str | None = None

    def holds(self, at: Timestamp) -> bool:
        """Whether it is valid at that time: not revoked, and its last day has not passed."""
        return self.revoked_at is None and at[:10] <= self.certificate.valid_until


def check_details(details: ProductDetails, where: str) -> None:
    """Refuses COUNTRY_UNKNOWN or FIELD_INVALID for what contradicts ISO 3166 or ADR."""
    if details.origin is not None:
        check_country(details.origin, f"{where}.origin")
    danger = details.dangerous_goods
    if danger is not None and danger.packing_group is not None:
        main = danger.hazard_class
        if main in _WITHOUT_GROUP or main.partition(".")[0] in _WITHOUT_GROUP:
            raise Refusal(
                Code.FIELD_INVALID,
                f"Goods of class {main} have no packing group.",
                f"{where}.dangerous_goods.packing_group",
            )


def check_certificate(certificate: Certificate, at: Timestamp) -> None:
    """Refuses CERTIFICATE_EXPIRED for one whose last day has passed, FIELD_INVALID for a day that is none."""
    check_day(certificate.valid_until, "certificate.valid_until")
    if certificate.valid_until < at[:10]:
        raise Refusal(
            Code.CERTIFICATE_EXPIRED,
            f"The certificate was valid until {certificate.valid_until}.",
            "certificate.valid_until",
        )

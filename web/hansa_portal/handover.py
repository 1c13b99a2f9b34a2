"""A handover as a carrier reports it on a phone, made into an EPCIS 2.0 event."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from ulid import ULID

from hansa_domain.gs1 import has_valid_check_digit, parse

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

STEPS: dict[str, tuple[str, str | None]] = {
    "picked_up": ("collecting", "in_transit"),
    "departed": ("departing", "in_transit"),
    "passing": ("transporting", "in_transit"),
    "arrived": ("arriving", "in_progress"),
    "inspected": ("inspecting", None),
    "delivered": ("unloading", None),
}
"""What a driver says, as CBV 2.0's business step and disposition."""


@dataclass(frozen=True)
class Handover:
    """What a form says of a handover.

    Args:
        command_id: ULID; the event's id follows from it, so that a form sent twice makes one event.
        step: a key of STEPS.
        goods: EPC URIs or Digital Links.
        time: when it happened, UTC.
        read_point: where, a URI; None where it is not said.
        order: id of the order that is carried.
        buyer_gln: who issued the order, 13 digits; None where the buyer has no GLN.
        temperature: degrees Celsius; None where nobody measured.
    """

    command_id: str
    step: str
    goods: Sequence[str]
    time: datetime
    read_point: str | None
    order: str
    buyer_gln: str | None
    temperature: Decimal | None


def object_event(handover: Handover) -> str:
    """The ObjectEvent, JSON-LD, that stands alone (EPCIS 2.0; CBV 2.0 for its terms)."""
    step, disposition = STEPS[handover.step]
    event: dict[str, Any] = {
        "@context": [CONTEXT],
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:{ULID.from_str(handover.command_id).to_uuid()}",
        "eventTime": handover.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": step,
        "epcList": list(handover.goods),
        "bizTransactionList": [
            {"type": "po", "bizTransaction": order_uri(handover.order, handover.buyer_gln)}
        ],
    }
    if disposition is not None:
        event["disposition"] = disposition
    if handover.read_point is not None:
        event["readPoint"] = {"id": handover.read_point}
    if handover.temperature is not None:
        reading = {"type": "Temperature", "value": float(handover.temperature), "uom": "CEL"}
        event["sensorElementList"] = [{"sensorReport": [reading]}]
    return json.dumps(event, ensure_ascii=False)


def order_uri(order: str, buyer_gln: str | None) -> str:
    """An order as a business transaction: CBV's form with the buyer's GLN, else its ULID as a UUID."""
    if buyer_gln is not None:
        return f"urn:epcglobal:cbv:bt:{buyer_gln}:{order}"
    return f"urn:uuid:{ULID.from_str(order.rpartition('.')[2]).to_uuid()}"


def place_uri(text: str, domain: str, year: int) -> str:
    """A place as a URI: a GLN as Digital Link, a URI as it is, a name as the member's own tag (RFC 4151).

    Raises:
        ValueError: 13 digits whose check digit is wrong.
    """
    if len(text) == 13 and text.isdigit():
        if not has_valid_check_digit(text):
            raise ValueError(text)
        return f"https://id.gs1.org/414/{text}"
    if parse(text) is not None or text.startswith(("urn:", "geo:", "https://")):
        return text
    return f"tag:{domain},{year}:place:{quote(text, safe='')}"


def place_text(uri: str) -> str | None:
    """The name in a tag that ``place_uri`` made; None for any other URI."""
    if uri.startswith("tag:") and ":place:" in uri:
        return unquote(uri.partition(":place:")[2])
    return None


def sscc_digits(text: str) -> str | None:
    """The SSCC that a scanner or a person gives, digits only; None where there is none."""
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) == 20 and digits.startswith("00"):
        digits = digits[2:]  # the barcode's application identifier comes with the scan
    return digits or None


def goods_uri(text: str) -> str:
    """What a scanner or a person gives as a URI: 18 digits are an SSCC, everything else stays as it is."""
    digits = text.replace(" ", "")
    if digits.startswith("(00)"):
        digits = digits[4:]
    elif len(digits) == 20 and digits.startswith("00"):
        digits = digits[2:]  # the barcode's application identifier comes with the scan
    return f"https://id.gs1.org/00/{digits}" if len(digits) == 18 and digits.isdigit() else text

"""Tenders and offers for tests of the rules: a proposal, its priced lines, and a tender with two sellers."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from hansa_domain.offers.disclosure import lines_commitment
from hansa_domain.offers.records import PricedLines
from hansa_domain.operation import Caller
from tests.support.domain import GTIN, INIT, MEMBERS, TERMS, World, ulid

PRICED: dict[str, Any] = {
    "salt": "ab" * 16,
    "lines": [{"gtin": GTIN, "quantity": 40, "unit_price": "220"}],
    "text": "Ab Werk, auf Paletten",
}
"""40 at 2.20 EUR; with freight 2.00 the total is 90.00."""

FARM = {"msp_id": "FarmMSP", "name": "Farm", "role": "producer", "country": "ES"}


def proposal(**changes: Any) -> dict[str, Any]:
    """40 pieces for 90.00 EUR, freight included, valid for a minute; with the commitment to PRICED."""
    return {
        "lines": [{"gtin": GTIN, "quantity": 40}],
        "currency": "EUR",
        "amount": "9000",
        "freight": "200",
        "carrier": "CarrierMSP",
        "terms": TERMS,
        "lead_time": 300,
        "valid_for": 60,
        "lines_commitment": lines_commitment(msgspec.convert(PRICED, PricedLines)),
        **changes,
    }


def priced(**changes: Any) -> dict[str, bytes]:
    """The priced lines as transient data."""
    return {"private": json.dumps({**PRICED, **changes}).encode()}


def sellers() -> World:
    """The five members, a second producer, and a product."""
    world = World()
    init = {**INIT, "members": [*MEMBERS, FARM]}
    world.do(Caller("BankMSP", "admin", admin=True), "members:Init", **init)
    world.do("ProducerMSP", "products:Register", gtin=GTIN, name="Olive oil 1 l", brand="Oleum")
    return world


def tendered(world: World, **changes: Any) -> str:
    """The id of a tender of the retailer for 40 pieces, open to all for two minutes."""
    fields = {
        "lines": [{"gtin": GTIN, "quantity": 40}],
        "country": "DE",
        "wanted_within": 3600,
        "closes_within": 120,
        "reference": "RFQ-7",
        **changes,
    }
    return str(world.do("RetailerMSP", "tenders:Open", **fields).reply["tender"]["id"])


def offered(world: World, seller: str = "ProducerMSP", by: str | None = None, **fields: Any) -> str:
    """The id of an offer between the retailer and a seller."""
    fields = {"buyer": "RetailerMSP", "seller": seller, "proposal": proposal(), **fields}
    return str(world.do(by or seller, "offers:Propose", **fields).reply["offer"]["id"])


NOBODY = f"RetailerMSP.{ulid('nothing')}"
"""The id of nothing."""

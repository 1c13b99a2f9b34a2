"""Orders that are delivered in parts, for tests: two products, two carriers, and steps in short."""

from __future__ import annotations

import json
from typing import Any

from tests.support.domain import GTIN, MEMBERS, TERMS, Caller, World, mint

OTHER = "09521321000025"
SERIALS = [f"urn:epc:id:sgtin:9506000.013435.{serial}" for serial in range(12)]
TERMS_OF_DELIVERY = {
    "answer_within": 30,
    "invoice_within": 300,
    "carriages": [{"carrier": "CarrierMSP", "freight": "100"}, {"carrier": "RailMSP", "freight": "50"}],
    "cancellation_fee": 1000,
    "return_fee": 2000,
    "damage_discount": 4000,
    "tolerance": 100,
}
BUYER, SELLER, CARRIER, RAIL = "RetailerMSP", "ProducerMSP", "CarrierMSP", "RailMSP"
FEES = "BankMSP/consortium-fees"


def two_carriers() -> World:
    """A consortium with a railway beside the carrier, and a product of each kind."""
    world = World()
    rail = {"msp_id": RAIL, "name": "Rail", "role": "carrier", "country": "PL"}
    fee = {"basis_points": 50, "account": FEES}
    world.do(Caller("BankMSP", "admin", admin=True), "members:Init", members=[*MEMBERS, rail], fee=fee)
    for gtin, name in ((GTIN, "Olive oil 1 l"), (OTHER, "Tea 500 g")):
        world.do(SELLER, "products:Register", gtin=gtin, name=name)
    return world


def listed(world: World, gtin: str = GTIN, price: str | None = "250", quantity: int = 40) -> str:
    """A listing in two buckets; its id."""
    offer = {"gtin": gtin, "unit_price": price, "currency": "EUR", "quantity": quantity, "buckets": 2}
    return str(world.do(SELLER, "listings:Create", **offer).reply["listing"]["id"])


def line(listing: str, quantity: int) -> dict[str, Any]:
    """A line out of both buckets of a listing."""
    half = quantity // 2
    take = [{"bucket": 0, "quantity": half}, {"bucket": 1, "quantity": quantity - half}]
    return {"listing": listing, "quantity": quantity, "take": [each for each in take if each["quantity"]]}


def order_in_parts(world: World, listings: list[str], notes: list[str], **changes: Any) -> dict[str, Any]:
    """Ten of the first listing at 250 and four of the second at 90, freight 150: 3010 in all."""
    fields = {
        "lines": [line(listings[0], 10), line(listings[1], 4)],
        "amount": "3010",
        "freight": "150",
        "notes": notes,
        "terms": TERMS,
        "settlement": "deliveries",
        "deliveries": TERMS_OF_DELIVERY,
    }
    return {**fields, **changes}


def ordered(**changes: Any) -> tuple[World, str]:
    """Such an order, just placed; the buyer has nothing left. Weights are for listings without prices."""
    world = two_carriers()
    prices = (None, None) if "weights" in changes.get("deliveries", {}) else ("250", "90")
    listings = [listed(world, GTIN, prices[0]), listed(world, OTHER, prices[1])]
    notes = [mint(world, changes.get("amount", "3010"))]
    fields = order_in_parts(world, listings, notes, **changes)
    return world, str(world.do(BUYER, "orders:Place", **fields).reply["order"]["id"])


def accepted(**changes: Any) -> tuple[World, str]:
    """Such an order, accepted as a whole."""
    world, order = ordered(**changes)
    world.do(SELLER, "orders:Accept", order=order)
    return world, order


def units(*quantities: tuple[int, int]) -> list[dict[str, int]]:
    """Lines by place and quantity."""
    return [{"line": place, "quantity": quantity} for place, quantity in quantities]


def despatched(world: World, order: str, *quantities: tuple[int, int], **fields: Any) -> str:
    """A despatch of these lines; its id."""
    sent = world.do(SELLER, "despatches:Despatch", order=order, lines=units(*quantities), **fields)
    return str(sent.reply["despatch"]["id"])


def received(world: World, despatch: str, *lines: dict[str, Any], **fields: Any) -> Any:
    """The buyer's report; lines not clean need a reason."""
    return world.do(BUYER, "receipts:Report", despatch=despatch, lines=list(lines), **fields)


def invoiced(world: World, despatch: str, *lines: tuple[int, int, int], freight: int = 0) -> str:
    """An invoice of (line, quantity, amount); its id."""
    asked = [{"line": place, "quantity": quantity, "amount": str(minor)} for place, quantity, minor in lines]
    fields = {"despatch": despatch, "lines": asked, "freight": str(freight)}
    return str(world.do(SELLER, "invoices:Issue", **fields).reply["invoice"]["id"])


def balances(world: World) -> dict[str, int]:
    """What buyer, seller, both carriers and the consortium hold."""
    return {owner: world.balance(owner) for owner in (BUYER, SELLER, CARRIER, RAIL, FEES)}


def held(world: World, order: str) -> int:
    """What the order's escrow holds."""
    escrow = world.record("escrow", order)
    return 0 if escrow is None else int(escrow["amount"])


def stock(world: World, place: int, order: str) -> int:
    """What is left of the listing of one of the order's lines."""
    listing = world.record("order", order)["lines"][place]["listing"]
    return int(world.ask("BankMSP", "listings:Stock", listing=listing)["total"])


def commissioned(world: World, epcs: list[str]) -> None:
    """The producer makes identified goods."""
    event = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "ObjectEvent",
        "eventTime": "2026-03-02T09:00:00.000Z",
        "eventTimeZoneOffset": "+01:00",
        "action": "ADD",
        "bizStep": "commissioning",
        "epcList": epcs,
    }
    source = {"event": json.dumps(event), "context": ""}
    world.do(SELLER, "goods:Capture", events=[source])

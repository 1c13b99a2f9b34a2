"""Listings on full terms, and what changes their prices."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tests.support.domain import GTIN, TERMS, World, market

CODE = b"SPRING-7QX2-KD9M"
CODE_HASH = sha256(CODE).hexdigest()
TIERS = [{"from_quantity": 10, "unit_price": "240"}, {"from_quantity": 50, "unit_price": "199"}]
FULL: dict[str, Any] = {
    "tiers": TIERS,
    "prices": [
        {"currency": "CNY", "unit_price": "1900", "tiers": [{"from_quantity": 10, "unit_price": "1800"}]}
    ],
    "lead_time": 86_400,
    "incoterm": {"code": "DAP", "place": "Hamburg"},
    "excluded": ["FR"],
    "images": [{"sha256": "1a" * 32, "media_type": "image/jpeg"}],
    "valid_until": "2027-06-01T00:00:00.000Z",
    "sample": {"quantity": 2, "unit_price": "50"},
}


def offered(world: World, seller: str = "ProducerMSP", **fields: Any) -> str:
    """One more listing of a seller's; its id."""
    offer = {"gtin": GTIN, "unit_price": "250", "currency": "EUR", "quantity": 1000, "buckets": 4, **fields}
    return str(world.do(seller, "listings:Create", **offer).reply["listing"]["id"])


def on_terms(**terms: Any) -> tuple[World, str]:
    """A market, and in it a listing at 250 with these terms."""
    world, _ = market()
    return world, offered(world, terms=terms)


def order_of(world: World, listing: str, quantity: int = 4, bucket: int = 0, **more: Any) -> dict[str, Any]:
    """The fields of an order that pays exactly what is quoted for it, with one note in its currency."""
    asked = {key: more[key] for key in ("currency", "destination", "discounts", "sample") if key in more}
    if "coupon" in more:
        asked["coupon"] = more["coupon"]["code_hash"]
    quoted = world.ask(
        "RetailerMSP", "orders:Quote", **asked, lines=[{"listing": listing, "quantity": quantity}]
    )
    note = world.do(
        "BankMSP", "money:Mint", currency=quoted["currency"], amount="900000", owner="RetailerMSP"
    ).reply["notes"][0]["id"]
    take = [{"bucket": bucket, "quantity": quantity}]
    return {
        "lines": [{"listing": listing, "quantity": quantity, "take": take}],
        "amount": quoted["amount"],
        "notes": [] if quoted["amount"] == "0" else [note],
        "terms": TERMS,
        "discounts": quoted["discounts"],
        **more,
    }


def coupon(world: World, **changes: Any) -> dict[str, Any]:
    """A coupon of the producer's; what an order says to use its first part."""
    fields = {
        "code_hash": CODE_HASH,
        "name": "Spring",
        "concession": {"basis_points": 1000},
        "uses": 4,
        **changes,
    }
    world.do("ProducerMSP", "coupons:Issue", **fields)
    return {"code_hash": CODE_HASH, "part": 0}

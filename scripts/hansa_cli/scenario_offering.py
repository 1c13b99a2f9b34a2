"""What a step of a scenario can do with listings, discounts and coupons that takes more than one command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from hansa import parse_amount
from hansa.client import Client
from hansa.submission import Receipt
from hansa_domain.listings.terms import ListingTerms
from hansa_domain.pricing.concessions import Concession

Args = dict[str, Any]
Made = tuple[tuple[Receipt[Any], ...], str]


def _create(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = args["currency"]
    price = args.get("price")
    receipt = client.listings.create(
        args["gtin"],
        unit_price=None if price is None else parse_amount(price, currency, "price"),
        currency=currency,
        quantity=args["quantity"],
        terms=None if "terms" not in args else msgspec.convert(args["terms"], ListingTerms),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.listing.id


def _restock(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.listings.restock(args["listing"], args["quantity"], command_id=command_id)
    return (receipt,), receipt.reply.listing


def _reduce(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.listings.reduce(args["listing"], args["quantity"], command_id=command_id)
    return (receipt,), receipt.reply.listing


def _issue(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    issued = client.coupons.issue(
        args["name"],
        msgspec.convert(args["concession"], Concession),
        uses=args["uses"],
        per_buyer=args.get("per_buyer", 1),
        code=args["code"],
        command_id=command_id,
    )
    return (issued.receipt,), issued.code


def _withdraw_coupon(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    return (client.coupons.withdraw(args["code"], command_id=command_id),), str(args["code"])


def price_of(args: Args, currency: str) -> Args:
    """What a step says about the price of an order, as ``orders.place`` takes it."""
    asked = ("currency", "destination", "discounts", "coupon", "sample")
    found = {name: args[name] for name in asked if name in args}
    for name in ("at_most", "max_fee", "amount"):
        if name in args:
            found[name] = parse_amount(args[name], currency, name)
    return found


VERBS: dict[str, Callable[[Client, Args, str, Path], Made]] = {
    "coupons.issue": _issue,
    "coupons.withdraw": _withdraw_coupon,
    "listings.create": _create,
    "listings.restock": _restock,
    "listings.reduce": _reduce,
}
"""Verbs of what is offered."""

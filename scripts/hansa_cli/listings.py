"""``hansa listings``."""

from __future__ import annotations

from typing import Annotated

import typer
from msgspec.structs import replace

from hansa import parse_amount, show_amount
from hansa_cli.pricing import PriceOption, TermsFile, TierOption, read_terms
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, acting, committed, member, show
from hansa_domain.listings.records import Listing

app = typer.Typer(no_args_is_help=True)

ListingId = Annotated[str, typer.Argument(help="The listing's id, such as ProducerMSP.01J...")]


@app.command(context_settings=NUMBERS)
def create(
    who: As,
    gtin: Annotated[str, typer.Argument(help="A registered trade item.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217 code.")],
    quantity: Annotated[int, typer.Argument(help="Units in stock.")],
    price: Annotated[
        str | None,
        typer.Option(help="Price of a unit, such as 12.50; without it, each order names the total."),
    ] = None,
    tier: TierOption = None,
    also: PriceOption = None,
    terms: TermsFile = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Offers goods."""
    unit_price = None if price is None else parse_amount(price, currency, "price")
    with acting(who, data) as client:
        receipt = client.listings.create(
            gtin,
            unit_price=unit_price,
            currency=currency,
            quantity=quantity,
            terms=read_terms(terms, tier, also, currency),
            command_id=command_id,
        )
    show(receipt, json, f"{_line(receipt.reply.listing)} {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def revise(
    who: As,
    listing: ListingId,
    price: Annotated[str | None, typer.Option(help="Price of a unit from now on, such as 12.50.")] = None,
    tier: TierOption = None,
    also: PriceOption = None,
    terms: TermsFile = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Offers goods on other terms; what is not named stays, and so do orders already placed."""
    with acting(who, data) as client:
        present = client.listings.get(listing)
        new = None
        if terms is not None or tier or also:
            read = read_terms(terms, tier, also, present.currency)
            keep = present.terms if terms is None else read
            new = replace(keep, tiers=read.tiers or keep.tiers, prices=read.prices or keep.prices)
        receipt = client.listings.revise(
            listing,
            unit_price=None if price is None else parse_amount(price, present.currency, "price"),
            terms=new,
            command_id=command_id,
        )
    show(receipt, json, f"{_line(receipt.reply.listing)} {committed(receipt)}")


@app.command()
def restock(
    who: As,
    listing: ListingId,
    quantity: Annotated[int, typer.Argument(help="Units more.")],
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Puts more units on offer."""
    with acting(who, data) as client:
        receipt = client.listings.restock(listing, quantity, command_id=command_id)
    show(receipt, json, f"{listing} has {quantity} units more {committed(receipt)}")


@app.command()
def reduce(
    who: As,
    listing: ListingId,
    quantity: Annotated[int, typer.Argument(help="Units fewer.")],
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Takes units off offer."""
    with acting(who, data) as client:
        receipt = client.listings.reduce(listing, quantity, command_id=command_id)
    show(receipt, json, f"{listing} has {quantity} units fewer {committed(receipt)}")


@app.command()
def withdraw(
    who: As, listing: ListingId, command_id: CommandId = None, data: Data = None, json: Json = False
) -> None:
    """Takes an offer back."""
    with acting(who, data) as client:
        receipt = client.listings.withdraw(listing, command_id=command_id)
    show(receipt, json, f"{_line(receipt.reply.listing)} {committed(receipt)}")


@app.command("list")
def list_listings(
    who: As,
    seller: Annotated[str | None, typer.Option(help="Only this member's.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Goods on offer."""
    with acting(who, data) as client:
        chosen = None if seller is None else member(client, seller)
        listings: list[Listing] = []
        bookmark = ""
        while True:
            page = client.listings.list(seller=chosen, limit=1000, bookmark=bookmark)
            listings += page.listings
            bookmark = page.bookmark
            if not bookmark:
                break
    show(listings, json, "\n".join(_line(one) for one in listings) or "no listings")


@app.command("show")
def show_listing(who: As, listing: ListingId, data: Data = None, json: Json = False) -> None:
    """One offer and what is left of it."""
    with acting(who, data) as client:
        found, stock = client.listings.get(listing), client.listings.stock(listing)
    show({"listing": found, "stock": stock}, json, f"{_line(found)}, {stock.total} left")


def _line(listing: Listing) -> str:
    price = (
        "by agreement" if listing.unit_price is None else show_amount(listing.unit_price, listing.currency)
    )
    return f"{listing.id}  GTIN {listing.gtin}  {price}  {listing.quantity} offered  {listing.status}"

"""Placing an order: the price moves into escrow and the goods out of stock, in one transaction."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.listings.records import Listing
from hansa_domain.operation import Context, Decision, Fetch, Records, Steps, operation
from hansa_domain.orders.commands import OrderPlacedReply, PlaceOrder
from hansa_domain.orders.making import Purchase, make_order, purchase_keys, require_buyer
from hansa_domain.orders.order import Line
from hansa_domain.orders.stock_taking import line_keys, stock_events, stock_writes, take_out
from hansa_domain.recalls.blocking import refuse_recalled


@operation("orders:Place", PlaceOrder, OrderPlacedReply)
def place(command: PlaceOrder, context: Context) -> Steps:
    """Checks lines, price, parties and money, then writes order, escrow, stock and change."""
    keys = (
        *line_keys(command.lines),
        *purchase_keys(
            context,
            context.reference(command),
            command.notes,
            command.carrier,
            command.arbitrator,
            command.second_arbitrator,
            command.deliveries,
            command.milestones,
        ),
    )
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    consortium = require_buyer(records, context)
    listings = _listings(command, records)
    if listings[0].seller == context.caller.msp_id:
        raise Refusal(Code.LINES_INVALID, "Nobody orders from himself.", "lines[0].listing")
    _check_price(command, listings)
    products = {listing.gtin: f"lines[{place_}].listing" for place_, listing in enumerate(listings)}
    yield from refuse_recalled(products, {}, "lines")
    made = yield from make_order(_purchase(command, context, listings), consortium, records, context)
    stock = take_out(records, command.lines)
    return Decision(
        reply=OrderPlacedReply(order=made.order, change=made.change.view if made.change else None),
        writes={**made.writes, **stock_writes(stock)},
        events=(*made.events, *stock_events(stock, context)),
        payees=((made.order.seller, int(made.order.amount)),),
    )


def _purchase(command: PlaceOrder, context: Context, listings: list[Listing]) -> Purchase:
    return Purchase(
        reference=context.reference(command),
        seller=listings[0].seller,
        currency=listings[0].currency,
        lines=[
            Line(listing=listing.id, gtin=listing.gtin, quantity=line.quantity, take=line.take)
            for listing, line in zip(listings, command.lines, strict=True)
        ],
        amount=command.amount,
        freight=command.freight,
        carrier=command.carrier,
        arbitrator=command.arbitrator,
        terms=command.terms,
        notes=command.notes,
        change=command.change,
        delivery_commitment=command.delivery_commitment,
        reference_text=command.reference,
        settlement=command.settlement,
        second_arbitrator=command.second_arbitrator,
        max_fee=command.max_fee,
        deliveries=command.deliveries,
        prices=_prices(command, listings),
        milestones=command.milestones,
    )


def _listings(command: PlaceOrder, records: Records) -> list[Listing]:
    """The lines' listings: open, of one seller, in one currency."""
    listings: list[Listing] = []
    for place_, line in enumerate(command.lines):
        where = f"lines[{place_}].listing"
        listing = records.get(Listing, line.listing, refuse=Code.LISTING_NOT_FOUND, where=where)
        if listing.status != "open":
            raise Refusal(Code.LISTING_WITHDRAWN, f"The listing {listing.id} is withdrawn.", where)
        if listings and listing.seller != listings[0].seller:
            raise Refusal(Code.LINES_INVALID, "All lines of an order have one seller.", where)
        if listings and listing.currency != listings[0].currency:
            raise Refusal(Code.CURRENCY_MISMATCH, "All lines of an order have one currency.", where)
        listings.append(listing)
    return listings


def _prices(command: PlaceOrder, listings: list[Listing]) -> list[int] | None:
    """What each line comes to, where all of it is public."""
    if any(listing.unit_price is None for listing in listings):
        return None
    return [
        int(listing.unit_price or 0) * line.quantity
        for listing, line in zip(listings, command.lines, strict=True)
    ]


def _check_price(command: PlaceOrder, listings: list[Listing]) -> None:
    """Priced lines add up to the amount exactly; a line by agreement may add anything."""
    priced = sum(
        int(listing.unit_price) * line.quantity
        for listing, line in zip(listings, command.lines, strict=True)
        if listing.unit_price is not None
    )
    least = priced + int(command.freight)
    amount = int(command.amount)
    by_agreement = any(listing.unit_price is None for listing in listings)
    if amount < least or (amount > least and not by_agreement):
        raise Refusal(
            Code.PRICE_MISMATCH,
            f"Prices and freight come to {least} minor units, the amount is {amount}.",
            "amount",
        )

"""Placing an order: the price moves into escrow and the goods out of stock, in one transaction."""

from __future__ import annotations

import hashlib

from hansa_domain.coupons import TRANSIENT
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.operation import Context, Decision, Fetch, Steps, operation
from hansa_domain.orders.commands import OrderPlacedReply, PlaceOrder
from hansa_domain.orders.making import Made, Purchase, make_order, purchase_keys, require_buyer
from hansa_domain.orders.order import Line, Order
from hansa_domain.orders.stock_taking import line_keys, stock_events, stock_writes, take_out
from hansa_domain.pricing.reading import Priced, Request, priced
from hansa_domain.recalls.blocking import refuse_recalled


@operation("orders:Place", PlaceOrder, OrderPlacedReply)
def place(command: PlaceOrder, context: Context) -> Steps:
    """Checks lines, price, parties and money, then writes order, escrow, stock and change."""
    request = _request(command)
    keys = (
        *line_keys(command.lines),
        *request.keys,
        *purchase_keys(context, context.reference(command), command.notes, command),
        *(((Order.NOUN, command.replaces),) if command.replaces is not None else ()),
    )
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    consortium = require_buyer(records, context)
    _check_code(command, context)
    found: Priced = yield from priced(request, records, context)
    listings = found.listings
    if listings[0].seller == context.caller.msp_id:
        raise Refusal(Code.LINES_INVALID, "Nobody orders from himself.", "lines[0].listing")
    _check_price(command, found)
    products = {listing.gtin: f"lines[{place_}].listing" for place_, listing in enumerate(listings)}
    yield from refuse_recalled(products, {}, "lines")
    made: Made = yield from make_order(_purchase(command, context, found), consortium, records, context)
    stock = take_out(records, command.lines)
    return Decision(
        reply=OrderPlacedReply(order=made.order, change=made.change.view if made.change else None),
        writes={**made.writes, **stock_writes(stock), **found.writes},
        events=(*made.events, *stock_events(stock, context)),
        payees=((made.order.seller, int(made.order.amount)),),
    )


def _request(command: PlaceOrder) -> Request:
    coupon = command.coupon
    return Request(
        lines=[(line.listing, line.quantity) for line in command.lines],
        currency=command.currency,
        destination=command.destination,
        discounts=command.discounts,
        coupon=None if coupon is None else coupon.code_hash,
        part=None if coupon is None else coupon.part,
        sample=command.sample,
    )


def _check_code(command: PlaceOrder, context: Context) -> None:
    """Who uses a coupon knows its code; it travels beside the command, so that no block shows it."""
    if command.coupon is None:
        return
    code = context.transient.get(TRANSIENT)
    if code is None or hashlib.sha256(code).hexdigest() != command.coupon.code_hash:
        raise Refusal(Code.COUPON_CODE_WRONG, "The coupon's code is missing or another one.", "coupon")


def _purchase(command: PlaceOrder, context: Context, found: Priced) -> Purchase:
    return Purchase(
        reference=context.reference(command),
        seller=found.listings[0].seller,
        currency=found.currency,
        lines=[
            Line(listing=listing.id, gtin=listing.gtin, quantity=line.quantity, take=line.take, price=price)
            for listing, line, price in zip(found.listings, command.lines, found.sums.lines, strict=True)
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
        prices=_line_totals(found),
        milestones=command.milestones,
        pricing=found.pricing,
        warranty=command.warranty,
        replaces=command.replaces,
    )


def _line_totals(found: Priced) -> list[int] | None:
    """What each line comes to, its tax included, where all of it is public."""
    lines = [line for line in found.sums.lines if line is not None]
    if found.sums.by_agreement:
        return None
    return [int(line.net) + int(line.tax) for line in lines]


def _check_price(command: PlaceOrder, found: Priced) -> None:
    """Prices, taxes and freight are the amount exactly; a line by agreement may add anything."""
    least = found.goods_and_tax + int(command.freight)
    amount = int(command.amount)
    if amount < least or (amount > least and not found.sums.by_agreement):
        raise Refusal(
            Code.PRICE_MISMATCH,
            f"Prices, taxes and freight come to {least} minor units, the amount is {amount}.",
            "amount",
        )
    trial = None if found.pricing is None else found.pricing.trial
    if trial is not None and command.terms.inspect_within < trial:
        raise Refusal(
            Code.TRIAL_TOO_SHORT, f"The goods may be tried for {trial} seconds.", "terms.inspect_within"
        )

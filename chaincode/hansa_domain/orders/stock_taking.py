"""Goods of an order out of stock and back into it, bucket by bucket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import StockChanged
from hansa_domain.listings.records import Listing, Stock, stock_changed, stock_key
from hansa_domain.operation import Context, Key, Record, Records
from hansa_domain.orders.commands import OrderLine
from hansa_domain.orders.order import Line


def line_keys(lines: Sequence[OrderLine]) -> tuple[Key, ...]:
    """The keys of the listings and buckets that lines name.

    Raises:
        Refusal: LINES_INVALID: a listing or bucket named twice, or buckets that do not add up.
    """
    keys: dict[Key, None] = {}
    for place, line in enumerate(lines):
        where = f"lines[{place}]"
        wanted = [(Listing.NOUN, line.listing), *(stock_key(line.listing, take.bucket) for take in line.take)]
        for key in wanted:
            if key in keys:
                raise Refusal(Code.LINES_INVALID, f"{' '.join(key)} is named twice.", f"{where}.{_part(key)}")
            keys[key] = None
        taken = sum(take.quantity for take in line.take)
        if taken != line.quantity:
            raise Refusal(
                Code.LINES_INVALID,
                f"The buckets give {taken}, the line asks for {line.quantity}.",
                f"{where}.take",
            )
    return tuple(keys)


def _part(key: Key) -> str:
    return "listing" if key[0] == Listing.NOUN else "take"


def take_out(records: Records, lines: Sequence[OrderLine]) -> list[Stock]:
    """The buckets as they are without what the lines take.

    Raises:
        Refusal: STOCK_INSUFFICIENT, where a bucket is not there or holds less.
    """
    left: list[Stock] = []
    for place, line in enumerate(lines):
        for index, take in enumerate(line.take):
            where = f"lines[{place}].take[{index}]"
            stock = records.find(Stock, *stock_key(line.listing, take.bucket)[1:])
            held = 0 if stock is None else stock.quantity
            if held < take.quantity:
                raise Refusal(
                    Code.STOCK_INSUFFICIENT,
                    f"Bucket {take.bucket} of {line.listing} holds {held}, not {take.quantity}.",
                    where,
                )
            left.append(Stock(listing=line.listing, bucket=take.bucket, quantity=held - take.quantity))
    return left


def return_keys(lines: Iterable[Line]) -> tuple[Key, ...]:
    """The keys of the buckets that an order took from."""
    return tuple(
        stock_key(line.listing, take.bucket)
        for line in lines
        if line.listing is not None
        for take in line.take
    )


def put_back(records: Records, lines: Iterable[Line]) -> list[Stock]:
    """The buckets with what the lines had taken back in them."""
    return [
        Stock(
            listing=line.listing,
            bucket=take.bucket,
            quantity=take.quantity
            + records.get(
                Stock, *stock_key(line.listing, take.bucket)[1:], refuse=Code.LEDGER_INCONSISTENT
            ).quantity,
        )
        for line in lines
        if line.listing is not None
        for take in line.take
    ]


def put_back_part(records: Records, line: Line, before: int, quantity: int) -> list[Stock]:
    """The buckets with ``quantity`` units of a line back in them, after ``before`` went back already."""
    back: list[Stock] = []
    if line.listing is None:
        return back
    for take in line.take:
        passed = min(before, take.quantity)
        units = min(quantity, take.quantity - passed)
        before, quantity = before - passed, quantity - units
        if units:
            key = stock_key(line.listing, take.bucket)
            held = records.get(Stock, *key[1:], refuse=Code.LEDGER_INCONSISTENT).quantity
            back.append(Stock(listing=line.listing, bucket=take.bucket, quantity=held + units))
    return back


def stock_writes(parts: Iterable[Stock]) -> dict[Key, Record | None]:
    """The writes of these buckets."""
    return {stock_key(part.listing, part.bucket): part for part in parts}


def stock_events(parts: Sequence[Stock], context: Context) -> tuple[StockChanged, ...]:
    """One event per listing, in order of the listings' ids."""
    listings = sorted({part.listing for part in parts})
    return tuple(
        stock_changed(listing, [part for part in parts if part.listing == listing], context)
        for listing in listings
    )

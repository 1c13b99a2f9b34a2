"""Answers as people read them: amounts in the main unit, and without what the ledger keeps for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec

from hansa import show_amount
from hansa_domain.fields import Seconds
from hansa_domain.orders.order import Line, Order

_SECONDS = get_args(Seconds)[1]

_HIDDEN = frozenset(("v", "take", "buckets", "bookmark", "public_key"))
"""For programs, which have ``--json``: versions of records, buckets of stock, where a list goes on."""

_MONEY = frozenset(
    (
        *("amount", "price", "unit_price", "value", "discount", "net", "tax", "duty", "fee", "proceeds"),
        *("freight", "freight_due", "freight_paid", "freight_credited", "goods_paid", "restocking_fee"),
        *("released", "refunded", "collected", "to_buyer", "to_seller", "to_carrier"),
        *("per_payment", "per_day", "owes", "receives"),
    )
)
_MONEY_WITH_CURRENCY = _MONEY | {"maximum", "minimum", "limit", "left", "goods", "goods_ended", "total"}
"""Names that mean money only beside a currency: a cold chain has a minimum too."""


def lines_of(value: Any, currency: str | None = None, indent: str = "") -> list[str]:
    """A reply as lines of names and values.

    Args:
        value: a struct of the domain, or what stands in one.
        currency: of amounts beside which none stands.
        indent: before each line.
    """
    if isinstance(value, Order):
        return [indent + line for line in describe(value).splitlines()]
    known = currency_of(value) or currency
    lines: list[str] = []
    for name, given in _named(value):
        # A reply that was kept as the bytes it went out in.
        inner = msgspec.json.decode(given) if isinstance(given, msgspec.Raw) else given
        if name in _HIDDEN or inner is None or inner in ("", [], (), {}):
            continue
        if isinstance(inner, Order):
            lines += lines_of(inner, known, indent)
        elif isinstance(inner, list | tuple) and not any(_has_fields(each) for each in inner):
            lines.append(f"{indent}{name}  {', '.join(str(each) for each in inner)}")
        elif isinstance(inner, list | tuple):
            lines.append(f"{indent}{name}")
            lines += [line for each in inner for line in _item(each, known, f"{indent}  ")]
        elif _has_fields(inner):
            lines += [f"{indent}{name}", *lines_of(inner, known, f"{indent}  ")]
        else:
            lines.append(f"{indent}{name}  {_word(value, name, inner, known)}")
    return lines


def _item(value: Any, currency: str | None, indent: str) -> list[str]:
    """One of a list, marked by a dash: its place is no number that a command would take."""
    lines = lines_of(value, currency, f"{indent}  ")
    return [f"{indent}- {lines[0].lstrip()}", *lines[1:]] if lines else []


def currency_of(value: Any) -> str | None:
    """The currency that a reply speaks of: its own, else that of a record in it."""
    own = getattr(value, "currency", None)
    if isinstance(own, str):
        return own
    found = (getattr(inner, "currency", None) for _, inner in _named(value))
    return next((each for each in found if isinstance(each, str)), None)


def order_of(value: Any) -> str | None:
    """The id of the order that a reply is about, where it says so."""
    for each in (value, *(inner for _, inner in _named(value))):
        found = getattr(each, "order", None)
        if isinstance(found, str):
            return found
    return None


def describe(order: Order) -> str:
    """An order in a few lines: what, for how much, and whose turn it is."""

    def shown(minor: str) -> str:
        return show_amount(minor, order.currency)

    lines = [
        f"order {order.id}: {order.status}",
        f"  {order.buyer} buys from {order.seller}"
        + (f", carried by {order.carrier}" if order.carrier else ""),
        *(f"  {_line(number, line, order)}" for number, line in enumerate(order.lines)),
        f"  total {shown(order.amount)}: seller {shown(order.proceeds)}, carrier {shown(order.freight)}, "
        f"fee {shown(order.fee)}",
    ]
    if order.due:
        lines.append(f"  next: {_next(order)}, until {order.due}")
    return "\n".join(lines)


def _line(number: int, line: Line, order: Order) -> str:
    price = line.price
    each = "" if price is None else f", {show_amount(price.unit_price, order.currency)} each"
    return f"line {number}: {line.quantity} of GTIN {line.gtin}{each}"


def _next(order: Order) -> str:
    """Whose turn it is. A return that was agreed on stands beside the order: see ``hansa returns show``."""
    if order.dispute is not None:
        return f"the arbitrator decides the dispute of {order.dispute}"
    if order.status == "placed":
        return f"{order.seller} accepts"
    if order.settlement != "whole":
        return f"see hansa {order.settlement} show"
    if order.status == "accepted":
        return f"{order.seller} ships"
    if order.status == "shipped":
        return f"{order.carrier or order.seller} delivers"
    return f"{order.buyer} confirms"


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(type(value)):
            yield field.name, getattr(value, field.name)
    elif isinstance(value, dict):
        yield from value.items()


def _has_fields(value: Any) -> bool:
    return isinstance(value, msgspec.Struct | dict)


def _word(owner: Any, name: str, value: Any, currency: str | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value}{_span(value)}" if _is_seconds(owner, name) else str(value)
    if not isinstance(value, str) or not value.isdecimal():
        return str(value)
    own = getattr(owner, f"{name}_currency", None)
    if own is not None:
        return show_amount(value, own)
    of_one = name == "amount" or not _has_two(owner)
    if currency is not None and of_one and name in _MONEY_WITH_CURRENCY:
        return show_amount(value, currency)
    return f"{value} minor units" if name in _MONEY else value


def _has_two(owner: Any) -> bool:
    """Whether a record speaks of two currencies: other amounts than its main one may be of either."""
    return any(name.endswith("_currency") for name, _ in _named(owner))


def _is_seconds(owner: Any, name: str) -> bool:
    if not isinstance(owner, msgspec.Struct):
        return False
    hint = get_type_hints(type(owner), include_extras=True).get(name)
    return name.endswith("_within") or _SECONDS in getattr(hint, "__metadata__", ())


def _span(seconds: int) -> str:
    """`` seconds``, and how long that is in days or hours where it is so many whole ones."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            count = seconds // size
            return f" seconds ({count} {unit}{'s' if count > 1 else ''})"
    return " seconds"

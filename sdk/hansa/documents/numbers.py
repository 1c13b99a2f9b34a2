"""Decimals of XML and minor units of the ledger, without a float between them."""

from __future__ import annotations

import re

from hansa.amounts import LARGEST, minor_units
from hansa.documents.errors import DocumentCode
from hansa.documents.reading import Element
from hansa.errors import RefusedError

_DECIMAL = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<whole>[0-9]{1,30})(?:\.(?P<part>[0-9]{0,30}))?|\.(?P<only>[0-9]{1,30}))"
)
_WHOLE = re.compile(r"\+?0{0,20}([0-9]{1,12})(?:\.0{0,10})?")
MAX_QUANTITY = 1_000_000_000


def decimals_of(currency: str, element: Element) -> int:
    """How many decimals a currency of ISO 4217 has; refuses any other at the element."""
    try:
        return minor_units(currency)
    except RefusedError:
        element.refuse(f"{currency!r} is no currency of ISO 4217.")


def amount(element: Element, currency: str, attribute: str) -> int:
    """Minor units of an amount whose attribute must name this currency (``currencyID``, ``Ccy``).

    Zeros beyond the currency's decimals are taken, other digits are not: nothing is rounded here.

    Raises:
        DocumentError: DOCUMENT_FIELD_INVALID.
    """
    said = element.attributes.get(attribute)
    if said != currency:
        element.refuse(f"{element.path} is in {said or 'no currency'}; the document is in {currency}.")
    return scaled(element, decimals_of(currency, element))


def scaled(element: Element, decimals: int) -> int:
    """An element's decimal in units of its last allowed place; negative ones are refused."""
    found = _DECIMAL.fullmatch(element.text)
    if found is None:
        element.refuse(f"{element.path} is no decimal number.")
    whole = found["whole"] or "0"
    part = (found["only"] if found["whole"] is None else found["part"]) or ""
    if part[decimals:].strip("0"):
        element.refuse(f"{element.text} has more than {decimals} decimals.")
    units = int(whole + part[:decimals].ljust(decimals, "0"))
    if found["sign"] == "-" and units:
        element.refuse(f"{element.path} is negative.")
    if units > LARGEST:
        element.refuse(f"{element.path} is more than an amount can be.")
    return units


def quantity(element: Element) -> int:
    """A whole quantity, above 0 and at most a thousand million.

    Raises:
        DocumentError: DOCUMENT_FIELD_INVALID; DOCUMENT_NOT_SUPPORTED for a fraction of a unit.
    """
    found = _WHOLE.fullmatch(element.text)
    if found is None:
        if _DECIMAL.fullmatch(element.text) and not element.text.startswith("-"):
            element.refuse(f"{element.text} is no whole number of units.", DocumentCode.NOT_SUPPORTED)
        element.refuse(f"{element.path} is no quantity.")
    return int(found[1])


def ordered(element: Element) -> int:
    """As ``quantity``, but at least one unit."""
    found = quantity(element)
    if not 1 <= found <= MAX_QUANTITY:
        element.refuse(f"{element.path} must be from 1 to {MAX_QUANTITY}.")
    return found


def written(minor: int, currency: str) -> str:
    """Minor units as XML writes them: ``12.50``, with a point and the currency's decimals."""
    decimals = minor_units(currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(decimals + 1, "0")
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)

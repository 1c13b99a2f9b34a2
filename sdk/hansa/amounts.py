"""Amounts as people write them (``12.50``), and as the ledger holds them (1250 minor units)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from hansa.errors import RefusedError, hint
from hansa_domain.error_codes import Code
from hansa_domain.iso4217 import MINOR_UNITS


def parse_amount(text: str, currency: str, field: str = "amount") -> int:
    """Minor units of an amount written in the currency's main unit with a decimal point.

    Args:
        text: such as ``12.50``; no sign, no thousands separator.
        currency: ISO 4217 code, which says how many decimals there may be.
        field: the field at fault, for the refusal.

    Raises:
        RefusedError: CURRENCY_UNKNOWN, or FIELD_INVALID for anything but such a number.
    """
    decimals = minor_units(currency)
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _invalid(f"{text!r} is no amount.", field) from None
    if not value.is_finite() or value < 0:
        raise _invalid(f"{text!r} is no amount: give a number from 0.", field)
    minor = value.scaleb(decimals)
    if minor != minor.to_integral_value():
        raise _invalid(f"{text} has more decimals than {currency}, which has {decimals}.", field)
    return int(minor)


def show_amount(minor: int | str, currency: str) -> str:
    """An amount for people: ``12.50 EUR``."""
    decimals = minor_units(currency)
    return f"{Decimal(int(minor)).scaleb(-decimals):.{decimals}f} {currency}"


def minor_units(currency: str) -> int:
    """How many decimals a currency has. Raises RefusedError (CURRENCY_UNKNOWN)."""
    try:
        return MINOR_UNITS[currency]
    except KeyError:
        code = Code.CURRENCY_UNKNOWN.value
        raise RefusedError(
            code, f"{currency!r} is no currency of ISO 4217.", hint(code), field="currency"
        ) from None


def _invalid(message: str, field: str) -> RefusedError:
    code = Code.FIELD_INVALID.value
    return RefusedError(code, message, hint(code), field=field)

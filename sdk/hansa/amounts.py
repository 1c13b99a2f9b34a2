"""Amounts as people write them (``12.50``), and as the ledger holds them (1250 minor units)."""

from __future__ import annotations

import re
from decimal import Decimal

from hansa.errors import RefusedError, hint
from hansa_domain.error_codes import Code
from hansa_domain.iso4217 import MINOR_UNITS

LARGEST = 10**18 - 1
"""The most that one amount can be, in minor units: 18 digits."""

_WRITTEN = re.compile(r"(?P<whole>[0-9]{1,40})(?:\.(?P<fraction>[0-9]{1,40}))?")


def parse_amount(text: str, currency: str, field: str = "amount") -> int:
    """Minor units of an amount written in the currency's main unit with a decimal point.

    Args:
        text: such as ``12.50``; no sign, no exponent, no thousands separator.
        currency: ISO 4217 code, which says how many decimals there may be.
        field: the field at fault, for the refusal.

    Raises:
        RefusedError: CURRENCY_UNKNOWN, AMOUNT_TOO_LARGE, or FIELD_INVALID for anything but such a number.
    """
    decimals = minor_units(currency)
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise _invalid(f"{text!r} is no amount: write it like 12.50, without sign or separators.", field)
    whole, fraction = written["whole"], written["fraction"] or ""
    if len(fraction) > decimals:
        # Not even zeros: elsewhere 1.500 means one thousand five hundred.
        raise _invalid(f"{text} has more decimals than {currency}, which has {decimals}.", field)
    minor = int(whole + fraction.ljust(decimals, "0"))
    if minor > LARGEST:
        code = Code.AMOUNT_TOO_LARGE.value
        raise RefusedError(code, f"{text} {currency} is more than an amount can be.", hint(code), field=field)
    return minor


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

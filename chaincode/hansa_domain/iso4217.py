"""ISO 4217: the codes of currencies people pay with, and how many decimals their minor unit has."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal

_TWO_DECIMALS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG
HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED
VES WST XCD XCG YER ZAR ZMW ZWG
"""

_BY_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: _TWO_DECIMALS,
    3: "BHD IQD JOD KWD LYD OMR TND",
}

MINOR_UNITS: dict[str, int] = {
    code: decimals for decimals, codes in _BY_DECIMALS.items() for code in codes.split()
}
"""Decimals of the minor unit by currency: 2 for EUR (cents), 0 for JPY, 3 for KWD."""


def shown(minor: int | str, code: str) -> str:
    """An amount in the main unit, for the sentence of a refusal: ``12.50 EUR``.

    Args:
        minor: minor units, not negative.
        code: a currency of ISO 4217; of another one minor units are said.
    """
    decimals = MINOR_UNITS.get(code)
    if decimals is None:
        return f"{minor} minor units of {code}"
    whole, part = divmod(int(minor), 10**decimals)
    return f"{whole}.{part:0{decimals}d} {code}" if decimals else f"{whole} {code}"


def minor_units(code: str, field: str) -> int:
    """Decimals of the currency's minor unit. Refuses CURRENCY_UNKNOWN for what ISO 4217 does not list."""
    decimals = MINOR_UNITS.get(code)
    if decimals is None:
        raise Refusal(Code.CURRENCY_UNKNOWN, f"{code} is not a currency of ISO 4217.", field)
    return decimals

"""A GS1 key as application identifiers: what an EPC URN and a Digital Link both say."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from hansa_domain.gs1.check_digit import has_valid_check_digit

CANONICAL_RESOLVER = "https://id.gs1.org/"

# What a Digital Link leaves unescaped of GS1's 82 characters (Digital Link 1.2, table of percent-encoding);
# letters, digits, "_", "." and "-" are never escaped.
_UNESCAPED = "';="

# Where a key carries a check digit: application identifier -> number of digits that end with it.
_CHECKED_DIGITS = {
    "00": 18,
    "01": 14,
    "253": 13,
    "255": 13,
    "402": 17,
    "414": 13,
    "417": 13,
    "8003": 14,
    "8006": 14,
    "8017": 18,
    "8018": 18,
}


@dataclass(frozen=True)
class Gs1Key:
    """A primary key and at most one qualifier, the most fine-grained one.

    Args:
        ai: application identifier of the primary key (``01`` GTIN, ``00`` SSCC, ``414`` GLN, ...).
        value: its value, not escaped; a GTIN always has 14 digits.
        qualifier: (application identifier, value not escaped), as ``("21", "2017")``; None for the bare key.
    """

    ai: str
    value: str
    qualifier: tuple[str, str] | None = None

    @property
    def uri(self) -> str:
        """The canonical Digital Link, reduced to the finest identification, as CBV 2.0 hashes it."""
        found = f"{CANONICAL_RESOLVER}{self.ai}/{quote(self.value, safe=_UNESCAPED)}"
        if self.qualifier is not None:
            found += f"/{self.qualifier[0]}/{quote(self.qualifier[1], safe=_UNESCAPED)}"
        return found

    @property
    def gtin(self) -> str | None:
        """The GTIN-14 where the key identifies trade items, else None."""
        if self.ai == "01":
            return self.value
        return self.value[:14] if self.ai == "8006" else None

    @property
    def instance(self) -> bool:
        """Whether it names one thing (a serial, a logistic unit, an asset) and not a class of things."""
        if self.ai in ("01", "8006"):
            return self.qualifier is not None and self.qualifier[0] in ("21", "235")
        if self.ai in ("8003", "253", "255"):
            return len(self.value) > _CHECKED_DIGITS[self.ai]
        return self.ai != "8010" or self.qualifier is not None

    @property
    def check_digit_right(self) -> bool:
        """Whether the check digit, where the key has one, is right."""
        digits = _CHECKED_DIGITS.get(self.ai)
        return digits is None or has_valid_check_digit(self.value[:digits])

"""EPC URNs (GS1 Tag Data Standard, 6.3): ``urn:epc:id``, ``urn:epc:class`` and ``urn:epc:idpat``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from hansa_domain.gs1.check_digit import check_digit
from hansa_domain.gs1.key import Gs1Key

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)")
_DIGITS = re.compile(r"[0-9]*")
_PREFIX = re.compile(r"[0-9]{6,12}")
_VISIBLE_ASCII = re.compile(r"[!-~]+")
_SERIAL = re.compile(r"(?:%[0-9A-Fa-f]{2}|[!'()*+,\-.0-9:;=A-Z_a-z])+")


@dataclass(frozen=True)
class _Scheme:
    """How a scheme spells a numeric key.

    Args:
        ai: application identifier of the key.
        digits: digits of company prefix and reference together.
        leading: what stands before them in the key.
        indicator: whether the reference's first digit moves to the front (GTIN, SSCC).
        serial: longest serial part in characters, 0 where the scheme has none.
        qualifier: application identifier of the serial, or "" where it follows the check digit directly.
    """

    ai: str
    digits: int
    leading: str = ""
    indicator: bool = False
    serial: int = 0
    qualifier: str = ""


_NUMERIC = {
    "sgtin": _Scheme("01", 13, indicator=True, serial=20, qualifier="21"),
    "lgtin": _Scheme("01", 13, indicator=True, serial=20, qualifier="10"),
    "upui": _Scheme("01", 13, indicator=True, serial=28, qualifier="235"),
    "sscc": _Scheme("00", 17, indicator=True),
    "sgln": _Scheme("414", 12, serial=20, qualifier="254"),
    "pgln": _Scheme("417", 12),
    "grai": _Scheme("8003", 12, leading="0", serial=16),
    "gdti": _Scheme("253", 12, serial=17),
    "sgcn": _Scheme("255", 12, serial=12),
    "gsrn": _Scheme("8018", 17),
    "gsrnp": _Scheme("8017", 17),
    "gsin": _Scheme("402", 16),
}
_PATTERNS = ("sgtin", "grai", "gdti", "sgcn", "upui")


def parse_epc_urn(uri: str) -> Gs1Key | None:
    """The key that an EPC, EPC class or EPC pattern URN names, or None where ``uri`` is none of GS1's."""
    found = _URN.fullmatch(uri)
    if found is None:
        return None
    kind, name, body = found.groups()
    if (kind == "class") != (name == "lgtin"):
        return None
    pattern = kind == "idpat"
    special = _SPECIAL.get(name)
    if special is not None:
        return special(body, pattern)
    scheme = _NUMERIC.get(name)
    if scheme is None or (pattern and name not in _PATTERNS):
        return None
    return _numeric(scheme, body, pattern)


def _numeric(scheme: _Scheme, body: str, pattern: bool) -> Gs1Key | None:
    parts = body.split(".", 2)
    if len(parts) != (3 if scheme.serial else 2):
        return None
    root = _root(parts[0], parts[1], scheme)
    if root is None:
        return None
    if pattern:
        return Gs1Key(scheme.ai, root) if parts[2] == "*" else None
    if not scheme.serial:
        return Gs1Key(scheme.ai, root)
    serial = _serial(parts[2], scheme.serial)
    if serial is None or (scheme.ai == "255" and not _DIGITS.fullmatch(serial)):
        return None
    if not scheme.qualifier:
        return Gs1Key(scheme.ai, root + serial)
    # An SGLN with extension 0 is the location itself.
    bare = scheme.ai == "414" and serial == "0"
    return Gs1Key(scheme.ai, root, None if bare else (scheme.qualifier, serial))


def _root(prefix: str, reference: str, scheme: _Scheme) -> str | None:
    if not _PREFIX.fullmatch(prefix) or not _DIGITS.fullmatch(reference):
        return None
    if len(prefix) + len(reference) != scheme.digits:
        return None
    digits = reference[:1] + prefix + reference[1:] if scheme.indicator else prefix + reference
    digits = scheme.leading + digits
    return digits + check_digit(digits)


def _serial(text: str, longest: int) -> str | None:
    if not _SERIAL.fullmatch(text):
        return None
    plain = unquote(text)
    # Anything else, such as bytes that are no UTF-8, would give several things one name.
    return plain if len(plain) <= longest and _VISIBLE_ASCII.fullmatch(plain) else None


def _giai(body: str, pattern: bool) -> Gs1Key | None:
    return None if pattern else _joined("8004", body)


def _ginc(body: str, pattern: bool) -> Gs1Key | None:
    return None if pattern else _joined("401", body)


def _joined(ai: str, body: str) -> Gs1Key | None:
    prefix, _, reference = body.partition(".")
    if not _PREFIX.fullmatch(prefix):
        return None
    rest = _serial(reference, 30 - len(prefix))
    return None if rest is None else Gs1Key(ai, prefix + rest)


def _cpi(body: str, pattern: bool) -> Gs1Key | None:
    root, _, serial = body.rpartition(".")
    found = _joined("8010", root)
    if found is None:
        return None
    if pattern:
        return found if serial == "*" else None
    if not 1 <= len(serial) <= 12 or not _DIGITS.fullmatch(serial):
        return None
    return Gs1Key("8010", found.value, ("8011", serial))


def _itip(body: str, pattern: bool) -> Gs1Key | None:
    parts = body.split(".", 4)
    if len(parts) != 5 or not all(re.fullmatch("[0-9]{2}", part) for part in parts[2:4]):
        return None
    root = _root(parts[0], parts[1], _NUMERIC["sgtin"])
    if root is None:
        return None
    value = root + parts[2] + parts[3]
    if pattern:
        return Gs1Key("8006", value) if parts[4] == "*" else None
    serial = _serial(parts[4], 20)
    return None if serial is None else Gs1Key("8006", value, ("21", serial))


_SPECIAL: dict[str, Callable[[str, bool], Gs1Key | None]] = {
    "giai": _giai,
    "ginc": _ginc,
    "cpi": _cpi,
    "itip": _itip,
}

"""GS1 Digital Links of any resolver domain (Digital Link URI Syntax 1.2)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from hansa_domain.gs1.key import Gs1Key

_CSET82 = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
_CSET39 = r"[#\-/0-9A-Z]"

_KEYS = {
    "00": re.compile(r"\d{18}", re.ASCII),
    "01": re.compile(r"\d{8}|\d{12}|\d{13}|\d{14}", re.ASCII),
    "253": re.compile(r"\d{13}" + _CSET82 + "{0,17}", re.ASCII),
    "255": re.compile(r"\d{13}\d{0,12}", re.ASCII),
    "401": re.compile(r"\d{4}" + _CSET82 + "{1,26}", re.ASCII),
    "402": re.compile(r"\d{17}", re.ASCII),
    "414": re.compile(r"\d{13}", re.ASCII),
    "417": re.compile(r"\d{13}", re.ASCII),
    "8003": re.compile(r"\d{14}" + _CSET82 + "{0,16}", re.ASCII),
    "8004": re.compile(r"\d{4}" + _CSET82 + "{1,26}", re.ASCII),
    "8006": re.compile(r"\d{18}", re.ASCII),
    "8010": re.compile(r"\d{4}" + _CSET39 + "{1,26}", re.ASCII),
    "8017": re.compile(r"\d{18}", re.ASCII),
    "8018": re.compile(r"\d{18}", re.ASCII),
}
_QUALIFIERS = {
    "01": ("22", "10", "21", "235"),
    "8006": ("22", "10", "21"),
    "414": ("254",),
    "8010": ("8011",),
}
_QUALIFIER_VALUES = {
    "10": re.compile(_CSET82 + "{1,20}"),
    "21": re.compile(_CSET82 + "{1,20}"),
    "22": re.compile(_CSET82 + "{1,20}"),
    "235": re.compile(_CSET82 + "{1,28}"),
    "254": re.compile(_CSET82 + "{1,20}"),
    "8011": re.compile(r"\d{1,12}", re.ASCII),
}
# Words that earlier releases of the standard allowed in place of the numbers.
_WORDS = {
    "gtin": "01",
    "itip": "8006",
    "cpid": "8010",
    "gln": "414",
    "party": "417",
    "gsrnp": "8017",
    "gsrn": "8018",
    "gcn": "255",
    "sscc": "00",
    "gdti": "253",
    "ginc": "401",
    "gsin": "402",
    "grai": "8003",
    "giai": "8004",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
}
_WEB = re.compile(r"https?://[^/?#\s]+/([^?#\s]+)")
# Of a GTIN's qualifiers the serial number is finer than the lot; a consumer product variant names no goods.
_FINEST = ("21", "235", "10", "254", "8011")


def parse_digital_link(uri: str) -> Gs1Key | None:
    """The key that a Digital Link carries, or None where ``uri`` is none (a web address, say).

    Query string and fragment are dropped; a GTIN gets 14 digits. The check digit is not examined here
    (``Gs1Key.check_digit_right`` says), since the event hash is defined for any digit.
    """
    web = _WEB.fullmatch(uri.split("#", 1)[0].split("?", 1)[0])
    if web is None:
        return None
    segments = [unquote(part) for part in web[1].rstrip("/").split("/")]
    for place in range(len(segments) - 1):
        found = _key_at(segments, place)
        if found is not None:
            return found
    return None


def _key_at(segments: list[str], place: int) -> Gs1Key | None:
    """The key that the segments from ``place`` on spell; no copy is made, since addresses may be long."""
    ai = _WORDS.get(segments[place], segments[place])
    pattern = _KEYS.get(ai)
    if pattern is None or (len(segments) - place) % 2 or not pattern.fullmatch(segments[place + 1]):
        return None
    value = segments[place + 1].zfill(14) if ai == "01" else segments[place + 1]
    qualifiers: dict[str, str] = {}
    for at in range(place + 2, len(segments), 2):
        name, text = segments[at], segments[at + 1]
        number = _WORDS.get(name, name)
        if number not in _QUALIFIERS.get(ai, ()) or number in qualifiers:
            return None
        if not _QUALIFIER_VALUES[number].fullmatch(text):
            return None
        qualifiers[number] = text
    finest = next(((number, qualifiers[number]) for number in _FINEST if number in qualifiers), None)
    return Gs1Key(ai, value, finest)

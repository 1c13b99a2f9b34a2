"""The kinds of value that EPCIS fields take, each checked at the field that holds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis.json_text import JsonObject, quoted
from hansa_domain.gs1 import parse

Check = Callable[[Any, str], None]

MAX_URI = 2048
MAX_PATH = 200

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_OFFSET = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
_UOM = re.compile(r"[A-Z0-9]{2,3}")
_HEX = re.compile(r"[A-Fa-f0-9]+")
_CBV_URI = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_VOCABULARY_URI = re.compile(r"https?://(?:www\.)?gs1\.org/voc/")
# EPC schemes that name GS1 keys: an EPC of these that does not parse is wrong, not merely unknown.
_GS1_SCHEMES = re.compile(
    r"urn:epc:(?:id:(?:sgtin|sscc|sgln|pgln|grai|giai|gsrn|gsrnp|gdti|cpi|sgcn|ginc|gsin|itip|upui)"
    r"|class:lgtin|idpat:(?:sgtin|grai|gdti|sgcn|cpi|itip|upui)):"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def invalid(field: str, says: str) -> Refusal:
    """The refusal of a value at ``field``; ``says`` completes the sentence."""
    return Refusal(Code.EPCIS_FIELD_INVALID, says, field)


def is_uri(text: str) -> bool:
    """Whether ``text`` has the form of an absolute URI (RFC 3986), at most MAX_URI characters."""
    return len(text) <= MAX_URI and _URI.fullmatch(text) is not None


def is_extension(name: str) -> bool:
    """Whether a field's name is a URI or compact URI, as extensions must be."""
    return is_uri(name)


def check_uri(value: Any, field: str) -> None:
    """A URI."""
    if not isinstance(value, str) or not is_uri(value):
        raise invalid(field, f"{shown(value)} is not a URI.")


def check_epc(value: Any, field: str) -> None:
    """A URI that, where it is a GS1 key, is a right one: form of the URN, check digit of the Digital Link."""
    check_uri(value, field)
    key = parse(value)
    if key is None and _GS1_SCHEMES.match(value):
        raise Refusal(Code.EPC_INVALID, f"{shown(value)} is not an EPC of its scheme.", field)
    if key is not None and not key.check_digit_right:
        raise Refusal(Code.EPC_INVALID, f"The check digit in {shown(value)} is wrong.", field)


def check_time(value: Any, field: str) -> None:
    """A date and time with zone."""
    milliseconds(value, field)


def milliseconds(value: Any, field: str) -> int:
    """A time (RFC 3339, as ``xsd:dateTimeStamp``) in Unix milliseconds; half a millisecond rounds up.

    Raises:
        Refusal: EPCIS_FIELD_INVALID at ``field``: another form, no zone, or no such date.
    """
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise invalid(field, f"{shown(value)} is not a date and time with zone (2026-01-31T08:00:00Z).")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction = ((found[7] or "") + "0000")[:4]
    shift = timedelta(0)
    if found[8] is not None:
        shift = timedelta(hours=int(found[9]), minutes=int(found[10])) * (-1 if found[8] == "-" else 1)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH - shift
        result = moment // timedelta(milliseconds=1) + (int(fraction) + 5) // 10
        _EPOCH + timedelta(milliseconds=result)
    except (ValueError, OverflowError) as error:
        raise invalid(field, f"{shown(value)} is no moment of any calendar day.") from error
    return result


def check_offset(value: Any, field: str) -> None:
    """An offset from UTC, from -14:00 to +14:00."""
    if not isinstance(value, str) or not _OFFSET.fullmatch(value):
        raise invalid(field, f"{shown(value)} is not an offset such as +02:00.")


def check_decimal(value: Any, field: str) -> None:
    """A JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid(field, f"{shown(value)} is not a number.")


def check_string(value: Any, field: str) -> None:
    """A text."""
    if not isinstance(value, str):
        raise invalid(field, f"{shown(value)} is not a text.")


def check_boolean(value: Any, field: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise invalid(field, f"{shown(value)} is not true or false.")


def check_hex(value: Any, field: str) -> None:
    """Hexadecimal digits."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise invalid(field, f"{shown(value)} is not in hexadecimal digits.")


def check_uom(value: Any, field: str) -> None:
    """A unit of measure of UN/CEFACT Recommendation 20."""
    if not isinstance(value, str) or not _UOM.fullmatch(value):
        raise invalid(field, f"{shown(value)} is not a unit of measure of two or three characters (KGM).")


def check_action(value: Any, field: str) -> None:
    """One of the three actions."""
    if value not in ("ADD", "OBSERVE", "DELETE"):
        raise invalid(field, f"{shown(value)} is not ADD, OBSERVE or DELETE.")


def term_of(terms: frozenset[str], what: str, foreign: re.Pattern[str] = _CBV_URI) -> Check:
    """A check: one of ``terms`` as a bare string, or the URI of somebody else's vocabulary.

    CBV's own terms must not be written as URNs in JSON-LD; ``foreign`` matches what is not somebody else's.
    """

    def check(value: Any, field: str) -> None:
        if isinstance(value, str) and (value in terms or (is_uri(value) and not foreign.match(value))):
            return
        raise invalid(field, f"{shown(value)} is not {what} of CBV 2.0, nor a URI of another vocabulary.")

    return check


def voc_term_of(terms: frozenset[str], what: str) -> Check:
    """As ``term_of`` for the GS1 Web Vocabulary, whose terms are bare strings too."""
    return term_of(terms, what, _VOCABULARY_URI)


def list_of(check: Check, *, at_least: int = 0, unique: bool = False) -> Check:
    """A check: an array whose members all pass ``check``."""

    def check_list(value: Any, field: str) -> None:
        if not isinstance(value, list):
            raise invalid(field, f"{shown(value)} is not a list.")
        if len(value) < at_least:
            raise invalid(field, f"At least {at_least} must be named.")
        for place, member in enumerate(value):
            check(member, f"{field}[{place}]")
        if unique:
            seen: set[str] = set()
            for place, member in enumerate(value):
                if member in seen:
                    raise invalid(f"{field}[{place}]", f"{shown(member)} stands twice in the list.")
                seen.add(member)

    return check_list


def object_of(checks: dict[str, Check], *, required: tuple[str, ...] = (), extensible: bool = True) -> Check:
    """A check: an object of these fields, and of extensions (names that are URIs) where it is extensible."""

    def check_object(value: Any, field: str) -> None:
        if not isinstance(value, dict):
            raise invalid(field, f"{shown(value)} is not an object.")
        check_fields(value, checks, required=required, extensible=extensible, field=field)

    return check_object


def check_fields(
    value: JsonObject, checks: dict[str, Check], *, required: tuple[str, ...], extensible: bool, field: str
) -> None:
    """Checks each field of an object; ``field`` is the object's own path, empty at the top.

    Raises:
        Refusal: EPCIS_FIELD_MISSING, EPCIS_FIELD_NOT_ALLOWED, or what a field's check says.
    """
    for name in required:
        if name not in value:
            raise Refusal(Code.EPCIS_FIELD_MISSING, f"{name} is required here.", path(field, name))
    for name, member in value.items():
        check = checks.get(name)
        if check is not None:
            check(member, path(field, name))
        elif not extensible or not is_extension(name):
            raise Refusal(
                Code.EPCIS_FIELD_NOT_ALLOWED, f"EPCIS defines no {shown(name)} here.", path(field, name)
            )


def path(field: str, name: str) -> str:
    """The dotted path of a member, not too long for a refusal."""
    return (f"{field}.{name}" if field else name)[:MAX_PATH]


def shown(value: Any) -> str:
    """A value as a refusal shows it, not too much of it."""
    if isinstance(value, str):
        return quoted(value[:80])
    return (
        "this list" if isinstance(value, list) else "this object" if isinstance(value, dict) else str(value)
    )

"""The forms of a field: what a string or number must look like before any rule is asked."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

FORMS: dict[str, str] = {}
"""What each pattern means, for the sentence of a refusal."""


def form(pattern: str, meaning: str, max_length: int | None = None) -> Meta:
    """A constraint on a string, with the words that a refusal says when it is broken.

    Args:
        pattern: what the whole string must match, without anchors.
        meaning: completes "must be ...".
        max_length: in characters.
    """
    # "$(?!\n)" instead of "$": Python's dollar also matches before a last line feed.
    whole = rf"^(?:{pattern})$(?!\n)"
    FORMS[whole] = meaning
    return Meta(pattern=whole, description=meaning, max_length=max_length)


_MSP = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
_ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"

Amount = Annotated[
    str, form(r"0|[1-9][0-9]{0,17}", "a whole number of minor units as a string, at most 18 digits, unsigned")
]
Ulid = Annotated[str, form(_ULID, "a ULID in upper case")]
MspId = Annotated[str, form(_MSP, "the MSP id of an organisation")]
EntityId = Annotated[
    str, form(rf"{_MSP}\.{_ULID}", "an id such as RetailerMSP.01JD8QK3M4N5P6R7S8T9V0W1X2, as lists show it")
]
NoteId = Annotated[
    str, form(rf"{_MSP}\.{_ULID}\.(0|[1-9][0-9]{{0,2}})", "an id of the form <MSP id>.<ULID>.<number>")
]
AlertId = Annotated[
    str, form(rf"{_MSP}\.{_ULID}\.(0|[1-9][0-9]{{0,4}})", "an id of the form <MSP id>.<ULID>.<number>")
]
Owner = Annotated[
    str,
    form(rf"{_MSP}(/[a-z0-9-]{{1,32}})?", "an account: an MSP id, or MSP id/name with a name of a-z, 0-9, -"),
]
CurrencyCode = Annotated[str, form("[A-Z]{3}", "an ISO 4217 currency code such as EUR")]
CountryCode = Annotated[str, form("[A-Z]{2}", "an ISO 3166-1 alpha-2 country code such as NL")]
# GS1 keys are judged by hansa_domain.gs1, so that a wrong length and a wrong check digit are one code.
Gtin = Annotated[str, Meta(max_length=64, description="GTIN-8, -12, -13 or -14, with check digit.")]
Gln = Annotated[str, Meta(max_length=64, description="GLN of 13 digits, with check digit.")]
Sscc = Annotated[str, Meta(max_length=64, description="SSCC of 18 digits, with check digit.")]
Epc = Annotated[str, form(r"[^\x00-\x20\x7f]+", "an EPC URI or GS1 Digital Link without spaces", 256)]
Sha256Hex = Annotated[str, form("[0-9a-f]{64}", "a SHA-256 in 64 lower-case hexadecimal digits")]
Salt = Annotated[str, form("([0-9a-f]{2}){16,64}", "16 to 64 bytes in lower-case hexadecimal digits")]
_NOT_BLANK = r"[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"
Name = Annotated[str, form(_NOT_BLANK, "text that is not blank, without control characters", 200)]
Text = Annotated[str, form(r"[^\x00-\x1f\x7f]*", "text without control characters", 1000)]
Reference = Annotated[str, form(_NOT_BLANK, "text that is not blank, without control characters", 64)]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Bucket = Annotated[int, Meta(ge=0, le=255)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
Seconds = Annotated[int, Meta(ge=1, le=31_536_000, description="Seconds, from 1 to a year of 365 days.")]
Moment = Annotated[
    str,
    form(
        r"20[0-9]{2}-(0[1-9]|1[0-2])-[0-3][0-9]T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z",
        "a time such as 2027-01-15T08:00:00.000Z, UTC",
    ),
]
PageLimit = Annotated[int, Meta(ge=1, le=1000)]
Bookmark = Annotated[str, Meta(max_length=1024)]

Day = Annotated[str, form(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date such as 2027-01-15")]

Timestamp = str
"""RFC 3339, UTC, milliseconds; written by the ledger, never read from a command."""

Role = Literal["producer", "retailer", "carrier", "bank", "regulator"]

"""Documents that mean harm, or nothing at all: refused with a code and never with a fault of the program."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hansa import iso20022, ubl
from hansa.documents import reading
from hansa.documents.errors import DocumentError
from tests.unit.hansa_documents.test_iso20022 import PAYMENTS
from tests.unit.hansa_documents.test_ubl import ORDER

GOOD = [ubl.write(ORDER), iso20022.pain001.write(PAYMENTS)]
READERS = [ubl.read, iso20022.pain001.read, iso20022.camt053.read, iso20022.pacs008.read]
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE Order [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2">&b;</Order>"""
OUTSIDE = BOMB.replace(b'<!ENTITY a "aaaaaaaaaa">', b'<!ENTITY a SYSTEM "file:///etc/passwd">')


def deep(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "DOCUMENT_MALFORMED"),
        (b"not XML", "DOCUMENT_MALFORMED"),
        (b"\x00\x00\x00", "DOCUMENT_MALFORMED"),
        (b"<a>", "DOCUMENT_MALFORMED"),
        (b"<a/><b/>", "DOCUMENT_MALFORMED"),
        (b"<a>&unknown;</a>", "DOCUMENT_MALFORMED"),
        (b"<a>&#0;</a>", "DOCUMENT_MALFORMED"),
        (b"<a>\x01</a>", "DOCUMENT_MALFORMED"),
        (b"<a>\xff</a>", "DOCUMENT_MALFORMED"),
        (b'<a b="1" b="2"/>', "DOCUMENT_MALFORMED"),
        (b"<x:a/>", "DOCUMENT_MALFORMED"),
        (BOMB, "DOCUMENT_MALFORMED"),
        (OUTSIDE, "DOCUMENT_MALFORMED"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "DOCUMENT_MALFORMED"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "DOCUMENT_MALFORMED"),
        (b'<?xml version="1.0" encoding="hex"?><a/>', "DOCUMENT_MALFORMED"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "DOCUMENT_MALFORMED"),
        ("<a/>".encode("utf-16"), "DOCUMENT_MALFORMED"),
        ("<a/>".encode("utf-32"), "DOCUMENT_MALFORMED"),
        (deep(reading.MAX_DEPTH + 1), "DOCUMENT_TOO_LARGE"),
        (deep(200_000), "DOCUMENT_TOO_LARGE"),
        (b"<a>" + b"<b/>" * reading.MAX_ELEMENTS + b"</a>", "DOCUMENT_TOO_LARGE"),
        (b"<a>" + b"x" * (reading.MAX_TEXT + 1) + b"</a>", "DOCUMENT_TOO_LARGE"),
        (b"<a " + b" ".join(b'b%d="1"' % n for n in range(40)) + b"/>", "DOCUMENT_TOO_LARGE"),
        (b"<a>" + b" " * reading.MAX_BYTES + b"</a>", "DOCUMENT_TOO_LARGE"),
        (b"<a/>", "DOCUMENT_KIND_UNKNOWN"),
        (b'<Order xmlns="urn:else"/>', "DOCUMENT_KIND_UNKNOWN"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.999.001.01"/>', "DOCUMENT_KIND_UNKNOWN"),
    ],
)
def test_harm_is_refused_by_every_reader(raw: bytes, code: str) -> None:
    for read in READERS:
        with pytest.raises(DocumentError) as error:
            read(raw)
        assert error.value.code == code
        assert error.value.hint


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_document_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(GOOD)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        piece = data.draw(
            st.binary(max_size=4)
            | st.sampled_from(
                [b"<", b">", b"&", b"</cbc:ID>", b"<cac:Item>", b"9" * 50, b"-", b"\xc2\xa0", b"1e9"]
            )
        )
        raw[at : at + data.draw(st.integers(0, 30))] = piece
        if not raw:
            return
    for read in READERS:
        try:
            read(bytes(raw))
        except DocumentError as error:
            assert error.code.startswith("DOCUMENT_")  # anything else is a fault


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_elements_taken_out_doubled_or_moved_are_read_or_refused(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(GOOD)).splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at, other = (data.draw(st.integers(2, len(lines) - 2)) for _ in range(2))
        act = data.draw(st.sampled_from(["out", "double", "swap"]))
        if act == "out":
            lines[at] = b""
        elif act == "double":
            lines[at] = lines[at] * 2
        else:
            lines[at], lines[other] = lines[other], lines[at]
    for read in READERS:
        try:
            read(b"\n".join(lines))
        except DocumentError as error:
            assert error.code.startswith("DOCUMENT_")  # anything else is a fault


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_noise_is_refused(raw: bytes) -> None:
    for read in READERS:
        with pytest.raises(DocumentError):
            read(raw)

"""The little of DER (ITU-T X.690) that block headers and certificates need beyond the libraries."""

from __future__ import annotations

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
SEQUENCE = 0x30


def encode(tag: int, content: bytes) -> bytes:
    """One element: tag, length in its shortest form, content."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def unsigned(number: int) -> bytes:
    """An INTEGER that is not negative; one octet more than it needs where its top bit is set."""
    return encode(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def content_start(element: bytes) -> int:
    """Offset of an element's content behind its tag and length (one-octet tag, definite length)."""
    return 2 if element[1] < 0x80 else 2 + (element[1] & 0x7F)

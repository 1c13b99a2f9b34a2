"""The registry of error codes. A code is never renamed and never reused; each says what to do."""

from __future__ import annotations

from enum import Enum


class Code(Enum):
    """Every way Hansa refuses. The member's value is what travels; ``HINTS`` says what to do about it."""

    MALFORMED_DOCUMENT = "MALFORMED_DOCUMENT"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    UNKNOWN_FUNCTION = "UNKNOWN_FUNCTION"
    FIELD_INVALID = "FIELD_INVALID"
    COMMAND_ID_REUSED = "COMMAND_ID_REUSED"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    NOT_PERMITTED = "NOT_PERMITTED"
    GTIN_INVALID = "GTIN_INVALID"
    GLN_INVALID = "GLN_INVALID"
    SSCC_INVALID = "SSCC_INVALID"


HINTS: dict[Code, str] = {
    Code.MALFORMED_DOCUMENT: "Send one JSON document with the fields the operation names.",
    Code.DOCUMENT_TOO_LARGE: "Send less at once: split the document.",
    Code.UNKNOWN_FUNCTION: "Ask GetMetadata for the operations of this chaincode.",
    Code.FIELD_INVALID: "Correct the field that the error names.",
    Code.COMMAND_ID_REUSED: "Take a fresh id for a new command, or send exactly the same content again.",
    Code.NOT_A_MEMBER: "Your organisation must be a member of the consortium first.",
    Code.NOT_PERMITTED: "Only the party named in the rule may take this step.",
    Code.GTIN_INVALID: "Give the GTIN as printed under the barcode, check digit included.",
    Code.GLN_INVALID: "Give the GLN of 13 digits, check digit included.",
    Code.SSCC_INVALID: "Give the SSCC of 18 digits, check digit included.",
}

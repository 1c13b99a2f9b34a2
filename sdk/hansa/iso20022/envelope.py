"""What ISO 20022's messages have in common: envelopes, accounts, parties, amounts."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import msgspec

from hansa.documents.errors import DocumentCode, DocumentError
from hansa.documents.numbers import decimals_of, scaled, written
from hansa.documents.reading import Element, parse
from hansa.documents.writing import Node, document, optional
from hansa.ids import derived_id
from hansa_domain.fields import Owner

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:{}"
PREFIXES = {"": ""}
MAX_ID = 35
"""Max35Text: as long as an id of ISO 20022 may be."""
MAX_ACCOUNT = 34
"""Max34Text: as long as an account's own id may be there."""
LONG_ACCOUNT = "HANSA:DIGEST"
"""Names the scheme of an id that stands for a longer account, which is then in ``Prxy``."""
MAX_DIGITS = 18
"""As many as an amount or a sum may have."""
NOT_PROVIDED = "NOTPROVIDED"
"""What banks write where nobody gave an end-to-end id."""
GLN_CODE = "GS1G"
"""ExternalOrganisationIdentification1Code: GLN of GS1."""
MSP = "HANSA:MSP"

_ACCOUNT = msgspec.json.Decoder(Owner)
_MESSAGE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2})")


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A company by any of its ids; ``name`` is for people, and stays in the document."""

    lei: str | None = None
    gln: str | None = None
    msp_id: str | None = None
    name: str | None = None


def open_message(raw: bytes, versions: Sequence[str], content: str) -> Element:
    """The content of a message, below ``Document``.

    Args:
        raw: the message.
        versions: which messages are read, such as ``pain.001.001.09``.
        content: what lies in the envelope, such as ``CstmrCdtTrfInitn``.

    Raises:
        DocumentError: DOCUMENT_MALFORMED, DOCUMENT_TOO_LARGE or DOCUMENT_KIND_UNKNOWN.
    """
    root = parse(raw, PREFIXES)
    found = _MESSAGE.fullmatch(root.namespace)
    if root.name != "Document" or found is None or found[1] not in versions:
        said = found[1] if found else f"{root.name} of namespace {root.namespace or '(none)'}"
        raise DocumentError(
            DocumentCode.KIND_UNKNOWN, f"{said} is not read here; {', '.join(versions)} is.", root.path
        )
    return root.get(content)


def write_message(version: str, content: Node) -> bytes:
    """A message in its envelope."""
    return document(Node("Document", [content]), {"": NAMESPACE.format(version)})


def read_id(element: Element, path: str) -> str:
    """An id of at most 35 characters."""
    return element.value(path, MAX_ID)


def read_time(element: Element, path: str) -> str:
    """A moment, as the document writes it."""
    found = element.get(path)
    try:
        datetime.datetime.fromisoformat(found.said(40))
    except ValueError:
        found.refuse(f"{found.text} is no time such as 2026-11-28T12:00:00Z.")
    return found.text


def read_day(element: Element) -> str:
    """A day, as ``2026-11-28``."""
    try:
        return datetime.date.fromisoformat(element.said()[:10]).isoformat()
    except ValueError:
        element.refuse(f"{element.text} is no day such as 2026-11-28.")


def read_money(element: Element) -> tuple[str, int]:
    """The currency of an amount, and its minor units."""
    currency = element.attributes.get("Ccy", "")
    return currency, scaled(element, decimals_of(currency, element))


def money(name: str, currency: str, minor: int) -> Node:
    """An amount, never negative; ``CdtDbtInd`` beside it says which way.

    Raises:
        DocumentError: DOCUMENT_TOO_LARGE, for a balance of more than 18 digits.
    """
    if len(str(minor)) > MAX_DIGITS:
        raise DocumentError(DocumentCode.TOO_LARGE, f"ISO 20022 has no amount of {minor} minor units.", name)
    return Node(name, written(minor, currency), Ccy=currency)


def read_account(element: Element) -> str:
    """An account of the ledger (``MSP`` or ``MSP/name``) from a cash account's ``Prxy`` or ``Id``."""
    proxy = element.find("Prxy/Id")
    if proxy is None:
        if element.find("Id/IBAN") is not None:
            element.get("Id/IBAN").refuse(
                "An account of the ledger has no IBAN: give it as Id/Othr/Id.", DocumentCode.NOT_SUPPORTED
            )
        proxy = element.get("Id/Othr/Id")
    account = proxy.said(128)
    try:
        _ACCOUNT.decode(msgspec.json.encode(account))
    except msgspec.ValidationError:
        proxy.refuse(f"{account!r} is no account: write MSP or MSP/name.")
    return account


def write_account(name: str, account: str, currency: str | None = None) -> Node:
    """A cash account; one whose id is too long for ISO 20022 gets a short one, and stands in ``Prxy``."""
    short = len(account) <= MAX_ACCOUNT
    scheme = None if short else Node("SchmeNm", [Node("Prtry", LONG_ACCOUNT)])
    other = Node("Othr", [Node("Id", account if short else derived_id(account)), scheme])
    proxy = None if short else Node("Prxy", [Node("Id", account)])
    return Node(name, [Node("Id", [other]), optional("Ccy", currency), proxy])


def read_party(element: Element) -> Party:
    """A company from a party such as ``Cdtr``."""
    found: dict[str, str] = {}
    organisation = element.find("Id/OrgId")
    if organisation is not None:
        lei = organisation.optional("LEI", 20)
        if lei is not None:
            found["lei"] = lei
        for other in organisation.all("Othr"):
            code = other.optional("SchmeNm/Cd") or other.optional("SchmeNm/Prtry")
            kind = {GLN_CODE: "gln", "GLN": "gln", MSP: "msp_id", "MSP": "msp_id"}.get(code or "")
            if kind is not None:
                found.setdefault(kind, other.value("Id", 64))
    return Party(**found, name=element.optional("Nm", 140))


def write_party(name: str, party: Party) -> Node:
    """A company."""
    others = [
        Node("Othr", [Node("Id", value), Node("SchmeNm", [Node(kind, scheme)])])
        for value, kind, scheme in ((party.gln, "Cd", GLN_CODE), (party.msp_id, "Prtry", MSP))
        if value is not None and len(value) <= MAX_ID
    ]
    organisation = [optional("LEI", party.lei), *others]
    content = [Node("OrgId", organisation)] if any(each is not None for each in organisation) else []
    return Node(name, [optional("Nm", party.name), Node("Id", content) if content else None])


def agent(name: str, msp_id: str) -> Node:
    """The institution that serves an account: the member by whose peer the ledger is reached."""
    other = Node("Othr", [Node("Id", msp_id[:MAX_ID])])
    return Node(name, [Node("FinInstnId", [other])])

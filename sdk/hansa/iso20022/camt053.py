"""ISO 20022 camt.053: a bank's statement to its customer."""

from __future__ import annotations

import re

import msgspec

from hansa.documents.errors import DocumentCode
from hansa.documents.numbers import amount as read_amount
from hansa.documents.numbers import decimals_of, written
from hansa.documents.reading import Element
from hansa.documents.writing import Node, optional
from hansa.iso20022 import envelope as c
from hansa.statements import Entry, Part, Statement

VERSION = "camt.053.001.08"
_CONTENT = "BkToCstmrStmt"
ISSUER = "HANSA"

_CODES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "mint": (("CNTR", "CDPT"), ("CNTR", "CDPT")),
    "burn": (("CNTR", "CWDL"), ("CNTR", "CWDL")),
    "transfer": (("RCDT", "BOOK"), ("ICDT", "BOOK")),
    "refill": (("RCDT", "BOOK"), ("ICDT", "BOOK")),
    "sweep": (("RCDT", "BOOK"), ("ICDT", "BOOK")),
    "mandate": (("IDDT", "PMDD"), ("RDDT", "PMDD")),
}
"""By reason: family and sub-family of the external bank transaction codes, in and out, in domain PMNT."""
_OTHER = (("RCDT", "OTHR"), ("ICDT", "OTHR"))
_MORE = re.compile(r"/(TXID|ORDR|CMND|DOCM)/([^/\s]+)")
_PLACE = re.compile(r"([0-9]{1,12})-([0-9]{1,9})-([0-9]{1,9})")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The message: its id, when it was made, and the statement. ``servicer`` is the currency's issuer."""

    id: str
    created: str
    statement: Statement
    servicer: str | None = None


def write(report: Report) -> bytes:
    """The message as camt.053.001.08; the same bytes each time."""
    found = report.statement
    account = c.write_account("Acct", found.account, found.currency)
    if report.servicer is not None:
        account = Node("Acct", [*_nodes(account), c.agent("Svcr", report.servicer)])
    header = Node("GrpHdr", [Node("MsgId", report.id), Node("CreDtTm", report.created)])
    content = Node(
        "Stmt",
        [
            Node("Id", report.id),
            Node("CreDtTm", report.created),
            Node("FrToDt", [Node("FrDtTm", found.start), Node("ToDtTm", found.end)]),
            account,
            _balance("OPBD", found, found.opening, found.start),
            _balance("CLBD", found, found.closing, found.end),
            _summary(found),
            *(_entry(entry, found) for entry in found.entries),
        ],
    )
    return c.write_message(VERSION, Node(_CONTENT, [header, content]))


def _nodes(node: Node) -> list[Node | None]:
    return [each for each in node.content or () if not isinstance(each, str)]


def _way(amount: int) -> Node:
    return Node("CdtDbtInd", "DBIT" if amount < 0 else "CRDT")


def _balance(code: str, found: Statement, amount: int, at: str) -> Node:
    kind = Node("Tp", [Node("CdOrPrtry", [Node("Cd", code)])])
    return Node(
        "Bal",
        [kind, c.money("Amt", found.currency, abs(amount)), _way(amount), Node("Dt", [Node("DtTm", at)])],
    )


def _summary(found: Statement) -> Node:
    def total(name: str, entries: list[Entry]) -> Node:
        minor = sum(abs(entry.amount) for entry in entries)
        sum_ = Node("Sum", written(minor, found.currency)) if len(str(minor)) <= c.MAX_DIGITS else None
        return Node(name, [Node("NbOfNtries", str(len(entries))), sum_])

    incoming = [entry for entry in found.entries if entry.amount > 0]
    outgoing = [entry for entry in found.entries if entry.amount < 0]
    return Node(
        "TxsSummry",
        [
            Node("TtlNtries", [Node("NbOfNtries", str(len(found.entries)))]),
            total("TtlCdtNtries", incoming),
            total("TtlDbtNtries", outgoing),
        ],
    )


def _entry(entry: Entry, found: Statement) -> Node:
    family, sub = _CODES.get(entry.reason, _OTHER)[entry.amount < 0]
    domain = Node("Domn", [Node("Cd", "PMNT"), Node("Fmly", [Node("Cd", family), Node("SubFmlyCd", sub)])])
    own = Node("Prtry", [Node("Cd", entry.reason), Node("Issr", ISSUER)])
    more = {"TXID": entry.transaction_id, "ORDR": entry.order, "CMND": entry.command, "DOCM": entry.document}
    said = " ".join(f"/{name}/{value}" for name, value in more.items() if value)
    return Node(
        "Ntry",
        [
            Node("NtryRef", entry.reference),
            c.money("Amt", found.currency, abs(entry.amount)),
            _way(entry.amount),
            Node("Sts", [Node("Cd", "BOOK")]),
            Node("BookgDt", [Node("DtTm", entry.at)]),
            Node("ValDt", [Node("DtTm", entry.at)]),
            Node("BkTxCd", [domain, own]),
            Node("NtryDtls", [_part(part, entry, found) for part in entry.parts]),
            optional("AddtlNtryInf", said or None),
        ],
    )


def _part(part: Part, entry: Entry, found: Statement) -> Node:
    out = entry.amount < 0
    reference = part.reference
    ids = [
        Node("EndToEndId", c.NOT_PROVIDED if reference is None or len(reference) > c.MAX_ID else reference),
        Node("TxId", entry.reference),
    ]
    parties = None
    if part.counterparty is not None:
        name = "Cdtr" if out else "Dbtr"
        msp_id = part.counterparty.partition("/")[0]
        pair = [Node(name, [_organisation(msp_id)]), c.write_account(f"{name}Acct", part.counterparty)]
        parties = Node("RltdPties", pair)
    words = None
    if reference is not None and len(reference) > c.MAX_ID:
        words = Node("RmtInf", [Node("Ustrd", reference)])
    return Node(
        "TxDtls",
        [
            Node("Refs", ids),
            c.money("Amt", found.currency, part.amount),
            _way(entry.amount),
            parties,
            words,
        ],
    )


def _organisation(msp_id: str) -> Node:
    """In this version a related party is a choice of party and agent."""
    party = c.write_party("Pty", c.Party(msp_id=msp_id))
    return party if _nodes(party) and any(_nodes(party)) else Node("Pty", [Node("Nm", msp_id)])


def read(raw: bytes) -> Report:
    """A statement from its bytes: what it says, with balances and sums checked. Raises DocumentError."""
    root = c.open_message(raw, (VERSION,), _CONTENT)
    element = root.get("Stmt")
    account = c.read_account(element.get("Acct"))
    currency = element.value("Acct/Ccy", 3)
    decimals_of(currency, element.get("Acct/Ccy"))
    balances = {each.value("Tp/CdOrPrtry/Cd", 4): each for each in element.all("Bal")}
    opening, closing = (_read_balance(element, balances, code, currency) for code in ("OPBD", "CLBD"))
    entries = tuple(_read_entry(each, currency) for each in element.all("Ntry"))
    if opening + sum(entry.amount for entry in entries) != closing:
        balances["CLBD"].refuse("Opening balance and entries do not come to it.", DocumentCode.TOTALS_DIFFER)
    servicer = element.find("Acct/Svcr/FinInstnId/Othr/Id")
    return Report(
        id=c.read_id(element, "Id"),
        created=c.read_time(element, "CreDtTm"),
        servicer=None if servicer is None else servicer.said(c.MAX_ID),
        statement=Statement(
            account=account,
            currency=currency,
            start=c.read_time(element, "FrToDt/FrDtTm"),
            end=c.read_time(element, "FrToDt/ToDtTm"),
            opening=opening,
            closing=closing,
            entries=entries,
        ),
    )


def _read_balance(statement: Element, balances: dict[str, Element], code: str, currency: str) -> int:
    if code not in balances:
        statement.refuse(f"It has no balance {code}.", DocumentCode.FIELD_MISSING)
    return _signed(balances[code], currency)


def _signed(element: Element, currency: str) -> int:
    way = element.get("CdtDbtInd")
    if way.text not in {"CRDT", "DBIT"}:
        way.refuse(f"{way.text} is neither CRDT nor DBIT.")
    found = read_amount(element.get("Amt"), currency, "Ccy")
    return -found if way.text == "DBIT" else found


def _read_entry(element: Element, currency: str) -> Entry:
    place = element.get("NtryRef")
    found = _PLACE.fullmatch(place.text)
    if found is None:
        place.refuse(f"{place.text} is no place on the ledger.")
    amount = _signed(element, currency)
    details = element.find("NtryDtls")
    parts = () if details is None else tuple(_read_part(each, currency) for each in details.all("TxDtls"))
    more = dict(_MORE.findall(element.optional("AddtlNtryInf", 500) or ""))
    return Entry(
        at=c.read_time(element, "BookgDt/DtTm"),
        block=int(found[1]),
        position=int(found[2]),
        number=int(found[3]),
        transaction_id=more.get("TXID", ""),
        reason=element.value("BkTxCd/Prtry/Cd", 35),
        amount=amount,
        parts=parts,
        order=more.get("ORDR"),
        command=more.get("CMND"),
        document=more.get("DOCM"),
    )


def _read_part(element: Element, currency: str) -> Part:
    given = element.value("Refs/EndToEndId", c.MAX_ID)
    words = element.optional("RmtInf/Ustrd", 140)
    account = element.find("RltdPties/CdtrAcct") or element.find("RltdPties/DbtrAcct")
    return Part(
        amount=read_amount(element.get("Amt"), currency, "Ccy"),
        counterparty=None if account is None else c.read_account(account),
        reference=words or (None if given == c.NOT_PROVIDED else given),
    )

"""ISO 20022 pacs.008: a credit transfer that was carried out, as one institution tells another."""

from __future__ import annotations

import msgspec

from hansa.documents.errors import DocumentCode
from hansa.documents.reading import Element
from hansa.documents.writing import Node, optional
from hansa.iso20022 import envelope as c

VERSION = "pacs.008.001.08"
_CONTENT = "FIToFICstmrCdtTrf"


class CreditTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer of a transaction; minor units of ``currency``. ``settled`` is the day in UTC.

    ``remittance`` is a public reference that is too long for an end-to-end id.
    """

    end_to_end_id: str
    currency: str
    amount: int
    settled: str
    debtor: c.Party
    debtor_account: str
    creditor: c.Party
    creditor_account: str
    transaction: str | None = None
    remittance: str | None = None


class CreditTransfers(msgspec.Struct, frozen=True, kw_only=True):
    """The transfers of one committed transaction."""

    id: str
    created: str
    transfers: tuple[CreditTransfer, ...]


def write(message: CreditTransfers) -> bytes:
    """The message as pacs.008.001.08; the same bytes each time."""
    # The ledger's own notes change hands: settlement is by the instructing agent, in its books.
    settlement = Node("SttlmInf", [Node("SttlmMtd", "INDA")])
    header = Node(
        "GrpHdr",
        [
            Node("MsgId", message.id),
            Node("CreDtTm", message.created),
            Node("NbOfTxs", str(len(message.transfers))),
            settlement,
        ],
    )
    return c.write_message(VERSION, Node(_CONTENT, [header, *(_written(each) for each in message.transfers)]))


def _written(transfer: CreditTransfer) -> Node:
    words = None
    if transfer.remittance is not None:
        words = Node("RmtInf", [Node("Ustrd", transfer.remittance)])
    ids = [Node("EndToEndId", transfer.end_to_end_id), optional("TxId", transfer.transaction)]
    return Node(
        "CdtTrfTxInf",
        [
            Node("PmtId", ids),
            c.money("IntrBkSttlmAmt", transfer.currency, transfer.amount),
            Node("IntrBkSttlmDt", transfer.settled),
            Node("ChrgBr", "SLEV"),
            c.write_party("Dbtr", transfer.debtor),
            c.write_account("DbtrAcct", transfer.debtor_account),
            c.agent("DbtrAgt", transfer.debtor_account.partition("/")[0]),
            c.agent("CdtrAgt", transfer.creditor_account.partition("/")[0]),
            c.write_party("Cdtr", transfer.creditor),
            c.write_account("CdtrAcct", transfer.creditor_account),
            words,
        ],
    )


def read(raw: bytes) -> CreditTransfers:
    """A message from its bytes. Raises DocumentError."""
    root = c.open_message(raw, (VERSION,), _CONTENT)
    header = root.get("GrpHdr")
    elements = root.all("CdtTrfTxInf")
    if not elements:
        root.get("CdtTrfTxInf")
    count = header.get("NbOfTxs")
    if count.text != str(len(elements)):
        count.refuse(f"There are {len(elements)} transfers, not {count.text}.", DocumentCode.TOTALS_DIFFER)
    return CreditTransfers(
        id=c.read_id(header, "MsgId"),
        created=c.read_time(header, "CreDtTm"),
        transfers=tuple(_transfer(each) for each in elements),
    )


def _transfer(element: Element) -> CreditTransfer:
    currency, minor = c.read_money(element.get("IntrBkSttlmAmt"))
    return CreditTransfer(
        end_to_end_id=c.read_id(element, "PmtId/EndToEndId"),
        currency=currency,
        amount=minor,
        settled=c.read_day(element.get("IntrBkSttlmDt")),
        debtor=c.read_party(element.get("Dbtr")),
        debtor_account=c.read_account(element.get("DbtrAcct")),
        creditor=c.read_party(element.get("Cdtr")),
        creditor_account=c.read_account(element.get("CdtrAcct")),
        transaction=element.optional("PmtId/TxId", c.MAX_ID),
        remittance=element.optional("RmtInf/Ustrd", 140),
    )

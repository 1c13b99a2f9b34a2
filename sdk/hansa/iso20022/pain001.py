"""ISO 20022 pain.001: a customer's credit transfer initiation, the payments a company asks for."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import msgspec

from hansa.amounts import minor_units
from hansa.documents.errors import DocumentCode
from hansa.documents.reading import Element
from hansa.documents.writing import Node, optional
from hansa.iso20022 import envelope as c

VERSION = "pain.001.001.09"
"""What is written."""
READ = (
    "pain.001.001.03",
    "pain.001.001.08",
    VERSION,
    "pain.001.001.10",
    "pain.001.001.11",
    "pain.001.001.12",
)
"""What is read: what of these messages matters here has not changed between them, but for one date."""
_CONTENT = "CstmrCdtTrfInitn"
MAX_TRANSFERS = 10_000


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One credit transfer: minor units of ``currency`` to an account, or to a party's main account.

    ``end_to_end_id`` goes with the money to the payee, and is public. ``remittance`` are words for the payee:
    they stay in the document.
    """

    end_to_end_id: str
    currency: str
    amount: int
    creditor: c.Party
    account: str | None = None
    instruction_id: str | None = None
    remittance: str | None = None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Transfers out of one account on one day (``PmtInf``)."""

    id: str
    day: str
    debtor: c.Party
    account: str
    transfers: tuple[Transfer, ...]


class Initiation(msgspec.Struct, frozen=True, kw_only=True):
    """The message: ``id`` is the sender's (``MsgId``), unique among his."""

    id: str
    created: str
    initiator: c.Party
    batches: tuple[Batch, ...]

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """All of them, in order."""
        return tuple(each for batch in self.batches for each in batch.transfers)


def read(raw: bytes) -> Initiation:
    """A message from its bytes, with its counts and control sums checked.

    Raises:
        DocumentError: what is wrong with it and, in ``field``, where.
    """
    root = c.open_message(raw, READ, _CONTENT)
    header = root.get("GrpHdr")
    elements = root.all("PmtInf")
    if not elements:
        root.get("PmtInf")
    count = sum(len(each.all("CdtTrfTxInf")) for each in elements)
    if count > MAX_TRANSFERS:
        root.refuse(f"It has more than {MAX_TRANSFERS} transfers.", DocumentCode.TOO_LARGE)
    batches = tuple(_batch(each) for each in elements)
    names = [batch.id for batch in batches]
    if len(set(names)) < len(names):
        root.refuse("Two batches have one PmtInfId.", DocumentCode.FIELD_REPEATED)
    found = Initiation(
        id=c.read_id(header, "MsgId"),
        created=c.read_time(header, "CreDtTm"),
        initiator=c.read_party(header.get("InitgPty")),
        batches=batches,
    )
    header.get("NbOfTxs")
    _check_sums(header, found.transfers)
    return found


def _batch(element: Element) -> Batch:
    method = element.get("PmtMtd")
    if method.said() != "TRF":
        method.refuse(f"{method.text} is no credit transfer (TRF).", DocumentCode.NOT_SUPPORTED)
    transfers = tuple(_transfer(each) for each in element.all("CdtTrfTxInf"))
    if not transfers:
        element.get("CdtTrfTxInf")
    _check_sums(element, transfers)
    day = element.get("ReqdExctnDt")
    for choice in ("Dt", "DtTm"):
        day = day.find(choice) or day
    return Batch(
        id=c.read_id(element, "PmtInfId"),
        day=c.read_day(day),
        debtor=c.read_party(element.get("Dbtr")),
        account=c.read_account(element.get("DbtrAcct")),
        transfers=transfers,
    )


def _check_sums(element: Element, transfers: tuple[Transfer, ...]) -> None:
    """Count and control sum, where they are given: the sum of all amounts, whatever their currencies."""
    count = element.find("NbOfTxs")
    if count is not None and count.text != str(len(transfers)):
        count.refuse(f"There are {len(transfers)} transfers, not {count.text}.", DocumentCode.TOTALS_DIFFER)
    control = element.find("CtrlSum")
    if control is None:
        return
    total = sum(
        (Decimal(each.amount).scaleb(-minor_units(each.currency)) for each in transfers), start=Decimal(0)
    )
    try:
        said = Decimal(control.text) if len(control.text) <= 40 else Decimal("NaN")
    except InvalidOperation:
        said = Decimal("NaN")
    if said.is_nan() or said != total:
        control.refuse(f"The transfers come to {total}, not {control.text[:40]}.", DocumentCode.TOTALS_DIFFER)


def _transfer(element: Element) -> Transfer:
    if element.find("Amt/EqvtAmt") is not None:
        element.get("Amt/EqvtAmt").refuse(
            "Name the amount in the currency that is paid (InstdAmt).", DocumentCode.NOT_SUPPORTED
        )
    instructed = element.get("Amt/InstdAmt")
    currency, minor = c.read_money(instructed)
    if minor == 0:
        instructed.refuse("A transfer needs an amount.")
    creditor = element.find("Cdtr")
    account = element.find("CdtrAcct")
    if creditor is None and account is None:
        element.get("CdtrAcct")
    told = element.find("RmtInf")
    words = [] if told is None else [each.said(140) for each in told.all("Ustrd")]
    return Transfer(
        end_to_end_id=c.read_id(element, "PmtId/EndToEndId"),
        currency=currency,
        amount=minor,
        creditor=c.Party() if creditor is None else c.read_party(creditor),
        account=None if account is None else c.read_account(account),
        instruction_id=element.optional("PmtId/InstrId", c.MAX_ID),
        remittance=" ".join(words) or None,
    )


def write(message: Initiation) -> bytes:
    """The message as pain.001.001.09; the same bytes each time."""
    header = Node(
        "GrpHdr",
        [
            Node("MsgId", message.id),
            Node("CreDtTm", message.created),
            Node("NbOfTxs", str(len(message.transfers))),
            optional("CtrlSum", control_sum(message.transfers)),
            c.write_party("InitgPty", message.initiator),
        ],
    )
    return c.write_message(VERSION, Node(_CONTENT, [header, *(_written(each) for each in message.batches)]))


def control_sum(transfers: tuple[Transfer, ...]) -> str | None:
    """The sum of all amounts, whatever their currencies; None where it has more digits than it may have."""
    total = sum((Decimal(each.amount).scaleb(-minor_units(each.currency)) for each in transfers), Decimal(0))
    return f"{total:f}" if len(total.as_tuple().digits) <= c.MAX_DIGITS else None


def _written(batch: Batch) -> Node:
    return Node(
        "PmtInf",
        [
            Node("PmtInfId", batch.id),
            Node("PmtMtd", "TRF"),
            Node("NbOfTxs", str(len(batch.transfers))),
            optional("CtrlSum", control_sum(batch.transfers)),
            Node("ReqdExctnDt", [Node("Dt", batch.day)]),
            c.write_party("Dbtr", batch.debtor),
            c.write_account("DbtrAcct", batch.account),
            c.agent("DbtrAgt", batch.account.partition("/")[0]),
            *(_payment(each) for each in batch.transfers),
        ],
    )


def _payment(transfer: Transfer) -> Node:
    account = None if transfer.account is None else c.write_account("CdtrAcct", transfer.account)
    words = None
    if transfer.remittance is not None:
        words = Node("RmtInf", [Node("Ustrd", transfer.remittance)])
    ids = [optional("InstrId", transfer.instruction_id), Node("EndToEndId", transfer.end_to_end_id)]
    return Node(
        "CdtTrfTxInf",
        [
            Node("PmtId", ids),
            Node("Amt", [c.money("InstdAmt", transfer.currency, transfer.amount)]),
            c.write_party("Cdtr", transfer.creditor),
            account,
            words,
        ],
    )

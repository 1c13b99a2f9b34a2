"""``client.iso20022``: payments asked for in pain.001 carried out, and transfers told as pacs.008."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from hansa import iso20022
from hansa.documents.errors import DocumentCode, DocumentError
from hansa.documents.parties import Directory
from hansa.errors import HansaError, OutcomeUnknownError, RefusedError
from hansa.ids import derived_id
from hansa.iso20022 import pacs008, pain001, pain002
from hansa.iso20022.envelope import MAX_ID, NOT_PROVIDED
from hansa.members import Members
from hansa.money import Money
from hansa.statements import Movement
from hansa.submission import Receipt, Submitter
from hansa_domain.error_codes import Code
from hansa_domain.events import MoneyMoved, NoteView
from hansa_domain.money import MAX_OUTPUTS, NotesCreatedReply
from hansa_domain.notes import organisation
from hansa_domain.operation import canonical

MAX_PAYEES = MAX_OUTPUTS - 1
"""So many transfers go in one transaction, one output being left for the change."""

_REASONS = {
    Code.FUNDS_INSUFFICIENT.value: "AM04",
    Code.COMMAND_ID_REUSED.value: "DU01",
    Code.MEMBER_NOT_FOUND.value: "AC03",
    Code.ALLOWANCE_EXCEEDED.value: "AM14",
    Code.SIGNATURES_REQUIRED.value: "DS0H",
    Code.NOT_PERMITTED.value: "AG01",
}
"""A refusal of the ledger as an ExternalStatusReason1Code; any other is told in words (NARR)."""


@dataclass(frozen=True)
class Parcel:
    """Transfers that go in one transaction: of one batch and one currency."""

    batch: pain001.Batch
    currency: str
    transfers: tuple[pain001.Transfer, ...]
    payees: tuple[tuple[str, int], ...]

    @property
    def references(self) -> list[str | None]:
        """What goes with each payment."""
        return [None if t.end_to_end_id == NOT_PROVIDED else t.end_to_end_id for t in self.transfers]


@dataclass(frozen=True)
class Paid:
    """What became of a pain.001.

    Args:
        message: as it was read.
        receipts: the transactions, in order; fewer than there are parcels where one was refused.
        report: the status report, as pain.002 tells it.
        error: why the rest was not paid; None where everything was.
    """

    message: pain001.Initiation
    receipts: tuple[Receipt[NotesCreatedReply], ...]
    report: pain002.StatusReport
    error: HansaError | None

    @property
    def document(self) -> bytes:
        """The report as pain.002.001.12."""
        return pain002.write(self.report)


class Iso20022:
    """``client.iso20022``."""

    def __init__(self, submitter: Submitter, members: Members, money: Money, msp_id: str) -> None:
        self._submitter = submitter
        self._members = members
        self._money = money
        self._msp_id = msp_id

    def pay(self, raw: bytes, *, now: datetime.datetime | None = None) -> Paid:
        """Pays what a pain.001 asks for, out of one's own accounts.

        The transfers of a batch in one currency go in one transaction, all or none, as long as there are at
        most 63 of them. The same message pays once, however often it comes; another one with its id pays
        nothing. Where a transaction is refused, nothing after it is tried: send the same message again when
        the reason is gone, and what was paid stays paid.

        Args:
            raw: pain.001.001.09, or one of the versions near it.
            now: the time of the report and what counts as today, with a time zone; None takes the clock's.

        Raises:
            DocumentError: the message is at fault, and nothing was paid; ``field`` is the XPath.
            OutcomeUnknownError: send the same message again to learn what became of it.
        """
        message = pain001.read(raw)
        at = (now or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)
        parcels = self._parcels(message, at.date().isoformat())
        digest = content_digest(message.id, parcels)
        receipts: list[Receipt[NotesCreatedReply]] = []
        error: HansaError | None = None
        for number, parcel in enumerate(parcels):
            try:
                receipts.append(
                    self._money.transfer_all(
                        parcel.payees,
                        parcel.currency,
                        account=parcel.batch.account,
                        references=parcel.references,
                        document=digest,
                        command_id=derived_id("pain.001", self._msp_id, message.id, str(number)),
                    )
                )
            except OutcomeUnknownError:
                raise
            except HansaError as refused:
                error = refused
                break
        report = _report(message, parcels, receipts, error, at, self._msp_id)
        return Paid(message, tuple(receipts), report, error)

    def _parcels(self, message: pain001.Initiation, today: str) -> list[Parcel]:
        directory = Directory(self._members.list().members)
        parcels: list[Parcel] = []
        base = "/Document/CstmrCdtTrfInitn"
        for number, batch in enumerate(message.batches, 1):
            where = f"{base}/PmtInf[{number}]" if len(message.batches) > 1 else f"{base}/PmtInf"
            if organisation(batch.account) != self._msp_id:
                raise DocumentError(
                    DocumentCode.PARTY_NOT_YOU,
                    f"{batch.account} is no account of {self._msp_id}.",
                    f"{where}/DbtrAcct",
                )
            if batch.day > today:
                raise DocumentError(
                    DocumentCode.NOT_SUPPORTED,
                    f"It is {today}, and the batch is for {batch.day}: send it on that day.",
                    f"{where}/ReqdExctnDt",
                )
            parcels += _parcels(batch, _payees(batch, directory, where))
        return parcels

    def transfers(self, movement: Movement, at: str) -> pacs008.CreditTransfers:
        """A committed transfer as pacs.008 tells it.

        Args:
            movement: an event of the ledger, such as a read model or ``client.ledger`` shows it.
            at: the time of the message, RFC 3339.

        Raises:
            DocumentError: DOCUMENT_NOT_AVAILABLE, where it was no payment from one account to others.
        """
        event = movement.event
        payers = {note.owner for note in event.consumed}
        if len(payers) != 1 or event.reason not in {"transfer", "mandate"}:
            raise DocumentError(
                DocumentCode.NOT_AVAILABLE, "Only a payment from one account to others is a credit transfer."
            )
        payer = payers.pop()
        directory = Directory(self._members.list().members)
        place = f"{movement.block}-{movement.position}-{movement.number}"
        made = [note for note in event.created if note.owner != payer]
        if not made:
            raise DocumentError(DocumentCode.NOT_AVAILABLE, "The money stayed in its account.")
        return pacs008.CreditTransfers(
            id=place,
            created=at,
            transfers=tuple(
                _credit(directory, payer, note, event, f"{place}-{number}")
                for number, note in enumerate(made)
            ),
        )


def _credit(
    directory: Directory, payer: str, note: NoteView, event: MoneyMoved, place: str
) -> pacs008.CreditTransfer:
    reference = event.references.get(note.id)
    long = reference is not None and len(reference) > MAX_ID
    return pacs008.CreditTransfer(
        end_to_end_id=NOT_PROVIDED if reference is None or long else reference,
        currency=note.currency,
        amount=int(note.amount),
        settled=event.at[:10],
        debtor=_party(directory, payer),
        debtor_account=payer,
        creditor=_party(directory, note.owner),
        creditor_account=note.owner,
        transaction=place,
        remittance=reference if long else None,
    )


def content_digest(message_id: str, parcels: Sequence[Parcel]) -> str:
    """What tells one message from another with its id: SHA-256 over what it makes the ledger do.

    That is public as soon as it is paid, so the digest tells nothing that the ledger does not.
    """
    content: list[Any] = [
        [
            parcel.batch.account,
            parcel.currency,
            [[to, str(amount)] for to, amount in parcel.payees],
            parcel.references,
        ]
        for parcel in parcels
    ]
    return hashlib.sha256(canonical(["pain.001", message_id, content])).hexdigest()


def _parcels(batch: pain001.Batch, payees: Sequence[str]) -> list[Parcel]:
    parcels: list[Parcel] = []
    pairs = list(zip(batch.transfers, payees, strict=True))
    for currency in dict.fromkeys(transfer.currency for transfer in batch.transfers):
        alike = [pair for pair in pairs if pair[0].currency == currency]
        for start in range(0, len(alike), MAX_PAYEES):
            part = alike[start : start + MAX_PAYEES]
            parcels.append(
                Parcel(
                    batch,
                    currency,
                    tuple(transfer for transfer, _ in part),
                    tuple((payee, transfer.amount) for transfer, payee in part),
                )
            )
    return parcels


def _payees(batch: pain001.Batch, directory: Directory, where: str) -> list[str]:
    payees: list[str] = []
    for number, transfer in enumerate(batch.transfers, 1):
        place = f"{where}/CdtTrfTxInf[{number}]" if len(batch.transfers) > 1 else f"{where}/CdtTrfTxInf"
        party = transfer.creditor
        named = party.gln is not None or party.msp_id is not None
        member = directory.find(party, f"{place}/Cdtr") if named or transfer.account is None else None
        account = transfer.account or (member.msp_id if member is not None else "")
        holder = organisation(account)
        found = directory.get(holder)
        if found is None or found.left_at is not None:
            raise DocumentError(DocumentCode.PARTY_UNKNOWN, f"{holder} is no member.", f"{place}/CdtrAcct")
        if member is not None and member.msp_id != holder:
            raise DocumentError(
                DocumentCode.PARTY_UNKNOWN,
                f"The account is {holder}'s, the creditor {member.msp_id}.",
                f"{place}/CdtrAcct",
            )
        payees.append(account)
    return payees


def _party(directory: Directory, account: str) -> iso20022.Party:
    msp_id = organisation(account)
    member = directory.get(msp_id)
    if member is None:
        return iso20022.Party(msp_id=msp_id)
    return iso20022.Party(msp_id=msp_id, gln=member.gln, name=member.name[:140])


def _report(
    message: pain001.Initiation,
    parcels: Sequence[Parcel],
    receipts: Sequence[Receipt[Any]],
    error: HansaError | None,
    at: datetime.datetime,
    msp_id: str,
) -> pain002.StatusReport:
    outcomes: list[pain002.Outcome] = []
    for number, parcel in enumerate(parcels):
        for transfer in parcel.transfers:
            outcome = pain002.Outcome(
                batch=parcel.batch.id,
                end_to_end_id=transfer.end_to_end_id,
                instruction_id=transfer.instruction_id,
                status="ACSC",
            )
            if number < len(receipts):
                receipt = receipts[number]
                outcome = msgspec.structs.replace(
                    outcome, reference=f"{receipt.block_number}/{receipt.command_id}"[:MAX_ID]
                )
            elif number == len(receipts) and error is not None:
                reason = _REASONS.get(error.code) if isinstance(error, RefusedError) else None
                outcome = msgspec.structs.replace(
                    outcome, status="RJCT", reason=reason or "NARR", info=f"{error.code}: {error.message}"
                )
            else:
                outcome = msgspec.structs.replace(
                    outcome, status="RJCT", reason="NARR", info="Not tried, since one before it was refused."
                )
            outcomes.append(outcome)
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pain002.StatusReport(
        id=derived_id("pain.002", msp_id, message.id, moment), created=moment, original=message.id,
        outcomes=tuple(outcomes),
    )  # fmt: skip


__all__ = ["Iso20022", "Paid", "Parcel", "content_digest"]

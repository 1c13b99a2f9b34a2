"""Disputes: opened, answered and decided, with texts that only those concerned can read."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from hansa.errors import HansaError
from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.disputes.commands import (
    AddEvidence,
    AnswerDispute,
    DecideDispute,
    DecidedReply,
    DiscloseStatement,
    DisputeReply,
    DisputesReply,
    GetDisputes,
    GetStatement,
    OpenDispute,
    StatementDisclosedReply,
    StatementReply,
    WithdrawDispute,
)
from hansa_domain.disputes.disclosure import statement_commitment
from hansa_domain.disputes.records import Dispute, DisputeReason, Statement
from hansa_domain.operation import canonical
from hansa_domain.orders.closing import Holder
from hansa_domain.orders.disclosure import TRANSIENT
from hansa_domain.orders.division import Split
from hansa_domain.orders.order import Order

Said = TypeVar("Said", DisputeReply, DecidedReply)


class StatementDisclosureError(HansaError):
    """The step stands, but not everybody concerned got its text.

    Args:
        receipt: of the step.
        missing: MSP ids of those who did not get it; ``disputes.disclose`` gives it to them.
        cause: what the last one said.
    """

    def __init__(
        self,
        receipt: Receipt[DisputeReply] | Receipt[DecidedReply],
        missing: Sequence[str],
        cause: HansaError,
    ) -> None:
        super().__init__(
            "DISCLOSURE_INCOMPLETE",
            f"The step stands, but {', '.join(missing)} did not get its text: {cause.message}",
            "Disclose it again once their peers answer: client.disputes.disclose(...)",
            transaction_id=receipt.transaction_id,
        )
        self.receipt = receipt
        self.missing = tuple(missing)


def statement(text: str) -> Statement:
    """A text with a fresh salt, of which only a hash is public. Keep it: a repetition needs the same."""
    return Statement(salt=secrets.token_hex(32), text=text)


class Disputes:
    """``client.disputes``."""

    def __init__(self, submitter: Submitter, purse: Purse) -> None:
        self._submitter = submitter
        self._purse = purse

    def open(
        self,
        order: str,
        reason: DisputeReason,
        *,
        said: Statement | None = None,
        evidence: Sequence[str] = (),
        command_id: str | None = None,
    ) -> Receipt[DisputeReply]:
        """Brings an order before its arbitrator; until he decided, nothing of it is paid.

        Args:
            order: accepted, and open; a party opens one dispute of it.
            reason: such as ``damaged`` or ``not_delivered``.
            said: what there is to say (see ``statement``); told to parties and arbitrators in private.
            evidence: SHA-256 of documents, hexadecimal.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            RefusedError: among others DISPUTE_STATE.
            StatementDisclosureError: the dispute is open, somebody's peer did not take the text.
            HansaError: see ``Submitter.submit``.
        """
        command = OpenDispute(
            id=command_id or new_id(),
            order=order,
            reason=reason,
            statement=None if said is None else statement_commitment(said),
            evidence=list(evidence),
        )
        return self._told(
            submit_once(self._submitter, "disputes:Open", command, DisputeReply, command_id), said
        )

    def answer(
        self, order: str, said: Statement, *, evidence: Sequence[str] = (), command_id: str | None = None
    ) -> Receipt[DisputeReply]:
        """Says one's side to an open dispute, once. Arguments and errors as of ``open``."""
        command = AnswerDispute(
            id=command_id or new_id(),
            order=order,
            statement=statement_commitment(said),
            evidence=list(evidence),
        )
        return self._told(
            submit_once(self._submitter, "disputes:Answer", command, DisputeReply, command_id), said
        )

    def add_evidence(
        self, order: str, evidence: Sequence[str], *, command_id: str | None = None
    ) -> Receipt[DisputeReply]:
        """Lays documents before the arbitrator, by their SHA-256 in hexadecimal."""
        command = AddEvidence(id=command_id or new_id(), order=order, evidence=list(evidence))
        return submit_once(self._submitter, "disputes:AddEvidence", command, DisputeReply, command_id)

    def withdraw(self, order: str, *, command_id: str | None = None) -> Receipt[DisputeReply]:
        """Lets one's dispute go; the order goes on with the time that it had."""
        command = WithdrawDispute(id=command_id or new_id(), order=order)
        return submit_once(self._submitter, "disputes:Withdraw", command, DisputeReply, command_id)

    def decide(
        self,
        order: str,
        *,
        to_buyer: int,
        to_seller: int,
        goods: Holder,
        to_carrier: int = 0,
        carrier: str | None = None,
        said: Statement | None = None,
        command_id: str | None = None,
    ) -> Receipt[DecidedReply]:
        """Splits all that is in escrow, as the arbitrator whose turn it is; the order ends.

        Args:
            to_buyer: minor units; with the other parts and the arbitrator's own fee all that is held.
            to_seller: minor units, the consortium's fee still in it.
            goods: ``buyer`` or ``seller``, whose the goods are then.
            to_carrier: minor units.
            carrier: MSP id of which of several carriers.
            said: the reasons.

        Raises:
            RefusedError: among others SPLIT_INVALID.
            StatementDisclosureError: it is decided, somebody's peer did not take the reasons.
            HansaError: see ``Submitter.submit``.
        """
        parts = Split(
            to_buyer=str(to_buyer), to_seller=str(to_seller), to_carrier=str(to_carrier), carrier=carrier
        )
        command = DecideDispute(
            id=command_id or new_id(),
            order=order,
            split=parts,
            goods=goods,
            statement=None if said is None else statement_commitment(said),
        )
        before = self._purse.moment()
        receipt = submit_once(self._submitter, "disputes:Decide", command, DecidedReply, command_id)
        if not receipt.repeated:
            self._purse.received(receipt.reply.notes, before)
        return self._told(receipt, said)

    def disclose(
        self, order: str, opener: str, said: Statement, recipient: str
    ) -> Receipt[StatementDisclosedReply]:
        """Gives a text of one's own to one member, into its own private collection.

        Args:
            order: the order's id.
            opener: MSP id of who opened the dispute.
            said: the text as it was committed to, salt included.
            recipient: MSP id of a party, an arbitrator of the order, or a regulator.

        Raises:
            RefusedError: among others COMMITMENT_MISMATCH.
            HansaError: see ``Submitter.submit``.
        """
        return self._submitter.submit(
            "disputes:Disclose",
            DiscloseStatement(id=new_id(), order=order, opener=opener, recipient=recipient),
            StatementDisclosedReply,
            transient={TRANSIENT: canonical(said)},
            endorsing_organizations=[recipient],
        )

    def text(self, digest: str) -> str:
        """A text as disclosed to this organisation, by its hash. Raises RefusedError where it was not."""
        query = GetStatement(statement=digest)
        return self._submitter.evaluate("disputes:Statement", query, StatementReply).text.text

    def of(self, order: str) -> list[Dispute]:
        """The disputes of an order, open and ended."""
        query = GetDisputes(order=order)
        return self._submitter.evaluate("disputes:Get", query, DisputesReply).disputes

    def _told(self, receipt: Receipt[Said], said: Statement | None) -> Receipt[Said]:
        """The text to everybody concerned, oneself included."""
        if said is None or receipt.repeated:
            return receipt
        order: Order = receipt.reply.order
        opener = receipt.reply.dispute.opener
        missing: list[str] = []
        cause: HansaError | None = None
        concerned = (*order.parties, order.arbitrator, order.second_arbitrator)
        for recipient in dict.fromkeys(each for each in concerned if each is not None):
            try:
                self.disclose(order.id, opener, said, recipient)
            except HansaError as error:
                missing.append(recipient)
                cause = error
        if cause is not None:
            raise StatementDisclosureError(receipt, missing, cause) from cause
        return receipt


def read_statement(document: object) -> Statement:
    """A text with its salt, from a document such as a file's. Raises msgspec.ValidationError."""
    return msgspec.convert(document, Statement)

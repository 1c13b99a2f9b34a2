"""What the sides and the arbitrator say: told to one member at a time, checked against its hash (rule 7)."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from hansa_domain.argument import decode_document
from hansa_domain.disputes.commands import (
    DiscloseStatement,
    GetStatement,
    StatementDisclosedReply,
    StatementReply,
)
from hansa_domain.disputes.records import Dispute, Statement, dispute_key
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.members import known_member, member_key
from hansa_domain.operation import (
    MAX_ARGUMENT_BYTES,
    Context,
    Decision,
    Fetch,
    PrivateKey,
    Record,
    Steps,
    canonical,
    decode_record,
    operation,
)
from hansa_domain.orders.disclosure import TRANSIENT
from hansa_domain.orders.order import Order


class StatementRecord(Record, frozen=True, kw_only=True):
    """A text as disclosed; key ``("statement", hash)`` in the recipient's implicit collection."""

    NOUN: ClassVar[str] = "statement"
    order: str
    author: str
    text: Statement


def statement_commitment(statement: Statement) -> str:
    """The public commitment to a text: SHA-256, hex, over its canonical JSON, salt included."""
    return hashlib.sha256(canonical(statement)).hexdigest()


@operation("disputes:Disclose", DiscloseStatement, StatementDisclosedReply, private=True)
def disclose(command: DiscloseStatement, context: Context) -> Steps:
    """Puts the text into one member's own collection; no event tells of it."""
    statement = read_statement(context)
    key = dispute_key(command.order, command.opener)
    keys = ((Order.NOUN, command.order), key, member_key(command.recipient))
    records = yield Fetch(keys=keys)
    order = records.get(Order, command.order, refuse=Code.ORDER_NOT_FOUND, where="order")
    dispute = records.get(Dispute, *key[1:], refuse=Code.DISPUTE_NOT_FOUND, where="opener")
    digest = statement_commitment(statement)
    if (context.caller.msp_id, digest) not in _said(dispute):
        raise Refusal(
            Code.COMMITMENT_MISMATCH,
            f"{context.caller.msp_id} said nothing with this hash in the dispute.",
            TRANSIENT,
        )
    concerned = (*order.parties, order.arbitrator, order.second_arbitrator)
    recipient = known_member(records, command.recipient, "recipient")
    if command.recipient not in concerned and recipient.role != "regulator":
        raise Refusal(Code.NOT_PERMITTED, f"{command.recipient} has no part in this dispute.", "recipient")
    return put_statement(statement, digest, order.id, command.recipient, context)


def _said(dispute: Dispute) -> list[tuple[str, str]]:
    """Who said what, by hash; the arbitrator's reasons are by who closed it."""
    said = [(each.by, each.statement) for each in dispute.statements]
    verdict = dispute.verdict
    if verdict is not None and verdict.statement is not None and dispute.closed_by is not None:
        said.append((dispute.closed_by, verdict.statement))
    return said


def read_statement(context: Context) -> Statement:
    """The text in transient data. Refuses TRANSIENT_MISSING, DOCUMENT_TOO_LARGE or its form."""
    raw = context.transient.get(TRANSIENT)
    if raw is None:
        raise Refusal(Code.TRANSIENT_MISSING, "The private document is missing in transient data.", TRANSIENT)
    if len(raw) > MAX_ARGUMENT_BYTES:
        raise Refusal(
            Code.DOCUMENT_TOO_LARGE, f"A statement has at most {MAX_ARGUMENT_BYTES} bytes.", TRANSIENT
        )
    statement: Statement = decode_document(raw, Statement, TRANSIENT)
    return statement


def put_statement(
    statement: Statement, digest: str, order: str, recipient: str, context: Context
) -> Decision:
    """The decision that writes a text into one member's collection."""
    place = PrivateKey(recipient, (StatementRecord.NOUN, digest))
    record = StatementRecord(order=order, author=context.caller.msp_id, text=statement)
    return Decision(
        reply=StatementDisclosedReply(statement=digest, recipient=recipient), private_writes={place: record}
    )


@operation("disputes:Statement", GetStatement, StatementReply)
def get_statement(command: GetStatement, context: Context) -> Steps:
    """The text from the caller's own collection: nobody reads another organisation's."""
    place = PrivateKey(context.caller.msp_id, (StatementRecord.NOUN, command.statement))
    raw = (yield Fetch(private=(place,))).private[place]
    if raw is None:
        raise Refusal(
            Code.STATEMENT_NOT_DISCLOSED,
            f"No text with this hash was disclosed to {context.caller.msp_id}.",
            "statement",
        )
    record = decode_record(raw, StatementRecord)
    return Decision(reply=StatementReply(author=record.author, text=record.text))

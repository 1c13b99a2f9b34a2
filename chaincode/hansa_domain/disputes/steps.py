"""The life of a dispute: opened, answered, decided or withdrawn. While it is open, escrow is shut."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator

from msgspec.structs import replace

from hansa_domain.disputes.commands import (
    AddEvidence,
    AnswerDispute,
    DecideDispute,
    DecidedReply,
    DisputeReply,
    DisputesReply,
    GetDisputes,
    OpenDispute,
    WithdrawDispute,
)
from hansa_domain.disputes.records import (
    MAX_DOCUMENTS,
    Answer,
    Dispute,
    Evidence,
    Verdict,
    dispute_key,
    ended,
    left_until,
    open_dispute,
    open_dispute_keys,
)
from hansa_domain.disputes.resuming import resumed
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import DisputeAnswered, DisputeOpened, EvidenceAdded
from hansa_domain.fees.schedule import arbitration_fee, fee_keys
from hansa_domain.notes import organisation
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.orders import closing
from hansa_domain.orders.commands import OrderClosedReply
from hansa_domain.orders.division import check_split, divide
from hansa_domain.orders.order import Order, OrderStatus, after, load_order, require_status
from hansa_domain.orders.receivable import Receivable, payee, receivable_key

_FROM: dict[bool, tuple[OrderStatus, ...]] = {
    False: ("accepted", "shipped", "delivered"),
    True: ("shipped", "delivered"),
}
"""When buyer and seller may open a dispute; and when the carrier, who has carried nothing before."""


@operation("disputes:Open", OpenDispute, DisputeReply)
def open_(command: OpenDispute, context: Context) -> Steps:
    """Stops the order's clock and lets the arbitrator's run."""
    caller = context.caller.msp_id
    key = dispute_key(command.order, caller)
    records = yield Fetch(keys=((Order.NOUN, command.order), key))
    order = records.get(Order, command.order, refuse=Code.ORDER_NOT_FOUND, where="order")
    _require_party(order, caller)
    require_status(order, _FROM[caller in order.carriers], "dispute")
    if order.dispute is not None:
        raise Refusal(Code.DISPUTE_STATE, f"A dispute of {order.dispute} is open already.", "order")
    if records.find(Dispute, *key[1:]) is not None:
        raise Refusal(Code.DISPUTE_STATE, "A party opens one dispute of an order, and no second.", "order")
    assert order.due is not None  # an open order always has a deadline
    due = after(context, order.terms.decide_within)
    opened = Dispute(
        order=order.id,
        opener=caller,
        status="open",
        reason=command.reason,
        arbitrator=order.arbitrator,
        statements=_statement(command.statement, context),
        evidence=_laid([], command.evidence, context),
        remaining=left_until(order.due, context),
        opened_at=context.at,
        due=due,
    )
    stopped = replace(order, dispute=caller, due=due)
    event = DisputeOpened(
        order=order.id,
        by=caller,
        reason=opened.reason,
        arbitrator=opened.arbitrator,
        statement=command.statement,
        evidence=command.evidence,
        due=due,
        at=context.at,
    )
    return Decision(
        reply=DisputeReply(dispute=opened, order=stopped),
        writes={key: opened, (Order.NOUN, order.id): stopped},
        events=(event,),
    )


@operation("disputes:Answer", AnswerDispute, DisputeReply)
def answer(command: AnswerDispute, context: Context) -> Steps:
    """Another party says its side, once."""
    order, dispute = yield from _of_party(command.order, context)
    caller = context.caller.msp_id
    if caller == dispute.opener or caller in [said.by for said in dispute.statements]:
        raise Refusal(Code.DISPUTE_STATE, f"{caller} has said its side already.", "order")
    said = [*dispute.statements, *_statement(command.statement, context)]
    evidence = _laid(dispute.evidence, command.evidence, context)
    answered = replace(dispute, statements=said, evidence=evidence)
    event = DisputeAnswered(
        order=order.id,
        opener=dispute.opener,
        by=caller,
        statement=command.statement,
        evidence=command.evidence,
        at=context.at,
    )
    return _changed(answered, order, event)


@operation("disputes:AddEvidence", AddEvidence, DisputeReply)
def add_evidence(command: AddEvidence, context: Context) -> Steps:
    """A party lays documents before the arbitrator."""
    order, dispute = yield from _of_party(command.order, context)
    event = EvidenceAdded(
        order=order.id,
        opener=dispute.opener,
        by=context.caller.msp_id,
        evidence=command.evidence,
        at=context.at,
    )
    evidence = _laid(dispute.evidence, command.evidence, context)
    return _changed(replace(dispute, evidence=evidence), order, event)


@operation("disputes:Withdraw", WithdrawDispute, DisputeReply)
def withdraw(command: WithdrawDispute, context: Context) -> Steps:
    """The opener lets it go; the order's clock runs on."""
    order, dispute = yield from _load(command.order)
    if context.caller.msp_id != dispute.opener:
        raise Refusal(Code.NOT_PERMITTED, f"Only {dispute.opener} may withdraw this dispute.")
    going_on = yield from resumed(order, dispute, context)
    closed, event = ended(dispute, "withdrawn", context, due=going_on.order.due)
    return Decision(
        reply=DisputeReply(dispute=closed, order=going_on.order),
        writes={dispute_key(order.id, dispute.opener): closed, **going_on.writes},
        events=(event, *going_on.events),
    )


@operation("disputes:Decide", DecideDispute, DecidedReply)
def decide(command: DecideDispute, context: Context) -> Steps:
    """The arbitrator splits what is in escrow, and says whose the goods are."""
    order, dispute = yield from _load(command.order)
    if context.caller.msp_id != dispute.arbitrator:
        raise Refusal(Code.NOT_PERMITTED, f"Only {dispute.arbitrator} may decide this dispute.")
    records = yield Fetch(keys=(receivable_key(order.id), *fee_keys(order.fee_schedule)))
    if organisation(payee(records.find(Receivable, order.id), order.seller)) == dispute.arbitrator:
        raise Refusal(Code.NOT_PERMITTED, "Who bought the proceeds does not decide about them.")
    costs = arbitration_fee(records, order.currency, order.held, schedule=order.fee_schedule)
    check_split(order, command.split, "split", arbitration=costs)
    if command.split.total + costs < order.held:
        raise Refusal(
            Code.SPLIT_INVALID,
            f"The parts come to {command.split.total}, to split are {order.held - costs}.",
            "split",
        )
    verdict = Verdict(
        split=command.split, goods=command.goods, arbitration=str(costs), statement=command.statement
    )
    reference = context.reference(command)
    decision: Decision = yield from divide(
        replace(order, dispute=None),
        command.split,
        command.goods,
        reference,
        context,
        cause="decided",
        arbitration=(dispute.arbitrator, costs),
    )
    closed, event = ended(dispute, "decided", context, verdict=verdict)
    writes = {dispute_key(order.id, dispute.opener): closed}
    assert isinstance(decision.reply, OrderClosedReply)
    reply = DecidedReply(dispute=closed, order=decision.reply.order, notes=decision.reply.notes)
    return dataclasses.replace(closing.beside(decision, writes, event), reply=reply)


@operation("disputes:Get", GetDisputes, DisputesReply)
def get(command: GetDisputes, context: Context) -> Steps:
    """The disputes of an order."""
    order = yield from load_order(command.order)
    records = yield Fetch(keys=tuple(dispute_key(order.id, party) for party in order.parties))
    found = [records.find(Dispute, order.id, party) for party in order.parties]
    return Decision(reply=DisputesReply(disputes=[each for each in found if each is not None]))


def _load(order_id: str) -> Generator[Fetch, Records, tuple[Order, Dispute]]:
    order = yield from load_order(order_id)
    records = yield Fetch(keys=open_dispute_keys(order))
    return order, open_dispute(records, order)


def _of_party(order_id: str, context: Context) -> Generator[Fetch, Records, tuple[Order, Dispute]]:
    order, dispute = yield from _load(order_id)
    _require_party(order, context.caller.msp_id)
    return order, dispute


def _require_party(order: Order, caller: str) -> None:
    if caller not in order.parties:
        raise Refusal(Code.NOT_PERMITTED, f"{caller} is not a party of this order.")


def _statement(statement: str | None, context: Context) -> list[Answer]:
    if statement is None:
        return []
    return [Answer(by=context.caller.msp_id, statement=statement, at=context.at)]


def _laid(before: list[Evidence], documents: list[str], context: Context) -> list[Evidence]:
    """The evidence with these documents, those that are there already left out."""
    caller = context.caller.msp_id
    known = [each.document for each in before]
    fresh = [each for each in dict.fromkeys(documents) if each not in known]
    if len([each for each in before if each.by == caller]) + len(fresh) > MAX_DOCUMENTS:
        raise Refusal(
            Code.FIELD_INVALID, f"A party lays at most {MAX_DOCUMENTS} documents before him.", "evidence"
        )
    return [*before, *(Evidence(by=caller, document=each, at=context.at) for each in fresh)]


def _changed(dispute: Dispute, order: Order, event: DisputeAnswered | EvidenceAdded) -> Decision:
    writes: dict[Key, Record | None] = {dispute_key(dispute.order, dispute.opener): dispute}
    return Decision(reply=DisputeReply(dispute=dispute, order=order), writes=writes, events=(event,))

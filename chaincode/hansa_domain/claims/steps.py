"""The life of a claim: opened, refused, brought before the arbitrator, judged, withdrawn or lapsed."""

from __future__ import annotations

from msgspec.structs import replace

from hansa_domain.claims.commands import (
    ClaimReply,
    ClaimsReply,
    DiscloseClaim,
    EscalateClaim,
    GetClaim,
    JudgeClaim,
    LapseClaim,
    ListClaims,
    OpenClaim,
    RefuseClaim,
    WithdrawClaim,
)
from hansa_domain.claims.records import (
    Claim,
    ClaimStatus,
    claim_key,
    load_claim,
    overdue,
    require_claim,
    require_side,
)
from hansa_domain.disputes.commands import StatementDisclosedReply
from hansa_domain.disputes.disclosure import put_statement, read_statement, statement_commitment
from hansa_domain.disputes.records import Answer
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ClaimClosed, ClaimEscalated, ClaimJudged, ClaimOpened, ClaimRefused, Event
from hansa_domain.members import known_member, member_key
from hansa_domain.notes import own_account
from hansa_domain.operation import Context, Decision, Fetch, Scan, Steps, decode_record, operation
from hansa_domain.orders.disclosure import TRANSIENT
from hansa_domain.orders.order import after, load_order, require_party, require_status
from hansa_domain.times import milliseconds


@operation("claims:Open", OpenClaim, ClaimReply)
def open_(command: OpenClaim, context: Context) -> Steps:
    """The buyer claims while the warranty runs."""
    order = yield from load_order(command.order)
    require_party(context, order.buyer, "claim under the warranty of")
    require_status(order, ("settled",), "claim under the warranty of")
    if order.warranty is None or order.closed_at is None:
        raise Refusal(Code.WARRANTY_OVER, "The order was made without a warranty.", "order")
    if context.now >= milliseconds(order.closed_at) + order.warranty * 1000:
        raise Refusal(Code.WARRANTY_OVER, f"The warranty ran {order.warranty} seconds.", "order")
    if (command.amount is None) != (command.wanted == "replacement"):
        raise Refusal(Code.CLAIM_AMOUNT, "Payment and credit have an amount, and nothing else.", "amount")
    if command.amount is not None and not 0 < int(command.amount) <= int(order.amount):
        raise Refusal(Code.CLAIM_AMOUNT, f"Claim more than nothing and at most {order.amount}.", "amount")
    account = (
        order.refund_account if command.account is None else own_account(command.account, context, "account")
    )
    made = Claim(
        id=context.reference(command),
        order=order.id,
        status="open",
        buyer=order.buyer,
        seller=order.seller,
        arbitrator=order.arbitrator,
        account=account,
        reason=command.reason,
        wanted=command.wanted,
        currency=order.currency,
        amount=command.amount,
        statements=_said([], command.statement, context),
        evidence=list(dict.fromkeys(command.evidence)),
        opened_at=context.at,
        due=after(context, command.answer_within),
    )
    assert made.due is not None
    event = ClaimOpened(
        claim=made.id,
        order=made.order,
        buyer=made.buyer,
        seller=made.seller,
        reason=made.reason,
        wanted=made.wanted,
        currency=made.currency,
        amount=made.amount,
        statement=command.statement,
        evidence=made.evidence,
        due=made.due,
        at=context.at,
    )
    return _kept(made, event)


@operation("claims:Refuse", RefuseClaim, ClaimReply)
def refuse(command: RefuseClaim, context: Context) -> Steps:
    """The seller says no; the buyer has as long as an arbitrator would to go on."""
    found, order = yield from load_claim(command.claim)
    require_side(context, found.seller, "refuse")
    require_claim(found, ("open",), "refuse")
    due = after(context, order.terms.decide_within)
    said = _said(found.statements, command.statement, context)
    event = ClaimRefused(
        claim=found.id, order=found.order, statement=command.statement, due=due, at=context.at
    )
    return _kept(replace(found, status="refused", due=due, statements=said), event)


@operation("claims:Escalate", EscalateClaim, ClaimReply)
def escalate(command: EscalateClaim, context: Context) -> Steps:
    """The claim comes before the arbitrator, or the second one."""
    found, order = yield from load_claim(command.claim)
    require_side(context, found.buyer, "escalate")
    require_claim(found, ("open", "refused", "escalated"), "escalate")
    if found.status != "refused" and not overdue(found, context):
        raise Refusal(Code.CLAIM_STATE, f"There is time to answer until {found.due}.", "claim")
    arbitrator = order.arbitrator
    if found.status == "escalated":
        second = order.second_arbitrator
        if second is None or found.arbitrator == second:
            raise Refusal(Code.CLAIM_STATE, "There is no other arbitrator.", "claim")
        arbitrator = second
    due = after(context, order.terms.decide_within)
    event = ClaimEscalated(claim=found.id, order=found.order, arbitrator=arbitrator, due=due, at=context.at)
    return _kept(replace(found, status="escalated", arbitrator=arbitrator, due=due), event)


@operation("claims:Judge", JudgeClaim, ClaimReply)
def judge(command: JudgeClaim, context: Context) -> Steps:
    """The arbitrator's verdict, for the record."""
    found, order = yield from load_claim(command.claim)
    require_side(context, found.arbitrator, "judge")
    require_claim(found, ("escalated",), "judge")
    if int(command.amount) > int(order.amount):
        raise Refusal(Code.CLAIM_AMOUNT, f"The order was over {order.amount}.", "amount")
    upheld = command.amount != "0"
    judged = replace(
        found,
        status="upheld" if upheld else "dismissed",
        due=None,
        owed=command.amount if upheld else None,
        statements=_said(found.statements, command.statement, context),
        judged_at=context.at,
        closed_at=None if upheld else context.at,
    )
    event = ClaimJudged(
        claim=found.id,
        order=found.order,
        arbitrator=found.arbitrator,
        upheld=upheld,
        currency=found.currency,
        amount=command.amount,
        statement=command.statement,
        at=context.at,
    )
    return _kept(judged, event)


@operation("claims:Withdraw", WithdrawClaim, ClaimReply)
def withdraw(command: WithdrawClaim, context: Context) -> Steps:
    """The buyer lets it go."""
    found, _ = yield from load_claim(command.claim)
    require_side(context, found.buyer, "withdraw")
    require_claim(found, ("open", "refused", "escalated", "upheld"), "withdraw")
    return _closed(found, "withdrawn", context)


@operation("claims:Lapse", LapseClaim, ClaimReply)
def lapse(command: LapseClaim, context: Context) -> Steps:
    """Closes a claim that the buyer did not go on with, or that nobody judged in time."""
    found, order = yield from load_claim(command.claim)
    require_claim(found, ("refused", "escalated"), "let lapse")
    if not overdue(found, context):
        raise Refusal(Code.CLAIM_STATE, f"There is time to go on with it until {found.due}.", "claim")
    if found.status == "escalated" and order.second_arbitrator not in (None, found.arbitrator):
        raise Refusal(Code.CLAIM_STATE, "The buyer may still ask the second arbitrator.", "claim")
    return _closed(found, "lapsed", context)


@operation("claims:Disclose", DiscloseClaim, StatementDisclosedReply, private=True)
def disclose(command: DiscloseClaim, context: Context) -> Steps:
    """Puts a text of the claim into one member's own collection; ``disputes:Statement`` reads it there."""
    statement = read_statement(context)
    found, order = yield from load_claim(command.claim)
    digest = statement_commitment(statement)
    if (context.caller.msp_id, digest) not in [(said.by, said.statement) for said in found.statements]:
        raise Refusal(
            Code.COMMITMENT_MISMATCH,
            f"{context.caller.msp_id} said nothing with this hash in the claim.",
            TRANSIENT,
        )
    records = yield Fetch(keys=(member_key(command.recipient),))
    recipient = known_member(records, command.recipient, "recipient")
    concerned = (found.buyer, found.seller, order.arbitrator, order.second_arbitrator)
    if command.recipient not in concerned and recipient.role != "regulator":
        raise Refusal(Code.NOT_PERMITTED, f"{command.recipient} has no part in this claim.", "recipient")
    return put_statement(statement, digest, order.id, command.recipient, context)


@operation("claims:Get", GetClaim, ClaimReply)
def get(command: GetClaim, context: Context) -> Steps:
    """One claim."""
    found, _ = yield from load_claim(command.claim)
    return Decision(reply=ClaimReply(claim=found))


@operation("claims:List", ListClaims, ClaimsReply)
def list_claims(command: ListClaims, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((Claim.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, Claim) for _, value in page.items]
    return Decision(reply=ClaimsReply(claims=found, bookmark=page.bookmark))


def _said(before: list[Answer], statement: str | None, context: Context) -> list[Answer]:
    if statement is None:
        return before
    return [*before, Answer(by=context.caller.msp_id, statement=statement, at=context.at)]


def _kept(claim: Claim, event: Event) -> Decision:
    return Decision(reply=ClaimReply(claim=claim), writes={claim_key(claim.id): claim}, events=(event,))


def _closed(claim: Claim, status: ClaimStatus, context: Context) -> Decision:
    gone = replace(claim, status=status, due=None, closed_at=context.at)
    event = ClaimClosed(
        claim=claim.id, order=claim.order, status=status, by=context.caller.msp_id, at=context.at
    )
    return _kept(gone, event)

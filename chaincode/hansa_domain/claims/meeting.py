"""How a seller meets a claim: with money, with other goods, or with a credit note."""

from __future__ import annotations

from msgspec.structs import replace

from hansa_domain.claims.commands import ClaimPaidReply, ClaimReply, CreditClaim, PayClaim, ReplaceClaim
from hansa_domain.claims.records import (
    Claim,
    ReplacementUsed,
    claim_key,
    load_claim,
    replacement_key,
    require_claim,
    require_side,
)
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ClaimMet, ClaimRemedy
from hansa_domain.money import money_moved
from hansa_domain.notes import note_keys, own_account, pay_out, spendable
from hansa_domain.operation import Context, Decision, Fetch, Steps, operation
from hansa_domain.orders.order import load_order


@operation("claims:Pay", PayClaim, ClaimPaidReply)
def pay(command: PayClaim, context: Context) -> Steps:
    """Pays the buyer, whether it was judged or not."""
    account = own_account(command.change, context, "change")
    found, _ = yield from load_claim(command.claim)
    require_side(context, found.seller, "pay")
    require_claim(found, ("open", "refused", "escalated", "upheld"), "pay")
    least = found.owed or found.amount
    if least is None:
        raise Refusal(Code.CLAIM_STATE, "The buyer wants a replacement, not payment.", "claim")
    if int(command.amount) < int(least):
        raise Refusal(Code.CLAIM_AMOUNT, f"The claim is for {least} minor units.", "amount")
    records = yield Fetch(keys=note_keys(command.notes))
    consumed = spendable(records, command.notes, context, found.currency)
    payment = pay_out(
        consumed,
        int(command.amount),
        payee=found.account,
        account=account,
        reference=context.reference(command),
    )
    met = _met(found, "payment", context, paid=command.amount)
    moved = money_moved(
        "transfer", consumed, payment.created, context, currency=found.currency, order=found.order
    )
    return Decision(
        reply=ClaimPaidReply(claim=met, paid=payment.paid.view, change=payment.change_view),
        writes={**payment.writes, claim_key(met.id): met},
        events=(_told(met, context), moved),
    )


@operation("claims:Replace", ReplaceClaim, ClaimReply)
def replace_goods(command: ReplaceClaim, context: Context) -> Steps:
    """Meets the claim by another order, in which the buyer asked for other goods."""
    found, _ = yield from load_claim(command.claim)
    require_side(context, found.seller, "meet")
    require_claim(found, ("open", "refused", "escalated", "upheld"), "meet")
    other = yield from load_order(command.replacement)
    if (other.replaces, other.buyer, other.seller) != (found.order, found.buyer, found.seller):
        raise Refusal(Code.CLAIM_REPLACEMENT, f"That order does not replace {found.order}.", "replacement")
    if other.status == "placed":
        raise Refusal(Code.CLAIM_REPLACEMENT, "Accept the order first.", "replacement")
    if other.status in ("cancelled", "refunded"):
        raise Refusal(Code.CLAIM_REPLACEMENT, f"That order is {other.status}.", "replacement")
    used = (yield Fetch(keys=(replacement_key(other.id),))).find(ReplacementUsed, other.id)
    if used is not None:
        raise Refusal(Code.CLAIM_REPLACEMENT, f"That order met {used.claim} already.", "replacement")
    met = replace(_met(found, "replacement", context), replacement=other.id)
    return Decision(
        reply=ClaimReply(claim=met),
        writes={claim_key(met.id): met, replacement_key(other.id): ReplacementUsed(claim=met.id)},
        events=(_told(met, context),),
    )


@operation("claims:Credit", CreditClaim, ClaimReply)
def credit(command: CreditClaim, context: Context) -> Steps:
    """Meets the claim by a credit note, where the buyer wanted that."""
    found, _ = yield from load_claim(command.claim)
    require_side(context, found.seller, "meet")
    require_claim(found, ("open", "refused", "escalated"), "meet")
    if found.wanted != "credit":
        raise Refusal(Code.CLAIM_STATE, f"The buyer wants {found.wanted}, not credit.", "claim")
    met = replace(_met(found, "credit", context), document=command.document)
    return _kept(met, context)


def _met(found: Claim, remedy: ClaimRemedy, context: Context, paid: str | None = None) -> Claim:
    return replace(found, status="met", due=None, remedy=remedy, paid=paid, closed_at=context.at)


def _told(met: Claim, context: Context) -> ClaimMet:
    assert met.remedy is not None
    return ClaimMet(
        claim=met.id,
        order=met.order,
        remedy=met.remedy,
        currency=met.currency,
        amount=met.paid or (met.amount if met.remedy == "credit" else None),
        replacement=met.replacement,
        document=met.document,
        at=context.at,
    )


def _kept(met: Claim, context: Context) -> Decision:
    return Decision(
        reply=ClaimReply(claim=met), writes={claim_key(met.id): met}, events=(_told(met, context),)
    )

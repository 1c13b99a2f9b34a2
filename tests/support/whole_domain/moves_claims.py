"""Moves after the trade: claims under a warranty, and debts set off against each other."""

from __future__ import annotations

from typing import Any

from tests.support.escrow import private, statement_hash
from tests.support.whole_domain.draw import Draw
from tests.support.whole_domain.moves import Move, move, sent


def _claim(draw: Draw, *states: str) -> Any:
    return draw.recent([each for each in draw.view.all("claim") if each.status in states])


@move("claims:Open")
def open_claim(draw: Draw) -> Move | None:
    """Of a settled order, while its warranty runs."""
    settled = [each for each in draw.view.all("order") if each.status == "settled" and each.warranty]
    order = draw.recent(settled)
    if order is None:
        return None
    fields = {"reason": "quality", "wanted": draw.pick(("payment", "payment", "credit", "replacement"))}
    if fields["wanted"] != "replacement":
        fields["amount"] = str(draw.random.randint(1, max(1, int(order.amount))))
    return sent(
        draw,
        by=order.buyer,
        order=order.id,
        answer_within=draw.pick((1, 240)),
        statement=statement_hash(),
        **fields,
    )


@move("claims:Pay")
def pay_claim(draw: Draw) -> Move | None:
    found = _claim(draw, "open", "upheld")
    if found is None or found.wanted != "payment":
        return None
    draw.caller = found.seller
    amount = found.owed or found.amount
    notes = draw.notes(None, found.currency, int(amount))
    return sent(draw, claim=found.id, amount=amount, notes=notes)


@move("claims:Credit")
def credit_claim(draw: Draw) -> Move | None:
    found = _claim(draw, "open", "upheld")
    return found and sent(draw, by=found.seller, claim=found.id, document="c0" * 32)


@move("claims:Refuse")
def refuse_claim(draw: Draw) -> Move | None:
    found = _claim(draw, "open")
    return found and sent(draw, by=found.seller, claim=found.id, statement=statement_hash())


@move("claims:Escalate")
def escalate_claim(draw: Draw) -> Move | None:
    found = _claim(draw, "refused", "open")
    return found and sent(draw, by=found.buyer, claim=found.id)


@move("claims:Judge")
def judge_claim(draw: Draw) -> Move | None:
    found = _claim(draw, "escalated")
    if found is None:
        return None
    amount = str(draw.random.randint(0, int(found.amount or 0)))
    return sent(draw, by=found.arbitrator, claim=found.id, amount=amount)


@move("claims:Replace")
def replace_goods(draw: Draw) -> Move | None:
    """By an order that the buyer placed instead, see ``orders:Place``."""
    claims = [each for each in draw.view.all("claim") if each.status in ("open", "refused", "escalated")]
    for found in reversed(claims):
        others = [each for each in draw.view.all("order") if each.replaces == found.order]
        going = [each for each in others if each.status not in ("placed", "cancelled", "refunded")]
        if going:
            return sent(draw, by=found.seller, claim=found.id, replacement=draw.pick(going).id)
    return None


@move("claims:Lapse")
def lapse_claim(draw: Draw) -> Move | None:
    """By anybody; it is time once the buyer, or the arbitrator, let his pass."""
    found = _claim(draw, "refused", "escalated")
    return found and sent(draw, claim=found.id)


@move("claims:Withdraw")
def withdraw_claim(draw: Draw) -> Move | None:
    found = _claim(draw, "open", "refused", "escalated")
    return found and sent(draw, by=found.buyer, claim=found.id)


@move("claims:Disclose")
def disclose_claim(draw: Draw) -> Move | None:
    claims = [each for each in draw.view.all("claim") if each.statements]
    found = draw.recent(claims)
    if found is None:
        return None
    author = draw.pick(found.statements).by
    recipient = draw.pick((found.buyer, found.seller, found.arbitrator))
    made = sent(draw, by=author, claim=found.id, recipient=recipient)
    return Move(made.caller, made.fields, private())


SIDES = ("RetailerMSP", "ProducerMSP", "CarrierMSP", "BankMSP")


@move("obligations:Register")
def register(draw: Draw) -> Move:
    debtor, creditor = draw.random.sample(SIDES, 2)
    fields = {"debtor": debtor, "creditor": creditor, "currency": "EUR"}
    return sent(draw, by=draw.pick((debtor, creditor)), **fields, amount=str(draw.random.randint(1, 200)))


def _owed(draw: Draw, status: str) -> Any:
    found = [each for each in draw.view.all("obligation") if each.status == status]
    return draw.recent([each for each in found if each.cycle is None])


@move("obligations:Confirm")
def confirm(draw: Draw) -> Move | None:
    found = _owed(draw, "proposed")
    if found is None:
        return None
    other = found.creditor if found.registered_by == found.debtor else found.debtor
    return sent(draw, by=other, obligation=found.id)


@move("obligations:Pay")
def pay_obligation(draw: Draw) -> Move | None:
    found = _owed(draw, "confirmed")
    if found is None or draw.chance(60):
        return None  # what is paid is not set off
    draw.caller = found.debtor
    notes = draw.notes(None, found.currency, int(found.amount))
    return sent(draw, obligation=found.id, notes=notes)


@move("netting:Open")
def open_cycle(draw: Draw) -> Move | None:
    """Several confirmed debts of one currency that stand in no cycle yet."""
    free = [each for each in draw.view.all("obligation") if each.status == "confirmed" and not each.cycle]
    if len(free) < 2:
        return None
    chosen = draw.random.sample(free, min(len(free), 4))
    names = [each.id for each in chosen]
    return sent(draw, by=chosen[0].debtor, obligations=names, fund_within=3600)


def _cycle(draw: Draw) -> Any:
    return draw.recent([each for each in draw.view.all("netting") if each.status == "open"])


def _unpaid(draw: Draw, cycle: Any) -> list[Any]:
    """Net debtors who have not paid in."""
    debtors = [each for each in cycle.positions if each.owes != "0"]
    return [each for each in debtors if draw.view.get("netting-pot", cycle.id, each.member) is None]


@move("netting:Fund")
def fund(draw: Draw) -> Move | None:
    found = _cycle(draw)
    debtors = _unpaid(draw, found) if found else []
    if not debtors:
        return None
    position = draw.pick(debtors)
    draw.caller = position.member
    notes = draw.notes(position.member, found.currency, int(position.owes))
    return sent(draw, cycle=found.id, notes=notes)


@move("netting:Close")
def close_cycle(draw: Draw) -> Move | None:
    funded = [each for each in draw.view.all("netting") if each.status == "open" and not _unpaid(draw, each)]
    found = draw.recent(funded)
    return found and sent(draw, cycle=found.id)


@move("netting:Dissolve")
def dissolve(draw: Draw) -> Move | None:
    found = _cycle(draw)
    if found is None or draw.chance(90):
        return None
    return sent(draw, by=draw.pick(found.positions).member, cycle=found.id)

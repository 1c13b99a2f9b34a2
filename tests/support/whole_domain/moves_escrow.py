"""Moves of money in escrow: milestones, disputes before an arbitrator, splits that parties agree on."""

from __future__ import annotations

from typing import Any

from tests.support.escrow import DOCUMENT, PLAN, private, split, statement_hash
from tests.support.whole_domain.draw import Draw
from tests.support.whole_domain.moves import Move, move, sent

UNDER_WAY = ("accepted", "shipped", "delivered")


def by_milestones() -> dict[str, Any]:
    """What makes an order one that is paid by milestones."""
    return {"settlement": "milestones", "milestones": PLAN}


def _parties(order: Any) -> list[str]:
    return list(order.parties)


@move("milestones:Report")
def report(draw: Draw) -> Move | None:
    """The present one, by the buyer or the inspector."""
    kind = [each for each in draw.view.all("order") if each.settlement == "milestones"]
    order = draw.recent([each for each in kind if each.status in UNDER_WAY])
    plan = order and draw.view.get("milestones", order.id)
    if plan is None:
        return None
    name = next((each.name for each in plan.milestones if each.status == "pending"), "shipped")
    by = draw.pick((order.buyer, "RegulatorMSP"))
    return sent(draw, by=by, order=order.id, milestone=name, document=DOCUMENT)


def _disputed(draw: Draw) -> tuple[Any, Any]:
    """An order whose dispute is open, and that dispute."""
    order = draw.recent([each for each in draw.view.all("order") if each.dispute is not None])
    return order, order and draw.view.get("dispute", order.id, order.dispute)


@move("disputes:Open")
def open_dispute(draw: Draw) -> Move | None:
    order = draw.recent([each for each in draw.view.all("order") if each.status in UNDER_WAY])
    if order is None:
        return None
    by = draw.pick(_parties(order))
    return sent(draw, by=by, order=order.id, reason="damaged", statement=statement_hash())


@move("disputes:Answer")
def answer(draw: Draw) -> Move | None:
    order, dispute = _disputed(draw)
    if dispute is None:
        return None
    others = [each for each in _parties(order) if each != dispute.opener]
    return sent(draw, by=draw.pick(others), order=order.id, statement=statement_hash())


@move("disputes:AddEvidence")
def add_evidence(draw: Draw) -> Move | None:
    order, dispute = _disputed(draw)
    evidence = [f"{draw.random.randrange(256):02x}" * 32]
    return dispute and sent(draw, by=draw.pick(_parties(order)), order=order.id, evidence=evidence)


@move("disputes:Withdraw")
def withdraw(draw: Draw) -> Move | None:
    order, dispute = _disputed(draw)
    return dispute and sent(draw, by=dispute.opener, order=order.id)


def _divided(draw: Draw, order: Any, amount: int) -> dict[str, str]:
    buyer = draw.random.randint(0, amount)
    return split(buyer, amount - buyer)


@move("disputes:Decide")
def decide(draw: Draw) -> Move | None:
    """A split of all that is held; where the arbitrator has a fee it is sometimes left for him."""
    order, dispute = _disputed(draw)
    if dispute is None:
        return None
    held = max(0, order.held - draw.pick((0, 0, 1, order.held // 100)))
    fields = {"split": _divided(draw, order, held), "goods": draw.pick(("buyer", "seller"))}
    return sent(draw, by=dispute.arbitrator, order=order.id, **fields)


@move("disputes:Disclose")
def disclose(draw: Draw) -> Move | None:
    dispute = draw.recent([each for each in draw.view.all("dispute") if each.statements])
    if dispute is None:
        return None
    author = draw.pick(dispute.statements).by
    fields = {"order": dispute.order, "opener": dispute.opener, "recipient": dispute.arbitrator}
    made = sent(draw, by=author, **fields)
    return Move(made.caller, made.fields, private())


@move("settlements:Propose")
def propose(draw: Draw) -> Move | None:
    """All that is held, or a part of it."""
    order = draw.recent([each for each in draw.view.all("order") if each.status in UNDER_WAY])
    if order is None:
        return None
    whole = draw.chance(60)
    amount = order.held if whole else draw.random.randint(0, order.held)
    fields = {"split": _divided(draw, order, amount), "goods": "buyer" if whole else None, "valid_for": 240}
    return sent(draw, by=draw.pick(_parties(order)), order=order.id, **fields)


@move("settlements:Accept")
def accept(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("settlement") if each.status == "proposed"])
    if found is None:
        return None
    missing = sorted(set(found.needs) - set(found.agreed))
    return sent(draw, by=draw.pick(missing or found.needs), order=found.order, number=found.number)


@move("settlements:Withdraw")
def withdraw_proposal(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("settlement") if each.status == "proposed"])
    if found is None or draw.chance(50):
        return None  # what is withdrawn is not agreed on
    by = draw.pick(sorted({*found.needs, *found.agreed}))
    return sent(draw, by=by, order=found.order, number=found.number)

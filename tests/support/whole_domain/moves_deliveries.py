"""Moves of orders that are shipped, received and paid part by part."""

from __future__ import annotations

from typing import Any

from tests.support.whole_domain.draw import Draw
from tests.support.whole_domain.moves import Move, move, sent


def delivery_terms(draw: Draw, carrier: str | None, freight: int) -> dict[str, Any]:
    """Terms with one carriage for all the freight; returns and damaged goods are agreed on now and then."""
    return {
        "answer_within": 30,
        "invoice_within": 240,
        "carriages": [{"carrier": carrier, "freight": str(freight)}] if carrier else [],
        "cancellation_fee": draw.pick((0, 1000)),
        "return_fee": draw.pick((None, 2000)),
        "damage_discount": draw.pick((None, 4000)),
        "tolerance": 100,
    }


def _order(draw: Draw, *states: str) -> Any:
    """An order of this kind in one of these states."""
    kind = [each for each in draw.view.all("order") if each.settlement == "deliveries"]
    return draw.recent([each for each in kind if each.status in states])


@move("orders:AcceptPart")
def accept_part(draw: Draw) -> Move | None:
    order = _order(draw, "placed")
    if order is None:
        return None
    lines = []
    for place, line in enumerate(order.lines):
        accepted = draw.random.randint(0, line.quantity)
        back = draw.random.randint(0, line.quantity - accepted)
        lines.append({"line": place, "accepted": accepted, "back_ordered": back})
    return sent(draw, by=order.seller, order=order.id, lines=lines, promise_within=600)


@move("orders:AcceptBackOrder")
def accept_back_order(draw: Draw) -> Move | None:
    return _answered(draw)


@move("orders:RefuseBackOrder")
def refuse_back_order(draw: Draw) -> Move | None:
    return _answered(draw)


def _answered(draw: Draw) -> Move | None:
    waiting = [each for each in draw.view.all("fulfilment") if each.back_order is not None]
    found = draw.recent(waiting)
    return found and sent(draw, by=draw.view.get("order", found.order).buyer, order=found.order)


@move("orders:CancelRest")
def cancel_rest(draw: Draw) -> Move | None:
    order = _order(draw, "accepted", "shipped")
    return order and sent(draw, by=draw.pick((order.buyer, order.seller)), order=order.id)


@move("despatches:Despatch")
def despatch(draw: Draw) -> Move | None:
    """Some of what is open of an order, and now and then more."""
    order = _order(draw, "accepted", "shipped")
    state = order and draw.view.get("fulfilment", order.id)
    if state is None:
        return None
    lines = [
        {"line": place, "quantity": draw.random.randint(1, line.open)}
        for place, line in enumerate(state.lines)
        if line.open
    ]
    used = {draw.view.get("despatch", each).carriage for each in state.despatches}
    carriage = 0 if order.deliveries.carriages and not used & {0} else None
    return sent(
        draw,
        by=order.seller,
        order=order.id,
        lines=lines or [{"line": 0, "quantity": 1}],
        carriage=carriage,
    )


def _despatch(draw: Draw, *states: str) -> Any:
    return draw.recent([each for each in draw.view.all("despatch") if each.status in states])


@move("despatches:Deliver")
def deliver(draw: Draw) -> Move | None:
    found = _despatch(draw, "despatched")
    if found is None:
        return None
    by = found.carrier or draw.view.get("order", found.order).seller
    return sent(draw, by=by, despatch=found.id)


@move("receipts:Report")
def report(draw: Draw) -> Move | None:
    """What came: mostly all of it, else some short or damaged."""
    found = _despatch(draw, "despatched", "delivered")
    if found is None:
        return None
    lines = []
    for line in found.lines:
        wrong = draw.random.randint(0, line.quantity) if draw.chance(40) else 0
        kind = draw.pick(("short", "damaged", "rejected"))
        lines.append({"line": line.line, "accepted": line.quantity - wrong, kind: wrong})
        if wrong:
            lines[-1]["reason"] = "CP"
    return sent(draw, by=draw.view.get("order", found.order).buyer, despatch=found.id, lines=lines)


@move("invoices:Issue")
def issue(draw: Draw) -> Move | None:
    """An invoice for what the receipt says was taken, at the price agreed; now and then for too much."""
    found = _despatch(draw, "received")
    if found is None:
        return None
    state = draw.view.get("fulfilment", found.order)
    receipt = draw.view.get("receipt", found.id)
    lines = []
    for line in receipt.lines:
        taken = line.accepted + (1 if draw.chance(10) else 0)
        value = state.lines[line.line]
        lines.append(
            {"line": line.line, "quantity": taken, "amount": str(int(value.value) * taken // value.ordered)}
        )
    by = draw.view.get("order", found.order).seller
    return sent(draw, by=by, despatch=found.id, lines=lines, freight=found.freight)


def _invoice(draw: Draw) -> Any:
    return draw.recent([each for each in draw.view.all("invoice") if each.status == "issued"])


@move("invoices:Credit")
def credit(draw: Draw) -> Move | None:
    found = _invoice(draw)
    if found is None:
        return None
    return sent(draw, by=draw.view.get("order", found.order).seller, invoice=found.id)


@move("invoices:Pay")
def pay(draw: Draw) -> Move | None:
    found = _invoice(draw)
    return found and sent(draw, by=draw.view.get("order", found.order).buyer, invoice=found.id)

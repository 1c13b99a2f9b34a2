"""Moves of exchange: firm quotes with the money behind them, and facilities at the oracles' rate."""

from __future__ import annotations

from typing import Any

from tests.support.whole_domain.draw import Draw
from tests.support.whole_domain.moves import Move, move, sent
from tests.support.whole_domain.moves_market import PAIR


def organisation(account: str) -> str:
    """The member whose account it is."""
    return account.partition("/")[0]


@move("exchanges:Offer")
def offer(draw: Draw) -> Move:
    draw.caller = draw.pick(("BankMSP", "CarrierMSP", "RetailerMSP"))
    given, wanted = draw.pick((("EUR", "CNY"), ("CNY", "EUR")))
    amount = draw.random.randint(1, 60)
    fields: dict[str, Any] = {"currency": given, "amount": str(amount)}
    fields |= {"price_currency": wanted, "price": str(amount * 7)}
    notes = draw.notes(None, given, amount)
    return sent(
        draw,
        taker=draw.pick(("RetailerMSP", "BankMSP")),
        **fields,
        valid_for=draw.pick((1, 120)),
        notes=notes,
    )


def _offered(draw: Draw) -> Any:
    return draw.recent([each for each in draw.view.all("exchange") if each.status == "open"])


@move("exchanges:Accept")
def accept(draw: Draw) -> Move | None:
    found = _offered(draw)
    if found is None:
        return None
    draw.caller = found.taker
    notes = draw.notes(None, found.price_currency, int(found.price) + 5)
    return sent(draw, exchange=found.id, notes=notes)


@move("exchanges:Reject")
def reject(draw: Draw) -> Move | None:
    found = _offered(draw)
    return found and sent(draw, by=found.taker, exchange=found.id)


@move("exchanges:Expire")
def expire(draw: Draw) -> Move | None:
    found = _offered(draw)
    if found is None or draw.chance(50):
        return None
    return sent(draw, exchange=found.id)


@move("facilities:Open")
def open_facility(draw: Draw) -> Move:
    draw.caller = draw.pick(("BankMSP", "CarrierMSP"))
    gives = draw.pick(("EUR", "CNY"))
    fields = {"currency": gives, "amount": "400", "spread": draw.random.randrange(50), "parts": 2}
    return sent(draw, **PAIR, **fields, max_age=86_400, notes=draw.notes(None, gives, 400))


def _open(draw: Draw) -> Any:
    return draw.recent([each for each in draw.view.all("facility") if each.status == "open"])


@move("facilities:Exchange")
def use(draw: Draw) -> Move | None:
    found = _open(draw)
    if found is None:
        return None
    draw.caller = draw.pick(("RetailerMSP", "ProducerMSP", "BankMSP"))
    amount = draw.random.randint(1, 30)
    fields = {"currency": found.takes, "amount": str(amount), "least": draw.pick(("1", str(amount)))}
    notes = draw.notes(None, found.takes, amount + 5)
    return sent(draw, facility=found.id, part=draw.random.randrange(2), **fields, notes=notes)


@move("facilities:TopUp")
def top_up(draw: Draw) -> Move | None:
    found = _open(draw)
    if found is None:
        return None
    draw.caller = organisation(found.account)
    fields = {"part": draw.random.randrange(2), "currency": found.gives, "amount": "20"}
    return sent(draw, facility=found.id, **fields, notes=draw.notes(found.account, found.gives, 20))


@move("facilities:Withdraw")
def withdraw(draw: Draw) -> Move | None:
    found = _open(draw)
    if found is None:
        return None
    fields = {"part": draw.random.randrange(2), "currency": found.gives, "amount": str(draw.pick((5, 300)))}
    return sent(draw, by=organisation(found.account), facility=found.id, **fields)


@move("facilities:Revise")
def revise(draw: Draw) -> Move | None:
    found = _open(draw)
    return found and sent(
        draw,
        by=organisation(found.account),
        facility=found.id,
        spread=draw.random.randrange(90),
        max_age=3600,
    )


@move("facilities:Close")
def close(draw: Draw) -> Move | None:
    found = _open(draw)
    return found and sent(draw, by=organisation(found.account), facility=found.id)

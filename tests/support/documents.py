"""What tests of documents begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa import ubl
from hansa.documents.errors import DocumentError
from hansa.errors import RefusedError
from tests.support.portal import Consortium

COFFEE, TEA = "09521321000018", "09521321000025"
RETAILER = ubl.Party(msp_id="RetailerMSP", name="Whoever")
PRODUCER = ubl.Party(gln="9521321000018")


def salts(command_id: str) -> str:
    return command_id.encode().hex().ljust(64, "0")[:64]


def began(folder: Path) -> Consortium:
    """Members, goods, money, and nothing ordered yet."""
    trade = Consortium(folder)
    member = ("member", "ProducerMSP")
    trade.ledger.world.state[member] = trade.ledger.world.state[member].replace(
        b'"gln":null', b'"gln":"9521321000018"'
    )
    producer = trade.sdk("Producer")
    producer.products.register(COFFEE, "Coffee beans 1 kg")
    producer.products.register(TEA, "Tea")
    producer.listings.create(COFFEE, unit_price=1250, currency="EUR", quantity=100)
    producer.listings.create(TEA, unit_price=300, currency="EUR", quantity=100)
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    return trade


def order(**changes: Any) -> ubl.Order:
    found = ubl.Order(
        id="PO-1",
        issue_date="2027-01-15",
        currency="EUR",
        buyer=RETAILER,
        seller=PRODUCER,
        lines=(
            ubl.Line(id="10", quantity=4, gtin=COFFEE, price=1250, amount=5000),
            ubl.Line(id="20", quantity=10, gtin=TEA),
        ),
        freight=800,
        carrier=ubl.Party(msp_id="CarrierMSP"),
        deliver_to=ubl.Address(
            name="Store 7",
            street=("Quay 1", "Gate 2", "Yard 3"),
            city="Hamburg",
            country="DE",
            contact="A. Person",
        ),
    )
    return msgspec.structs.replace(found, **changes)


def place(trade: Consortium, document: ubl.Order | None = None, who: str = "Retailer") -> str:
    return trade.sdk(who).ubl.carry_out(ubl.write(document or order()), salts=salts).order


def refused(trade: Consortium, document: ubl.Document, who: str = "Retailer") -> tuple[str, str | None]:
    before = len(trade.ledger.blocks)
    with pytest.raises((DocumentError, RefusedError)) as error:
        trade.sdk(who).ubl.carry_out(ubl.write(document), salts=salts)
    assert len(trade.ledger.blocks) == before
    return error.value.code, error.value.field


def answer(code: Any, **changes: Any) -> ubl.OrderResponse:
    found = ubl.OrderResponse(
        id="R-1",
        issue_date="2027-01-15",
        answer=code,
        order=ubl.OrderRef(id="PO-1"),
        seller=PRODUCER,
        buyer=RETAILER,
    )
    return msgspec.structs.replace(found, **changes)

"""An order in parts on the command line: what it answers, on a ledger in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hansa.errors import RefusedError
from hansa.settling import Settling
from hansa_cli import invoices, operations
from hansa_cli.main import main
from hansa_cli.session import CliError
from hansa_domain.deliveries.commands import LineReport
from hansa_domain.orders.delivery_terms import Carriage, DeliveryTerms
from tests.support.portal import Consortium

GTIN = "09521321000018"


@pytest.fixture
def trade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Consortium:
    found = Consortium(tmp_path)

    @contextmanager
    def acting(who: str, data: Path | None) -> Iterator[Any]:
        yield found.sdk(who)

    for module in (invoices, operations):
        monkeypatch.setattr(module, "acting", acting)
    return found


@pytest.fixture
def despatch(trade: Consortium) -> str:
    """A despatch of four units, of which three came."""
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    producer, retailer = trade.sdk("Producer"), trade.sdk("Retailer")
    producer.products.register(GTIN, "Olive oil")
    made = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
    terms = DeliveryTerms(
        answer_within=60, invoice_within=600, carriages=[Carriage(carrier="CarrierMSP", freight="500")]
    )
    order = retailer.orders.place(made.reply.listing.id, 4, settling=Settling(deliveries=terms)).reply.order
    producer.orders.accept(order.id)
    sent = producer.despatches.send(order.id, {0: 4}, carriage=0).reply.despatch
    trade.sdk("Carrier").despatches.deliver(sent.id)
    retailer.receipts.report(sent.id, [LineReport(line=0, accepted=3, short=1, reason="AF")])
    return str(sent.id)


def test_an_invoice_asks_for_what_is_due(despatch: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["invoices", "issue", despatch, "--number", "R-1", "--as", "Producer"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "quantity  3\n      amount  37.50 EUR" in said
    assert "freight  5.00 EUR" in said
    assert "(block " in said


def test_an_invoice_asks_for_what_is_named(despatch: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = json.dumps([{"line": 0, "quantity": 2, "amount": "2500"}])
    words = [
        "invoices",
        "issue",
        despatch,
        "--lines",
        lines,
        "--freight",
        "4.00",
        "--as",
        "Producer",
        "--json",
    ]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)["reply"]["invoice"]
    assert (found["lines"][0]["amount"], found["freight"]) == ("2500", "400")
    with pytest.raises(SystemExit):
        main([*words[:4], '[{"line": 0}]', "--as", "Producer", "--json"])
    refused = json.loads(capsys.readouterr().err)["error"]
    assert (refused["code"], refused["field"]) == ("FIELD_INVALID", "lines[0].quantity")


def test_a_despatch_is_told_in_the_currency_of_its_order(
    despatch: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["despatches", "show", despatch, "--as", "Producer"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "freight  5.00 EUR" in said
    assert "amount  37.50 EUR" in said
    assert "minor units" not in said


def test_an_amount_that_is_no_whole_number_is_refused_by_the_sdk(trade: Consortium) -> None:
    wrong: Any = "12.50"
    with pytest.raises(RefusedError, match="whole number of minor units") as caught:
        trade.sdk("Retailer").money.transfer("ProducerMSP", "EUR", wrong)
    assert (caught.value.code, caught.value.field) == ("FIELD_INVALID", "amount")
    assert caught.value.__notes__ == [caught.value.hint]


def test_a_number_that_is_no_percentage_is_said() -> None:
    from hansa_cli.pricing import read_concession

    with pytest.raises(CliError, match="no percentage"):
        read_concession("5%", None, {})
    with pytest.raises(CliError, match="of which currency") as caught:
        read_concession(None, "5.00", {})
    assert (caught.value.code, caught.value.field) == ("CURRENCY_MISSING", "amount")

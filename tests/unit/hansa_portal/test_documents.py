"""Documents on the pages: sent in once, saved as files, and private parts for whom they were told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from hansa import iso20022, ubl
from hansa.iso20022 import camt053, pain001
from tests.support.documents import began, order
from tests.support.portal import FAILURES, Browser, Consortium

SEND = "/documents/send"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    for name in ("Retailer", "Producer"):
        (tmp_path / name).mkdir()
    return began(tmp_path)


def send(browser: Browser, raw: bytes) -> tuple[int, str]:
    form = browser.form(SEND, SEND)
    file = (io.BytesIO(raw), "document.xml")
    answer = browser.client.post(SEND, data={**form.fields, "file": file}, content_type="multipart/form-data")
    return answer.status_code, answer.headers.get("Location") or answer.text


def test_an_order_is_sent_in_and_saved(trade: Consortium) -> None:
    retailer, producer, bank = (trade.browser(name) for name in ("Retailer", "Producer", "Bank"))
    status, place = send(retailer, ubl.write(order()))
    assert status == 303
    blocks = len(trade.ledger.blocks)
    assert send(retailer, ubl.write(order())) == (303, place)
    assert len(trade.ledger.blocks) == blocks
    page = producer.get(place)
    assert f"{place}/ubl/order" in page
    assert f"{place}/ubl/invoice" not in page
    saved = producer.client.get(f"{place}/ubl/order")
    assert saved.headers["Content-Disposition"].startswith("attachment; filename=order-")
    assert (saved.mimetype, saved.headers["Cache-Control"]) == ("application/xml", "no-store")
    document = ubl.read(saved.data)
    assert isinstance(document, ubl.Order)
    assert document.deliver_to == order().deliver_to
    assert producer.client.get(f"{place}/ubl/invoice").status_code == 404
    assert producer.client.get(f"{place}/ubl/else").status_code == 404
    # The bank is the order's arbitrator: it sees the order, and nothing that was told in private.
    seen = bank.client.get(f"{place}/ubl/order")
    assert seen.status_code == 200
    assert b"Quay" not in seen.data


def test_strangers_save_nothing(trade: Consortium) -> None:
    _, place = send(trade.browser("Retailer"), ubl.write(order(carrier=None, freight=0)))
    carrier = trade.browser("Carrier")
    assert carrier.client.get(f"{place}/ubl/order").status_code == 404
    assert carrier.client.get("/money/statement?account=RetailerMSP&currency=EUR").status_code == 403
    assert trade.browser("Regulator").client.get(SEND).status_code == 403


def test_what_is_wrong_is_said_with_its_place(trade: Consortium) -> None:
    retailer = trade.browser("Retailer")
    status, page = send(retailer, ubl.write(order(currency="USD")))
    assert (status, "/Order/cac:OrderLine[1]" in page, "DOCUMENT_GOODS_UNKNOWN" in page) == (422, True, True)
    for raw, code in (
        (b"<a/>", "DOCUMENT_KIND_UNKNOWN"),
        (b"<a", "DOCUMENT_MALFORMED"),
        (b"\xff", "DOCUMENT_MALFORMED"),
    ):
        status, page = send(retailer, raw)
        assert (status, code in page) == (422, True)
    empty = retailer.submit(SEND, {"document": ""}, page=SEND)
    assert empty.status_code == 422


def payments(amount: int = 1250) -> bytes:
    transfer = pain001.Transfer(
        end_to_end_id="INV-1", currency="EUR", amount=amount, creditor=iso20022.Party(msp_id="ProducerMSP")
    )
    batch = pain001.Batch(
        id="B",
        day="2026-01-15",
        debtor=iso20022.Party(name="R"),
        account="RetailerMSP",
        transfers=(transfer,),
    )
    return pain001.write(
        pain001.Initiation(
            id="M-1", created="2026-01-15T08:00:00Z", initiator=iso20022.Party(name="R"), batches=(batch,)
        )
    )


def test_payments_are_sent_in_and_stand_on_the_statement(trade: Consortium) -> None:
    retailer = trade.browser("Retailer")
    assert send(retailer, payments())[0] == 200
    assert send(retailer, payments())[0] == 200
    status, page = send(retailer, payments(9))
    assert (status, "COMMAND_ID_REUSED" in page) == (422, True)
    page = retailer.get("/money/statement")
    assert "INV-1" in page
    assert page.count("12.50") == 1
    statement = camt053.read(retailer.client.get("/money/statement?as=camt053").data).statement
    assert [entry.amount for entry in statement.entries] == [100_000, -1250]
    saved = retailer.client.get("/money/statement?as=csv")
    assert saved.mimetype == "text/csv"
    assert "INV-1" in saved.text
    assert retailer.client.get("/money/statement?from=2027-02-30&to=2027-02-30").status_code == 422
    assert "INV-1" not in retailer.get("/money/statement?from=2026-02-01&to=2026-02-02")


@pytest.mark.parametrize("name", ["RetailerMSP/%0D%0Ax", "RetailerMSP/%00", "RetailerMSP/" + "x" * 300])
def test_a_statement_of_what_can_be_no_account_is_refused(trade: Consortium, name: str) -> None:
    for wanted in ("", "&as=csv", "&as=camt053"):
        answer = trade.browser("Retailer").client.get(f"/money/statement?account={name}&currency=EUR{wanted}")
        assert answer.status_code == 422
        assert "There is no such account." in answer.text


def test_the_page_of_a_long_statement_is_cut_and_its_files_are_whole(
    trade: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hansa_portal.pages.documents.MOST_SHOWN", 2)
    for _ in range(3):
        trade.sdk("Retailer").money.transfer("ProducerMSP", "EUR", 1)
    retailer = trade.browser("Retailer")
    page = retailer.get("/money/statement?currency=EUR")
    rows = page.count('<li class="row">')
    saved = camt053.read(retailer.client.get("/money/statement?currency=EUR&as=camt053").data).statement
    assert rows == 2
    assert f"{len(saved.entries) - 2} more are in the files below." in page


def test_an_unknown_outcome_can_be_asked_again(trade: Consortium) -> None:
    retailer = trade.browser("Retailer")
    FAILURES.functions.add("orders:Place")
    status, page = send(retailer, ubl.write(order()))
    assert (status, "PO-1" in page) == (503, True)
    assert send(retailer, ubl.write(order()))[0] == 303

"""Documents by the command line: in, out, and the books proved against the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hansa import connect, ubl
from hansa.iso20022 import camt053, pacs008
from hansa_network.data_folder import DataFolder
from hansa_readmodel.store import ReadModel, open_database
from tests.support.command_line import CommandLine
from tests.support.network import running_network

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def hansa(own_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    folder = tmp_path_factory.mktemp("documents") / "data"
    with running_network(folder):
        yield CommandLine(folder)


def fill_read_model(data: Path) -> None:
    """What the projector does, up to the block that is the last one now."""
    with connect("Bank", "admin", data=data) as bank:
        model = ReadModel(open_database(DataFolder(data).database_url), bank.ledger.genesis_hash())
        model.prepare()
        with bank.ledger.blocks(0, bank.ledger.height() - 1) as blocks:
            for block in blocks:
                model.apply(block)


def test_documents_and_books(hansa: CommandLine, tmp_path: Path) -> None:
    order_file = str(EXAMPLES / "ubl" / "1-order.xml")
    gtin = "09521321000704"
    hansa.ask("products", "register", gtin, "Tea", "--as", "Producer")
    hansa.ask("listings", "create", gtin, "EUR", "500", "--price", "7.20", "--as", "Producer")
    hansa.ask("money", "mint", "EUR", "1000.00", "--to", "Retailer", "--as", "Bank")
    first = hansa.ask("ubl", "import", order_file, "--as", "Retailer")
    again = hansa.ask("ubl", "import", order_file, "--as", "Retailer")
    assert again["order"] == first["order"]
    assert again["transactions"][0]["repeated"]
    wrong = hansa.refused("ubl", "import", order_file, "--as", "Producer")
    assert (wrong["code"], wrong["field"]) == (
        "DOCUMENT_PARTY_NOT_YOU",
        "/Order/cac:BuyerCustomerParty/cac:Party",
    )
    exported = tmp_path / "order.xml"
    assert (
        hansa("ubl", "export", "order", first["order"], "--out", str(exported), "--as", "Carrier").status == 0
    )
    document = ubl.read(exported.read_bytes())
    assert isinstance(document, ubl.Order)
    assert document.deliver_to is not None  # told to the carrier in private
    assert hansa.refused("ubl", "export", "invoice", first["order"], "--as", "Retailer")

    paid = hansa.ask("iso20022", "pay", str(EXAMPLES / "iso20022" / "payments.xml"), "--as", "Retailer")
    assert paid["status"] == "ACSC"
    other = hansa("iso20022", "pay", str(EXAMPLES / "iso20022" / "payments-changed.xml"), "--as", "Retailer")
    assert (other.status, "COMMAND_ID_REUSED" in other.err) == (1, True)
    block = str(paid["transactions"][0]["block"])
    told = hansa("iso20022", "pacs008", block, "--as", "Retailer")
    assert [each.end_to_end_id for each in pacs008.read(told.out.encode()).transfers] == [
        "WAIT-2026-17",
        "DEPOSIT-2026-4",
    ]
    books_add_up(hansa, tmp_path)


def books_add_up(hansa: CommandLine, tmp_path: Path) -> None:
    written = tmp_path / "statement.xml"
    words = ["money", "statement", "EUR", "--format", "camt053", "--out", str(written)]
    assert hansa(*words, "--as", "Retailer").status == 0
    statement = camt053.read(written.read_bytes()).statement
    assert [entry.amount for entry in statement.entries] == [100_000, -30_600, -15_500]
    assert "unmatched" in hansa("money", "statement", "EUR", "--as", "Retailer").out
    books = hansa.ask("money", "reconcile", "--as", "Retailer")
    fill_read_model(hansa.data)
    assert hansa.ask("money", "reconcile", "--as", "Retailer") == books
    assert all(each["reconciles"] for each in books["currencies"])
    assert {each["books"] == each["ledger"] for each in books["accounts"]} == {True}
    assert [each["reference"] for each in books["unmatched"]] == ["WAIT-2026-17", "DEPOSIT-2026-4"]

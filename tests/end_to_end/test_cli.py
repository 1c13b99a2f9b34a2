"""A whole trade by the command line alone, and what it says where something is wrong."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.network import GTIN, running_network

UNUSED = "01ARZ3NDEKTSV4RRFFQ69G5FAW"
ADDRESS = "name: Store 7\nstreet: [Main Street 1]\ncity: Hamburg\ncountry: DE\n"


@pytest.fixture(scope="module")
def hansa(own_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    folder = tmp_path_factory.mktemp("command-line") / "data"
    with running_network(folder):
        yield CommandLine(folder)


@pytest.fixture(scope="module")
def listing(hansa: CommandLine) -> str:
    hansa.ask("products", "register", GTIN, "Lamp", "--as", "Producer")
    hansa.ask("money", "mint", "EUR", "1000.00", "--to", "Retailer", "--as", "Bank/treasurer")
    made = hansa.ask("listings", "create", GTIN, "EUR", "20", "--price", "12.50", "--as", "Producer/sales")
    return str(made["reply"]["listing"]["id"])


def test_an_order_from_placing_to_settlement(hansa: CommandLine, listing: str, tmp_path: Path) -> None:
    address = tmp_path / "address.yaml"
    address.write_text(ADDRESS)
    words = ["orders", "place", listing, "2", "--freight", "5.00", "--carrier", "Carrier"]
    placed = hansa.ask(*words, "--deliver-to", str(address), "--as", "Retailer/purchasing")
    order = placed["reply"]["order"]["id"]
    assert placed["validation_code"] == "VALID"
    assert placed["reply"]["order"]["delivery_commitment"]
    for step, who in (("accept", "Producer"), ("ship", "Producer/warehouse"), ("deliver", "Carrier/driver")):
        assert hansa.ask("orders", step, order, "--as", who)["block"] > placed["block"]
    settled = hansa("orders", "confirm", order, "--as", "Retailer")
    assert (settled.status, settled.err) == (0, "")
    assert "settled" in settled.out
    shown = hansa.ask("orders", "show", order, "--as", "Regulator")
    assert shown["order"]["status"] == "settled"
    assert [one["id"] for one in hansa.ask("orders", "list", "--as", "Carrier")] == [order]
    assert hansa.ask("orders", "list", "--party", "Bank", "--as", "Carrier") == []
    assert "5.00 EUR" in hansa("money", "balance", "--as", "Carrier").out
    assert hansa.ask("listings", "show", listing, "--as", "Retailer")["stock"]["total"] == 18


def test_an_offer_says_how_it_is_paid(hansa: CommandLine, listing: str, tmp_path: Path) -> None:
    prices, settled_by = tmp_path / "prices.yaml", tmp_path / "settled.yaml"
    prices.write_text(f'lines: [{{gtin: "{GTIN}", quantity: 2, unit_price: "10.00"}}]')
    plan = """
    milestones:
      - {name: Tested, event: attested, inspector: Regulator, within: 3600, otherwise: refund, amount: "4.90"}
      - {name: Arrived, event: delivered, within: 3600, otherwise: refund, amount: "15.00"}
    warranty: 86400
    """
    settled_by.write_text(plan)
    words = ["offers", "propose", str(prices), "EUR", "--buyer", "Retailer", "--as", "Producer/sales"]
    words += ["--settled-by", str(settled_by)]
    refused = hansa.refused(*words, "--arbitrator", "Producer")
    assert (refused["code"], refused["field"]) == ("ARBITRATOR_INVALID", "proposal.arbitrator")
    proposed = hansa(*words, "--arbitrator", "Carrier")
    assert (proposed.status, proposed.err) == (0, "")
    assert "paid by milestones: Tested, Arrived" in proposed.out
    offer = hansa.ask("offers", "list", "--party", "Retailer", "--as", "Retailer")["offers"][-1]["id"]
    seen = hansa("offers", "show", offer, "--as", "Retailer")
    assert "RegulatorMSP" in seen.out
    assert "86400" in seen.out
    taken = hansa.ask("offers", "accept", offer, "1", "--as", "Retailer/purchasing")["reply"]["order"]
    assert (taken["settlement"], taken["warranty"], taken["arbitrator"]) == (
        "milestones",
        86400,
        "CarrierMSP",
    )
    hansa.ask("milestones", "report", taken["id"], "Tested", "--document", "d0" * 32, "--as", "Regulator")
    hansa.ask("orders", "ship", taken["id"], "--as", "Producer")
    ended = hansa.ask("orders", "deliver", taken["id"], "--as", "Producer")
    assert ended["reply"]["order"]["status"] == "settled"


def test_cancelling_brings_the_money_back(hansa: CommandLine, listing: str) -> None:
    before = hansa.ask("money", "balance", "--as", "Retailer")["balances"][0]["amount"]
    placed = hansa.ask("orders", "place", listing, "1", "--as", "Retailer")
    order = placed["reply"]["order"]["id"]
    assert hansa.refused("orders", "default", order, "--as", "Regulator")["code"] == "ORDER_NOT_DUE"
    assert hansa.ask("orders", "cancel", order, "--as", "Retailer")["reply"]["order"]["status"] == "cancelled"
    assert hansa.ask("money", "balance", "--as", "Retailer")["balances"][0]["amount"] == before


def test_prices_by_quantity_currency_and_code_are_quoted_and_paid(hansa: CommandLine, tmp_path: Path) -> None:
    hansa.ask("products", "register", "09521321000636", "Bulb", "--as", "Producer")
    terms = tmp_path / "terms.yaml"
    terms.write_text("incoterm: {code: DAP, place: Hamburg}\nmultiple: 2\n")
    words = ["listings", "create", "09521321000636", "EUR", "100", "--price", "10.00", "--tier", "10:9.00"]
    made = hansa.ask(*words, "--also", "80.00CNY", "--terms", str(terms), "--as", "Producer")
    listing = str(made["reply"]["listing"]["id"])
    taxes = tmp_path / "de.yaml"
    taxes.write_text("source: UStG\nrules: [{hs_prefix: '', kind: standard, vat: 1900, duty: 250}]\n")
    published = hansa("taxes", "publish", "DE", str(taxes), "--as", "Regulator")
    assert "DE version 1, 1 rules" in published.out
    assert "all goods  standard 19.00 %, duty 2.50 %" in hansa("taxes", "show", "DE", "--as", "Retailer").out
    hansa.ask("discounts", "create", "Ten", "--percent", "2.5", "--from-quantity", "10", "--as", "Producer")
    issued = hansa.ask("coupons", "issue", "Autumn", "5", "--amount", "10.00EUR", "--as", "Producer")
    order = [listing, "10", "--destination", "DE", "--coupon", issued["code"], "--as", "Retailer"]
    quoted = hansa("orders", "quote", *order)
    # 90.00 less 2.25 and 10.00 is 77.75; 19 % of it 14.77; duty 1.94.
    for line in ("goods  90.00 EUR", "taken off  12.25 EUR", "tax  14.77 EUR", "total  92.52 EUR"):
        assert line in quoted.out
    assert "duty  1.94 EUR, you pay it at the border; not in the total" in quoted.out
    assert hansa.refused("orders", "place", *order, "--at-most", "92.51")["code"] == "PRICE_MISMATCH"
    placed = hansa.ask("orders", "place", *order, "--at-most", "92.52")
    assert placed["reply"]["order"]["amount"] == "9252"
    shown = hansa("coupons", "show", "Producer", issued["code"], "--as", "Retailer")
    assert "4 of 5 uses left, 1 by you" in shown.out
    hansa.ask("listings", "revise", listing, "--price", "11.00", "--as", "Producer")
    hansa.ask("listings", "restock", listing, "10", "--as", "Producer")
    hansa.ask("listings", "reduce", listing, "5", "--as", "Producer")
    after = hansa.ask("listings", "show", listing, "--as", "Retailer")
    assert (after["listing"]["version"], after["listing"]["unit_price"]) == (2, "1100")
    assert (after["listing"]["terms"]["multiple"], after["stock"]["total"]) == (2, 95)
    assert "withdrawn" in hansa("coupons", "withdraw", issued["code"], "--as", "Producer").out


def test_a_repeated_command_has_no_second_effect(hansa: CommandLine, listing: str, tmp_path: Path) -> None:
    words = ["orders", "place", listing, "1", "--id", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--as", "Retailer"]
    first, second = hansa.ask(*words), hansa.ask(*words)
    assert (first["repeated"], second["repeated"]) == (False, True)
    for same in ("reply", "transaction_id", "block", "command_id"):
        assert first[same] == second[same]
    words[3] = "2"
    assert hansa.refused(*words)["code"] == "COMMAND_ID_REUSED"
    address = tmp_path / "address.yaml"
    address.write_text(ADDRESS)
    refused = hansa.refused(*words, "--deliver-to", str(address))
    assert refused["code"] == "SALT_MISSING"
    assert "salt: " in refused["hint"]


def test_money_moves_between_accounts(hansa: CommandLine, listing: str) -> None:
    hansa.ask("money", "mint", "CNY", "70", "--to", "Bank", "--as", "Bank")
    hansa.ask("money", "transfer", "CNY", "30.5", "--to", "Carrier/fuel", "--as", "Bank")
    hansa.ask("money", "burn", "CNY", "9.5", "--as", "Bank")
    assert "30.00 CNY" in hansa("money", "balance", "--as", "Bank").out
    assert "30.50 CNY" in hansa("money", "balance", "--of", "Carrier/fuel", "--as", "Bank").out


def test_goods_are_captured_and_traced(hansa: CommandLine) -> None:
    file = Path(__file__).parents[2] / "examples" / "epcis" / "1-commissioning.jsonld"
    event = json.loads(file.read_text())["epcisBody"]["eventList"][0]
    for status in ("claim", "already_captured"):
        captured = hansa.ask("goods", "capture", str(file), "--as", "Producer")
        assert [result["status"] for result in captured["results"]] == [status]
        assert len(captured["transactions"]) == 1
    trail = hansa.ask("goods", "trace", event["epcList"][0], "--as", "Regulator")
    assert len(trail["steps"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        (["money", "mint", "EUR", "-5", "--to", "Retailer", "--as", "Bank"], "FIELD_INVALID", "amount"),
        (["money", "mint", "EUR", "1.005", "--to", "Retailer", "--as", "Bank"], "FIELD_INVALID", "amount"),
        (["money", "mint", "EUR", "0", "--to", "Retailer", "--as", "Bank"], "AMOUNT_ZERO", "amount"),
        (["money", "mint", "XXZ", "5", "--to", "Retailer", "--as", "Bank"], "CURRENCY_UNKNOWN", "currency"),
        (["money", "mint", "EUR", "5", "--to", "Nobody", "--as", "Bank"], "MEMBER_UNKNOWN", None),
        (["money", "mint", "EUR", "5", "--to", "Retailer", "--as", "Retailer"], "NOT_PERMITTED", None),
        (["money", "balance", "--as", "Nobody"], "UNKNOWN_ORGANIZATION", None),
        (["money", "balance", "--as", "Retailer/nobody"], "UNKNOWN_USER", None),
        (["products", "register", "09521321999986", "Lamp", "--as", "Producer"], "GTIN_INVALID", "gtin"),
        (["listings", "create", GTIN, "EUR", "-2", "--as", "Producer"], "FIELD_INVALID", "quantity"),
        (["listings", "show", f"BankMSP.{UNUSED}", "--as", "Bank"], "LISTING_NOT_FOUND", "listing"),
        (["orders", "show", "nonsense", "--as", "Bank"], "FIELD_INVALID", "order"),
        (["orders", "accept", f"BankMSP.{UNUSED}", "--as", "Bank"], "ORDER_NOT_FOUND", "order"),
        (["goods", "capture", "/no/such/file", "--as", "Producer"], "FILE_UNREADABLE", None),
        (["status", "--data", "/no/such/folder"], "NO_NETWORK", None),
        (["up", "--engine", "besu"], "ENGINE_UNKNOWN", None),
    ],
)  # fmt: skip
def test_each_failure_has_a_code_and_a_hint(
    hansa: CommandLine, listing: str, words: list[str], code: str, field: str | None
) -> None:
    if words[0] == "up":
        words = [*words, "--detach"]
        answer = hansa(*words)
        assert (answer.status, answer.err.split(":")[0], answer.out) == (1, code, "")
        return
    error = hansa.refused(*words)
    assert (error["code"], error.get("field")) == (code, field)
    assert error["message"]
    plain = hansa(*words)
    assert (plain.status, plain.out) == (1, "")
    assert plain.err.startswith(f"{code}: ")
    assert "Traceback" not in plain.err


@pytest.mark.parametrize(
    "words",
    [["bogus"], ["orders", "bogus"], ["orders", "place"], ["money", "balance"], ["status", "--bogus"]],
)
def test_a_line_that_cannot_be_understood_ends_with_2(hansa: CommandLine, words: list[str]) -> None:
    answer = hansa(*words)
    assert (answer.status, answer.out) == (2, "")
    assert "Usage: hansa" in answer.err


@pytest.mark.parametrize("words", [["--help"], ["orders", "--help"], ["up", "--help"], ["demo", "--help"]])
def test_help_is_a_success(hansa: CommandLine, words: list[str]) -> None:
    answer = hansa(*words)
    assert (answer.status, answer.err) == (0, "")
    assert "Usage: hansa" in answer.out


def test_status_env_and_profile_say_what_clients_need(hansa: CommandLine) -> None:
    status = hansa.ask("status")
    assert status["running"]
    assert status["ledger"]["height"] > 1
    script = hansa("env", "Retailer").out + 'echo "$CORE_PEER_LOCALMSPID $CORE_PEER_MSPCONFIGPATH"'
    printed = subprocess.run(
        ["/bin/sh", "-c", script],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert printed[0] == "RetailerMSP"
    assert Path(printed[1]).is_dir()
    assert all(line.startswith("export ") for line in hansa("env", "Bank").out.splitlines())
    assert shlex.split(hansa("env", "Bank").out)
    assert json.loads(hansa("profile", "BankMSP").out)["client"]["organization"] == "Bank"
    for words in (["env", "Nobody"], ["profile", "Nobody"], ["peer", "stop", "Nobody"]):
        assert hansa(*words).err.startswith("UNKNOWN_ORGANIZATION: ")


def test_a_peer_is_silenced_and_brought_back(hansa: CommandLine) -> None:
    assert hansa("peer", "stop", "Regulator").status == 0
    try:
        assert hansa.refused("members", "list", "--as", "Regulator")["code"] == "PEER_UNREACHABLE"
        assert len(hansa.ask("members", "list", "--as", "Bank")["members"]) == 5
    finally:
        assert hansa("peer", "start", "Regulator").status == 0
    assert len(hansa.ask("members", "list", "--as", "Regulator")["members"]) == 5


def test_an_operation_without_a_verb_by_hand_has_one_all_the_same(hansa: CommandLine, listing: str) -> None:
    stock = hansa.ask("listings", "stock", listing, "--as", "Regulator")
    assert stock["listing"] == listing
    notes = hansa("money", "notes", "Retailer", "EUR", "--limit", "1", "--as", "Bank")
    assert (notes.status, notes.err) == (0, "")
    assert "owner  RetailerMSP" in notes.out
    refused = hansa.refused("orders", "delivery-address", f"RetailerMSP.{UNUSED}", "--as", "Carrier")
    assert refused["code"] == "DELIVERY_NOT_DISCLOSED"
    assert hansa.refused("money", "notes", "Nobody", "EUR", "--as", "Bank")["code"] == "MEMBER_UNKNOWN"

"""Answers of the command line as people read them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from hansa_cli.answers import currency_of, lines_of, order_of
from hansa_cli.reporting import reporting
from hansa_cli.session import CliError, invalid
from hansa_cli.yaml_files import read_yaml
from hansa_domain.fees.schedule import FeeBounds
from hansa_domain.fields import Seconds
from hansa_domain.listings.terms import ListingTerms
from hansa_domain.orders.order import Line, Order, Terms

A, B = "RetailerMSP.01M8JC4789SCHXJA1P5KCDTA9P", "ProducerMSP.01M8JBVNVXCK0NZATHF1CCWGZ8"


class Part(msgspec.Struct):
    """A record without a currency of its own, about an order."""

    order: str
    freight: str
    wait: Seconds = 86_400
    v: int = 1
    kept: bool = False
    named: list[str] = []


class Quote(msgspec.Struct):
    """A record of two currencies."""

    currency: str
    amount: str
    price_currency: str
    price: str
    fee: str


def order(**changed: object) -> Order:
    fields = {
        "id": A,
        "status": "placed",
        "buyer": "RetailerMSP",
        "seller": "ProducerMSP",
        "arbitrator": "BankMSP",
        "currency": "EUR",
        "amount": "1500",
        "freight": "0",
        "fee": "7",
        "proceeds": "1493",
        "fee_account": "BankMSP/fees",
        "refund_account": "RetailerMSP",
        "lines": [Line(listing=B, gtin="09521321000025", quantity=2, take=[])],
        "terms": Terms(accept_within=1, ship_within=1, deliver_within=1, inspect_within=1),
        "due": "2026-12-01T00:39:11.594Z",
        "placed_at": "2026-11-29T00:39:11.594Z",
    }
    absent = {each.name: None for each in msgspec.structs.fields(Order) if each.default is msgspec.NODEFAULT}
    return msgspec.convert(msgspec.to_builtins({**absent, **fields, **changed}), Order)


def test_amounts_are_in_the_main_unit_of_the_currency_there_is() -> None:
    part = Part(order=A, freight="2000")
    assert lines_of(part, "EUR") == [
        f"order  {A}",
        "freight  20.00 EUR",
        "wait  86400 seconds (1 day)",
        "kept  no",
    ]
    assert "freight  2000 minor units" in lines_of(part)
    assert lines_of(part, "JPY")[1] == "freight  2000 JPY"


def test_of_two_currencies_none_is_guessed() -> None:
    quote = Quote(currency="SEK", amount="113000", price_currency="EUR", price="10000", fee="5")
    said = lines_of(quote)
    assert "amount  1130.00 SEK" in said
    assert "price  100.00 EUR" in said
    assert "fee  5 minor units" in said


def test_a_minimum_is_money_beside_a_currency_only() -> None:
    assert "minimum  0.10 EUR" in lines_of(FeeBounds(currency="EUR", minimum="10"))
    assert lines_of({"minimum": "2", "uom": "CEL"}) == ["minimum  2", "uom  CEL"]


def test_lists_are_marked_by_dashes_and_empty_answers_are_none() -> None:
    found = {"parts": [Part(order=A, freight="1", named=["x", "y"])], "bookmark": "", "more": []}
    assert lines_of(found, "EUR")[:2] == ["parts", f"  - order  {A}"]
    assert lines_of(found, "EUR")[-1] == "    named  x, y"
    assert lines_of({"bookmark": "", "more": []}) == []


def test_a_reply_that_was_kept_is_read() -> None:
    assert lines_of({"reply": msgspec.Raw(b'{"note": {"id": "x"}}')}) == ["reply", "  note", "    id  x"]


def test_an_order_is_told_with_its_goods_and_whose_turn_it_is() -> None:
    said = lines_of({"order": order(), "v": 3})
    assert said[0] == f"order {A}: placed"
    assert "  line 0: 2 of GTIN 09521321000025" in said
    assert said[-1] == "  next: ProducerMSP accepts, until 2026-12-01T00:39:11.594Z"


@pytest.mark.parametrize(
    ("changed", "turn"),
    [
        ({"status": "accepted"}, "ProducerMSP ships"),
        ({"status": "shipped"}, "ProducerMSP delivers"),
        ({"status": "shipped", "carrier": "CarrierMSP"}, "CarrierMSP delivers"),
        ({"status": "delivered"}, "RetailerMSP confirms"),
        ({"status": "accepted", "settlement": "milestones"}, "see hansa milestones show"),
        (
            {"status": "shipped", "dispute": "RetailerMSP"},
            "the arbitrator decides the dispute of RetailerMSP",
        ),
    ],
)
def test_whose_turn_it_is(changed: dict[str, object], turn: str) -> None:
    assert lines_of(order(**changed))[-1].startswith(f"  next: {turn}, until ")


def test_what_a_reply_is_about() -> None:
    assert currency_of({"order": order()}) == "EUR"
    assert currency_of(Part(order=A, freight="1")) is None
    assert order_of({"despatch": Part(order=A, freight="1")}) == A
    assert order_of({"v": 1}) is None


def test_times_in_yaml_files_need_no_quotes(tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(
        "valid_until: 2027-06-01T00:00:00.000Z\nexcluded: [NO]\nvat_on_duty: true\nday: 2027-06-01\n"
    )
    assert read_yaml(file) == {
        "valid_until": "2027-06-01T00:00:00.000Z",
        "excluded": ["NO"],
        "vat_on_duty": True,
        "day": "2027-06-01",
    }


@pytest.mark.parametrize(("text", "words"), [("a: [", "line 2: this is no YAML"), ("- a", "has no fields")])
def test_what_is_no_yaml_is_said_in_words(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(text + "\n")
    with pytest.raises(CliError, match=words) as caught:
        read_yaml(file)
    assert caught.value.code == "FILE_UNREADABLE"
    with pytest.raises(CliError, match="No such file"):
        read_yaml(tmp_path / "none.yaml")


def test_a_field_at_fault_is_named_without_patterns() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"valid_until": "2027"}, ListingTerms)
    error = invalid(caught.value, Path("terms.yaml"))
    assert (error.code, error.field) == ("FIELD_INVALID", "valid_until")
    assert error.message == "terms.yaml: valid_until must be a time such as 2027-01-15T08:00:00.000Z, UTC."


def test_hints_name_verbs_and_missing_files_are_told_without_error_numbers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit), reporting():
        raise CliError("ANY", "It is so.", "See orders:Get, accounts:GetRefill and epc:id.", "order")
    said = capsys.readouterr().err
    assert "ANY: It is so. (field order)" in said
    assert "See hansa orders show, hansa accounts show-refill and epc:id." in said
    with pytest.raises(SystemExit), reporting():
        (tmp_path / "none").read_bytes()
    said = capsys.readouterr().err
    assert f"{tmp_path / 'none'}: No such file or directory" in said
    assert "Errno" not in said

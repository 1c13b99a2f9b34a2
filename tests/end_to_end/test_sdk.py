"""Wrong input of any kind gets a coded refusal over the whole way, and changes nothing."""

from __future__ import annotations

import json
import os
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hansa
from hansa import Delivery, RefusedError, Terms, new_id, salt
from hansa.client import sign_in
from hansa.profile import Profile
from hansa_domain.listings.commands import GetListing, WithdrawListing
from hansa_gateway import EndorseError, Gateway
from tests.support.network import GTIN, Trade

UNUSED = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
NO_LISTING = f"ProducerMSP.{UNUSED}"
ACCOUNTS = ("RetailerMSP", "ProducerMSP", "CarrierMSP", "BankMSP", "BankMSP/consortium-fees")
Call = Callable[[Trade, str, str], object]


@pytest.fixture(scope="module")
def offer(trade: Trade) -> str:
    trade.bank.money.mint("EUR", 100_00, "RetailerMSP")
    return trade.offer(20)


@pytest.fixture(scope="module")
def order(trade: Trade, offer: str) -> str:
    """An order that is placed, and stays so."""
    return trade.retailer.orders.place(offer, 1, carrier="CarrierMSP").reply.order.id


def state(trade: Trade, offer: str, order: str) -> Any:
    """Everything a refused command might have changed."""
    notes = {
        account: [(note.id, note.amount) for note in trade.bank.money.notes(account, "EUR", limit=1000).notes]
        for account in ACCOUNTS
    }
    products = [product.gtin for product in trade.bank.products.list(limit=1000).products]
    listings = len(trade.bank.listings.list(limit=1000).listings)
    orders = trade.retailer.orders.list(limit=1000).orders
    stock = trade.bank.listings.stock(offer)
    return notes, products, listings, orders, stock, trade.bank.orders.get(order), trade.bank.ledger.height()


TERMS = Terms(accept_within=60, ship_within=60, deliver_within=60, inspect_within=60)


def create(trade: Trade, unit_price: int, quantity: int) -> object:
    return trade.producer.listings.create(GTIN, unit_price=unit_price, currency="EUR", quantity=quantity)


MINT = {"id": new_id(), "currency": "EUR", "amount": "5", "owner": "BankMSP"}

REFUSALS: list[tuple[str, str | None, Call]] = [
    ("GTIN_INVALID", "gtin", lambda t, x, o: t.producer.products.register("09521321999986", "Lamp")),
    ("GTIN_INVALID", "gtin", lambda t, x, o: t.producer.products.register("x" * 64, "Lamp")),
    ("FIELD_INVALID", "gtin", lambda t, x, o: t.producer.products.register("1" * 1000, "Lamp")),
    ("FIELD_INVALID", "name", lambda t, x, o: t.producer.products.register("09521321999978", " ")),
    ("PRODUCT_ALREADY_REGISTERED", "gtin", lambda t, x, o: t.producer.products.register(GTIN, "Lamp")),
    ("FIELD_INVALID", "amount", lambda t, x, o: t.bank.money.mint("EUR", -5, "RetailerMSP")),
    ("FIELD_INVALID", "amount", lambda t, x, o: t.bank.money.mint("EUR", 12.5, "RetailerMSP")),  # type: ignore[arg-type]
    ("FIELD_INVALID", "amount", lambda t, x, o: t.bank.money.mint("EUR", 10**18, "RetailerMSP")),
    ("AMOUNT_ZERO", "amount", lambda t, x, o: t.bank.money.mint("EUR", 0, "RetailerMSP")),
    ("CURRENCY_UNKNOWN", "currency", lambda t, x, o: t.bank.money.mint("XXZ", 5, "RetailerMSP")),
    ("MEMBER_NOT_FOUND", "owner", lambda t, x, o: t.bank.money.mint("EUR", 5, "NobodyMSP")),
    ("NOT_PERMITTED", None, lambda t, x, o: t.retailer.money.mint("EUR", 5, "RetailerMSP")),
    ("FIELD_INVALID", "outputs[0].amount", lambda t, x, o: t.retailer.money.transfer("BankMSP", "EUR", -5)),
    ("FUNDS_INSUFFICIENT", "amount", lambda t, x, o: t.retailer.money.transfer("BankMSP", "EUR", 10**17)),
    (
        "NOTE_NOT_YOURS",
        "notes[0]",
        lambda t, x, o: t.carrier.money.transfer("BankMSP", "EUR", 1, account="RetailerMSP"),
    ),
    ("FIELD_INVALID", "quantity", lambda t, x, o: create(t, 1, -1)),
    ("FIELD_INVALID", "unit_price", lambda t, x, o: create(t, -1, 1)),
    ("FIELD_INVALID", "lines[0].quantity", lambda t, x, o: t.retailer.orders.place(x, 0)),
    ("STOCK_INSUFFICIENT", "quantity", lambda t, x, o: t.retailer.orders.place(x, 10**6)),
    ("LISTING_NOT_FOUND", "lines[0].listing", lambda t, x, o: t.retailer.orders.place(NO_LISTING, 1)),
    ("PRICE_MISMATCH", "amount", lambda t, x, o: t.retailer.orders.place(x, 1, amount=1)),
    ("CARRIER_INVALID", "carrier", lambda t, x, o: t.retailer.orders.place(x, 1, carrier="BankMSP")),
    ("FIELD_INVALID", "reference", lambda t, x, o: t.retailer.orders.place(x, 1, reference="x" * 65)),
    ("FIELD_INVALID", "id", lambda t, x, o: t.producer.orders.accept(o, command_id="nonsense")),
    ("NOT_PERMITTED", None, lambda t, x, o: t.carrier.orders.accept(o)),
    ("NOT_PERMITTED", None, lambda t, x, o: t.producer.orders.confirm(o)),
    ("NOT_PERMITTED", None, lambda t, x, o: t.regulator.orders.cancel(o)),
    ("ORDER_STATE", "order", lambda t, x, o: t.producer.orders.ship(o)),
    ("ORDER_STATE", "order", lambda t, x, o: t.carrier.orders.deliver(o)),
    ("ORDER_STATE", "order", lambda t, x, o: t.retailer.orders.confirm(o)),
    ("ORDER_NOT_DUE", "order", lambda t, x, o: t.regulator.orders.default(o)),
    ("ORDER_NOT_FOUND", "order", lambda t, x, o: t.producer.orders.accept(f"RetailerMSP.{UNUSED}")),
    ("DELIVERY_NOT_DISCLOSED", "order", lambda t, x, o: t.regulator.orders.delivery_address(o)),
    ("MALFORMED_DOCUMENT", None, lambda t, x, o: t.producer.goods.capture("{")),
    ("UNIT_NOT_FOUND", "epc", lambda t, x, o: t.producer.goods.unit("urn:epc:id:sgtin:9521321.099999.none")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "field", "call"), REFUSALS, ids=[f"{n}-{one[0]}" for n, one in enumerate(REFUSALS)]
)  # fmt: skip
def test_a_refusal_is_coded_and_changes_nothing(
    trade: Trade, offer: str, order: str, code: str, field: str | None, call: Call
) -> None:
    before = state(trade, offer, order)
    with pytest.raises(RefusedError) as refused:
        call(trade, offer, order)
    assert (refused.value.code, refused.value.field) == (code, field), refused.value.document()
    assert refused.value.message
    assert refused.value.hint
    assert state(trade, offer, order) == before


@pytest.mark.parametrize(
    ("function", "argument", "code"),
    [
        ("orders:Place", b"{", "MALFORMED_DOCUMENT"),
        ("orders:Place", b"\xff\xfe", "MALFORMED_DOCUMENT"),
        ("orders:Place", b"[" * 60_000, "MALFORMED_DOCUMENT"),
        ("orders:Place", b'{"id":1.5}', "FIELD_INVALID"),
        ("orders:Place", b'"' + b"x" * 70_000 + b'"', "DOCUMENT_TOO_LARGE"),
        ("money:Mint", json.dumps({**MINT, "amount": 5}).encode(), "FIELD_INVALID"),
        ("money:Mint", json.dumps({**MINT, "x": 1}).encode(), "FIELD_INVALID"),
        ("orders:Steal", b"{}", "UNKNOWN_FUNCTION"),
        ("", b"{}", "UNKNOWN_FUNCTION"),
    ],
    ids=range(9),
)  # fmt: skip
def test_a_client_that_is_not_ours_is_refused_as_well(
    trade: Trade, offer: str, order: str, function: str, argument: bytes, code: str
) -> None:
    before = state(trade, offer, order)
    network = trade.network
    folder = network.folder.organization(network.consortium.organization("Bank"))
    profile = Profile.read(folder / "profile.json")
    signer = sign_in(folder, "treasurer")
    with Gateway.connect(
        profile.address, signer, tls_root=profile.tls_root, server_name=profile.server_name
    ) as gateway:
        contract = gateway.network("trade").contract("hansa")
        with pytest.raises(EndorseError) as refused:
            contract.submit(function, argument)
    assert refused.value.chaincode_message is not None
    assert json.loads(refused.value.chaincode_message)["code"] == code
    assert state(trade, offer, order) == before


def test_an_order_given_twice_is_placed_once_and_told_to_everybody(trade: Trade, offer: str) -> None:
    address = Delivery(salt=salt(), name="Store 7", street=["Main Street 1"], city="Hamburg", country="DE")
    command = new_id()

    def place() -> hansa.Receipt[Any]:
        return trade.retailer.orders.place(
            offer, 1, carrier="CarrierMSP", terms=TERMS, deliver_to=address, command_id=command
        )

    first = place()
    order = first.reply.order.id
    before = state(trade, offer, order)
    second = place()
    assert (first.repeated, second.repeated) == (False, True)
    assert (second.reply, second.transaction_id, second.block_number) == (
        first.reply,
        first.transaction_id,
        first.block_number,
    )
    assert state(trade, offer, order) == before
    for party in (trade.retailer, trade.producer, trade.carrier):
        assert party.orders.delivery_address(order) == address
    with pytest.raises(RefusedError, match="COMMAND_ID_REUSED"):
        trade.retailer.orders.place(offer, 2, command_id=command)
    with pytest.raises(RefusedError, match="COMMAND_ID_REUSED"):
        trade.retailer.orders.cancel(order, command_id=command)


def test_somebody_else_who_spends_the_same_account_is_no_hindrance(trade: Trade) -> None:
    trade.bank.money.mint("SEK", 100, "RetailerMSP")
    with hansa.connect("Retailer", "purchasing", data=trade.network.folder.root) as other:
        trade.retailer.money.transfer("RetailerMSP", "SEK", 60)
        other.money.transfer("CarrierMSP", "SEK", 50)  # of notes the first one thinks its own
        other.money.transfer("CarrierMSP", "SEK", 10)
        assert trade.retailer.money.transfer("CarrierMSP", "SEK", 40).reply.notes
    assert trade.balance("CarrierMSP", "SEK") == 100


def test_the_example_places_an_order(
    trade: Trade, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "HANSA_DATA", str(trade.network.folder.root))
    example = Path(__file__).parents[2] / "examples" / "place_order.py"
    for _ in range(2):
        runpy.run_path(str(example))
        printed = capsys.readouterr().out
        assert "is placed: 25.00 EUR in escrow" in printed
        assert "is settled" in printed
        assert "ORDER_STATE: " in printed


def test_any_operation_can_be_sent_as_its_command(trade: Trade) -> None:
    listing = trade.offer(3)
    command = WithdrawListing(id=new_id(), listing=listing)
    assert trade.producer.send(command).reply.listing.status == "withdrawn"
    assert trade.producer.send(command).reply.listing.id == listing
    assert trade.carrier.ask(GetListing(listing=listing)).listing.status == "withdrawn"
    with pytest.raises(RefusedError) as caught:
        trade.producer.send(WithdrawListing(id=new_id(), listing=listing))
    assert caught.value.code == "LISTING_WITHDRAWN"


def test_guards_are_renewed_while_the_money_is_in_use(trade: Trade) -> None:
    before = trade.balance("RetailerMSP", "CNY")
    trade.bank.money.mint("CNY", 500, "RetailerMSP")
    listing = trade.offer(1)
    order = trade.retailer.orders.place(listing, 1).reply.order.id
    assert trade.carrier.guards.renew_all() >= 2
    trade.retailer.money.transfer("ProducerMSP", "CNY", 200)
    trade.retailer.orders.cancel(order)
    assert trade.balance("RetailerMSP", "CNY") == before + 300

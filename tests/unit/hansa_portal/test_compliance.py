"""The regulator's pages on what was checked: found, opened, followed, taken away and judged again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa import new_id
from hansa.compliance import judge_again
from hansa.errors import RefusedError
from hansa_domain.operation import OPERATIONS
from hansa_portal.pages.rule_packs import difference
from tests.support.compliance import LATER, SOURCE, rule
from tests.support.portal import Consortium

GTIN = "09521321000018"
FIRST = [
    rule("sanctioned", countries=["KP"]),
    rule("region", only=["AT"], scope={"hs": ["0901"]}, unknown="pass"),
    rule("prohibited", scope={"gtins": ["04006381333931"]}),
]
SECOND = [rule("sanctioned", countries=["DE", "KP"]), rule("paper", paper="cmr")]


def do(trade: Consortium, who: str, name: str, /, **fields: Any) -> Any:
    client = trade.sdk(who, "admin")
    operation = OPERATIONS[name]
    submitter: Any = client.submitter
    command = msgspec.convert({"id": new_id(), **fields}, operation.command)
    return submitter.submit(name, command, operation.reply).reply


def publish(trade: Consortium, version: int, rules: list[dict[str, Any]]) -> None:
    pack = {"pack": "eu", "version": version, "title": f"EU rules {version}", "document": SOURCE}
    do(trade, "Regulator", "compliance:Publish", **pack, rules=rules)


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    made = Consortium(tmp_path)
    made.sdk("Producer").products.register(GTIN, "Coffee")
    made.sdk("Bank").money.mint("EUR", 10_000, "RetailerMSP")
    return made


@pytest.fixture
def order(trade: Consortium) -> str:
    """An order that passed version 1 of a pack; version 2 refused another, and the order is held back."""
    publish(trade, 1, FIRST)
    offer = trade.sdk("Producer").listings.create(GTIN, unit_price=250, currency="EUR", quantity=9)
    listing = offer.reply.listing.id
    order: str = trade.sdk("Retailer").orders.place(listing, 2).reply.order.id
    publish(trade, 2, SECOND)
    with pytest.raises(RefusedError):
        trade.sdk("Retailer").orders.place(listing, 1)
    do(trade, "Retailer", "compliance:Recheck", order=order)
    return order


def test_a_regulator_finds_opens_and_follows_checks(trade: Consortium, order: str) -> None:
    inspector = trade.browser("Regulator")
    listed = inspector.get("/compliance")
    assert "2 passed, 1 failed" in listed
    assert "Held back" in listed
    assert "eu/sanctioned" in listed
    assert inspector.get("/compliance?result=failed").count("/compliance/check/") == 1
    assert inspector.get("/compliance?kind=listing&pack=eu:1").count("/compliance/check/") == 1
    for nothing in ("pack=eu:7", "country=KP", "until=2020-01-01", "q=nothing", "party=CarrierMSP"):
        assert "No checks found" in inspector.get(f"/compliance?{nothing}")
    for found in ("country=de&result=failed", "since=2020-01-01&rule=sanctioned", f"q={order[-8:]}"):
        assert "/compliance/check/" in inspector.get(f"/compliance?{found}")
    # What is no such value narrows nothing.
    assert "2 passed, 1 failed" in inspector.get("/compliance?kind=cow&result=x&since=now&country=ZZ&page=-1")
    page = inspector.get(f"/compliance/check/{order}")
    for words in (
        "The rule sanctioned.",
        "did not concern it",
        "not known",
        "not held against it",
        "SHA-256",
    ):
        assert words in page, words
    history = inspector.get(f"/compliance/subject/{order}")
    assert "Held back" in history
    assert history.count("/compliance/check/") == 3
    transaction = trade.ledger.queries.compliance.find(order)
    assert transaction is not None
    assert transaction.transaction_id in page


def test_a_record_is_taken_away_and_judged_again(trade: Consortium, order: str) -> None:
    inspector = trade.browser("Regulator")
    document = json.loads(inspector.get(f"/compliance/check/{order}/evidence"))
    assert judge_again(document) == []
    assert document["ledger"]["block"] > 0
    assert len(document["ledger"]["transaction_id"]) == 64


def test_members_see_the_checks_of_their_own_trade(trade: Consortium, order: str) -> None:
    for who, sees in (("Retailer", True), ("Producer", True), ("Carrier", False), ("Bank", False)):
        browser = trade.browser(who)
        for path in (f"/compliance/check/{order}", f"/compliance/check/{order}/evidence"):
            browser.get(path, 200 if sees else 404)
        browser.get(f"/compliance/subject/{order}", 200 if sees else 404)
        assert (order in browser.get("/compliance?party=RetailerMSP")) is sees
    trade.browser("Regulator").get("/compliance/check/none", 404)
    page = trade.browser("Retailer").get(f"/orders/{order}")
    assert "Held back by the rules" in page
    assert f"/compliance/subject/{order}" in page


def test_packs_their_versions_and_what_changed(trade: Consortium, order: str) -> None:
    carrier = trade.browser("Carrier")
    listed = carrier.get("/rule-packs")
    assert "in force" in listed
    assert "replaced" in listed
    page = carrier.get("/rule-packs/eu/1")
    assert "may go to AT only" in page
    assert "HS 0901" in page
    assert "what changed from 1 to 2" in page
    changes = carrier.get("/rule-packs/eu/changes?from=1&to=2")
    for words in ("added", "removed", "changed", "countries"):
        assert words in changes, words
    assert "The rules are the same" in carrier.get("/rule-packs/eu/changes?from=1&to=1")
    for missing in ("/rule-packs/eu/9", "/rule-packs/eu/changes?from=1&to=9", "/rule-packs/us/1"):
        carrier.get(missing, 404)
    publish(trade, 3, [])
    assert "repealed" in carrier.get("/rule-packs")
    assert "the pack is repealed" in carrier.get("/rule-packs/eu/3")


def test_a_difference_is_by_rule_and_field() -> None:
    assert [(kind, one["id"], fields) for kind, one, fields in difference(FIRST, SECOND)] == [
        ("changed", "sanctioned", [("countries", ["KP"], ["DE", "KP"])]),
        ("added", "paper", []),
        ("removed", "region", []),
        ("removed", "prohibited", []),
    ]


def test_licences_and_papers(trade: Consortium, order: str) -> None:
    wanted = {"holder": "RetailerMSP", "kind": "food", "valid_until": LATER, "document": "1c" * 32}
    do(trade, "Regulator", "licences:Issue", **wanted, number="L 7", scope={"hs": ["0901"]})
    paper = {"kind": "customs-declaration", "order": order, "document": "dd" * 32}
    do(trade, "Producer", "papers:Register", **paper, number="27NL0001234567890A")
    for who, sees in (("Regulator", True), ("Retailer", True), ("Carrier", False)):
        browser = trade.browser(who)
        assert ("L 7" in browser.get("/licences")) is sees
        assert ("27NL0001234567890A" in browser.get("/papers")) is sees
    inspector = trade.browser("Regulator")
    assert "HS 0901" in inspector.get("/licences?kind=food&party=RetailerMSP")
    assert "No licences found" in inspector.get("/licences?kind=arms")
    assert "customs declaration" in inspector.get("/papers?kind=customs-declaration&q=27NL")
    assert "No papers found" in inspector.get("/papers?kind=cmr")

"""What the read model tells of rule packs, of checks and how they are found, of licences and papers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa import new_id
from hansa.errors import RefusedError
from hansa_domain.events import ComplianceChecked
from hansa_domain.operation import OPERATIONS
from hansa_readmodel.fold import Place, apply_event
from hansa_readmodel.queries import CheckFilter
from tests.support.compliance import LATER, SOURCE, rule
from tests.support.portal import Consortium

GTIN = "09521321000018"


def do(trade: Consortium, who: str, name: str, /, **fields: Any) -> Any:
    """A command of a member's user (a regulator's is its administrator); its reply."""
    client = trade.sdk(who, "admin" if who == "Regulator" else "user")
    operation = OPERATIONS[name]
    command = msgspec.convert({"id": new_id(), **fields}, operation.command)
    submitter: Any = client.submitter
    return submitter.submit(name, command, operation.reply).reply


def publish(trade: Consortium, *rules: dict[str, Any], version: int = 1) -> Any:
    pack = {"pack": "eu", "version": version, "title": "EU", "document": SOURCE, "rules": list(rules)}
    return do(trade, "Regulator", "compliance:Publish", **pack)


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    made = Consortium(tmp_path)
    made.sdk("Producer").products.register(GTIN, "Coffee")
    made.sdk("Bank").money.mint("EUR", 10_000, "RetailerMSP")
    return made


def listed(trade: Consortium) -> str:
    offer = trade.sdk("Producer").listings.create(GTIN, unit_price=250, currency="EUR", quantity=99)
    return offer.reply.listing.id


def test_checks_are_found_by_party_kind_pack_rule_result_period_and_country(trade: Consortium) -> None:
    listing, queries = listed(trade), trade.ledger.queries.compliance
    publish(trade, rule("sanctioned", countries=["KP"]))
    order = trade.sdk("Retailer").orders.place(listing, 2).reply.order.id
    publish(trade, rule("sanctioned", countries=["DE"]), version=2)
    with pytest.raises(RefusedError):
        trade.sdk("Retailer").orders.place(listing, 2)
    asked = {"stage": "order", "seller": "ProducerMSP", "buyer": "RetailerMSP"}
    asked |= {"lines": [{"gtin": GTIN, "quantity": 2}]}
    do(trade, "Retailer", "compliance:Check", question=asked)
    do(trade, "Producer", "compliance:Check", listing=listing)
    latest = [(row.subject_kind, row.result) for row in queries.list()]
    assert latest == [("listing", "passed"), ("order", "failed"), ("order", "passed")]
    (placed,) = queries.list(CheckFilter(words=order[-12:]))
    assert (placed.check_id, placed.occasion, placed.parties) == (
        order,
        "placed",
        ("ProducerMSP", "RetailerMSP"),
    )
    assert placed.packs[0]["version"] == 1
    assert len(placed.transaction_id) == 64
    day = placed.at[:10]

    def count(**wanted: Any) -> int:
        found = queries.list(CheckFilter(**wanted))
        assert sum(queries.count(CheckFilter(**wanted)).values()) == len(found)
        return len(found)

    assert count(party="RetailerMSP") == 2
    assert count(party="CarrierMSP") == 0
    assert count(subject_kind="listing") == 1
    assert count(result="failed") == 1
    assert count(pack="eu") == 3
    assert count(pack="eu", version=2) == 2
    assert count(pack="us") == 0
    assert count(rule="sanctioned", pack="eu") == 3
    assert count(rule="licensed") == 0
    assert count(country="DE") == 2
    assert count(country="NL") == 3
    assert count(country="KP") == 0
    assert count(since=day, until=day) == 3
    assert count(until=placed.at) == 0
    assert count(since="2099-01-01") == 0
    assert queries.list(offset=2, limit=5)[0].check_id == order
    assert queries.count() == {"failed": 1, "passed": 2}


def test_every_carrier_of_an_order_in_parts_finds_its_checks(trade: Consortium) -> None:
    publish(trade, rule("sanctioned", countries=["KP"]))
    do(trade, "Producer", "compliance:Check", listing=listed(trade))
    queries = trade.ledger.queries.compliance
    row = queries.list(CheckFilter(subject_kind="listing"))[0]
    carriers = [{"role": "carrier", "member": name, "country": "DE"} for name in ("CarrierMSP", "RailMSP")]
    facts = {**row.facts, "parties": [*row.facts["parties"], *carriers]}
    told = {name: getattr(row, name) for name in ("subject_kind", "subject", "occasion", "by", "result")}
    told |= {name: getattr(row, name) for name in ("packs", "outcomes", "at")}
    event = {
        "type": "compliance.checked",
        **told,
        "check": "other",
        "order": None,
        "flagged": None,
        "facts": facts,
    }
    with trade.ledger.engine.begin() as connection:
        apply_event(connection, msgspec.convert(event, ComplianceChecked), Place(row.block, row.position, 9))
    for carrier in ("CarrierMSP", "RailMSP"):
        (found,) = queries.list(CheckFilter(party=carrier))
        assert (found.check_id, found.carrier) == ("other", "CarrierMSP")
        assert carrier in found.parties
    assert queries.count(CheckFilter(party="BankMSP")) == {}


def test_an_order_has_a_history_and_is_held_back_until_it_is_let_go(trade: Consortium) -> None:
    order = trade.sdk("Retailer").orders.place(listed(trade), 2).reply.order.id
    trade.sdk("Producer").orders.accept(order)
    queries = trade.ledger.queries.compliance
    publish(trade, rule("sanctioned", countries=["DE"]))
    do(trade, "Retailer", "compliance:Recheck", order=order)
    flag = queries.held_back(order)
    assert flag is not None
    assert [row.subject for row in queries.flags()] == [order]
    failed = queries.find(flag.check_id)
    assert failed is not None
    assert [each["rule"] for each in failed.violations] == ["sanctioned"]
    publish(trade, rule("region", only=["DE"]), version=2)
    do(trade, "Retailer", "compliance:Recheck", order=order)
    assert queries.held_back(order) is None
    trade.sdk("Producer").orders.ship(order)
    kinds = [(row.occasion, row.subject_kind, row.result) for row in queries.history(order)]
    assert kinds == [
        ("rechecked", "order", "failed"),
        ("rechecked", "order", "passed"),
        ("shipped", "shipment", "passed"),
    ]
    assert queries.find("nothing") is None


def test_packs_have_versions(trade: Consortium) -> None:
    queries = trade.ledger.queries.compliance
    publish(trade, rule("region", only=["DE"]))
    publish(trade, version=2)
    assert [(row.pack, row.version, len(row.rules)) for row in queries.packs()] == [
        ("eu", 2, 0),
        ("eu", 1, 1),
    ]
    assert [row.version for row in queries.packs("us")] == []
    first = queries.pack("eu", 1)
    assert first is not None
    assert (first.rules[0]["only"], first.published_by) == (["DE"], "RegulatorMSP")
    assert queries.pack("eu", 3) is None


def test_licences_and_papers_are_listed_with_how_they_stand(trade: Consortium) -> None:
    queries = trade.ledger.queries
    wanted = {"holder": "RetailerMSP", "kind": "food", "valid_until": LATER, "document": "1c" * 32}
    licence = do(trade, "Regulator", "licences:Issue", **wanted).licence.id
    (row,) = queries.licences.list(party="RetailerMSP", kind="food", status="issued")
    assert (row.standing(row.valid_from), row.standing(LATER)) == ("valid", "expired")
    assert row.standing("2000-01-01T00:00:00.000Z") == "to come"
    do(trade, "Regulator", "licences:Revoke", licence=licence, reason="Fraud.")
    found = queries.licences.find(licence)
    assert found is not None
    assert (found.standing(LATER), found.reason) == ("revoked", "Fraud.")
    assert queries.licences.list(party="BankMSP") == []
    assert queries.licences.find("none") is None
    order = trade.sdk("Retailer").orders.place(listed(trade), 2).reply.order.id
    paper = {"kind": "customs-declaration", "order": order, "document": "dd" * 32}
    name = do(trade, "Producer", "papers:Register", **paper, number="27NL0001234567890A").paper.id
    for more in ({"order": order}, {"party": "RetailerMSP"}, {"words": "27NL000"}, {"words": "dd" * 32}):
        assert [each.paper for each in queries.papers.list(**more)] == [name], more
    assert queries.papers.list(party="CarrierMSP") == queries.papers.list(kind="cmr") == []
    (one,) = queries.papers.list()
    assert (one.standing(one.valid_from), one.standing("2000-01-01T00:00:00.000Z")) == ("valid", "to come")
    do(trade, "Producer", "papers:Revoke", paper=name, reason="Wrong lot.")
    assert queries.papers.list()[0].standing(LATER) == "revoked"

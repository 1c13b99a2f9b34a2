"""Listings, orders and shipments pass the packs in force or are refused with the rule's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hansa_domain
from hansa_domain.compliance.packs import REGISTER
from tests.support.compliance import LATER, REGULATOR, licensed, place, publish, refused_order, rule
from tests.support.domain import GTIN, World, advance, market, mint, order_fields
from tests.support.offers import offered

SANCTIONED = rule("sanctioned", countries=["DE"])


def listing_fields(**more: Any) -> dict[str, Any]:
    return {"gtin": GTIN, "unit_price": "250", "currency": "EUR", "quantity": 100, **more}


def checks(world: World, subject: str) -> list[dict[str, Any]]:
    return list(world.ask("CarrierMSP", "compliance:Records", subject=subject)["records"])


def test_without_a_pack_nothing_is_written_or_told() -> None:
    world, listing = market()
    order = place(world, listing)
    advance(world, order, "shipped")
    assert not any(key[0].startswith("compliance") for key in world.state)


def test_a_listing_is_checked_and_its_record_kept() -> None:
    world, _ = market()
    publish(
        world, SANCTIONED, rule("certificate", certificate="CE", scope={"origins": ["KP"]}, unknown="pass")
    )
    result = world.do("ProducerMSP", "listings:Create", **listing_fields())
    listing = result.reply["listing"]["id"]
    record = result.writes["compliance", listing, listing]
    assert result.event_types == ["listing.created", "stock.changed", "compliance.checked"]
    assert (record["subject_kind"], record["occasion"], record["by"]) == ("listing", "created", "ProducerMSP")
    assert record["result"] == "passed"
    assert [(each["rule"], each["outcome"]) for each in record["outcomes"]] == [
        ("sanctioned", "later"),
        ("certificate", "unknown"),
    ]
    assert record["facts"]["parties"] == [{"role": "seller", "member": "ProducerMSP", "country": "NL"}]
    (pack,) = record["packs"]
    assert (pack["pack"], pack["version"], pack["rules"]) == ("eu", 1, 2)
    event = result.events[2]
    del record["id"], record["v"], event["type"], event["v"]
    assert event == {**record, "check": listing, "flagged": None}
    assert checks(world, listing)[0]["facts"] == record["facts"]


def test_a_violated_rule_refuses_a_listing() -> None:
    world, _ = market()
    publish(world, rule("prohibited", scope={"gtins": [GTIN], "departures": ["NL"]}))
    refused = world.refused("ProducerMSP", "listings:Create", **listing_fields())
    assert refused == ("COMPLIANCE_VIOLATED", "eu/prohibited")


def test_an_order_is_checked_against_buyer_and_destination() -> None:
    world, listing = market()
    publish(world, SANCTIONED)
    assert refused_order(world, listing) == ("COMPLIANCE_VIOLATED", "eu/sanctioned")
    publish(world, rule("sanctioned", countries=["KP"]), version=2)
    order = place(world, listing)
    (record,) = checks(world, order)
    assert record["id"] == order
    facts = record["facts"]
    assert (facts["departure"], facts["destination"], facts["amount"]) == ("NL", "DE", "1100")
    assert facts["lines"][0]["quantity"] == 4
    assert [party["role"] for party in facts["parties"]] == ["seller", "buyer", "carrier"]
    assert record["outcomes"][0]["outcome"] == "passed"


def test_an_accepted_offer_is_checked_as_an_order_is() -> None:
    world, _ = market()
    offer = offered(world)
    publish(world, SANCTIONED)
    take = {"offer": offer, "version": 1, "notes": [mint(world, "9000")]}
    refused = world.refused("RetailerMSP", "offers:Accept", **take)
    assert refused == ("COMPLIANCE_VIOLATED", "eu/sanctioned")
    publish(world, rule("sanctioned", countries=["KP"]), version=2)
    result = world.do("RetailerMSP", "offers:Accept", **take)
    assert result.event_types[-1] == "compliance.checked"


def test_every_pack_in_force_is_asked() -> None:
    world, listing = market()
    publish(world, rule("sanctioned", countries=["KP"]), pack="a")
    publish(world, SANCTIONED, pack="b")
    assert refused_order(world, listing) == ("COMPLIANCE_VIOLATED", "b/sanctioned")


def test_a_licence_makes_an_order_pass_until_it_is_revoked_or_over() -> None:
    world, listing = market()
    publish(world, rule("licensed", party="buyer", licence="food"))
    assert refused_order(world, listing) == ("COMPLIANCE_VIOLATED", "eu/licensed")
    licence = licensed(world, "RetailerMSP", valid_until="2027-01-15T09:00:00.000Z")
    order = place(world, listing)
    (record,) = checks(world, order)
    assert [each["id"] for each in record["facts"]["licences"]] == [licence]
    world.pass_time(3600)
    assert refused_order(world, listing) == ("COMPLIANCE_VIOLATED", "eu/licensed")
    licence = licensed(world, "RetailerMSP")
    place(world, listing)
    world.do(REGULATOR, "licences:Revoke", licence=licence, reason="Fraud.")
    assert refused_order(world, listing) == ("COMPLIANCE_VIOLATED", "eu/licensed")


def test_a_paper_is_wanted_before_goods_leave() -> None:
    world, listing = market()
    publish(world, rule("paper", paper="phytosanitary"))
    order = place(world, listing)
    advance(world, order, "accepted")
    refused = world.refused("ProducerMSP", "orders:Ship", order=order)
    assert refused == ("COMPLIANCE_VIOLATED", "eu/paper")
    paper = {"kind": "phytosanitary", "order": order, "document": "dd" * 32}
    world.do("ProducerMSP", "papers:Register", **paper)
    result = world.do("ProducerMSP", "orders:Ship", order=order)
    assert result.event_types == ["order.shipped", "compliance.checked"]
    record = result.events[1]
    assert (record["subject_kind"], record["subject"], record["occasion"]) == ("shipment", order, "shipped")
    assert [each["document"] for each in record["facts"]["papers"]] == ["dd" * 32]
    assert len(checks(world, order)) == 2


def test_a_shipment_is_judged_by_the_pack_in_force_when_it_leaves() -> None:
    world, listing = market()
    order = place(world, listing)
    advance(world, order, "accepted")
    publish(world, SANCTIONED)
    refused = world.refused("ProducerMSP", "orders:Ship", order=order)
    assert refused == ("COMPLIANCE_VIOLATED", "eu/sanctioned")


@pytest.mark.parametrize("unknown", ["fail", "pass"])
def test_what_the_ledger_does_not_know_is_unknown(unknown: str) -> None:
    """The product was registered without HS code."""
    world, listing = market()
    publish(world, rule("prohibited", scope={"hs": ["9301"]}), unknown=unknown)
    if unknown == "fail":
        assert refused_order(world, listing) == ("COMPLIANCE_VIOLATED", "eu/prohibited")
        return
    (record,) = checks(world, place(world, listing))
    assert record["facts"]["lines"][0]["hs"] is None
    assert [each["outcome"] for each in record["outcomes"]] == ["unknown"]


def test_goods_without_an_hs_code_are_looked_for_in_every_chapter_of_a_large_pack() -> None:
    world, listing = market()
    rules = [rule("prohibited", scope={"hs": [f"{each:02d}01"]}) for each in range(1, 90)]
    publish(world, *({**each, "id": f"r{place}"} for place, each in enumerate(rules)))
    code, field = refused_order(world, listing)
    assert (code, field) == ("COMPLIANCE_VIOLATED", "eu/r0")
    only = [{**each, "unknown": "pass"} for each in rules]
    publish(world, *({**each, "id": f"r{place}"} for place, each in enumerate(only)), version=2)
    (record,) = checks(world, place(world, listing))
    assert len(record["outcomes"]) == 89


def test_an_order_reads_the_register_once_and_few_keys_more() -> None:
    """Counted, so that a check stays cheap: which keys are fetched for one order."""
    world, listing = market()
    publish(world, rule("licensed", party="buyer", licence="food", scope={"destinations": ["DE"]}))
    licensed(world, "RetailerMSP", valid_until=LATER)
    asked: list[tuple[str, ...]] = []
    batches = 0
    fetch = world.fetch

    def counted(wanted: Any) -> Any:
        nonlocal batches
        batches += 1
        asked.extend(wanted.keys)
        return fetch(wanted)

    note = mint(world, "1500")
    world.fetch = counted  # type: ignore[method-assign]
    world.do("RetailerMSP", "orders:Place", **order_fields(listing, [note]))
    mine = [key for key in asked if key[0].startswith(("compliance", "licence")) or key[0] == "product"]
    assert mine == [
        REGISTER,
        ("product", GTIN),
        ("compliance-rules", "eu", "000001", "general"),
        ("licences-of", "RetailerMSP", "food"),
        ("licence", mine[-1][1]),
    ]
    # The order's own batch, that of recalls, and three of the check.
    assert batches == 5


def test_no_way_out_for_goods_passes_by_the_gate() -> None:
    """Whoever lets goods leave a seller asks the gate in the same module; orders are made in one place."""
    domain = Path(hansa_domain.__file__).parent
    texts = {path: path.read_text("utf-8") for path in domain.rglob("*.py")}
    leaving = [path for path, text in texts.items() if "custody.ship(" in text]
    assert len(leaving) >= 2
    assert all("check_shipment(" in texts[path] for path in leaving)
    making = [
        path.name for path, text in texts.items() if "= OrderPlaced(" in text or "return OrderPlaced(" in text
    ]
    assert making == ["making.py"]

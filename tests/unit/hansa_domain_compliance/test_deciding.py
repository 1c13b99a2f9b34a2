"""Each kind of rule: what it lets through, what it refuses, and what it says where a fact is missing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hansa_domain.compliance.deciding import RulesInForce, decide
from hansa_domain.compliance.rules import Rule
from hansa_domain.events import CertificateFact, Facts, LicenceFact, LineFact, PaperFact, PartyFact

GTIN = "09506000134352"
AT = "2027-01-15T08:00:00.000Z"
BEFORE = "2027-01-01T00:00:00.000Z"
AFTER = "2027-02-01T00:00:00.000Z"
PARTIES = [
    PartyFact(role="seller", member="ProducerMSP", country="NL"),
    PartyFact(role="buyer", member="RetailerMSP", country="DE"),
    PartyFact(role="carrier", member="CarrierMSP", country="BE"),
]
WINE = LineFact(gtin=GTIN, quantity=4, hs="220421", origin="FR", dangerous=[], certificates=[])


def line(**fields: Any) -> LineFact:
    return msgspec.structs.replace(WINE, **fields)


def facts(*lines: LineFact, stage: Any = "order", **fields: Any) -> Facts:
    given: dict[str, Any] = {
        "stage": stage,
        "at": AT,
        "parties": PARTIES,
        "lines": list(lines) or [WINE],
        "departure": "NL",
        "destination": "DE",
        "amount": "1100",
        "currency": "EUR",
        **fields,
    }
    return Facts(**given)


def listing(*lines: LineFact, **fields: Any) -> Facts:
    """The same goods on offer: nobody has ordered yet."""
    blank = {"destination": None, "amount": None, "currency": None, "parties": PARTIES[:1]}
    return facts(*lines, stage="listing", **{**blank, **fields})


def outcome(rule: dict[str, Any], found: Facts, unknown: Any = "fail") -> str | None:
    """The outcome of a rule, with a ``!`` where it refuses; None where it does not concern the goods."""
    made: Any = msgspec.convert({"id": "r", "title": "A rule.", **rule}, Rule)
    outcomes = decide([RulesInForce("eu", unknown, [made])], found)
    if not outcomes:
        return None
    (only,) = outcomes
    assert (only.pack, only.rule, only.kind) == ("eu", "r", rule["kind"])
    assert only.reason.endswith(".")
    return only.outcome + ("!" if only.refuses else "")


SCOPES: list[tuple[dict[str, Any], LineFact, str | None]] = [
    ({"gtins": [GTIN]}, WINE, "failed!"),
    ({"gtins": ["04006381333931"]}, WINE, None),
    ({"hs": ["2204"]}, WINE, "failed!"),
    ({"hs": ["2205", "22"]}, WINE, "failed!"),
    ({"hs": ["2203"]}, WINE, None),
    ({"hs": ["2204"]}, line(hs=None), "unknown!"),
    # A tariff's eight digits are finer than the six that the ledger knows.
    ({"hs": ["22042138"]}, WINE, "unknown!"),
    ({"hs": ["22043038"]}, WINE, None),
    ({"dangerous": ["3"]}, line(dangerous=["3"]), "failed!"),
    ({"dangerous": ["1"]}, line(dangerous=["1.4S"]), "failed!"),
    ({"dangerous": ["1.4"]}, line(dangerous=["1.4S"]), "failed!"),
    ({"dangerous": ["1.1"]}, line(dangerous=["1.4S"]), None),
    ({"dangerous": ["any"]}, line(dangerous=["6.1", "8"]), "failed!"),
    ({"dangerous": ["any"]}, WINE, None),
    ({"dangerous": ["any"]}, line(dangerous=None), "unknown!"),
    ({"origins": ["FR", "IT"]}, WINE, "failed!"),
    ({"origins": ["IT"]}, WINE, None),
    ({"origins": ["IT"]}, line(origin=None), "unknown!"),
    ({"departures": ["NL"]}, WINE, "failed!"),
    ({"departures": ["BE"]}, WINE, None),
    ({"destinations": ["DE"]}, WINE, "failed!"),
    ({"destinations": ["US"]}, WINE, None),
    ({"departures": ["NL"], "destinations": ["US"]}, WINE, None),
    ({"hs": ["2204"], "destinations": ["DE"], "origins": ["FR"]}, WINE, "failed!"),
    # One thing that surely does not fit outweighs what is not known.
    ({"hs": ["2204"], "destinations": ["US"]}, line(hs=None), None),
]


@pytest.mark.parametrize(("scope", "goods", "expected"), SCOPES)
def test_prohibited_by_what_goods_are_and_where_they_go(
    scope: dict[str, Any], goods: LineFact, expected: str | None
) -> None:
    assert outcome({"kind": "prohibited", "scope": scope}, facts(goods)) == expected


def test_a_missing_fact_does_what_rule_or_pack_say() -> None:
    rule = {"kind": "prohibited", "scope": {"hs": ["2204"]}}
    goods = facts(line(hs=None))
    assert outcome(rule, goods, "fail") == "unknown!"
    assert outcome(rule, goods, "pass") == "unknown"
    assert outcome({**rule, "unknown": "pass"}, goods, "fail") == "unknown"
    assert outcome({**rule, "unknown": "fail"}, goods, "pass") == "unknown!"


def test_what_is_seen_when_ordered_does_not_refuse_a_listing() -> None:
    to_us = {"kind": "prohibited", "scope": {"hs": ["2204"], "destinations": ["US"]}}
    assert outcome(to_us, listing()) == "later"
    assert outcome({**to_us, "scope": {"hs": ["2204"]}}, listing()) == "failed!"
    for kind, fields in {
        "licensed": {"party": "buyer", "licence": "wine"},
        "region": {"only": ["DE"]},
        "sanctioned": {"countries": ["KP"]},
        "threshold": {"max_quantity": 3},
        "paper": {"paper": "cmr"},
    }.items():
        assert outcome({"kind": kind, **fields}, listing()) == "later", kind
    assert outcome({"kind": "threshold", "max_value": "1", "currency": "EUR"}, listing()) == "later"
    # The seller is known already.
    assert outcome({"kind": "sanctioned", "countries": ["NL"]}, listing()) == "failed!"
    assert outcome({"kind": "licensed", "party": "seller", "licence": "wine"}, listing()) == "failed!"


def test_a_rule_may_be_for_some_stages() -> None:
    rule = {"kind": "prohibited", "scope": {"hs": ["2204"]}, "stages": ["shipment"]}
    assert outcome(rule, facts()) is None
    assert outcome(rule, listing()) is None
    assert outcome(rule, facts(stage="shipment")) == "failed!"


def licence(**fields: Any) -> LicenceFact:
    given: dict[str, Any] = {
        "id": "RegulatorMSP.L",
        "kind": "wine",
        "holder": "RetailerMSP",
        "issuer": "RegulatorMSP",
        "scope": {},
        "valid_from": BEFORE,
        "valid_until": AFTER,
        "revoked": False,
        **fields,
    }
    return msgspec.convert(given, LicenceFact)


LICENCES: list[tuple[dict[str, Any], str]] = [
    ({}, "passed"),
    ({"scope": {"hs": ["2204"], "destinations": ["DE"]}}, "passed"),
    ({"scope": {"hs": ["2203"]}}, "failed!"),
    ({"scope": {"destinations": ["FR"]}}, "failed!"),
    ({"kind": "beer"}, "failed!"),
    ({"holder": "ProducerMSP"}, "failed!"),
    ({"revoked": True}, "failed!"),
    ({"valid_from": AFTER}, "failed!"),
    ({"valid_until": AT}, "failed!"),
    ({"issuer": "OtherMSP"}, "failed!"),
]


@pytest.mark.parametrize(("fields", "expected"), LICENCES)
def test_a_licence_covers_its_goods_its_way_and_its_time(fields: dict[str, Any], expected: str) -> None:
    rule = {"kind": "licensed", "party": "buyer", "licence": "wine", "issuers": ["RegulatorMSP"]}
    assert outcome(rule, facts(licences=[licence(**fields)])) == expected


def test_a_licence_that_may_not_be_needed() -> None:
    rule = {"kind": "licensed", "party": "buyer", "licence": "wine", "scope": {"hs": ["2204"]}}
    goods = line(hs=None)
    assert outcome(rule, facts(goods)) == "unknown!"
    assert outcome(rule, facts(goods, licences=[licence()])) == "passed"
    # A licence for these codes does not surely cover goods without one.
    held = licence(scope={"hs": ["2204"]})
    assert outcome(rule, facts(goods, licences=[held])) == "unknown!"
    # Nor does it surely not: a pack that holds no missing facts against goods lets them go.
    everything = {**rule, "scope": {}}
    assert outcome(everything, facts(goods, licences=[held])) == "unknown!"
    assert outcome({**everything, "unknown": "pass"}, facts(goods, licences=[held])) == "unknown"
    assert outcome({**rule, "scope": {"hs": ["09"]}}, facts(WINE)) is None
    assert outcome(rule, facts(WINE, line(hs="090240"), licences=[licence()])) == "passed"


def test_where_nobody_carries_the_seller_does() -> None:
    rule = {"kind": "licensed", "party": "carrier", "licence": "wine"}
    alone = facts(parties=PARTIES[:2], licences=[licence(holder="ProducerMSP")])
    assert outcome(rule, alone) == "passed"
    assert outcome(rule, facts(parties=PARTIES[:2])) == "failed!"
    assert outcome(rule, facts(licences=[licence(holder="CarrierMSP")])) == "passed"
    assert outcome(rule, listing()) == "later"


def certificate(**fields: Any) -> CertificateFact:
    given: dict[str, Any] = {
        "kind": "EU organic", "number": "7", "document": "cc" * 32,
        "valid_until": "2027-01-15", "revoked": False,
    }  # fmt: skip
    return CertificateFact(**{**given, **fields})


def test_a_certificate_holds_to_the_end_of_its_last_day() -> None:
    rule = {"kind": "certificate", "certificate": "EU organic", "scope": {"hs": ["22"]}}
    assert outcome(rule, facts(line(certificates=[certificate()]))) == "passed"
    assert outcome(rule, facts(line(certificates=[certificate(valid_until="2027-01-14")]))) == "failed!"
    assert outcome(rule, facts(line(certificates=[certificate(revoked=True)]))) == "failed!"
    assert outcome(rule, facts(line(certificates=[certificate(kind="CE")]))) == "failed!"
    assert outcome(rule, facts(line(certificates=[]))) == "failed!"
    assert outcome(rule, facts(line(certificates=None))) == "unknown!"
    assert outcome(rule, facts(line(hs="0902", certificates=[]))) is None
    assert outcome(rule, facts(line(hs=None, certificates=[]))) == "unknown!"
    two = [line(certificates=[certificate()]), line(certificates=[])]
    assert outcome(rule, facts(*two)) == "failed!"


def test_goods_may_go_to_some_countries_alone() -> None:
    rule = {"kind": "region", "only": ["AT", "DE"], "scope": {"origins": ["FR"]}}
    assert outcome(rule, facts()) == "passed"
    assert outcome(rule, facts(destination="CH")) == "failed!"
    assert outcome(rule, facts(line(origin=None), destination="CH")) == "unknown!"
    assert outcome(rule, facts(line(origin="ES"), destination="CH")) is None


def test_no_party_may_be_sanctioned() -> None:
    assert outcome({"kind": "sanctioned", "members": ["RetailerMSP"]}, facts()) == "failed!"
    assert outcome({"kind": "sanctioned", "countries": ["BE"]}, facts()) == "failed!"
    assert outcome({"kind": "sanctioned", "countries": ["BE"], "parties": ["buyer"]}, facts()) == "passed"
    assert outcome({"kind": "sanctioned", "countries": ["KP"]}, facts()) == "passed"
    arms = {"kind": "sanctioned", "countries": ["DE"], "scope": {"hs": ["93"]}}
    assert outcome(arms, facts()) is None
    assert outcome(arms, facts(line(hs=None))) == "unknown!"


def test_so_many_pieces_and_beyond_a_licence() -> None:
    rule = {"kind": "threshold", "max_quantity": 7, "scope": {"hs": ["2204"]}}
    assert outcome(rule, facts()) == "passed"
    assert outcome(rule, facts(WINE, WINE)) == "failed!"
    assert outcome(rule, facts(WINE, line(hs="0902"))) == "passed"
    assert outcome(rule, facts(WINE, line(hs=None))) == "unknown!"
    assert outcome(rule, facts(WINE, line(hs=None, quantity=3))) == "passed"
    lifted = {**rule, "licence": "wine", "party": "buyer"}
    assert outcome(lifted, facts(WINE, WINE)) == "failed!"
    assert outcome(lifted, facts(WINE, WINE, licences=[licence()])) == "passed"
    assert outcome(lifted, facts(WINE, WINE, licences=[licence(revoked=True)])) == "failed!"


def test_so_much_money_and_not_more() -> None:
    rule = {"kind": "threshold", "max_value": "1100", "currency": "EUR", "scope": {"hs": ["2204"]}}
    assert outcome(rule, facts()) == "passed"
    assert outcome(rule, facts(amount="1101")) == "failed!"
    assert outcome(rule, facts(line(hs=None), amount="1101")) == "unknown!"
    # Another currency is no way around a limit.
    assert outcome(rule, facts(currency="CNY")) == "unknown!"
    assert outcome(rule, facts(amount=None)) == "unknown!"


def paper(**fields: Any) -> PaperFact:
    given: dict[str, Any] = {
        "id": "p", "kind": "phytosanitary", "issuer": "RegulatorMSP", "document": "dd" * 32,
        "valid_from": BEFORE, "valid_until": AFTER, "revoked": False,
    }  # fmt: skip
    return PaperFact(**{**given, **fields})


def test_a_paper_is_wanted_before_goods_leave() -> None:
    rule = {"kind": "paper", "paper": "phytosanitary", "issuers": ["RegulatorMSP"]}
    assert outcome(rule, facts()) == "later"
    assert outcome(rule, facts(stage="shipment")) == "failed!"
    assert outcome(rule, facts(stage="shipment", papers=[paper()])) == "passed"
    assert outcome(rule, facts(stage="shipment", papers=[paper(valid_until=None)])) == "passed"
    for wrong in ({"kind": "cmr"}, {"revoked": True}, {"valid_until": AT}, {"issuer": "ProducerMSP"}):
        assert outcome(rule, facts(stage="shipment", papers=[paper(**wrong)])) == "failed!", wrong
    grain = {**rule, "scope": {"hs": ["10"]}}
    assert outcome(grain, facts(line(hs=None), stage="shipment")) == "unknown!"


def test_every_rule_of_every_pack_is_heard() -> None:
    rules: Any = [
        msgspec.convert({"kind": "prohibited", "id": str(n), "title": "t", "scope": {"hs": [hs]}}, Rule)
        for n, hs in enumerate(["22", "09", "2204"])
    ]
    found = decide([RulesInForce("a", "fail", rules), RulesInForce("b", "fail", rules[2:])], facts())
    assert [(each.pack, each.rule) for each in found] == [("a", "0"), ("a", "2"), ("b", "2")]
    assert found[0].lines == [0]

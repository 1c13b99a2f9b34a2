"""The SDK's view of checks, and a record judged again without the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa import new_id
from hansa.compliance import Compliance, judge_again
from hansa_domain.compliance.checks import Question, QuestionLine
from hansa_domain.compliance.publishing import PublishPack
from tests.support.compliance import SOURCE, rule
from tests.support.portal import Consortium

GTIN = "09521321000018"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    made = Consortium(tmp_path)
    made.sdk("Producer").products.register(GTIN, "Coffee")
    return made


def of(trade: Consortium, who: str) -> Compliance:
    client = trade.sdk(who, "admin")
    return Compliance(client.submitter)


def publish(trade: Consortium, *rules: dict[str, Any], version: int = 1) -> None:
    pack = {"id": new_id(), "pack": "eu", "version": version, "title": "EU", "document": SOURCE}
    of(trade, "Regulator").publish(msgspec.convert({**pack, "rules": list(rules)}, PublishPack))


def question() -> Question:
    lines = [QuestionLine(gtin=GTIN, quantity=3)]
    return Question(stage="order", seller="ProducerMSP", buyer="RetailerMSP", lines=lines)


def evidence(trade: Consortium) -> Any:
    """A recorded failure as a file has it."""
    publish(trade, rule("sanctioned", countries=["DE"]), rule("region", only=["DE"]))
    retailer = of(trade, "Retailer")
    record = retailer.check(question()).reply.record
    assert [each.id for each in retailer.records(record.subject)] == [record.id]
    return json.loads(json.dumps(retailer.evidence(record)))


def test_packs_are_published_and_asked(trade: Consortium) -> None:
    publish(trade, rule("region", only=["FR"]))
    retailer = of(trade, "Retailer")
    assert [each.pack for each in retailer.in_force().in_force] == ["eu"]
    assert retailer.pack("eu", 1).pack.rules == 1
    assert retailer.preview(question()).result == "failed"
    listing = trade.sdk("Producer").listings.create(GTIN, unit_price=1, currency="EUR", quantity=9)
    again = of(trade, "Producer").recheck(listing=listing.reply.listing.id)
    assert (again.reply.held_back, again.reply.record.result) == (False, "passed")


def test_a_record_is_judged_again_from_what_its_evidence_says(trade: Consortium) -> None:
    assert judge_again(evidence(trade)) == []


def test_what_was_changed_shows(trade: Consortium) -> None:
    document = evidence(trade)

    def faults(change: Any) -> list[str]:
        other = json.loads(json.dumps(document))
        change(other)
        return judge_again(other)

    def softened(other: Any) -> None:
        other["packs"][0]["rules"][0]["countries"] = ["KP"]

    def whitewashed(other: Any) -> None:
        other["record"]["result"] = "passed"

    def moved(other: Any) -> None:
        other["record"]["facts"]["parties"][1]["country"] = "FR"

    def missing(other: Any) -> None:
        other["packs"] = []

    def early(other: Any) -> None:
        other["record"]["facts"]["at"] = other["record"]["at"] = "2026-01-01T00:00:00.000Z"

    assert len(faults(softened)) >= 2
    assert faults(whitewashed) == ["The outcomes give another result."]
    assert faults(moved) == [
        "The rules give other outcomes on these facts.",
        "The outcomes give another result.",
    ]
    assert "Version 1 of eu is missing." in faults(missing)
    assert "Version 1 of eu was not in force yet." in faults(early)
    assert "The facts are of another time than the record." in faults(
        lambda other: other["record"].update(at="2028-01-01T00:00:00.000Z")
    )
    with pytest.raises(ValueError, match="no evidence"):
        judge_again({"record": {}})

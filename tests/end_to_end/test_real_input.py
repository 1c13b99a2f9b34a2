"""Real purchases and GS1's own documents go through the command line of a running network."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.network import SHARED_DATA, Trade

ORDERS = SHARED_DATA / "orders" / "cdnow-sample.csv"
EXAMPLES = SHARED_DATA / "epcis" / "examples"


def hansa(trade: Trade, *arguments: str) -> Any:
    command = [sys.executable, "-m", "hansa_cli.main", *arguments]
    command += ["--data", str(trade.network.folder.root), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def replay(trade: Trade, limit: int) -> Any:
    who = ("--as", "Retailer", "--seller", "Producer")
    return hansa(trade, "replay", "orders", str(ORDERS), *who, "--limit", str(limit))


@pytest.mark.skipif(not ORDERS.exists(), reason=f"the order stream is not there: {ORDERS}")
def test_the_first_five_hundred_purchases_settle_and_a_second_run_changes_nothing(trade: Trade) -> None:
    first = replay(trade, 500)
    assert first["orders"] == 500
    accounts = ("ProducerMSP", "CarrierMSP", "BankMSP/consortium-fees")
    held = {account: trade.balance(account, "USD") for account in accounts}
    assert sum(held.values()) == 1_555_056
    assert all(held.values())
    assert trade.balance("RetailerMSP", "USD") == 0
    height = trade.bank.ledger.height()
    assert replay(trade, 500) == first
    assert trade.bank.ledger.height() == height
    assert {account: trade.balance(account, "USD") for account in accounts} == held


def epcs_of(event: dict[str, Any]) -> set[str]:
    """Every EPC, class and parent that an event names."""
    found = {event["parentID"]} if "parentID" in event else set()
    for name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList"):
        found.update(event.get(name, ()))
    for name in ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"):
        found.update(each["epcClass"] for each in event.get(name, ()))
    return found


def events_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    body = document["epcisBody"]
    if "queryResults" in body:
        found: list[dict[str, Any]] = body["queryResults"]["resultsBody"]["eventList"]
        return found
    return body.get("eventList") or [body["event"]]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"GS1's example documents are not there: {EXAMPLES}")
def test_the_documents_of_gs1_come_back_equal_and_every_epc_is_found(trade: Trade) -> None:
    files = sorted(EXAMPLES.glob("*.jsonld"))
    assert len(files) == 30
    for file in files:
        captured = hansa(trade, "goods", "capture", str(file), "--as", "Producer")
        events = events_of(json.loads(file.read_text(encoding="utf-8")))
        assert len(captured["results"]) == len(events)
        for result, event in zip(captured["results"], events, strict=True):
            assert result["status"] in ("accepted", "claim", "already_captured"), result
            reports = trade.regulator.goods.event(result["event_id"])
            assert event in [json.loads(report.event) for report in reports]
            for epc in epcs_of(event):
                trail = trade.regulator.goods.trace(epc)
                assert result["event_id"] in [step.report.event_id for step in trail.steps], epc
    some = epcs_of(events_of(json.loads(files[0].read_text(encoding="utf-8")))[0])
    shown = hansa(trade, "goods", "trace", min(some), "--as", "Regulator")
    assert shown["steps"]

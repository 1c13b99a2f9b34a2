"""Real purchases and GS1's own documents go through the command line of a running network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmark.machine import cpu_seconds
from tests.support.network import SHARED_DATA, Trade, running_trade

ORDERS = SHARED_DATA / "orders" / "cdnow-sample.csv"
PAID = ("ProducerMSP", "CarrierMSP", "BankMSP/consortium-fees")
EXAMPLES = SHARED_DATA / "epcis" / "examples"


def hansa(trade: Trade, *arguments: str) -> Any:
    command = [sys.executable, "-m", "hansa_cli.main", *arguments]
    command += ["--data", str(trade.network.folder.root), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def replay(trade: Trade, *more: str) -> Any:
    who = ("--as", "Retailer", "--seller", "Producer")
    return hansa(trade, "replay", "orders", str(ORDERS), *who, *more)


def validation_codes(trade: Trade, first_block: int) -> Counter[str]:
    """What became of every transaction since a block."""
    found: Counter[str] = Counter()
    with trade.bank.ledger.blocks(first_block, trade.bank.ledger.height() - 1) as blocks:
        for block in blocks:
            found.update(transaction.validation_code for transaction in block.transactions)
    return found


@pytest.mark.skipif(not ORDERS.exists(), reason=f"the order stream is not there: {ORDERS}")
def test_the_first_five_hundred_purchases_settle_and_a_second_run_changes_nothing(trade: Trade) -> None:
    begun = trade.bank.ledger.height()
    first = replay(trade, "--limit", "500")
    assert first["orders"] == 500
    assert set(validation_codes(trade, begun)) == {"VALID"}
    held = {account: trade.balance(account, "USD") for account in PAID}
    assert sum(held.values()) == 1_555_056
    assert all(held.values())
    assert trade.balance("RetailerMSP", "USD") == 0
    height = trade.bank.ledger.height()
    assert replay(trade, "--limit", "500") == first
    assert trade.bank.ledger.height() == height
    assert {account: trade.balance(account, "USD") for account in PAID} == held


@pytest.mark.slow
@pytest.mark.skipif(not ORDERS.exists(), reason=f"the order stream is not there: {ORDERS}")
@pytest.mark.skipif(
    "HANSA_WHOLE_STREAM" not in os.environ,
    reason="34,595 transactions take minutes: set HANSA_WHOLE_STREAM=1",
)
def test_the_whole_stream_settles_at_full_load_without_a_conflict(tmp_path: Path) -> None:
    with running_trade(tmp_path / "data") as trade:
        started, processes = time.monotonic(), used(trade)
        begun = trade.bank.ledger.height()
        told = replay(trade, "--in-flight", "100")
        seconds = time.monotonic() - started
        spent = {name: round(after - processes[name]) for name, after in used(trade).items()}
        print(f"{told['orders']} orders in {seconds:.0f} s; CPU seconds: {spent}")  # shown by pytest -s
        assert told["orders"] == 6_919
        codes = validation_codes(trade, begun)
        assert set(codes) == {"VALID"}
        assert codes["VALID"] >= 5 * 6_919
        assert sum(trade.balance(account, "USD") for account in PAID) == 24_409_194
        assert trade.balance("RetailerMSP", "USD") == 0


def used(trade: Trade) -> dict[str, float]:
    """Seconds of processors that each process of the network has used so far."""
    return {process.name: cpu_seconds(process.pid) for process in trade.network.processes()}


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

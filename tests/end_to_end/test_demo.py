"""The demonstration, as somebody who has just cloned the project runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hansa_network.consortium import dump, load, with_free_ports
from tests.support.engine import engine


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    (folder / "consortium.yaml").write_text(dump(with_free_ports(load())), encoding="utf-8")
    return folder


def run_demo(home: Path, result: str) -> tuple[str, dict[str, Any]]:
    command = [sys.executable, "-m", "hansa_cli.main", "demo", "--once", "--engine", engine().name]
    command += ["--config", str(home / "consortium.yaml"), "--data", str(home / "data")]
    command += ["--json", str(home / result)]
    environment = {**os.environ, "XDG_STATE_HOME": str(home / "state")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=home, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads((home / result).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def first(home: Path) -> tuple[str, dict[str, Any]]:
    return run_demo(home, "first.json")


def test_every_step_stands_in_a_block(first: tuple[str, dict[str, Any]]) -> None:
    _, result = first
    assert len(result["steps"]) == 15
    for step in result["steps"]:
        assert step["transactions"], step["name"]
        for transaction in step["transactions"]:
            assert len(transaction["transaction_id"]) == 64
            assert transaction["block"] > 0
            assert transaction["validation_code"] == "VALID"


def test_the_order_is_settled_and_the_money_is_all_there(first: tuple[str, dict[str, Any]]) -> None:
    said, result = first
    order = result["order"]["order"]
    assert order["status"] == "settled"
    assert (order["amount"], order["proceeds"], order["freight"], order["fee"]) == (
        "5800",
        "4971",
        "800",
        "29",
    )
    euros = {
        account: sum(int(b["amount"]) for b in balances if b["currency"] == "EUR")
        for account, balances in result["balances"].items()
    }
    assert euros == {"Producer": 4971, "Carrier": 800, "Bank/consortium-fees": 29, "Retailer": 494_200}
    assert "settled" in said
    assert "49.71 EUR" in said


def test_the_regulator_sees_the_goods_back_to_the_first_event(first: tuple[str, dict[str, Any]]) -> None:
    _, result = first
    steps = result["trace"]["steps"]
    events = [json.loads(step["report"]["event"]) for step in steps]
    told = [event["bizStep"] for event in events]
    assert told == [
        "commissioning", "packing", "shipping", "departing", "arriving", "receiving", "unpacking",
    ]  # fmt: skip
    assert events[0]["action"] == "ADD"
    assert {step["report"]["status"] for step in steps} == {"accepted"}
    assert result["trace"]["unit"]["custodian"] == "RetailerMSP"
    assert result["trace"]["unit"]["owner"] == "RetailerMSP"


def test_no_personal_data_is_in_the_result(first: tuple[str, dict[str, Any]]) -> None:
    _, result = first
    text = json.dumps(result)
    assert "Hamburg" not in text
    assert "Goods-in" not in text


def test_a_second_run_changes_nothing(home: Path, first: tuple[str, dict[str, Any]]) -> None:
    _, before = first
    _, after = run_demo(home, "second.json")
    assert after["balances"] == before["balances"]
    assert after["order"] == before["order"]
    assert after["trace"] == before["trace"]
    for old, new in zip(before["steps"], after["steps"], strict=True):
        assert [t["transaction_id"] for t in old["transactions"]] == [
            t["transaction_id"] for t in new["transactions"]
        ]

"""Lines of all logs about one transaction, ours and Fabric's, in order of time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hansa_network.errors import NetworkError
from hansa_network.operations.log_lines import lines_about

ONE = "777414cf9ce6122e417b7475f8fee826a66394ed70ed9a56a1ced23e2569d391"
OTHER = "777414cf" + "0" * 56


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    def ours(at: str, event: str, transaction_id: str) -> str:
        return json.dumps({"timestamp": at, "event": event, "transaction_id": transaction_id, "block": 3})

    (tmp_path / "portal.log").write_text(
        ours("2026-11-23T21:30:57.500000Z", "carried out", ONE)
        + "\n"
        + ours("2026-11-23T21:30:56.000000Z", "carried out", OTHER)
        + "\nnot json {\n{\n"
    )
    (tmp_path / "peer-bank.example.log").write_text(
        "2026-11-23T21:30:57.070Z WARN [gateway] Endorse call failed channel=trade txID=" + ONE + "\n"
        "  goroutine of " + ONE + "\n"
        "2026-11-23T21:30:57.080Z INFO [endorser.callChaincode] finished chaincode: hansa txID=777414cf\n"
        "2026-11-23T21:30:57.090Z INFO [ledger] hash 0x777414cf9999\n"
    )
    return tmp_path


def test_they_come_in_order_of_time(logs: Path) -> None:
    found = lines_about(logs, ONE)
    assert [(line.log, line.at) for line in found] == [
        ("peer-bank.example", "2026-11-23T21:30:57.070Z"),
        ("peer-bank.example", "2026-11-23T21:30:57.070Z"),
        ("peer-bank.example", "2026-11-23T21:30:57.080Z"),
        ("portal", "2026-11-23T21:30:57.500000Z"),
    ]
    assert found[-1].text == "carried out"
    assert found[-1].fields["block"] == 3


def test_the_beginning_of_an_id_is_enough(logs: Path) -> None:
    assert [line.log for line in lines_about(logs, ONE[:12].upper())] == [
        line.log for line in lines_about(logs, ONE)
    ]


@pytest.mark.parametrize("given", ["", "777414c", "xyz", ONE + "0", "777414cf/../x"])
def test_what_is_no_id(logs: Path, given: str) -> None:
    with pytest.raises(NetworkError) as caught:
        lines_about(logs, given)
    assert caught.value.code == "TRANSACTION_ID_INVALID"

"""What ``hansa status`` makes of certificates, ordering nodes, the chaincode, processes and the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from hansa_devnode.msp_folders import OrganizationFolder, write_authority
from hansa_fabric.certificates import CertificateAuthority
from hansa_network.consortium import OrderingNode, load
from hansa_network.operations.certificates import certificate_problems, certificate_terms
from hansa_network.operations.chaincode_health import ChaincodeHealth, chaincode_problems
from hansa_network.operations.ordering_health import (
    OrdererHealth,
    orderers_health,
    ordering_problems,
    quorum,
    scrape,
)
from hansa_network.operations.usage import DiskUse, disk_problems, disk_use, process_use
from hansa_network.processes import Program, Running, start, stop

GIB = 2**30


def codes(problems: object) -> list[str]:
    assert isinstance(problems, list)
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("before_end", "expected"),
    [
        (timedelta(days=31), []),
        (timedelta(days=29), ["CERTIFICATE_EXPIRES"]),
        (timedelta(hours=1), ["CERTIFICATE_EXPIRES"]),
        (timedelta(hours=-1), ["CERTIFICATE_EXPIRED"]),
    ],
)
def test_a_certificate_is_told_of_before_it_ends(
    tmp_path: Path, before_end: timedelta, expected: list[str]
) -> None:
    folder = OrganizationFolder(tmp_path / "nodes", "bank.example")
    authority = CertificateAuthority.create("ca.bank.example", "Bank")
    write_authority(folder.ca_certificate, folder.ca_key, authority)
    (term,) = certificate_terms(folder, tmp_path / "member", datetime.now(UTC))
    assert term.use == "CA"
    end = datetime.fromisoformat(term.not_after)
    terms = certificate_terms(folder, tmp_path / "member", end - before_end)
    found = certificate_problems("Bank", terms)
    assert codes(found) == expected
    assert all("successor" in problem.remedy for problem in found)


@pytest.mark.parametrize(
    ("nodes", "consensus", "expected"),
    [(4, "bft", 3), (7, "bft", 5), (5, "bft", 4), (1, "etcdraft", 1), (3, "etcdraft", 2), (4, "etcdraft", 3)],
)
def test_quorum(nodes: int, consensus: str, expected: int) -> None:
    assert quorum(nodes, consensus) == expected


def nodes(*heights: int | None, leader: int | None = 0) -> list[OrdererHealth]:
    return [
        OrdererHealth(f"Org{number}MSP", height, None if height is None else number == leader)
        for number, height in enumerate(heights)
    ]


def test_silent_ordering_nodes_and_a_lost_quorum() -> None:
    assert ordering_problems(nodes(5, 5, 5, 5), "bft") == []
    assert codes(ordering_problems(nodes(5, 5, 5, None), "bft")) == ["ORDERER_UNREACHABLE"]
    lost = ordering_problems(nodes(5, 5, None, None), "bft")
    assert codes(lost) == ["ORDERER_UNREACHABLE", "ORDERER_UNREACHABLE", "ORDERING_WITHOUT_QUORUM"]
    assert "2 of 4" in lost[-1].message
    assert codes(ordering_problems(nodes(5, 5, 5, 5, leader=None), "bft")) == ["NO_LEADER"]
    assert ordering_problems([], "bft") == []


METRICS = b"""# TYPE consensus_BFT_is_leader gauge
consensus_BFT_is_leader{channel="other"} 0
consensus_BFT_is_leader{channel="trade"} 1
"""


@pytest.fixture
def operations() -> Iterator[int]:
    """The port of an ordering node's metrics."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/metrics" else 404)
            self.end_headers()
            self.wfile.write(METRICS)

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_the_leader_is_told_by_its_metrics(operations: int) -> None:
    bank = load().organization("Bank")
    led = msgspec.structs.replace(bank, orderer=OrderingNode(port=1, admin=2, operations=operations))
    silent = msgspec.structs.replace(
        load().organization("Carrier"), orderer=OrderingNode(port=1, admin=2, operations=1)
    )
    heights: dict[str, int | None] = {"BankMSP": 7, "CarrierMSP": None}
    found = orderers_health([led, silent, load().organization("Regulator")], heights, "trade")
    assert found == [OrdererHealth("BankMSP", 7, True), OrdererHealth("CarrierMSP", None, None)]


def test_an_endpoint_that_is_no_metrics_endpoint() -> None:
    with pytest.raises(OSError, match=r"refused"):
        scrape(1)


def test_a_chaincode_that_is_unknown_unapproved_or_ended() -> None:
    described = load().chaincode
    good = ChaincodeHealth("hansa", "1.0", 1, {"AMSP": True, "BMSP": True}, {"AMSP": True, "BMSP": True})
    assert chaincode_problems(good, described) == []
    assert codes(chaincode_problems(None, described)) == ["CHAINCODE_UNKNOWN"]
    bad = replace(good, approvals={"AMSP": True, "BMSP": False}, processes={"AMSP": False, "BMSP": True})
    found = chaincode_problems(bad, described)
    assert [(problem.code, problem.subject) for problem in found] == [
        ("CHAINCODE_NOT_APPROVED", "BMSP"),
        ("CHAINCODE_ENDED", "AMSP"),
    ]


def test_what_processes_use(tmp_path: Path) -> None:
    running = start(Program("sleeper", ("sleep", "60"), {}), tmp_path)
    try:
        alive, gone = process_use([running, Running("gone", os.getpid(), "another birth")])
    finally:
        stop([running])
    assert (alive.name, alive.alive, alive.pid) == ("sleeper", True, running.pid)
    assert alive.uptime_seconds is not None
    assert alive.memory_bytes
    assert (gone.alive, gone.uptime_seconds, gone.memory_bytes) == (False, None, None)


def test_what_lies_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "bank" / "ledger").write_bytes(bytes(100_000))
    (tmp_path / "logs" / "one.log").write_bytes(bytes(50_000))
    found = disk_use(tmp_path, tmp_path / "logs", {"BankMSP": [tmp_path / "bank", tmp_path / "absent"]})
    assert found.organizations["BankMSP"] >= 100_000
    assert found.logs >= 50_000
    assert found.shared == found.logs
    assert found.free > 0


@pytest.mark.parametrize(
    ("free", "expected"), [(6 * GIB, []), (4 * GIB, ["DISK_LOW"]), (GIB // 2, ["DISK_FULL"])]
)
def test_a_disk_that_fills(free: int, expected: list[str]) -> None:
    assert codes(disk_problems(DiskUse({}, 0, 0, free, 100 * GIB))) == expected

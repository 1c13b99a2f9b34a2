"""A running network watched: its status, its metrics, and its logs about one transaction."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hansa_network import sign_ins
from hansa_network.network import Network
from tests.support.command_line import CommandLine
from tests.support.engine import eventually
from tests.support.network import running_network

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def network(own_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network with projector and portals."""
    with running_network(tmp_path_factory.mktemp("watched") / "data", services=True) as found:
        yield found


@pytest.fixture
def hansa(network: Network) -> CommandLine:
    return CommandLine(network.folder.root)


def scraped(network: Network) -> dict[str, dict[str, float]]:
    """Job to its samples, as Prometheus would find them: by name and labels."""
    found: dict[str, dict[str, float]] = {}
    for file in (network.folder.root / "metrics").glob("*.json"):
        for group in json.loads(file.read_text()):
            samples = found.setdefault(group["labels"]["job"], {})
            for address in group["targets"]:
                connection = HTTPConnection(address, timeout=10)
                connection.request("GET", "/metrics")
                text = connection.getresponse().read().decode()
                connection.close()
                for family in text_string_to_metric_families(text):
                    for sample in family.samples:
                        labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
                        samples[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_status_tells_of_everything(hansa: CommandLine, network: Network) -> None:
    # Up says that the projector runs; its first block may come a moment later.
    status = eventually(
        lambda: hansa.ask("status"), lambda found: found["read_model"]["next_block"] is not None
    )
    assert status["running"]
    assert status["problems"] == []
    assert status["ledger"]["height"] > 1
    for one in network.consortium.organizations:
        shown = status["organizations"][one.msp_id]
        assert shown["peer"] == {"height": status["ledger"]["height"], "lag": 0}
        assert {"CA", "TLS CA", "peer", "peer TLS", "administrator", "user admin"} <= {
            term["use"] for term in shown["certificates"]
        }
        assert all(term["days_left"] > 30 for term in shown["certificates"])
        assert shown["disk"] > 0
        assert status["chaincode"]["approvals"][one.msp_id]
        assert status["chaincode"]["processes"][one.msp_id]
    assert status["chaincode"]["sequence"] == network.consortium.chaincode.sequence
    assert status["read_model"]["next_block"] >= 1
    assert all(process["memory_bytes"] for process in status["process_use"])
    text = hansa("status")
    assert (text.status, text.err) == (0, "")
    assert "all is well" in text.out


def test_status_says_what_is_wrong_and_what_to_do(hansa: CommandLine) -> None:
    assert hansa("peer", "stop", "Regulator").status == 0
    try:
        answer = hansa("status", "--json")
        assert answer.status == 1
        assert json.loads(answer.err)["error"]["code"] == "UNHEALTHY"
        (problem,) = json.loads(answer.out)["problems"]
        assert (problem["code"], problem["subject"]) == ("PEER_UNREACHABLE", "RegulatorMSP")
        assert "hansa peer start" in problem["remedy"]
    finally:
        assert hansa("peer", "start", "Regulator").status == 0
    assert hansa("status").status == 0


@pytest.mark.devnode("its processes by name")
def test_every_process_of_ours_serves_metrics(hansa: CommandLine, network: Network) -> None:
    before = scraped(network)
    assert set(before) == {"hansa-devnode", "hansa-chaincode", "hansa-projector", "hansa-portal"}
    hansa.ask("money", "mint", "EUR", "5", "--to", "Producer", "--as", "Bank")
    assert hansa.refused("orders", "show", "RetailerMSP.01J9Z000000000000000000000", "--as", "Retailer")
    with urllib.request.urlopen(f"{network.portals()['Bank']}/sign-in") as page:
        assert re.fullmatch(r"[0-9A-Z]{26}", page.headers["X-Request-Id"])
    after = scraped(network)

    def grown(job: str, name: str) -> float:
        return after[job][name] - before[job].get(name, 0)

    assert (
        grown("hansa-chaincode", "hansa_chaincode_transactions_total{function=money:Mint,outcome=success}")
        > 0
    )
    assert grown("hansa-chaincode", "hansa_chaincode_refusals_total{code=ORDER_NOT_FOUND}") > 0
    assert after["hansa-chaincode"]["hansa_chaincode_transactions_in_flight{}"] == 0
    assert grown("hansa-devnode", "hansa_devnode_transactions_total{validation_code=VALID}") == 1
    height = hansa.ask("status")["ledger"]["height"]
    assert after["hansa-devnode"]["hansa_devnode_block_height{}"] == height
    page_requests = "hansa_portal_requests_total{member=BankMSP,method=GET,route=/sign-in,status=200}"
    assert grown("hansa-portal", page_requests) == 1
    assert "hansa_readmodel_next_block{}" in after["hansa-projector"]


@pytest.mark.devnode("the metrics of our own programs; Fabric's name addresses")
def test_labels_name_nobody_and_nothing(hansa: CommandLine, network: Network) -> None:
    hansa.ask("money", "mint", "EUR", "5", "--to", "Producer", "--as", "Bank/treasurer")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{network.portals()['Bank']}/orders-of/treasurer-secret")
    labels = " ".join(sample for samples in scraped(network).values() for sample in samples)
    for word in ("treasurer", "secret", "admin", "127.0.0.1"):
        assert word not in labels


@pytest.mark.devnode("its own log lines")
def test_logs_tell_a_transaction_s_way(hansa: CommandLine, network: Network) -> None:
    made = hansa.ask("money", "mint", "EUR", "7", "--to", "Producer", "--as", "Bank")
    found = hansa.ask("logs", made["transaction_id"])
    told = {(line["log"], line["text"]) for line in found}
    assert {("chaincode", "executed"), ("devnode", "endorsed"), ("devnode", "committed")} <= told
    assert [line["at"] for line in found] == sorted(line["at"] for line in found)
    assert {line["fields"]["transaction_id"] for line in found} == {made["transaction_id"]}
    short = hansa("logs", made["transaction_id"][:12])
    assert short.status == 0
    assert "validation_code=VALID" in short.out
    assert hansa.refused("logs", "0" * 64)["code"] == "NO_LOG_LINES"


def test_a_request_of_the_portal_leads_to_its_transaction(hansa: CommandLine, network: Network) -> None:
    bank = network.consortium.organization("Bank")
    password = sign_ins.read(network.folder.sign_ins(bank))["treasurer"]
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    home = network.portals()["Bank"]

    def send(path: str, **fields: str) -> str:
        page = opener.open(home + path).read().decode()
        tokens = dict(re.findall(r'name="(csrf_token|command_id|id)"[^>]*value="([^"]+)"', page))
        answer = opener.open(home + path, urllib.parse.urlencode({**tokens, **fields}).encode())
        return str(answer.headers["X-Request-Id"])

    send("/sign-in", user="treasurer", password=password)
    send("/money/mint", currency="EUR", amount="3.00", owner="ProducerMSP")
    carried_out = [
        json.loads(line)
        for line in (network.folder.logs / "web.log").read_text().splitlines()
        if '"carried out"' in line
    ]
    transaction, request = carried_out[-1]["transaction_id"], carried_out[-1]["request_id"]
    lines = [line for line in hansa.ask("logs", transaction) if line["log"] == "web"]
    assert {line["text"] for line in lines} >= {"Endorse answered", "Submit answered", "carried out"}
    assert {line["fields"]["request_id"] for line in lines} == {request}


def test_a_lost_process_is_told_with_its_log(hansa: CommandLine, network: Network) -> None:
    lost = next(process for process in network.processes() if process.name == "projector")
    os.kill(lost.pid, signal.SIGKILL)
    answer = hansa("status", "--json")
    assert json.loads(answer.err)["error"]["code"] == "NOT_RUNNING"
    problems = {problem["code"]: problem for problem in json.loads(answer.out)["problems"]}
    assert "logs/projector.log" in problems["PROCESS_ENDED"]["remedy"]

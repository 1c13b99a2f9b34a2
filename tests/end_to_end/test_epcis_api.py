"""The EPCIS page's examples run as they stand there, against a portal of a running network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hansa_network import sign_ins
from hansa_network.network import Network
from tests.support.network import running_network

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "epcis-api.md"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def documents(text: str) -> list[dict[str, object]]:
    """The JSON documents that stand one after the other in a text."""
    found, rest = [], text.strip()
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


@pytest.fixture(scope="module")
def network(own_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network with portals, the producer's caught up."""
    with running_network(tmp_path_factory.mktemp("epcis"), services=True) as network:
        deadline = time.monotonic() + 60
        while not caught_up(network.portals()["Producer"]):
            assert time.monotonic() < deadline, "the portal does not catch up"
            time.sleep(0.05)
        yield network


def caught_up(portal: str) -> bool:
    try:
        with urllib.request.urlopen(f"{portal}/healthz") as answer:
            return bool(json.load(answer)["lag"] == 0)
    except OSError:
        return False


def test_the_examples_run(network: Network) -> None:
    known = sign_ins.read(network.folder.sign_ins(network.consortium.organization("Producer")))
    portal, user = network.portals()["Producer"], "admin"
    given = {"PORTAL": portal, "SIGN_IN": f"{user}:{known[user]}"}

    def run(block: str) -> list[dict[str, object]]:
        done = subprocess.run(
            ["bash", "-euc", block],
            env=os.environ | given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return documents(done.stdout)

    report, document, ask, subscribe = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (event,) = run(report)
    assert event["eventID"] == "urn:uuid:0b2f4b7e-6d5c-4f38-9a63-5a54d1f0c001"
    (job,) = run(document)
    deadline = time.monotonic() + 60
    while job["running"] and time.monotonic() < deadline:
        (job,) = run(f'curl -sS -u "$SIGN_IN" "$PORTAL/epcis/v2/capture/{job["captureID"]}"')
    assert [result["status"] for result in job["results"]] == ["claim", "refused"]  # type: ignore[attr-defined]
    assert not job["success"]
    while len(steps(run(ask)[0])) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [steps(one) for one in run(ask)] == [["packing", "shipping"], ["shipping"], ["shipping"]]
    query, events, subscription = run(subscribe)
    assert (query["name"], steps(events), subscription["active"]) == ("shipped", ["shipping"], True)


def steps(document: dict[str, object]) -> list[str]:
    results = document["epcisBody"]["queryResults"]["resultsBody"]  # type: ignore[index]
    return [event["bizStep"] for event in results["eventList"]]

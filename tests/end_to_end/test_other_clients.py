"""Fabric's own clients trade on the running network with what `hansa env` and `hansa profile` print."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hansa import new_id
from tests.support.network import Trade
from tests.support.node_packages import NodePackagesError, node_packages

HERE = Path(__file__).parent


def hansa(trade: Trade, *arguments: str) -> str:
    command = [sys.executable, "-m", "hansa_cli.main", *arguments]
    command += ["--data", str(trade.network.folder.root)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def environment(trade: Trade, organization: str) -> dict[str, str]:
    lines = [shlex.split(line) for line in hansa(trade, "env", organization).splitlines()]
    return dict(assignment.split("=", 1) for _export, assignment in lines)


def test_node_trades(trade: Trade) -> None:
    try:
        modules = node_packages(HERE.parent / "conformance" / "node" / "package.json")
    except NodePackagesError as error:
        pytest.skip(str(error))
    done = subprocess.run(
        ["node", str(HERE / "node" / "trade.mjs"), new_id(), "09521321000032"],
        env={**os.environ, **environment(trade, "Producer"), "NODE_PACKAGES": str(modules)},
        input=hansa(trade, "profile", "Producer"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["reply"]["product"]["name"] == "Sold from Node"
    assert found["answer"] == found["reply"]
    assert found["event"] == ["hansa", "product.registered"]
    assert json.loads(found["refusal"].partition("500, ")[2])["field"] == "gtin"


@pytest.mark.fabric
def test_the_peer_command_trades(trade: Trade) -> None:
    folder = os.environ.get("FABRIC_BIN")
    if not folder or not (Path(folder) / "peer").is_file():
        pytest.skip("FABRIC_BIN names no folder with Fabric's peer program")
    variables = {**os.environ, **environment(trade, "Producer"), "FABRIC_LOGGING_SPEC": "error"}
    variables.setdefault("FABRIC_CFG_PATH", str(Path(folder).parent / "config"))

    def peer(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [f"{folder}/peer", "chaincode", *arguments, "-C", variables["CHANNEL_NAME"], "-n", "hansa"],
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    targets: list[str] = []
    for organization in ("Producer", "Retailer", "Bank"):
        one = environment(trade, organization)
        targets += ["--peerAddresses", one["CORE_PEER_ADDRESS"]]
        targets += ["--tlsRootCertFiles", one["CORE_PEER_TLS_ROOTCERT_FILE"]]
    product = json.dumps({"id": new_id(), "gtin": "09521321000049", "name": "Sold by the peer command"})
    orderer = ["-o", variables["ORDERER_ADDRESS"], "--tls", "--cafile", variables["ORDERER_CA"]]
    call = json.dumps({"Args": ["products:Register", product]})
    invoked = peer("invoke", *orderer, *targets, "--waitForEvent", "-c", call)
    assert invoked.returncode == 0, invoked.stderr
    asked = peer("query", "-c", json.dumps({"Args": ["products:Get", '{"gtin":"09521321000049"}']}))
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["product"]["name"] == "Sold by the peer command"

"""Fabric's own gateway client for Node on this network."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.devnode import CHAINCODE
from tests.support.node_packages import NodePackagesError, node_packages
from tests.support.running_network import RunningNetwork

HERE = Path(__file__).parent / "node"


@pytest.mark.slow
def test_node_submits_evaluates_and_receives_events(network: RunningNetwork) -> None:
    try:
        modules = node_packages(HERE / "package.json")
    except NodePackagesError as error:
        pytest.skip(str(error))
    settings = {
        "address": network.address("BMSP"),
        "tlsRoot": str(network.tls_root("BMSP")),
        "mspId": "BMSP",
        "msp": str(network.admin_msp("BMSP")),
        "modules": str(modules),
        "channel": "trade",
        "chaincode": CHAINCODE,
    }
    command = ["node", str(HERE / "client.mjs"), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["successful"] is True
    assert found["value"] == "payload"
    assert found["event"] == ["happened", "payload", found["block"], found["transaction"]]
    assert found["filtered"] == [found["transaction"]]
    assert found["first"] == 0
    assert found["refusal"] == {
        "name": "EndorseError",
        "code": 10,
        "details": [
            {
                "address": network.address("BMSP"),
                "message": 'chaincode response 500, {"code":"ORDER_NOT_FOUND"}',
                "mspId": "BMSP",
            }
        ],
    }

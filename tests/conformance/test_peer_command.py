"""Fabric's own `peer` command on this network."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2

from tests.support.devnode import CHAINCODE
from tests.support.running_network import RunningNetwork

pytestmark = pytest.mark.fabric


@pytest.fixture(scope="module")
def program() -> Path:
    """The `peer` program; its configuration is looked for beside it, as release archives have it."""
    folder = os.environ.get("FABRIC_BIN")
    if not folder:
        pytest.skip("FABRIC_BIN names no folder with Fabric's programs")
    found = Path(folder) / "peer"
    if not found.is_file():
        pytest.skip(f"{found} is not there")
    return found


@pytest.fixture(scope="module")
def configuration(program: Path) -> Path:
    """The folder with core.yaml."""
    folder = Path(os.environ.get("FABRIC_CFG_PATH") or program.parent.parent / "config")
    if not (folder / "core.yaml").is_file():
        pytest.skip(f"there is no core.yaml in {folder}")
    return folder


class PeerCommand:
    """Runs `peer` as the administrator of A."""

    def __init__(self, program: Path, configuration: Path, network: RunningNetwork) -> None:
        self.network = network
        self._program = program
        self._environment = os.environ | {
            "FABRIC_CFG_PATH": str(configuration),
            "FABRIC_LOGGING_SPEC": "error",
            "CORE_PEER_TLS_ENABLED": "true",
            "CORE_PEER_LOCALMSPID": "AMSP",
            "CORE_PEER_ADDRESS": network.address("AMSP"),
            "CORE_PEER_MSPCONFIGPATH": str(network.admin_msp("AMSP")),
            "CORE_PEER_TLS_ROOTCERT_FILE": str(network.tls_root("AMSP")),
        }

    def __call__(self, *arguments: str) -> str:
        """What it prints. Fails the test when it fails."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command, however it ends."""
        command = [str(self._program), *arguments]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=60, check=False
        )

    def invoke(self, arguments: list[str], *endorsers: str) -> subprocess.CompletedProcess[str]:
        """`peer chaincode invoke` that waits for the commit."""
        targets = []
        for each in endorsers:
            targets += ["--peerAddresses", self.network.address(each)]
            targets += ["--tlsRootCertFiles", str(self.network.tls_root(each))]
        call = json.dumps({"Args": arguments})
        return self.run(
            "chaincode",
            "invoke",
            *self.orderer,
            "-C",
            "trade",
            "-n",
            CHAINCODE,
            *targets,
            "--waitForEvent",
            "-c",
            call,
        )

    @property
    def orderer(self) -> list[str]:
        """How to reach the orderer."""
        root = self.network.orderer_tls_root
        return ["-o", self.network.orderer_address, "--tls", "--cafile", str(root)]


@pytest.fixture(scope="module")
def peer(program: Path, configuration: Path, network: RunningNetwork) -> PeerCommand:
    return PeerCommand(program, configuration, network)


def test_the_channel_is_listed_with_its_height(peer: PeerCommand) -> None:
    assert "trade" in peer("channel", "list").splitlines()
    info = json.loads(peer("channel", "getinfo", "-c", "trade").partition(": ")[2])
    assert info["height"] == peer.network.height()


def test_what_is_invoked_is_there_to_be_queried(peer: PeerCommand) -> None:
    done = peer.invoke(["put", "peer/1", "value"], "AMSP", "BMSP")
    assert done.returncode == 0, done.stderr
    query = json.dumps({"Args": ["get", "peer/1"]})
    assert peer("chaincode", "query", "-C", "trade", "-n", CHAINCODE, "-c", query) == "value\n"


def test_too_few_endorsements_end_as_an_invalid_transaction(peer: PeerCommand) -> None:
    done = peer.invoke(["put", "peer/2", "value"], "AMSP")
    assert done.returncode != 0
    assert "ENDORSEMENT_POLICY_FAILURE" in done.stderr


def test_a_refusal_is_shown(peer: PeerCommand) -> None:
    done = peer.invoke(["refuse", "500", "no such order"], "AMSP")
    assert done.returncode != 0
    assert "no such order" in done.stderr


@pytest.mark.parametrize("source", ["peer", "orderer"])
def test_blocks_are_fetched(peer: PeerCommand, tmp_path: Path, source: str) -> None:
    where = peer.orderer if source == "orderer" else []
    numbers = {}
    for which in ("oldest", "newest", "config", "1"):
        path = tmp_path / f"{which}.block"
        peer("channel", "fetch", which, str(path), "-c", "trade", *where)
        numbers[which] = common_pb2.Block.FromString(path.read_bytes()).header.number
    assert numbers == {"oldest": 0, "newest": peer.network.height() - 1, "config": 0, "1": 1}


def test_the_committed_definition_is_shown(peer: PeerCommand) -> None:
    shown = peer("lifecycle", "chaincode", "querycommitted", "-C", "trade", "-n", CHAINCODE)
    assert "Version: 1.0, Sequence: 1" in shown
    assert "Approvals: [AMSP: true, BMSP: true, CMSP: true]" in shown

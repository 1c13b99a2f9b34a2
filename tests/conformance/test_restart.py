"""What a devnode keeps: a stop, a kill, and another start on the same folder."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import msgspec
import pytest

from hansa_devnode.bootstrap import BootstrapError
from hansa_devnode.config import DevnodeConfig
from hansa_devnode.msp_folders import read_signer
from hansa_devnode.services.control import ask_control
from hansa_fabric.blocks import verify_chain
from hansa_gateway import EndorseError, Gateway, SubmitError
from tests.support.devnode import ROOT, all_operations_config, chaincode_process, running_devnode
from tests.support.devnode_config import devnode_config

pytestmark = pytest.mark.devnode("its process, its folder and its control socket")


@contextmanager
def devnode_process(config: DevnodeConfig) -> Iterator[subprocess.Popen[str]]:
    """`python -m hansa_devnode`, from its ready line on; killed at the end if it still runs."""
    path = config.data_folder.with_suffix(".json")
    path.write_text(config.to_json())
    command = [sys.executable, "-m", "hansa_devnode", "--config", str(path), "--log-level", "WARNING"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        assert ready["addresses"]["orderer"] == config.orderer.address
        yield process
    finally:
        process.kill()
        process.wait()


def admin_gateway(config: DevnodeConfig, msp_id: str = "AMSP") -> Gateway:
    """A client that has nothing but the files in the data folder."""
    organization = config.organization(msp_id)
    folder = config.data_folder / "organizations" / organization.domain
    signer = read_signer(folder / "users" / f"Admin@{organization.domain}" / "msp", msp_id)
    root = folder / "tlsca" / f"tlsca.{organization.domain}-cert.pem"
    return Gateway.connect(organization.peer_address, signer, tls_root=root.read_bytes())


def test_a_restart_goes_on_where_it_stopped(tmp_path: Path) -> None:
    chaincode = all_operations_config()
    config = devnode_config(tmp_path / "devnode", chaincodes=[chaincode])
    with chaincode_process(chaincode, tmp_path / "chaincode.log"):
        with running_devnode(config) as first, first.gateway("AMSP") as gateway:
            gateway.network("trade").contract("all").submit("put", "kept", "value")
            height = first.node.ledger.height
        with running_devnode(config) as second, second.gateway("AMSP") as gateway:
            assert second.node.ledger.height == height
            contract = gateway.network("trade").contract("all")
            assert contract.evaluate("get", "kept") == b"value"
            assert contract.submit("put", "more", "x").block_number == height


def test_a_terminated_process_ends_well_and_a_killed_one_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    chaincode = all_operations_config()
    config = devnode_config(tmp_path / "devnode", chaincodes=[chaincode])
    with chaincode_process(chaincode, tmp_path / "chaincode.log"):
        with devnode_process(config) as process, admin_gateway(config) as gateway:
            contract = gateway.network("trade").contract("all")
            for number in range(5):
                contract.submit("put", f"kill/{number}", str(number))
            process.kill()
            process.wait()
        with devnode_process(config) as process, admin_gateway(config) as gateway:
            channel = gateway.network("trade")
            contract = channel.contract("all")
            for number in range(5):
                assert contract.evaluate("get", f"kill/{number}") == str(number).encode()
            height = ask_control(config.data_folder, "status")["height"]
            with channel.block_events(start_block=0, stop_block=height - 1) as blocks:
                assert verify_chain(blocks) == height
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def test_private_data_outlives_a_kill_between_endorsement_and_commit(tmp_path: Path) -> None:
    chaincode = all_operations_config()
    config = devnode_config(tmp_path / "devnode", chaincodes=[chaincode])
    collection = "_implicit_org_AMSP"
    with chaincode_process(chaincode, tmp_path / "chaincode.log"):
        with devnode_process(config), admin_gateway(config) as gateway:
            contract = gateway.network("trade").contract("all")
            transaction = contract.new_proposal(
                "pput", collection, "note", transient={"value": "mine"}, endorsing_organizations=["AMSP"]
            ).endorse()
            unsigned, signature = transaction.bytes, _sign(config, transaction.digest)
        with devnode_process(config), admin_gateway(config) as gateway:
            again = gateway.new_signed_transaction(unsigned, signature)
            assert again.submit().status().successful
            assert gateway.network("trade").contract("all").evaluate("pget", collection, "note") == b"mine"


def _sign(config: DevnodeConfig, digest: bytes) -> bytes:
    folder = config.data_folder / "organizations" / "a.example" / "users" / "Admin@a.example"
    return read_signer(folder / "msp", "AMSP").sign_digest(digest)


def test_another_process_silences_a_peer(tmp_path: Path) -> None:
    chaincode = all_operations_config()
    config = devnode_config(tmp_path / "devnode", chaincodes=[chaincode])
    with (
        chaincode_process(chaincode, tmp_path / "chaincode.log"),
        devnode_process(config),
        admin_gateway(config) as gateway,
    ):
        contract = gateway.network("trade").contract("all")
        named = ["AMSP", "BMSP"]
        contract.submit("put", "control", "1", endorsing_organizations=named)
        status = ask_control(config.data_folder, "peer stop", msp_id="BMSP")
        assert status["peers"]["BMSP"] == {"serving": False}
        with pytest.raises(EndorseError, match="failed to find any endorsing peers for org"):
            contract.submit("put", "control", "2", endorsing_organizations=named)
        ask_control(config.data_folder, "peer start", msp_id="BMSP")
        contract.submit("put", "control", "3", endorsing_organizations=named)


def test_two_devnodes_do_not_share_a_folder(tmp_path: Path) -> None:
    config = devnode_config(tmp_path / "devnode")
    with devnode_process(config):
        command = [sys.executable, "-m", "hansa_devnode", "--config", str(tmp_path / "devnode.json")]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "another devnode runs on" in second.stderr


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    config = devnode_config(tmp_path / "devnode")
    other = msgspec.structs.replace(config, data=str(tmp_path / "other"))
    (tmp_path / "other.json").write_text(other.to_json())
    with devnode_process(config):
        command = [sys.executable, "-m", "hansa_devnode", "--config", str(tmp_path / "other.json")]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"cannot listen on {config.organizations[0].peer_address}" in second.stderr


def test_a_broken_configuration_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"data": "x"}')
    command = [sys.executable, "-m", "hansa_devnode", "--config", str(tmp_path / "broken.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "hansa_devnode: channel: missing\n"


def test_a_transaction_that_nobody_orders_has_an_unknown_outcome(tmp_path: Path) -> None:
    chaincode = all_operations_config()
    config = devnode_config(tmp_path / "devnode", chaincodes=[chaincode])
    with (
        chaincode_process(chaincode, tmp_path / "chaincode.log"),
        running_devnode(config) as running,
        running.gateway("AMSP") as gateway,
    ):
        transaction = gateway.network("trade").contract("all").new_proposal("put", "k", "v").endorse()
        running.call(running.node._orderer.stop())
        with pytest.raises(SubmitError) as caught:
            transaction.submit()
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE
    assert caught.value.message == "no orderers could successfully process transaction"
    assert caught.value.details[0].address == config.orderer.address
    assert caught.value.outcome_unknown


def test_a_changed_definition_needs_a_new_sequence(tmp_path: Path) -> None:
    chaincode = all_operations_config()
    config = devnode_config(tmp_path / "devnode", chaincodes=[chaincode])
    with running_devnode(config) as running:
        assert running.node.ledger.height == 2
    changed = msgspec.structs.replace(chaincode, endorsement_policy="OR('AMSP.peer')")
    with (
        pytest.raises(BootstrapError, match="give it sequence 2"),
        running_devnode(msgspec.structs.replace(config, chaincodes=(changed,))),
    ):
        pass
    upgraded = msgspec.structs.replace(changed, sequence=2)
    with running_devnode(msgspec.structs.replace(config, chaincodes=(upgraded,))) as running:
        definition = running.node.ledger.chaincode("all")
        assert definition is not None
        assert definition.sequence == 2
        assert running.node.ledger.height == 3

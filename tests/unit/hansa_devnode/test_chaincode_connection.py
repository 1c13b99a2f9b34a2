"""The connection to a chaincode's own process: TLS on both sides, and a process that dies and comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hansa_devnode.bootstrap import bootstrap
from hansa_devnode.chaincode import ChaincodeError
from hansa_devnode.config import ChaincodeTls
from tests.support.devnode_config import devnode_config
from tests.support.devnode_peers import chaincode_config, chaincode_process, peers
from tests.support.on_loop import on_loop


@on_loop
async def test_both_sides_show_certificates(tmp_path: Path) -> None:
    material = bootstrap(devnode_config(tmp_path))
    own, other = material.organizations["AMSP"], material.organizations["BMSP"]
    # The chaincode trusts the peers of A and B; all peers trust the authority of A, who issued to it.
    clients = tmp_path / "clients.pem"
    clients.write_bytes(own.tls_ca.certificate + other.tls_ca.certificate)
    root = tmp_path / "root.pem"
    root.write_bytes(own.tls_ca.certificate)
    chaincode = chaincode_config(tls=ChaincodeTls(str(root)))
    environment = {
        "CHAINCODE_TLS_DISABLED": "false",
        "CHAINCODE_TLS_KEY": str(own.tls / "server.key"),
        "CHAINCODE_TLS_CERT": str(own.tls / "server.crt"),
        "CHAINCODE_CLIENT_CA_CERT": str(clients),
    }
    async with chaincode_process(chaincode, **environment), peers(tmp_path, [chaincode]) as network:
        for msp_id in ("AMSP", "BMSP"):
            await network.supports[msp_id].wait_ready("all", 30)
        assert await network.submit("put", "k", "v") == 0
        with pytest.raises(ChaincodeError, match=r"could not launch chaincode all_1\.0:"):
            await network.supports["CMSP"].wait_ready("all", 0.5)


@on_loop
async def test_an_untrusted_server_is_not_talked_to(tmp_path: Path) -> None:
    material = bootstrap(devnode_config(tmp_path))
    own, other = material.organizations["AMSP"], material.organizations["BMSP"]
    root = tmp_path / "root.pem"
    root.write_bytes(other.tls_ca.certificate)
    chaincode = chaincode_config(tls=ChaincodeTls(str(root)))
    environment = {
        "CHAINCODE_TLS_DISABLED": "false",
        "CHAINCODE_TLS_KEY": str(own.tls / "server.key"),
        "CHAINCODE_TLS_CERT": str(own.tls / "server.crt"),
    }
    async with chaincode_process(chaincode, **environment), peers(tmp_path, [chaincode]) as network:
        with pytest.raises(ChaincodeError, match=r"could not launch chaincode all_1\.0:"):
            await network.supports["AMSP"].wait_ready("all", 1.5)


@on_loop
async def test_a_killed_process_fails_its_transactions_and_is_found_again(tmp_path: Path) -> None:
    chaincode = chaincode_config()
    async with peers(tmp_path, [chaincode]) as network:
        async with chaincode_process(chaincode) as process:
            await network.supports["AMSP"].wait_ready("all", 30)
            asking = asyncio.create_task(network.ask("all", "sleep", "30000"))
            await asyncio.sleep(0.2)
            process.kill()
            lost = await asking
            assert lost.response.message.endswith(": error sending: chaincode stream terminated")
        async with chaincode_process(chaincode):
            await network.supports["AMSP"].wait_ready("all", 30)
            assert await network.query("get", "k") == b""


@on_loop
async def test_a_peer_that_stops_fails_what_it_executes(tmp_path: Path) -> None:
    chaincode = chaincode_config()
    async with chaincode_process(chaincode), peers(tmp_path, [chaincode]) as network:
        support = network.supports["AMSP"]
        await support.wait_ready("all", 30)
        asking = asyncio.create_task(network.ask("all", "sleep", "30000"))
        await asyncio.sleep(0.2)
        await support.stop()
        lost = await asking
        assert lost.response.message.endswith(": error sending: chaincode stream terminated")
        support.start()
        await support.wait_ready("all", 30)
        assert await network.query("get", "k") == b""

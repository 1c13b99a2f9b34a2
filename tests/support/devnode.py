"""A whole devnode in the test's own process, on free ports in a folder of its own, with a chaincode.

The loop runs in a thread, so that blocking clients and other programs can be tested too.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hansa_devnode.config import BatchConfig, ChaincodeConfig, CollectionConfig, DevnodeConfig
from hansa_devnode.node import Devnode
from hansa_fabric.identity import Identity, KeySigner
from hansa_gateway import Gateway, OrderingService
from hansa_network.processes import listens
from tests.support.devnode_config import devnode_config, free_addresses

Result = TypeVar("Result")

ROOT = Path(__file__).parents[2]
CHAINCODE = "all"
ALL_OPERATIONS = (sys.executable, "-m", "tests.support.all_operations")


@dataclass
class RunningDevnode:
    """A devnode that runs in a thread; blocking methods for whoever is not on its loop."""

    config: DevnodeConfig
    node: Devnode
    loop: asyncio.AbstractEventLoop

    def call(self, step: Coroutine[Any, Any, Result]) -> Result:
        """Runs a coroutine on the devnode's loop."""
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(60)

    def admin(self, msp_id: str) -> KeySigner:
        """An organisation's administrator."""
        return self.node.material.organizations[msp_id].admin

    @property
    def msp_ids(self) -> tuple[str, ...]:
        """The organisations, in order."""
        return self.config.msp_ids

    @property
    def orderer_msp_id(self) -> str:
        """The ordering service's own organisation."""
        return self.config.orderer.msp_id

    @property
    def orderer_address(self) -> str:
        """Where the ordering node serves."""
        return self.config.orderer.address

    @property
    def orderer_tls_root(self) -> Path:
        """The file with the root of its TLS certificate."""
        return self.node.material.orderer.folder.tls_ca_certificate

    @property
    def orderer_admin(self) -> KeySigner:
        """The administrator of the ordering service's organisation."""
        return self.node.material.orderer.admin

    @property
    def orderer_identity(self) -> Identity:
        """Who signs blocks."""
        return self.node.material.orderer.signer.identity

    def group(self, msp_id: str) -> str:
        """Name of an organisation's group in the channel's configuration."""
        return self.config.organization(msp_id).name

    def address(self, msp_id: str) -> str:
        """Where an organisation's peer listens."""
        return self.config.organization(msp_id).peer_address

    def tls_root(self, msp_id: str) -> Path:
        """The file with the root that an organisation's TLS certificates come from."""
        return self.node.material.organizations[msp_id].folder.tls_ca_certificate

    def admin_msp(self, msp_id: str) -> Path:
        """The administrator's MSP folder."""
        return self.node.material.organizations[msp_id].folder.admin / "msp"

    def gateway(self, msp_id: str, signer: KeySigner | None = None) -> Gateway:
        """A connection to an organisation's peer, for its administrator unless another signer is given."""
        return Gateway.connect(
            self.address(msp_id), signer or self.admin(msp_id), tls_root=self.tls_root(msp_id).read_bytes()
        )

    def ordering(self, msp_id: str = "AMSP", signer: KeySigner | None = None) -> OrderingService:
        """A connection to the ordering node, for an administrator unless another signer is given."""
        return OrderingService.connect(
            self.orderer_address, signer or self.admin(msp_id), tls_root=self.orderer_tls_root.read_bytes()
        )

    def height(self, msp_id: str = "AMSP") -> int:
        """How many blocks there are; all peers have all of them."""
        return self.node.ledger.height

    def settle(self, *msp_ids: str) -> None:
        """Peers share one ledger: nothing to wait for."""

    def restart(self) -> None:
        """Ends the node and starts it again on the same folder; its chaincodes stay."""
        self.call(self.node.stop())
        self.node = self.call(Devnode.start(self.config))
        self.call(self.node.wait_for_chaincodes(60))

    @contextmanager
    def silent(self, *msp_ids: str) -> Iterator[None]:
        """While it lasts, these organisations' peers do not serve."""
        for each in msp_ids:
            self.call(self.node.stop_peer(each))
        try:
            yield
        finally:
            for each in msp_ids:
                self.call(self.node.start_peer(each))


def all_operations_config(
    name: str = CHAINCODE, collections: Sequence[CollectionConfig] = ()
) -> ChaincodeConfig:
    """The chaincode that offers every operation, on a free address."""
    return ChaincodeConfig(name=name, address=free_addresses(1)[0], collections=tuple(collections))


@contextmanager
def chaincode_process(
    chaincode: ChaincodeConfig, log: Path, program: Sequence[str] = ALL_OPERATIONS
) -> Iterator[int]:
    """A chaincode's own process, plain text; its output goes to the log. Yields the process id.

    It listens by then: a peer waits three seconds for its chaincode, and a busy machine may take longer.
    """
    environment = {
        "CHAINCODE_SERVER_ADDRESS": chaincode.address,
        "CHAINCODE_ID": chaincode.package_id,
        "CHAINCODE_TLS_DISABLED": "true",
    }
    with log.open("ab") as stream:
        process = subprocess.Popen(
            program, cwd=ROOT, env=os.environ | environment, stdout=stream, stderr=subprocess.STDOUT
        )
    try:
        port = int(chaincode.address.rpartition(":")[2])
        while not listens(port):
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextmanager
def running_devnode(config: DevnodeConfig) -> Iterator[RunningDevnode]:
    """A devnode for as long as the context lasts; chaincodes are whoever's who calls."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="devnode")
    thread.start()
    try:
        node = asyncio.run_coroutine_threadsafe(Devnode.start(config), loop).result(60)
        running = RunningDevnode(config, node, loop)
        try:
            yield running
        finally:
            running.call(running.node.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def devnode_with_chaincode(
    data: Path,
    names: Sequence[str] = ("A", "B", "C"),
    collections: Sequence[CollectionConfig] = (),
    batch: BatchConfig | None = None,
) -> Iterator[RunningDevnode]:
    """A devnode and the chaincode `all` of `tests.support.all_operations`, ready to execute."""
    data.mkdir(parents=True, exist_ok=True)
    chaincode = all_operations_config(collections=collections)
    config = devnode_config(data / "devnode", names, [chaincode], batch)
    with chaincode_process(chaincode, data / "chaincode.log"), running_devnode(config) as running:
        running.call(running.node.wait_for_chaincodes(60))
        yield running

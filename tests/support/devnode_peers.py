"""Peers of a devnode without its servers: endorsers, a ledger, and a chaincode in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fabric_protos.peer import chaincode_pb2, proposal_pb2

from hansa_devnode.bootstrap import bootstrap
from hansa_devnode.chaincode import ChaincodeSupport, ClientTls
from hansa_devnode.chaincode.packages import PackageStore
from hansa_devnode.chaincode.permissions import Permissions
from hansa_devnode.config import ChaincodeConfig, CollectionConfig, DevnodeConfig
from hansa_devnode.deployment import deployment_envelope, pending_definitions
from hansa_devnode.endorser import Endorser, ProposalInspector
from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.material import Material
from hansa_fabric.identity import KeySigner
from hansa_fabric.proposals import Proposal, new_proposal, sign_proposal
from hansa_fabric.transactions import new_transaction, sign_envelope
from tests.support.devnode_config import devnode_config, free_addresses

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "tests.support.all_operations")
COLLECTION = CollectionConfig("between", "OR('AMSP.member', 'BMSP.member')")


def chaincode_config(name: str = "all", **changes: Any) -> ChaincodeConfig:
    """A chaincode on a free address, with one collection of A and B."""
    address = free_addresses(1)[0]
    return ChaincodeConfig(**{"name": name, "address": address, "collections": (COLLECTION,)} | changes)


@dataclass
class Peers:
    """The peers of organisations A, B and C; made by `peers`."""

    config: DevnodeConfig
    material: Material
    ledger: Ledger
    supports: dict[str, ChaincodeSupport] = field(default_factory=dict)
    endorsers: dict[str, Endorser] = field(default_factory=dict)

    def client(self, msp_id: str) -> KeySigner:
        """An organisation's administrator, who may do everything."""
        return self.material.organizations[msp_id].admin

    def signed(
        self,
        chaincode: str,
        *args: str | bytes,
        client: str = "AMSP",
        channel: str = "trade",
        transient: dict[str, bytes] | None = None,
        init: bool = False,
    ) -> Any:
        """A proposal and the same signed; `init` calls the chaincode as init."""
        signer = self.client(client)
        parts = [each.encode() if isinstance(each, str) else each for each in args]
        proposal = new_proposal(channel, chaincode, parts, signer.identity, transient=transient)
        if init:
            proposal = as_init(proposal)
        return proposal, sign_proposal(proposal, signer)

    async def ask(self, chaincode: str, *args: str | bytes, peer: str = "AMSP", **more: Any) -> Any:
        """One peer's `peer.ProposalResponse`."""
        _, signed = self.signed(chaincode, *args, **more)
        return await self.endorsers[peer].process_proposal(signed)

    async def submit(
        self, *args: str, peers: Sequence[str] = ("AMSP", "BMSP"), chaincode: str = "all", **more: Any
    ) -> int:
        """Endorse, commit alone in a block, and return the validation code."""
        proposal, signed = self.signed(chaincode, *args, **more)
        answers = await asyncio.gather(*(self.endorsers[each].process_proposal(signed) for each in peers))
        for each in answers:
            assert each.response.status == 200, each.response.message
        envelope = sign_envelope(
            new_transaction(proposal, answers), self.client(more.get("client", "AMSP"))
        ).SerializeToString()
        return self.ledger.commit([envelope]).transactions[0].code

    async def query(self, *args: str, chaincode: str = "all", **more: Any) -> bytes:
        """The payload of a successful response."""
        answer = await self.ask(chaincode, *args, **more)
        assert answer.response.status == 200, answer.response.message
        found: bytes = answer.response.payload
        return found

    async def refusal(self, *args: str, chaincode: str = "all", **more: Any) -> str:
        """The message of a refused one."""
        answer = await self.ask(chaincode, *args, **more)
        assert answer.response.status >= 400
        return str(answer.response.message)


def as_init(proposal: Proposal) -> Proposal:
    """The proposal as a call of the chaincode's Init."""
    message = proposal.message
    payload = proposal_pb2.ChaincodeProposalPayload.FromString(message.payload)
    invocation = chaincode_pb2.ChaincodeInvocationSpec.FromString(payload.input)
    invocation.chaincode_spec.input.is_init = True
    payload.input = invocation.SerializeToString()
    message.payload = payload.SerializeToString()
    return replace(proposal, serialized=message.SerializeToString())


@asynccontextmanager
async def peers(
    data: Path, chaincodes: Sequence[ChaincodeConfig], *, start: bool = True, timeout: float = 30.0
) -> AsyncIterator[Peers]:
    """Peers with committed definitions; `start` connects them to the chaincodes."""
    config = devnode_config(data, chaincodes=chaincodes)
    material = bootstrap(config)
    ledger = Ledger.open(data / "ledger", material.genesis)
    found = Peers(config, material, ledger)
    try:
        for definition in pending_definitions(config, ledger):
            envelope = deployment_envelope(material, ledger, definition)
            block = ledger.commit([envelope.SerializeToString()])
            assert [each.code for each in block.transactions] == [0]
        inspector = ProposalInspector(ledger)
        for msp_id, own in material.organizations.items():
            permissions = Permissions(msp_id, ledger)
            tls = ClientTls((own.tls / "server.crt").read_bytes(), (own.tls / "server.key").read_bytes())
            store = PackageStore(data / "packages" / msp_id)
            support = ChaincodeSupport(
                msp_id, ledger, permissions, chaincodes, store, tls=tls, timeout=timeout
            )
            found.supports[msp_id] = support
            found.endorsers[msp_id] = Endorser(own.signer, ledger, support, permissions, inspector)
            if start:
                support.start()
        yield found
    finally:
        for support in found.supports.values():
            await support.stop()
        ledger.close()


@asynccontextmanager
async def chaincode_process(
    chaincode: ChaincodeConfig, program: Sequence[str] = PROGRAM, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A chaincode's process, ended at the end."""
    process = await asyncio.create_subprocess_exec(
        *program,
        cwd=ROOT,
        env=os.environ
        | {
            "CHAINCODE_SERVER_ADDRESS": chaincode.address,
            "CHAINCODE_ID": chaincode.package_id,
            "CHAINCODE_TLS_DISABLED": "true",
        }
        | environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def running(data: Path, **changes: Any) -> AsyncIterator[Peers]:
    """Peers and one chaincode that offers all operations, ready."""
    chaincode = chaincode_config(**changes)
    async with chaincode_process(chaincode), peers(data, [chaincode]) as found:
        for support in found.supports.values():
            await support.wait_ready(chaincode.name, 30)
        yield found

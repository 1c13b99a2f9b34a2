"""The embedded engine as one owning handle: start it, use it, silence one of its peers, stop it."""

from __future__ import annotations

import asyncio
import base64
import fcntl
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import grpc.aio
from fabric_protos.common import common_pb2
from fabric_protos.peer import transaction_pb2

from hansa_devnode.added_organizations import read_organization, remember, with_added, with_organizations
from hansa_devnode.bootstrap import BootstrapError, bootstrap, new_organization
from hansa_devnode.config import ConfigError, DevnodeConfig, OrganizationConfig
from hansa_devnode.deployment import deployment_envelope, pending_definitions
from hansa_devnode.endorser import ProposalInspector
from hansa_devnode.genesis import msp_definition
from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.material import Material, NodeMaterial
from hansa_devnode.metrics import show_height
from hansa_devnode.node_assembly import (
    assemble_channel,
    assemble_peer,
    register_orderer,
    register_peer,
)
from hansa_devnode.services.ca import CaService
from hansa_devnode.services.control import ControlError, ControlServer
from hansa_devnode.services.peers import Peer, Peers
from hansa_devnode.services.servers import AddressInUseError, ServerTls, start_server
from hansa_fabric.transactions import parse_envelope

logger = logging.getLogger(__name__)

# Seconds that calls in progress have to end when the node stops.
GRACE = 2.0


class Devnode:
    """A running devnode. Made by `start`; whoever holds it stops it. Lives on one event loop.

    Args:
        config: what it was told.
        material: certificates, keys and genesis block.
        ledger: the channel's ledger, open.
    """

    def __init__(self, config: DevnodeConfig, material: Material, ledger: Ledger) -> None:
        self.config = config
        self.material = material
        self._inspector = ProposalInspector(ledger)
        assembled = [
            assemble_peer(config, each, ledger, self._inspector) for each in material.organizations.values()
        ]
        self._chaincodes = [support for _, support in assembled]
        peers = Peers(peer for peer, _ in assembled)
        self._channel, self._orderer = assemble_channel(config, material, ledger, peers)
        self._orderer.reconfigured = self._follow_channel
        self._peer_servers: dict[str, grpc.aio.Server] = {}
        self._silenced: set[str] = set()
        self._following = asyncio.Lock()
        self._orderer_server: grpc.aio.Server | None = None
        self._closing = AsyncExitStack()
        self._control = ControlServer(config.data_folder, self._answer)

    @classmethod
    async def start(cls, config: DevnodeConfig) -> Self:
        """Starts everything and returns when it serves; the first start also makes what the node needs.

        Raises:
            ConfigError: organisations that were added no longer fit the configuration.
            BootstrapError: the data folder does not fit the configuration, or another devnode uses it.
            AddressInUseError: one of the addresses is taken.
            LedgerError: the ledger cannot be opened.
        """
        async with AsyncExitStack() as closing:
            closing.enter_context(_locked(config.data_folder))
            config = with_added(config)
            material = bootstrap(config)
            ledger = Ledger.open(config.data_folder / "ledger", material.genesis)
            closing.callback(ledger.close)
            node = cls(config, material, ledger)
            await node._start(closing)
            node._closing = closing.pop_all()
        show_height(ledger.height)
        logger.info("devnode serves channel %s at height %d", ledger.channel, ledger.height)
        return node

    async def stop(self) -> None:
        """Stops serving; what was ordered is committed first. A second call does nothing."""
        await self._closing.aclose()

    @property
    def ledger(self) -> Ledger:
        """The channel's ledger."""
        return self._channel.ledger

    @property
    def failed(self) -> asyncio.Event:
        """Set when a block could not be committed: the node still reads, and orders no more."""
        return self._orderer.failed

    @property
    def addresses(self) -> dict[str, Any]:
        """Where it listens, as the ready line tells it."""
        organizations = {
            each.msp_id: {"peer": each.peer_address, "ca": each.ca_address}
            for each in self.config.organizations
        }
        return {"orderer": self.config.orderer.address, "organizations": organizations}

    def status(self) -> dict[str, Any]:
        """What runs, as the control answers it."""
        peers = {each.msp_id: {"serving": each.serving} for each in self._channel.peers.all()}
        return {"channel": self._channel.name, "height": self._channel.feed.height, "peers": peers}

    async def wait_for_chaincodes(self, timeout: float) -> None:
        """Returns when every peer is connected to every chaincode; `timeout` in seconds for each.

        Raises ChaincodeError when one did not come in time.
        """
        for support in self._chaincodes:
            for chaincode in self.config.chaincodes:
                await support.wait_ready(chaincode.name, timeout)

    async def stop_peer(self, msp_id: str) -> None:
        """Silences one organisation's peer: it refuses connections and endorses nothing; the others go on.

        KeyError when there is no such organisation. A peer that is silent already stays so.
        """
        self._channel.peers.get(msp_id).serving = False
        self._silenced.add(msp_id)
        await self._close_peer(msp_id)

    async def start_peer(self, msp_id: str) -> None:
        """Brings a silenced peer back, as soon as the channel has its organisation.

        KeyError when there is no such organisation.
        """
        peer = self._channel.peers.get(msp_id)
        self._silenced.discard(msp_id)
        if msp_id in self.ledger.bundle.msp_ids:
            await self._open_peer(peer)

    async def add_organization(self, organization: OrganizationConfig) -> NodeMaterial:
        """Makes room for one organisation more: keys and certificates, its authority's service, its peer.

        The peer serves from the configuration block on that puts the organisation on the channel. What was
        added stays so after a restart. Adding the same again does nothing.

        Raises:
            ConfigError: another organisation has its id, its domain or one of its addresses.
            AddressInUseError: an address is taken.
        """
        if organization in self.config.organizations:
            return self.material.organizations[organization.msp_id]
        config = with_organizations(self.config, organization)
        material = await asyncio.to_thread(new_organization, config, organization)
        self.material.organizations[organization.msp_id] = material
        try:
            ca = await self._start_ca(organization)
        except OSError:
            del self.material.organizations[organization.msp_id]
            raise
        self._closing.push_async_callback(ca.stop)
        remember(config, organization)
        self.config = config
        peer, chaincodes = assemble_peer(config, material, self.ledger, self._inspector)
        chaincodes.start()
        self._closing.push_async_callback(chaincodes.stop)
        self._chaincodes.append(chaincodes)
        self._channel.peers.add(peer)
        await self._follow_channel()
        return material

    async def _follow_channel(self) -> None:
        """Lets exactly those peers serve whose organisations the channel has, but for silenced ones."""
        async with self._following:
            members = self.ledger.bundle.msp_ids
            for peer in self._channel.peers.all():
                if peer.msp_id not in members:
                    peer.serving = False
                    await self._close_peer(peer.msp_id)
                elif peer.msp_id not in self._silenced:
                    try:
                        await self._open_peer(peer)
                    except AddressInUseError as error:
                        # The channel goes on without this peer; "peer start" tries again.
                        logger.error("the peer of %s cannot serve: %s", peer.msp_id, error)

    async def _close_peer(self, msp_id: str) -> None:
        server = self._peer_servers.pop(msp_id, None)
        if server is not None:
            await server.stop(None)

    async def _open_peer(self, peer: Peer) -> None:
        msp_id = peer.msp_id
        if msp_id in self._peer_servers:
            return
        self._peer_servers[msp_id] = await start_server(
            peer.address,
            self._tls(self.material.organizations[msp_id]),
            lambda server: register_peer(server, self._channel, peer),
        )
        peer.serving = True

    async def _start(self, closing: AsyncExitStack) -> None:
        for support in self._chaincodes:
            support.start()
            closing.push_async_callback(support.stop)
        self._orderer.start()
        closing.push_async_callback(self._orderer.stop)
        await self._deploy()
        closing.push_async_callback(self._stop_serving)
        for each in self.config.organizations:
            await self.start_peer(each.msp_id)
            ca = await self._start_ca(each)
            closing.push_async_callback(ca.stop)
        self._orderer_server = await start_server(
            self.config.orderer.address,
            self._tls(self.material.orderer),
            lambda server: register_orderer(server, self._channel),
        )
        await self._control.start()
        closing.push_async_callback(self._control.stop)

    def _tls(self, own: NodeMaterial) -> ServerTls:
        roots = self.material.tls_roots if self.config.client_certificates else None
        return ServerTls.read(own.tls, roots)

    async def _start_ca(self, organization: OrganizationConfig) -> CaService:
        own = self.material.organizations[organization.msp_id]
        return await CaService.start(
            name=f"ca.{organization.domain}",
            address=organization.ca_address,
            authority=own.ca,
            tls=ServerTls.read(own.tls),
            folder=own.folder.root / "ca" / "registry",
            registrar=(organization.registrar_name, organization.registrar_secret),
        )

    async def _stop_serving(self) -> None:
        """Takes no new calls, lets the orderer finish, then ends the streams that would wait for ever."""
        servers = [*self._peer_servers.values()]
        if self._orderer_server is not None:
            servers.append(self._orderer_server)
        stopping = [asyncio.create_task(server.stop(GRACE)) for server in servers]
        await self._orderer.stop()
        self._channel.feed.close()
        await asyncio.gather(*stopping)

    async def _deploy(self) -> None:
        """Commits the chaincode definitions that the configuration has and the channel has not."""
        for definition in pending_definitions(self.config, self.ledger):
            envelope = deployment_envelope(self.material, self.ledger, definition)
            tx_id = parse_envelope(envelope).tx_id
            response = await self._channel.broadcast.process(envelope)
            if response.status != common_pb2.SUCCESS:
                raise BootstrapError(f"chaincode {definition.name} was not deployed: {response.info}")
            status = await self._channel.feed.status(tx_id)
            if status.code != transaction_pb2.VALID:
                code = transaction_pb2.TxValidationCode.Name(status.code)
                raise BootstrapError(f"chaincode {definition.name} was not deployed: {code}")

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The control's commands."""
        command, msp_id = request.get("command"), str(request.get("msp_id", ""))
        commands = {"peer stop": self.stop_peer, "peer start": self.start_peer}
        if command == "status":
            return self.status()
        if command == "organization add":
            return await self._answer_addition(request)
        if command not in commands:
            raise ControlError(f"unknown command {command!r}")
        try:
            await commands[command](msp_id)
        except KeyError:
            raise ControlError(f"there is no organisation {msp_id!r}") from None
        except AddressInUseError as error:
            raise ControlError(str(error)) from error
        return self.status()

    async def _answer_addition(self, request: dict[str, Any]) -> dict[str, Any]:
        """Adds an organisation; tells its folder, and its MSP definition (`msp.MSPConfig`, base64)."""
        try:
            material = await self.add_organization(read_organization(request.get("organization")))
        except (ConfigError, OSError) as error:
            raise ControlError(str(error)) from error
        definition = msp_definition(material).to_config().SerializeToString()
        return {"folder": str(material.folder.root), "msp": base64.b64encode(definition).decode()}


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps other devnodes off the data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BootstrapError(f"another devnode runs on {folder}") from error
        yield

"""All chaincodes of one organisation's peer: which may run, where, and one calling another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2, proposal_response_pb2
from fabric_protos.peer.lifecycle import db_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.chaincode.connection import ChaincodeConnection, Endpoint
from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.chaincode.installed import Installation, InstalledChaincodes
from hansa_devnode.chaincode.invocation import Invocation, TransactionContext
from hansa_devnode.chaincode.packages import Connection, PackageStore
from hansa_devnode.chaincode.permissions import PermissionDeniedError, Permissions
from hansa_devnode.chaincode.system import SYSTEM_VERSION, system_chaincodes
from hansa_devnode.config import ChaincodeConfig
from hansa_devnode.ledger import ChaincodeDefinition
from hansa_devnode.ledger.definitions import LIFECYCLE, sequence_key
from hansa_devnode.ledger.ledger import Ledger

Message = chaincode_shim_pb2.ChaincodeMessage

# Holds the version for which a chaincode that requires it was initialized.
_INITIALIZED_KEY = "\x00\U0010ffffinitialized"


@dataclass(frozen=True, slots=True)
class ClientTls:
    """What a peer shows a chaincode's server: its TLS certificate and private key, PEM."""

    certificate: bytes
    private_key: bytes


@dataclass(frozen=True, slots=True)
class Endorsable:
    """What an endorser needs to know of a chaincode.

    Args:
        version: the version of its definition, which the endorsement states.
        init_required: whether it must be called as init, once for each version.
        connection: to its process; None for a system chaincode.
    """

    version: str
    init_required: bool = False
    connection: ChaincodeConnection | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """A definition and what serves it, as they were at a height, with the stored sequence they belong to."""

    height: int
    stored: bytes
    definition: ChaincodeDefinition
    installation: Installation


class ChaincodeSupport:
    """Executes chaincodes for the peer of one organisation.

    Args:
        msp_id: the organisation.
        ledger: the channel's ledger.
        permissions: who may call what.
        chaincodes: where the servers of the chaincodes are that the configuration names.
        packages: what was installed besides.
        tls: shown to servers that speak TLS; may be absent when none does.
        timeout: seconds a chaincode may take, Fabric's `chaincode.executetimeout`.

    Raises:
        OSError: a chaincode's root certificate cannot be read.
        ValueError: a chaincode's server speaks TLS and there is no client certificate to show.
    """

    def __init__(
        self,
        msp_id: str,
        ledger: Ledger,
        permissions: Permissions,
        chaincodes: Sequence[ChaincodeConfig],
        packages: PackageStore,
        *,
        tls: ClientTls | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._ledger = ledger
        self._permissions = permissions
        self._timeout = timeout
        self._known: dict[str, _Known] = {}
        self._installed = InstalledChaincodes(
            msp_id,
            ledger,
            chaincodes,
            packages,
            lambda each: ChaincodeConnection(_configured_endpoint(each, msp_id, tls), self._call),
            lambda name, each: ChaincodeConnection(_packaged_endpoint(name, each, tls), self._call),
        )
        self._system = system_chaincodes(msp_id, ledger, permissions, self._installed)

    def start(self) -> None:
        """Begin to connect to every chaincode's server, in the background."""
        self._installed.start()

    async def stop(self) -> None:
        """Close all connections; what executes fails."""
        await self._installed.stop()

    async def wait_ready(self, name: str, timeout: float) -> None:
        """Wait until a chaincode of the configuration has registered; `timeout` in seconds.

        Raises:
            KeyError: there is no such chaincode.
            ChaincodeError: it did not come in time.
        """
        installation = self._installed.configured(name)
        if installation is None:
            raise KeyError(name)
        await installation.connection.stream(timeout)

    def is_system(self, name: str) -> bool:
        """Whether that is a system chaincode."""
        return name in self._system

    def endorsable(self, invocation: Invocation, name: str) -> Endorsable:
        """Look up a chaincode that may be executed; the lookup enters the read set, as in Fabric.

        Raises:
            ChaincodeError: it is not defined on the channel, or not installed here; in Fabric's words.
        """
        if name in self._system:
            return Endorsable(SYSTEM_VERSION)
        simulator = invocation.simulator
        if simulator is None:
            raise ChaincodeError(f"could not get channel config for channel '{invocation.channel}'")
        stored = simulator.get_state(LIFECYCLE, sequence_key(name))
        if stored is None:
            raise ChaincodeError(f"chaincode {name} not found")
        known = self._look_up(name, stored)
        return Endorsable(
            known.definition.version, known.definition.init_required, known.installation.connection
        )

    def _look_up(self, name: str, stored: bytes) -> _Known:
        known = self._known.get(name)
        height = self._ledger.height
        if known is not None and known.stored == stored and known.height == height:
            return known
        sequence = db_pb2.StateData.FromString(stored).Int64
        definition = self._ledger.chaincode(name)
        if definition is None or definition.sequence != sequence:
            newest = definition.sequence if definition is not None else 0
            raise ChaincodeError(
                f"chaincode cache at sequence {newest} but current sequence is {sequence},"
                f" chaincode definition for '{name}' changed during invoke"
            )
        installation = self._installed.serving(name, sequence)
        if installation is None:
            raise ChaincodeError(f"chaincode definition for '{name}' exists, but chaincode is not installed")
        if known is not None and known.installation is not installation:
            known.installation.connection.retire()
        found = self._known[name] = _Known(height, stored, definition, installation)
        return found

    async def execute(self, invocation: Invocation, name: str, chaincode_input: Any) -> tuple[Any, Any]:
        """Execute the chaincode that a proposal names.

        Args:
            invocation: the transaction.
            name: the chaincode.
            chaincode_input: `peer.ChaincodeInput`.

        Returns:
            its `peer.Response`, and its `peer.ChaincodeEvent` or None.

        Raises:
            ChaincodeError: there is no response; in Fabric's words.
        """
        try:
            message = await self.invoke(invocation, name, chaincode_input)
        except ChaincodeError as error:
            raise ChaincodeError(f"failed to execute transaction {invocation.tx_id}: {error}") from error
        if message.type == Message.ERROR:
            reason = message.payload.decode(errors="replace")
            raise ChaincodeError(f"transaction returned with failure: {reason}")
        try:
            response = proposal_response_pb2.Response.FromString(message.payload)
        except DecodeError as error:
            raise ChaincodeError(
                f"failed to unmarshal response for transaction {invocation.tx_id}: {error}"
            ) from error
        if not message.HasField("chaincode_event"):
            return response, None
        message.chaincode_event.chaincode_id = name
        message.chaincode_event.tx_id = invocation.tx_id
        return response, message.chaincode_event

    async def invoke(self, invocation: Invocation, name: str, chaincode_input: Any) -> Any:
        """Execute a chaincode and return its final `peer.ChaincodeMessage`, COMPLETED or ERROR.

        Raises:
            ChaincodeError: it cannot be executed, or gave no answer.
        """
        system = self._system.get(name)
        if system is not None:
            response = system.invoke(invocation, tuple(chaincode_input.args))
            return Message(
                type=Message.COMPLETED,
                payload=response.SerializeToString(),
                txid=invocation.tx_id,
                channel_id=invocation.channel,
            )
        try:
            connection, init = self._check_init(invocation, name, chaincode_input)
        except ChaincodeError as error:
            raise ChaincodeError(f"invalid invocation: {error}") from error
        stream = await connection.stream()
        try:
            return await stream.execute(
                invocation, name, chaincode_input.SerializeToString(), init=init, timeout=self._timeout
            )
        except ChaincodeError as error:
            raise ChaincodeError(f"error sending: {error}") from error

    def _check_init(
        self, invocation: Invocation, name: str, chaincode_input: Any
    ) -> tuple[ChaincodeConnection, bool]:
        """Who executes, and whether as init; that is once for each version, where it is required."""
        try:
            endorsable = self.endorsable(invocation, name)
        except ChaincodeError as error:
            raise ChaincodeError(
                f"[channel {invocation.channel}] failed to get chaincode container info for {name}: {error}"
            ) from error
        simulator = invocation.simulator
        connection = endorsable.connection
        # Without them nothing is endorsable but system chaincodes.
        assert simulator is not None
        assert connection is not None
        version = endorsable.version.encode()
        needed = endorsable.init_required and simulator.get_state(name, _INITIALIZED_KEY) != version
        if not chaincode_input.is_init:
            if needed:
                raise ChaincodeError(
                    f"chaincode '{name}' has not been initialized for this version, must call as init first"
                )
            return connection, False
        if not endorsable.init_required:
            raise ChaincodeError(f"chaincode '{name}' does not require initialization but called as init")
        if not needed:
            raise ChaincodeError(f"chaincode '{name}' is already initialized but called as init")
        simulator.put_state(name, _INITIALIZED_KEY, version)
        return connection, True

    async def _call(self, context: TransactionContext, payload: bytes) -> bytes:
        """INVOKE_CHAINCODE: execute another chaincode within the caller's transaction."""
        try:
            specification = chaincode_pb2.ChaincodeSpec.FromString(payload)
        except DecodeError as error:
            raise ChaincodeError(f"unmarshal failed: {error}") from error
        invocation = context.invocation
        # "name:version/channel", of which the version is ignored.
        target, _, channel = specification.chaincode_id.name.partition("/")
        name = target.partition(":")[0]
        channel = channel or invocation.channel
        if name not in self._system:
            if not channel:
                raise ChaincodeError("could not get valid transaction")
            try:
                self._permissions.check_channel("peer/ChaincodeToChaincode", channel, invocation.creator)
            except PermissionDeniedError as error:
                raise ChaincodeError(str(error)) from error
        if channel != invocation.channel:
            # This node has one channel, so there is no other whose state could be read.
            raise ChaincodeError(f"failed to find ledger for channel: {channel}")
        try:
            message = await self.invoke(invocation, name, specification.input)
        except ChaincodeError as error:
            raise ChaincodeError(f"execute failed: {error}") from error
        found: bytes = message.SerializeToString()
        return found


def _configured_endpoint(chaincode: ChaincodeConfig, msp_id: str, tls: ClientTls | None) -> Endpoint:
    address = chaincode.address_for(msp_id)
    if chaincode.tls is None:
        return Endpoint(chaincode.package_id, address)
    root = Path(chaincode.tls.root_certificate).read_bytes()
    credentials = _credentials(root, _shown(tls, chaincode.package_id))
    return Endpoint(chaincode.package_id, address, credentials, chaincode.tls.server_name)


def _packaged_endpoint(package_id: str, connection: Connection, tls: ClientTls | None) -> Endpoint:
    if not connection.tls_required:
        return Endpoint(package_id, connection.address)
    own = ClientTls(connection.client_cert.encode(), connection.client_key.encode())
    # A package without a key has the peer show its own certificate.
    shown = own if connection.client_key else _shown(tls, package_id)
    return Endpoint(package_id, connection.address, _credentials(connection.root_cert.encode(), shown))


def _shown(tls: ClientTls | None, package_id: str) -> ClientTls:
    if tls is None:
        raise ValueError(f"chaincode {package_id} speaks TLS, and the peer has no certificate to show it")
    return tls


def _credentials(root: bytes, shown: ClientTls) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(
        root_certificates=root, private_key=shown.private_key, certificate_chain=shown.certificate
    )

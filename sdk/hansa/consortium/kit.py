"""The join kit: what a newcomer needs of the network it has come to, as one zip file without a secret."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Literal, Self

import msgspec
from fabric_protos.peer.lifecycle import lifecycle_pb2

from hansa.client import Client
from hansa.consortium.errors import ConsortiumError, config_errors
from hansa.consortium.submission import ChannelConfiguration
from hansa.errors import UnreachableError
from hansa_fabric.blocks import Block
from hansa_fabric.bundle import Bundle
from hansa_fabric.msp_definition import MspDefinition
from hansa_gateway import GatewayError

LARGEST = 64 * 1024 * 1024
"""Bytes of everything in a kit, unpacked."""

FILE_NAME = "join-kit.json"
"""Beside a member's ``profile.json``."""

_DESCRIPTION, _GENESIS, _CONFIG, _PACKAGE = "kit.json", "genesis.block", "config.block", "chaincode.tar.gz"


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the network: its organisation, ``host:port``, and the TLS authorities (PEM) behind it."""

    msp_id: str
    address: str
    tls_roots: str


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """The chaincode's committed definition, which the newcomer approves as it stands.

    ``validation_parameter`` (``peer.ApplicationPolicy``) and ``collections``
    (``peer.CollectionConfigPackage``) are serialised; ``label`` is the package's.
    """

    name: str
    version: str
    sequence: int
    label: str
    validation_parameter: bytes
    collections: bytes
    init_required: bool
    endorsement_plugin: str
    validation_plugin: str


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What all members agreed to: the fee in basis points, whose it is, and who decides disputes."""

    basis_points: int
    fee_account: str
    arbitrator: str


class KitParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger cannot tell of a network: every member's folder has it, in ``join-kit.json``.

    Args:
        consortium: its name.
        engine: ``fabric`` or ``devnode``.
        label: of the chaincode's package.
        package: the package; empty where the engine needs none.
        place: the folder of a running devnode, which is a matter of one machine; empty on Fabric.
    """

    consortium: str
    engine: str
    label: str
    package: bytes = b""
    place: str = ""

    @classmethod
    def read(cls, member: Path) -> Self:
        """From a member's folder, beside ``profile.json``. Raises ConsortiumError (KIT_PARTS_MISSING)."""
        try:
            return msgspec.json.decode((member / FILE_NAME).read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise ConsortiumError(
                "KIT_PARTS_MISSING",
                f"{member} does not tell how newcomers come in: {error}",
                "Start the network once with: hansa up",
            ) from error


class _Description(msgspec.Struct, frozen=True, kw_only=True):
    v: Literal[1] = 1
    consortium: str
    engine: str
    channel: str
    msp_id: str
    orderers: tuple[Node, ...]
    peers: tuple[Node, ...]
    chaincode: Definition
    terms: Terms
    place: str = ""


class JoinKit(msgspec.Struct, frozen=True, kw_only=True):
    """What a newcomer needs.

    Args:
        consortium: its name.
        engine: ``fabric`` or ``devnode``.
        channel: its name.
        msp_id: for whom it is.
        genesis_block, config_block: block 0, and the newest configuration block (``common.Block``).
        orderers: the ordering nodes.
        peers: the other members' anchor peers.
        chaincode: the definition in force.
        package: the chaincode's package; empty where the engine needs none.
        terms: the consortium's.
        place: the folder of a running devnode, which is a matter of one machine; empty on Fabric.
    """

    consortium: str
    engine: str
    channel: str
    msp_id: str
    genesis_block: bytes
    config_block: bytes
    orderers: tuple[Node, ...]
    peers: tuple[Node, ...]
    chaincode: Definition
    package: bytes
    terms: Terms
    place: str = ""

    @classmethod
    def make(cls, client: Client, msp_id: str, parts: KitParts) -> Self:
        """For a newcomer, once it is on the channel.

        Args:
            client: any user of a member.
            msp_id: the newcomer.
            parts: what the ledger cannot tell; see ``KitParts.read``.

        Raises:
            ConsortiumError: NOT_ON_CHANNEL where the update has not been carried out yet.
            UnreachableError: the member's peer does not answer.
        """
        newest = ChannelConfiguration.newest_block(client)
        with config_errors("The configuration"):
            config = Bundle.from_block(Block(newest))
        if msp_id not in config.msp_ids:
            raise ConsortiumError(
                "NOT_ON_CHANNEL",
                f"{msp_id} is not on the channel yet.",
                "Submit the change first: hansa join submit ID",
            )
        terms = client.members.list().consortium
        return cls(
            consortium=parts.consortium,
            engine=parts.engine,
            channel=config.channel,
            msp_id=msp_id,
            genesis_block=ChannelConfiguration.block(client, 0),
            config_block=newest,
            orderers=_orderers(config),
            peers=_peers(config, msp_id),
            chaincode=_definition(client, parts.label),
            package=parts.package,
            terms=Terms(
                basis_points=terms.basis_points, fee_account=terms.fee_account, arbitrator=terms.arbitrator
            ),
            place=parts.place,
        )

    def to_bytes(self) -> bytes:
        """The zip file; the same kit gives the same bytes."""
        description = _Description(
            **{name: getattr(self, name) for name in _Description.__struct_fields__ if name != "v"}
        )
        files = {
            _DESCRIPTION: msgspec.json.format(msgspec.json.encode(description), indent=2),
            _GENESIS: self.genesis_block,
            _CONFIG: self.config_block,
            _PACKAGE: self.package,
        }
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
        return packed.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Reads a kit, and sees that it fits together: the channel, its blocks, the newcomer on it.

        Raises:
            ConsortiumError: JOIN_KIT_INVALID.
        """
        files = _unpacked(content)
        try:
            found = msgspec.json.decode(files[_DESCRIPTION], type=_Description)
        except msgspec.MsgspecError as error:
            raise _invalid(str(error)) from error
        kit = cls(
            **{name: getattr(found, name) for name in _Description.__struct_fields__ if name != "v"},
            genesis_block=files[_GENESIS],
            config_block=files[_CONFIG],
            package=files[_PACKAGE],
        )
        with config_errors("The join kit"):
            genesis, config = (Bundle.from_block(Block(files[name])) for name in (_GENESIS, _CONFIG))
        if (genesis.channel, config.channel, genesis.sequence) != (kit.channel, kit.channel, 0):
            raise _invalid("its blocks are of another channel")
        if kit.msp_id not in config.msp_ids:
            raise _invalid(f"{kit.msp_id} is not on the channel")
        if not kit.orderers:
            raise _invalid("it names no ordering node")
        return kit

    def check(self, msp: bytes) -> None:
        """Sees that the channel has the newcomer with its own keys.

        Args:
            msp: serialised ``msp.MSPConfig``, as the newcomer sent it.

        Raises:
            ConsortiumError: JOIN_KIT_INVALID.
        """
        with config_errors("The join kit"):
            wanted = MspDefinition.from_config(msp)
            known = [one.msp for one in self.config.organizations.values() if one.msp.msp_id == self.msp_id]
        if known != [wanted]:
            raise _invalid(f"the channel has {self.msp_id} with other keys than ours")

    @property
    def config(self) -> Bundle:
        """The configuration in force when the kit was made. Raises ConsortiumError."""
        with config_errors("The join kit"):
            return Bundle.from_block(Block(self.config_block))


def _orderers(config: Bundle) -> tuple[Node, ...]:
    found = []
    for organization in config.orderer_organizations.values():
        roots = b"".join(organization.msp.tls_root_certificates).decode()
        found += [
            Node(msp_id=organization.msp.msp_id, address=address, tls_roots=roots)
            for address in organization.orderer_endpoints
        ]
    return tuple(found)


def _peers(config: Bundle, without: str) -> tuple[Node, ...]:
    return tuple(
        Node(
            msp_id=one.msp.msp_id,
            address=str(peer),
            tls_roots=b"".join(one.msp.tls_root_certificates).decode(),
        )
        for one in config.organizations.values()
        for peer in one.anchor_peers
        if one.msp.msp_id != without
    )


def _definition(client: Client, label: str) -> Definition:
    name = client.profile.chaincode
    query = lifecycle_pb2.QueryChaincodeDefinitionArgs(name=name).SerializeToString()
    try:
        answer = client.channel.contract("_lifecycle").evaluate("QueryChaincodeDefinition", query)
    except GatewayError as error:
        raise UnreachableError(
            "LEDGER_UNREACHABLE", f"The member's peer did not answer: {error}", "See: hansa status"
        ) from error
    found = lifecycle_pb2.QueryChaincodeDefinitionResult.FromString(answer)
    return Definition(
        name=name,
        version=found.version,
        sequence=found.sequence,
        label=label,
        validation_parameter=found.validation_parameter,
        collections=found.collections.SerializeToString(),
        init_required=found.init_required,
        endorsement_plugin=found.endorsement_plugin,
        validation_plugin=found.validation_plugin,
    )


def _unpacked(content: bytes) -> dict[str, bytes]:
    wanted = (_DESCRIPTION, _GENESIS, _CONFIG, _PACKAGE)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
            if sorted(sizes) != sorted(wanted) or sum(sizes.values()) > LARGEST:
                raise _invalid(f"it holds {', '.join(sorted(sizes))}")
            return {name: archive.read(name) for name in wanted}
    except (zipfile.BadZipFile, EOFError, RuntimeError) as error:
        raise _invalid(str(error)) from error


def _invalid(what: str) -> ConsortiumError:
    return ConsortiumError(
        "JOIN_KIT_INVALID",
        f"The join kit cannot be used: {what}.",
        "A member makes it with: hansa join kit ID",
    )

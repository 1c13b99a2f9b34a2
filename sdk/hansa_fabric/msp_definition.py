"""What an organisation tells the channel about itself: its certificate authorities and how it marks roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fabric_protos.msp import msp_config_pb2

from hansa_fabric.errors import MalformedDataError
from hansa_fabric.protobuf import decode

FABRIC_MSP_TYPE = 0


@dataclass(frozen=True)
class OrganizationalUnit:
    """A unit by its name in the subject's OU.

    Args:
        name: the OU.
        certificate: PEM of the authority that must have issued; empty for any of the organisation's.
    """

    name: str
    certificate: bytes = b""


@dataclass(frozen=True)
class NodeOus:
    """How the organisation's certificates tell clients, peers, administrators and orderers apart.

    Args:
        client, peer, admin, orderer: the unit that marks each role; None where the role is not marked.
        enabled: whether every identity must carry exactly one of them.
    """

    client: OrganizationalUnit | None = OrganizationalUnit("client")
    peer: OrganizationalUnit | None = OrganizationalUnit("peer")
    admin: OrganizationalUnit | None = OrganizationalUnit("admin")
    orderer: OrganizationalUnit | None = OrganizationalUnit("orderer")
    enabled: bool = True


@dataclass(frozen=True)
class MspDefinition:
    """An organisation's MSP; all certificates and lists are PEM.

    Args:
        msp_id: the MSP id.
        root_certificates: roots that issue identities, at least one.
        intermediate_certificates: authorities under these.
        admins: identities named as administrators; needed only where NodeOUs mark none.
        tls_root_certificates: roots that issue TLS certificates.
        tls_intermediate_certificates: authorities under these.
        revocation_lists: PEM or DER.
        organizational_units: where not empty, an identity must be in one of these.
        node_ous: how roles are marked.
    """

    msp_id: str
    root_certificates: tuple[bytes, ...]
    intermediate_certificates: tuple[bytes, ...] = ()
    admins: tuple[bytes, ...] = ()
    tls_root_certificates: tuple[bytes, ...] = ()
    tls_intermediate_certificates: tuple[bytes, ...] = ()
    revocation_lists: tuple[bytes, ...] = ()
    organizational_units: tuple[OrganizationalUnit, ...] = ()
    node_ous: NodeOus | None = NodeOus()

    def to_proto(self) -> Any:
        """The ``msp.FabricMSPConfig``."""
        message = msp_config_pb2.FabricMSPConfig(
            name=self.msp_id,
            root_certs=self.root_certificates,
            intermediate_certs=self.intermediate_certificates,
            admins=self.admins,
            revocation_list=self.revocation_lists,
            organizational_unit_identifiers=[_unit(one) for one in self.organizational_units],
            crypto_config=msp_config_pb2.FabricCryptoConfig(
                signature_hash_family="SHA2", identity_identifier_hash_function="SHA256"
            ),
            tls_root_certs=self.tls_root_certificates,
            tls_intermediate_certs=self.tls_intermediate_certificates,
        )
        if self.node_ous is not None:
            message.fabric_node_ous.CopyFrom(
                msp_config_pb2.FabricNodeOUs(
                    enable=self.node_ous.enabled,
                    client_ou_identifier=_unit(self.node_ous.client),
                    peer_ou_identifier=_unit(self.node_ous.peer),
                    admin_ou_identifier=_unit(self.node_ous.admin),
                    orderer_ou_identifier=_unit(self.node_ous.orderer),
                )
            )
        return message

    def to_config(self) -> Any:
        """The ``msp.MSPConfig`` that stands in a channel's configuration."""
        return msp_config_pb2.MSPConfig(type=FABRIC_MSP_TYPE, config=self.to_proto().SerializeToString())

    @classmethod
    def from_proto(cls, message: Any) -> MspDefinition:
        """Read a ``msp.FabricMSPConfig``, message or bytes.

        Raises:
            MalformedDataError: no such message, no name, or hashes other than SHA-2.
        """
        if isinstance(message, bytes):
            message = decode(msp_config_pb2.FabricMSPConfig, message)
        if not message.name:
            raise MalformedDataError("an MSP needs a name")
        if message.crypto_config.signature_hash_family not in ("", "SHA2"):
            raise MalformedDataError("only SHA-2 signatures are supported")
        if message.crypto_config.identity_identifier_hash_function not in ("", "SHA256"):
            raise MalformedDataError("only SHA-256 identity identifiers are supported")
        ous = message.fabric_node_ous if message.HasField("fabric_node_ous") else None
        return cls(
            msp_id=message.name,
            root_certificates=tuple(message.root_certs),
            intermediate_certificates=tuple(message.intermediate_certs),
            admins=tuple(message.admins),
            tls_root_certificates=tuple(message.tls_root_certs),
            tls_intermediate_certificates=tuple(message.tls_intermediate_certs),
            revocation_lists=tuple(message.revocation_list),
            organizational_units=tuple(
                OrganizationalUnit(one.organizational_unit_identifier, one.certificate)
                for one in message.organizational_unit_identifiers
            ),
            node_ous=None
            if ous is None
            else NodeOus(
                _parse_unit(ous, "client_ou_identifier"),
                _parse_unit(ous, "peer_ou_identifier"),
                _parse_unit(ous, "admin_ou_identifier"),
                _parse_unit(ous, "orderer_ou_identifier"),
                ous.enable,
            ),
        )

    @classmethod
    def from_config(cls, message: Any) -> MspDefinition:
        """Read a ``msp.MSPConfig``, message or bytes. Raises MalformedDataError, also for Idemix."""
        if isinstance(message, bytes):
            message = decode(msp_config_pb2.MSPConfig, message)
        if message.type != FABRIC_MSP_TYPE:
            raise MalformedDataError(f"only X.509 MSPs are supported, not type {message.type}")
        return cls.from_proto(message.config)


def _unit(unit: OrganizationalUnit | None) -> Any:
    if unit is None:
        return None
    return msp_config_pb2.FabricOUIdentifier(
        certificate=unit.certificate, organizational_unit_identifier=unit.name
    )


def _parse_unit(ous: Any, name: str) -> OrganizationalUnit | None:
    if not ous.HasField(name):
        return None
    unit = getattr(ous, name)
    return OrganizationalUnit(unit.organizational_unit_identifier, unit.certificate)

"""Signatures over an update: made anywhere, also on a machine without a network; checked by anybody."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.x509.oid import NameOID
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.msp import msp_principal_pb2

from hansa.consortium.errors import ConsortiumError
from hansa_fabric.bundle import Bundle
from hansa_fabric.config_signatures import approve
from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Signer
from hansa_fabric.msp import ValidatedIdentity
from hansa_fabric.protobuf import decode


@dataclass(frozen=True)
class Approver:
    """Who signed: an administrator of an organisation.

    Args:
        msp_id: the organisation.
        name: the common name in the certificate.
    """

    msp_id: str
    name: str


def sign(update: bytes, signer: Signer) -> bytes:
    """A serialised ``common.ConfigSignature`` of one who agrees to a serialised ``common.ConfigUpdate``."""
    found: bytes = approve(update, signer).SerializeToString(deterministic=True)
    return found


def check(config: Bundle, update: bytes, signature: bytes) -> Approver:
    """Who signed an update.

    Args:
        config: the configuration in force, whose organisations vouch for their administrators.
        update: serialised ``common.ConfigUpdate``.
        signature: serialised ``common.ConfigSignature``.

    Raises:
        ConsortiumError: SIGNATURE_INVALID where it is nobody's on the channel, or of another update;
            NOT_AN_ADMINISTRATOR where it is a member's, but not an administrator's.
    """
    try:
        found = signer_of(config, update, signature)
    except FabricDataError as error:
        raise ConsortiumError(
            "SIGNATURE_INVALID",
            f"The signature does not count: {error}.",
            "Sign what was exported last; an update that was computed anew is signed anew.",
        ) from error
    names = found.x509.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    approver = Approver(found.msp_id, str(names[0].value) if names else "")
    if not is_administrator(found):
        raise ConsortiumError(
            "NOT_AN_ADMINISTRATOR",
            f"{approver.name} of {approver.msp_id} is no administrator.",
            "An administrator of the organisation signs.",
        )
    return approver


def signer_of(config: Bundle, update: bytes, signature: bytes) -> ValidatedIdentity:
    """The identity that signed. Raises FabricDataError."""
    message = decode(configtx_pb2.ConfigSignature, signature)
    header = decode(common_pb2.SignatureHeader, message.signature_header)
    found = config.manager.deserialize(header.creator)
    found.verify(message.signature_header + update, message.signature)
    return found


def is_administrator(identity: ValidatedIdentity) -> bool:
    """Whether its organisation's MSP calls it one."""
    role = msp_principal_pb2.MSPRole(
        msp_identifier=identity.msp_id, role=msp_principal_pb2.MSPRole.ADMIN
    ).SerializeToString()
    principal = msp_principal_pb2.MSPPrincipal(
        principal_classification=msp_principal_pb2.MSPPrincipal.ROLE, principal=role
    )
    return identity.satisfies(principal)

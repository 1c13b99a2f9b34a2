"""An MSP folder, as Fabric's own tools lay it out, read into what stands in a channel's configuration."""

from __future__ import annotations

from pathlib import Path

from hansa.consortium.errors import ConsortiumError, config_errors
from hansa_fabric.msp import Msp
from hansa_fabric.msp_definition import MspDefinition, NodeOus, OrganizationalUnit

_ROLES = ("client", "peer", "admin", "orderer")


def read_msp_folder(folder: Path, msp_id: str) -> bytes:
    """A serialised ``msp.MSPConfig`` of a folder with ``cacerts``, ``tlscacerts`` and, where there are any,
    ``intermediatecerts``, ``tlsintermediatecerts`` and ``crls``; roles are marked by NodeOUs.

    Args:
        folder: the organisation's MSP folder; no key in it is looked at.
        msp_id: the organisation.

    Raises:
        ConsortiumError: MSP_FOLDER_INVALID where it names no authority, CONFIG_INVALID where it contradicts
            itself.
    """
    roots = _files(folder / "cacerts")
    if not roots:
        raise ConsortiumError(
            "MSP_FOLDER_INVALID",
            f"{folder} names no authority.",
            "Name the organisation's MSP folder, with cacerts/ and tlscacerts/ in it.",
        )
    # Who marks roles is pinned where there is one authority; while it rotates there are two.
    pinned = roots[0] if len(roots) == 1 else b""
    intermediates = _files(folder / "intermediatecerts")
    authority = b"" if intermediates else pinned
    client, peer, admin, orderer = (OrganizationalUnit(role, authority) for role in _ROLES)
    definition = MspDefinition(
        msp_id=msp_id,
        root_certificates=roots,
        intermediate_certificates=intermediates,
        tls_root_certificates=_files(folder / "tlscacerts"),
        tls_intermediate_certificates=_files(folder / "tlsintermediatecerts"),
        revocation_lists=_files(folder / "crls"),
        node_ous=NodeOus(client, peer, admin, orderer),
    )
    with config_errors("The MSP folder"):
        Msp(definition)
    found: bytes = definition.to_config().SerializeToString(deterministic=True)
    return found


def _files(folder: Path) -> tuple[bytes, ...]:
    if not folder.is_dir():
        return ()
    return tuple(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())

"""An organisation that wants to join: its description, and the keys and authorities it makes for itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from hansa_devnode.bootstrap import make_organization
from hansa_fabric.channel_description import Consenter
from hansa_network.connection_profile import HOST
from hansa_network.consortium import Organization
from hansa_network.data_folder import DataFolder, write_atomically
from hansa_network.engine import FABRIC, Progress
from hansa_network.errors import NetworkError
from hansa_network.fabric.authority import authority_program
from hansa_network.fabric.enrollment import enroll_nodes
from hansa_network.fabric.genesis import consenter, msp_definition
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.programs import find_programs
from hansa_network.joining.devnode_part import described
from hansa_network.processes import listens, start, stop, wait_until


@dataclass(frozen=True)
class Applicant:
    """What an organisation can show of itself.

    Args:
        organization: its description.
        msp: serialised ``msp.MSPConfig``.
        anchor_peer: where the others will find its peer, ``host:port``.
        orderer: its ordering node, where it is to run one.
    """

    organization: Organization
    msp: bytes
    anchor_peer: str
    orderer: Consenter | None


def load_organization(path: Path) -> Organization:
    """An organisation's description from YAML, as an entry of ``consortium.yaml``.

    Raises:
        NetworkError: CONFIG_UNREADABLE or CONFIG_INVALID.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NetworkError(
            "CONFIG_UNREADABLE", f"{path} cannot be read: {error}", "Give a YAML file with --config."
        ) from error
    try:
        return msgspec.convert(document, Organization)
    except msgspec.ValidationError as error:
        raise NetworkError("CONFIG_INVALID", f"{path}: {error}", "Correct the field it names.") from error


def make_applicant(
    folder: DataFolder, organization: Organization, engine_name: str, say: Progress = lambda _: None
) -> Applicant:
    """Makes an organisation's authorities and keys in a folder of its own; what is there is used as it is.

    Raises:
        NetworkError: the folder is another organisation's (CONFIG_CHANGED) or engine's (ENGINE_CHANGED), or
            a program is missing or did not start.
    """
    folder.make()
    _describe(folder, organization, engine_name)
    own = FabricOrganization(organization, folder.engine / "organizations" / organization.domain)
    if engine_name == FABRIC:
        _enroll(folder, own, say)
    else:
        say("making keys and certificates")
        make_organization(described(folder, organization, "", served=False), own.root)
    return Applicant(
        organization=organization,
        msp=msp_definition(own).to_config().SerializeToString(deterministic=True),
        anchor_peer=f"{HOST}:{organization.ports.peer}",
        orderer=consenter(own) if engine_name == FABRIC and organization.orderer is not None else None,
    )


def _describe(folder: DataFolder, organization: Organization, engine_name: str) -> None:
    file = folder.organization_file
    if not file.exists():
        folder.set_engine_name(engine_name)
        text = yaml.safe_dump(msgspec.to_builtins(organization), sort_keys=False, allow_unicode=True)
        write_atomically(file, text)
    if load_organization(file) != organization:
        raise NetworkError(
            "CONFIG_CHANGED",
            f"{folder.root} is of another organisation, or of this one with another description.",
            "Take another folder with --data.",
        )
    if folder.engine_name() != engine_name:
        raise NetworkError(
            "ENGINE_CHANGED",
            f"The keys in {folder.root} were made for the other engine.",
            "Leave --engine out, or take another folder with --data.",
        )


def _enroll(folder: DataFolder, own: FabricOrganization, say: Progress) -> None:
    """Runs the organisation's authority for as long as its nodes need to get their certificates."""
    if own.last_enrolled.exists():
        return
    say("starting our certificate authority")
    running = start(authority_program(own, find_programs(), "warning"), folder.logs)
    try:
        wait_until(lambda: listens(own.described.ports.ca), running, folder.logs)
        say("enrolling our nodes")
        enroll_nodes(own)
    finally:
        stop([running])

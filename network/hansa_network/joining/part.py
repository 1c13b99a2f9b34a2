"""One member's part of a network that others run: what it was given of them, laid down in its own folder."""

from __future__ import annotations

from dataclasses import dataclass

from hansa_devnode.files import write_file
from hansa_network.consortium import (
    Chaincode,
    Consortium,
    Fee,
    Joined,
    Ordering,
    dump,
)
from hansa_network.data_folder import DataFolder, write_atomically
from hansa_network.engine import FABRIC
from hansa_network.errors import NetworkError
from hansa_network.joining.applicant import load_organization
from hansa_network.network import Network


@dataclass(frozen=True)
class Surroundings:
    """What a member is given of the network it comes to.

    Args:
        consortium: its name.
        channel: its channel.
        chaincode: name, version and sequence of the chaincode's definition.
        fee: basis points, and the account they go to.
        arbitrator: who decides disputes.
        genesis_block, config_block: ``common.Block``.
        orderer: an ordering node, ``host:port``.
        ordering_tls_roots: PEM.
        package: the chaincode's package; empty where there is none.
        policy: ``peer.ApplicationPolicy``.
        collections: ``peer.CollectionConfigPackage``.
        devnode: folder of the running devnode; empty on Fabric.
    """

    consortium: str
    channel: str
    chaincode: tuple[str, str, int]
    fee: tuple[int, str]
    arbitrator: str
    genesis_block: bytes
    config_block: bytes
    orderer: str
    ordering_tls_roots: str
    package: bytes
    policy: bytes
    collections: bytes
    devnode: str = ""


def settle(folder: DataFolder, msp_id: str, engine_name: str, given: Surroundings) -> Network:
    """Lays down what a member was given, beside the keys it made; the network it returns can be brought up.

    Raises:
        NetworkError: the folder has no keys (NO_APPLICANT), or those of another organisation or engine.
    """
    if not folder.organization_file.exists():
        raise NetworkError(
            "NO_APPLICANT",
            f"There are no keys of a newcomer in {folder.root}.",
            "Name the folder where the join request was made with --data.",
        )
    organization = load_organization(folder.organization_file)
    if organization.msp_id != msp_id or folder.engine_name() != engine_name:
        raise NetworkError(
            "KIT_OF_ANOTHER",
            f"The kit is for {msp_id} on {engine_name}, and {folder.root} is of {organization.msp_id}.",
            "Name the folder where the join request was made with --data.",
        )
    name, version, sequence = given.chaincode
    port = organization.ports.chaincode or 1
    consortium = Consortium(
        version=1,
        name=given.consortium,
        channel=given.channel,
        chaincode=Chaincode(name=name, version=version, sequence=sequence, port=port),
        ordering=Ordering(port=int(given.orderer.rpartition(":")[2])),
        fee=Fee(basis_points=given.fee[0], account=given.fee[1]),
        arbitrator=given.arbitrator,
        organizations=(organization,),
        joined=Joined(orderer=given.orderer, devnode="" if engine_name == FABRIC else given.devnode),
    )
    others = folder.others
    others.folder.mkdir(parents=True, exist_ok=True)
    write_atomically(others.ordering_tls_roots, given.ordering_tls_roots)
    for path, content in (
        (others.config_block, given.config_block),
        (others.policy, given.policy),
        (others.collections, given.collections),
        (folder.engine / f"{given.channel}.genesis.block", given.genesis_block),
    ):
        write_file(path, content)
    if given.package:
        write_file(others.package, given.package)
    # Last: with the description there, the part is complete.
    write_atomically(folder.consortium_file, dump(consortium))
    return Network(folder, consortium, engine_name)

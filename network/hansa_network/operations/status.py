"""How a network is: one look at everything that its engine, its files and its processes tell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hansa_devnode.msp_folders import OrganizationFolder
from hansa_network.consortium import Organization
from hansa_network.network import Network
from hansa_network.operations.certificates import (
    CertificateTerm,
    certificate_problems,
    certificate_terms,
)
from hansa_network.operations.chaincode_health import (
    ChaincodeHealth,
    chaincode_problems,
    committed_definition,
)
from hansa_network.operations.ordering_health import OrdererHealth, orderers_health, ordering_problems
from hansa_network.operations.problem import ERROR, WARNING, Problem
from hansa_network.operations.usage import DiskUse, ProcessUse, disk_problems, disk_use, process_use

LAG_BLOCKS = 10
"""A peer or ordering node that lacks more blocks than this is told of: fewer are on their way."""


@dataclass(frozen=True)
class PeerHealth:
    """One organisation's peer: its height, and how many blocks it lacks of the highest; None: no answer."""

    height: int | None
    lag: int | None


@dataclass(frozen=True)
class Status:
    """A network as it was found.

    Args:
        ledger: what the engine says of itself; None where it does not answer.
        peers: MSP id to its peer.
        orderers: ordering nodes of organisations; none on the embedded engine, which orders by itself.
        chaincode: the committed definition; None where no peer told it.
        certificates: MSP id to its certificates.
        processes: those that ``up`` started.
        disk: what is used.
        problems: what is wrong, errors first.
    """

    ledger: dict[str, object] | None
    peers: dict[str, PeerHealth]
    orderers: list[OrdererHealth]
    chaincode: ChaincodeHealth | None
    certificates: dict[str, list[CertificateTerm]]
    processes: list[ProcessUse]
    disk: DiskUse
    problems: list[Problem]

    @property
    def height(self) -> int | None:
        """Of the highest peer."""
        known = [peer.height for peer in self.peers.values() if peer.height is not None]
        return max(known, default=None)


def network_status(network: Network, now: datetime | None = None) -> Status:
    """Looks at a network; takes some seconds where nodes do not answer.

    Args:
        now: the present, with a time zone; the clock's without it.
    """
    consortium = network.consortium
    organizations = consortium.organizations
    running = network.processes()
    ledger = network.engine.status() if running else None
    peers = _peers(ledger, [one.msp_id for one in organizations])
    orderers = orderers_health(organizations, _map(ledger, "orderers"), consortium.channel)
    chaincode = _chaincode(network, peers)
    processes = process_use(running)
    certificates = {
        one.msp_id: certificate_terms(
            _folder(network, one), network.folder.organization(one), now or datetime.now(UTC)
        )
        for one in organizations
    }
    places = {
        one.msp_id: [_folder(network, one).root, network.folder.organization(one)] for one in organizations
    }
    disk = disk_use(network.folder.root, network.folder.logs, places)
    problems = _process_problems(processes)
    if processes:
        problems += _peer_problems(peers)
        problems += ordering_problems(orderers, consortium.ordering.consensus)
        problems += _orderer_lag(orderers)
        problems += chaincode_problems(chaincode, consortium.chaincode)
    for one in organizations:
        problems += certificate_problems(one.name, certificates[one.msp_id])
    problems += disk_problems(disk)
    problems.sort(key=lambda problem: problem.severity != ERROR)
    return Status(ledger, peers, orderers, chaincode, certificates, processes, disk, problems)


def _folder(network: Network, organization: Organization) -> OrganizationFolder:
    root = network.folder.engine / "organizations" / organization.domain
    return OrganizationFolder(root, organization.domain)


def _map(ledger: dict[str, object] | None, name: str) -> dict[str, Any]:
    found = (ledger or {}).get(name)
    return dict(found) if isinstance(found, dict) else {}


def _peers(ledger: dict[str, object] | None, members: list[str]) -> dict[str, PeerHealth]:
    """On Fabric each peer has a height of its own; on the embedded engine all that serve share one ledger."""
    height = (ledger or {}).get("height")
    told = _map(ledger, "peers")
    heights: dict[str, int | None] = {}
    for msp_id in members:
        found = told.get(msp_id)
        if isinstance(found, dict):
            found = height if found.get("serving") else None
        heights[msp_id] = found if isinstance(found, int) else None
    highest = max((one for one in heights.values() if one is not None), default=0)
    return {
        msp_id: PeerHealth(one, None if one is None else highest - one) for msp_id, one in heights.items()
    }


def _chaincode(network: Network, peers: dict[str, PeerHealth]) -> ChaincodeHealth | None:
    consortium, engine = network.consortium, network.engine
    alive = {process.name for process in network.processes() if process.alive}
    answering = [one for one in consortium.organizations if peers[one.msp_id].height is not None]
    ask = partial(_definition, network, engine)
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = next((one for one in pool.map(ask, answering) if one is not None), None)
    if found is None:
        return None
    described = consortium.chaincode
    return ChaincodeHealth(
        name=described.name,
        version=str(found.version),
        sequence=int(found.sequence),
        approvals={str(msp_id): bool(approved) for msp_id, approved in found.approvals.items()},
        processes={
            one.msp_id: bool({described.process(), described.process(one.domain)} & alive)
            for one in consortium.organizations
        },
    )


def _definition(network: Network, engine: Any, organization: Organization) -> Any:
    consortium = network.consortium
    return committed_definition(
        organization, engine.files(organization), consortium.channel, consortium.chaincode.name
    )


def _process_problems(processes: list[ProcessUse]) -> list[Problem]:
    if not processes:
        return [Problem("NOT_RUNNING", ERROR, "network", "The network does not run.", "Start it: hansa up")]
    return [
        Problem(
            "PROCESS_ENDED",
            ERROR,
            process.name,
            f"{process.name} (process {process.pid}) ended.",
            f"Read logs/{process.name}.log, then start the network again: hansa down; hansa up",
        )
        for process in processes
        if not process.alive
    ]


def _peer_problems(peers: dict[str, PeerHealth]) -> list[Problem]:
    found = []
    for msp_id, peer in peers.items():
        if peer.height is None:
            found.append(
                Problem(
                    "PEER_UNREACHABLE",
                    ERROR,
                    msp_id,
                    f"The peer of {msp_id} does not answer.",
                    f"If it was silenced: hansa peer start {msp_id}; else see its process and its log.",
                )
            )
        elif peer.lag is not None and peer.lag > LAG_BLOCKS:
            found.append(
                Problem(
                    "PEER_LAGS",
                    WARNING,
                    msp_id,
                    f"The peer of {msp_id} lacks {peer.lag} blocks.",
                    "It catches up by itself; if the lag grows, see its disk, and whether it reaches ordering"
                    " nodes.",
                )
            )
    return found


def _orderer_lag(orderers: list[OrdererHealth]) -> list[Problem]:
    highest = max((one.height for one in orderers if one.height is not None), default=0)
    return [
        Problem(
            "ORDERER_LAGS",
            WARNING,
            one.msp_id,
            f"The ordering node of {one.msp_id} lacks {highest - one.height} blocks.",
            "It catches up by itself; if the lag grows, see whether it reaches the others.",
        )
        for one in orderers
        if one.height is not None and highest - one.height > LAG_BLOCKS
    ]

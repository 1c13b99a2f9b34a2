"""The chaincode on the channel: what is committed, who approved it, and whose process of it runs."""

from __future__ import annotations

from dataclasses import dataclass

from fabric_protos.peer.lifecycle import lifecycle_pb2

from hansa_devnode.msp_folders import read_signer
from hansa_gateway import Gateway, GatewayError
from hansa_network.connection_profile import HOST, OrganizationFiles
from hansa_network.consortium import Chaincode, Organization
from hansa_network.operations.problem import ERROR, WARNING, Problem


@dataclass(frozen=True)
class ChaincodeHealth:
    """The definition on the channel.

    Args:
        name: the chaincode's.
        version: of the committed definition.
        sequence: of the committed definition.
        approvals: MSP id to whether that organisation approved it.
        processes: MSP id to whether a process that its peer calls runs.
    """

    name: str
    version: str
    sequence: int
    approvals: dict[str, bool]
    processes: dict[str, bool]


def committed_definition(
    organization: Organization, files: OrganizationFiles, channel: str, name: str, timeout: float = 5.0
) -> lifecycle_pb2.QueryChaincodeDefinitionResult | None:
    """The definition as the organisation's peer has it, asked as its administrator; None without an answer.

    Args:
        timeout: in seconds.
    """
    query = lifecycle_pb2.QueryChaincodeDefinitionArgs(name=name).SerializeToString()
    try:
        signer = read_signer(files.admin_msp, organization.msp_id)
        address = f"{HOST}:{organization.ports.peer}"
        with Gateway.connect(address, signer, tls_root=files.peer_tls_root.read_bytes()) as gateway:
            lifecycle = gateway.network(channel).contract("_lifecycle")
            answer = lifecycle.evaluate("QueryChaincodeDefinition", query, timeout=timeout)
    except (GatewayError, OSError):
        return None
    return lifecycle_pb2.QueryChaincodeDefinitionResult.FromString(answer)


def chaincode_problems(health: ChaincodeHealth | None, described: Chaincode) -> list[Problem]:
    """What is wrong with it; None for no answer about it."""
    if health is None:
        return [
            Problem(
                "CHAINCODE_UNKNOWN",
                ERROR,
                described.name,
                f"No peer tells of a chaincode {described.name} on the channel.",
                "Where peers run, it was not committed: start the network again to go on where it stopped.",
            )
        ]
    found = [
        Problem(
            "CHAINCODE_NOT_APPROVED",
            WARNING,
            msp_id,
            f"{msp_id} has not approved version {health.version}, sequence {health.sequence}: its peer"
            " endorses nothing.",
            "Its administrator reviews and approves it: docs/how-to/upgrade-the-chaincode.md.",
        )
        for msp_id, approved in sorted(health.approvals.items())
        if not approved
    ]
    found += [
        Problem(
            "CHAINCODE_ENDED",
            ERROR,
            msp_id,
            f"No chaincode process runs for the peer of {msp_id}: it endorses nothing.",
            "Start it again; its log tells why it ended.",
        )
        for msp_id, alive in sorted(health.processes.items())
        if not alive
    ]
    return found

"""The ordering nodes: how far each is, who leads, and whether enough are there to go on."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from hansa_network.connection_profile import HOST
from hansa_network.consortium import Organization
from hansa_network.operations.problem import ERROR, WARNING, Problem

_LEADING = ("consensus_BFT_is_leader", "consensus_etcdraft_is_leader")


@dataclass(frozen=True)
class OrdererHealth:
    """One ordering node.

    Args:
        msp_id: whose it is.
        height: blocks it has of the channel; None where it does not answer or has not joined.
        leader: whether it leads, as of its newest block; None where it does not tell.
    """

    msp_id: str
    height: int | None
    leader: bool | None


def orderers_health(
    organizations: Sequence[Organization], heights: dict[str, int | None], channel: str
) -> list[OrdererHealth]:
    """The ordering nodes that organisations run on Fabric.

    Args:
        organizations: those of the network.
        heights: MSP id to the height its ordering node told.
        channel: the channel's name.
    """
    return [
        OrdererHealth(one.msp_id, heights[one.msp_id], _leads(one.orderer.operations, channel))
        for one in organizations
        if one.orderer is not None and one.msp_id in heights
    ]


def ordering_problems(orderers: Sequence[OrdererHealth], consensus: str) -> list[Problem]:
    """What is wrong among them: nodes that are silent, too few for a quorum, nobody who leads.

    Args:
        consensus: ``bft`` or ``etcdraft``.
    """
    found = [
        Problem(
            "ORDERER_UNREACHABLE",
            ERROR,
            one.msp_id,
            f"The ordering node of {one.msp_id} does not answer.",
            "See whether its process runs, and read its log; it catches up by itself once it is back.",
        )
        for one in orderers
        if one.height is None
    ]
    there = len(orderers) - len(found)
    if there < quorum(len(orderers), consensus):
        found.append(
            Problem(
                "ORDERING_WITHOUT_QUORUM",
                ERROR,
                "ordering",
                f"{there} of {len(orderers)} ordering nodes answer, and {quorum(len(orderers), consensus)}"
                " are needed: nothing can be ordered.",
                "Bring ordering nodes back; what was sent meanwhile is of unknown outcome until then.",
            )
        )
    elif any(one.leader is False for one in orderers) and not any(one.leader for one in orderers):
        found.append(
            Problem(
                "NO_LEADER",
                WARNING,
                "ordering",
                "No ordering node that answers leads as of its newest block.",
                "After a leader is lost another leads with the next transaction; if none commits, read the"
                " ordering nodes' logs.",
            )
        )
    return found


def quorum(nodes: int, consensus: str) -> int:
    """How many of so many nodes must agree: beyond two thirds on BFT (``⌈(n+f+1)/2⌉``), half on Raft."""
    if consensus == "bft":
        faulty = (nodes - 1) // 3
        return (nodes + faulty + 2) // 2
    return nodes // 2 + 1


def _leads(port: int, channel: str) -> bool | None:
    """What a node's metrics say of it as a leader."""
    try:
        text = scrape(port)
    except OSError:
        return None
    for family in text_string_to_metric_families(text):
        if family.name in _LEADING:
            for sample in family.samples:
                if sample.labels.get("channel") == channel:
                    return sample.value == 1
    return None


def scrape(port: int, host: str = HOST, timeout: float = 5.0) -> str:
    """The text of a Prometheus endpoint.

    Args:
        timeout: in seconds.

    Raises:
        OSError: nobody answers there, or with something else.
    """
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        text = answer.read().decode()
    except (http.client.HTTPException, UnicodeDecodeError) as error:
        raise OSError(f"{host}:{port} does not answer as a metrics endpoint: {error}") from error
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise OSError(f"{host}:{port} answered with HTTP {answer.status}")
    return text

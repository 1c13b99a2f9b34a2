"""What a network asks of the engine under it, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hansa_gateway.ca.client import CaClient
from hansa_network.chaincode_deployment import ChaincodeDeployment
from hansa_network.connection_profile import OrganizationFiles
from hansa_network.consortium import Organization
from hansa_network.processes import Program, Running

DEVNODE = "devnode"
FABRIC = "fabric"
ENGINES = (DEVNODE, FABRIC)

Launch = Callable[[Program], Running]
"""Starts a program and records it, so that ``down`` finds it."""

Progress = Callable[[str], None]
"""Told what is being done, in a few words."""


class Engine(Protocol):
    """Peers, ordering and certificate authorities of a network on this machine."""

    @property
    def name(self) -> str:
        """What ``--engine`` calls it."""

    def start(self, launch: Launch, say: Progress) -> None:
        """Starts everything but the chaincode; returns when users can enroll. Raises NetworkError."""

    def start_chaincode(self, launch: Launch, say: Progress) -> None:
        """Starts the chaincode; returns when members can trade. Raises NetworkError."""

    @property
    def deployment(self) -> ChaincodeDeployment:
        """The steps by which the chaincode, as described, comes onto the channel while it runs.

        Raises:
            NetworkError: it has no port to run on beside its predecessor (CONFIG_INVALID).
        """

    def authority(self, organization: Organization) -> CaClient:
        """A client of the authority that issues the organisation's identities."""

    def registrar(self, organization: Organization) -> tuple[str, str]:
        """Name and secret of that authority's first identity."""

    def files(self, organization: Organization) -> OrganizationFiles:
        """What the organisation's clients need."""

    def status(self) -> dict[str, object] | None:
        """What it says of itself, ``height`` among it; None where it does not answer."""

    def control(self, command: str, organization: Organization) -> dict[str, object]:
        """``peer stop`` or ``peer start`` of one organisation, for trying failures; Fabric knows more kinds.

        Raises:
            NetworkError: it was not done.
            ControlError: the embedded engine does not answer.
        """

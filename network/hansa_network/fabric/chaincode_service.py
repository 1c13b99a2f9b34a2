"""What a network's chaincode is besides its name: the program of its processes, and its collections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hansa_network.processes import python


@dataclass(frozen=True)
class ChaincodeService:
    """The contracts, unless told otherwise.

    Args:
        command: of one organisation's process; Fabric's ``CHAINCODE_…`` variables tell it where to serve.
        environment: what it is told besides.
        collections: serialized ``peer.CollectionConfigPackage``; empty without collections of its own.
    """

    command: tuple[str, ...] = python("hansa_contract")
    environment: Mapping[str, str] = field(default_factory=dict)
    collections: bytes = b""

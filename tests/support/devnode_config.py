"""Devnode descriptions for tests: organisations by letter, free ports, a folder of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hansa_devnode.config import (
    BatchConfig,
    ChaincodeConfig,
    DevnodeConfig,
    OrdererConfig,
    OrganizationConfig,
)
from hansa_network.ports import free_ports


def free_addresses(count: int) -> list[str]:
    """That many addresses on loopback that nobody listens on."""
    return [f"127.0.0.1:{port}" for port in free_ports(count)]


def devnode_config(
    data: Path,
    names: Sequence[str] = ("A", "B", "C"),
    chaincodes: Sequence[ChaincodeConfig] = (),
    batch: BatchConfig | None = None,
) -> DevnodeConfig:
    """Organisations `AMSP` of domain `a.example`, and so on, on a channel `trade`."""
    addresses = iter(free_addresses(2 * len(names) + 1))
    return DevnodeConfig(
        data=str(data),
        channel="trade",
        orderer=OrdererConfig(address=next(addresses)),
        organizations=tuple(
            OrganizationConfig(
                msp_id=f"{name}MSP",
                name=name,
                domain=f"{name.lower()}.example",
                peer_address=next(addresses),
                ca_address=next(addresses),
            )
            for name in names
        ),
        chaincodes=tuple(chaincodes),
        batch=batch or BatchConfig(),
    )

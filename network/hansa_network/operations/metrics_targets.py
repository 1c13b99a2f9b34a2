"""Where Prometheus finds the metrics of Fabric's programs. Ours write where they listen themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

from hansa_network.connection_profile import HOST
from hansa_network.consortium import Consortium
from hansa_telemetry.endpoint import write_targets


def targets_folder(root: Path) -> Path:
    """The folder whose files Prometheus's ``file_sd_configs`` reads."""
    return root / "metrics"


def write_fabric_targets(root: Path, consortium: Consortium) -> None:
    """Writes the operations endpoints of peers and ordering nodes, as the consortium describes them.

    Args:
        root: the network's data folder.
        consortium: what it is.
    """
    organizations = consortium.organizations
    peers = [f"{HOST}:{one.ports.operations}" for one in organizations if one.ports.operations]
    orderers = [f"{HOST}:{one.orderer.operations}" for one in organizations if one.orderer is not None]
    write_targets(targets_folder(root) / "fabric.json", {"fabric-peer": peers, "fabric-orderer": orderers})


def forget_targets(root: Path) -> None:
    """Removes what was written: a network that was stopped on purpose is no reason for an alert."""
    shutil.rmtree(targets_folder(root), ignore_errors=True)

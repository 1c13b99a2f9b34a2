"""What a peer does without where its configuration does not say so: it would never ask for data it misses."""

from __future__ import annotations

from pathlib import Path

import yaml

from hansa_network.consortium import load
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.peer_node import peer_program
from hansa_network.fabric.programs import Programs


def test_a_peer_asks_for_private_data_that_it_misses(tmp_path: Path) -> None:
    organization = FabricOrganization(load().organizations[0], tmp_path)
    organization.chaincode.mkdir(parents=True)
    for name in ("client.key", "client.crt", "ca.crt"):
        (organization.chaincode / name).write_text("PEM", encoding="ascii")
    peer_program(organization, Programs(*[tmp_path] * 4), "warning")
    config = yaml.safe_load((organization.peer / "core.yaml").read_text(encoding="utf-8"))
    private = config["peer"]["gossip"]["pvtData"]
    assert private["reconciliationEnabled"] is True
    for duration in ("pullRetryThreshold", "pushAckTimeout", "reconcileSleepInterval"):
        assert private[duration].endswith("s") and int(private[duration][:-1]) > 0, duration

"""Changes of a running network's configuration: signed by whom it takes, submitted, and awaited."""

from __future__ import annotations

from typing import Any

from hansa_fabric.blocks import Block
from hansa_fabric.bundle import Bundle
from hansa_fabric.config_signatures import approve, sign_update, update_envelope
from hansa_fabric.config_update import compute_update, current_config
from tests.support.running_network import RunningNetwork

ORDERER = "the organisation that orders"


def signed(network: RunningNetwork, desired: Any, *msp_ids: str) -> Any:
    """The update that these organisations' administrators signed, submitted by the first."""
    update = compute_update("trade", config(network), desired).SerializeToString()
    signers = [network.orderer_admin if each == ORDERER else network.admin(each) for each in msp_ids]
    approvals = [approve(update, each) for each in signers]
    return sign_update(update_envelope(update, approvals), network.admin("AMSP"))


def config(network: RunningNetwork) -> Any:
    """The ``common.Config`` in force."""
    with network.ordering() as orderer:
        return current_config(orderer.config_block("trade"))


def bundle(network: RunningNetwork) -> Bundle:
    """The configuration that is in force."""
    with network.ordering() as orderer:
        return Bundle.from_block(orderer.config_block("trade"))


def change(network: RunningNetwork, desired: Any, *msp_ids: str, left: str = "") -> Block:
    """Submits a change and returns its block, once all peers have it, but for those of who leaves with it."""
    envelope = signed(network, desired, *msp_ids)
    network.settle()
    height = network.height("BMSP")
    with (
        network.gateway("BMSP") as gateway,
        gateway.network("trade").block_events(start_block=height) as events,
        network.ordering() as orderer,
    ):
        orderer.broadcast(envelope)
        found = next(iter(events))
    network.settle(*(each for each in network.msp_ids if each != left))
    return found

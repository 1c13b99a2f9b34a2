"""Which configuration may follow which: what Fabric's orderers refuse although every signature is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fabric_protos.orderer import configuration_pb2 as orderer_pb2

from hansa_fabric.bundle import Bundle, ChannelOrganization
from hansa_fabric.channel_description import BatchConfig
from hansa_fabric.errors import ConfigUpdateError
from hansa_fabric.protobuf import decode

_PER_ORGANIZATION_ENDPOINTS = "V3_0"


def check_successor(current: Bundle, proposed: Bundle) -> None:
    """Refuse a configuration that may not follow the one in force.

    Args:
        current: in force.
        proposed: with every signature it needs.

    Raises:
        ConfigUpdateError: impossible batches, a changed MSP id, another kind of ordering outside maintenance,
            or ordering organisations without endpoints where the new capabilities ask for them.
    """
    _check_batch(proposed.batch)
    _check_msp_ids("orderer", current.orderer_organizations, proposed.orderer_organizations)
    _check_msp_ids("application", current.organizations, proposed.organizations)
    _check_endpoints(proposed)
    _check_ordering(current, proposed)


def _check_batch(batch: BatchConfig) -> None:
    sizes = {
        "max message count": batch.max_message_count,
        "absolute max bytes": batch.absolute_max_bytes,
        "preferred max bytes": batch.preferred_max_bytes,
    }
    for name, value in sizes.items():
        if value == 0:
            raise ConfigUpdateError(f"Attempted to set the batch size {name} to an invalid value: 0")
    if batch.preferred_max_bytes > batch.absolute_max_bytes:
        raise ConfigUpdateError(
            f"Attempted to set the batch size preferred max bytes ({batch.preferred_max_bytes}) greater than"
            f" the absolute max bytes ({batch.absolute_max_bytes})."
        )
    if batch.timeout <= timedelta(0):
        raise ConfigUpdateError(
            f"Attempted to set the batch timeout to a non-positive value: {batch.timeout}"
        )


def _check_msp_ids(
    kind: str, current: Mapping[str, ChannelOrganization], proposed: Mapping[str, ChannelOrganization]
) -> None:
    for name in current.keys() & proposed.keys():
        before, after = current[name].msp.msp_id, proposed[name].msp.msp_id
        if before != after:
            raise ConfigUpdateError(f"{kind} org {name} attempted to change MSP ID from {before} to {after}")


def _check_endpoints(proposed: Bundle) -> None:
    if _PER_ORGANIZATION_ENDPOINTS not in proposed.capabilities["/Channel"]:
        return
    for name, one in proposed.orderer_organizations.items():
        if not one.orderer_endpoints:
            raise ConfigUpdateError(f"endpoints of ordering organisation {name} are missing")


def _check_ordering(current: Bundle, proposed: Bundle) -> None:
    if current.orderer_type == proposed.orderer_type:
        return
    states = {_state(current), _state(proposed)}
    if states != {orderer_pb2.ConsensusType.STATE_MAINTENANCE} or proposed.orderer_type != "BFT":
        raise ConfigUpdateError(
            f"attempted to change consensus type from {current.orderer_type} to {proposed.orderer_type},"
            " but config ConsensusType.State is not in maintenance mode"
        )


def _state(bundle: Bundle) -> int:
    value = bundle.config.channel_group.groups["Orderer"].values["ConsensusType"].value
    return int(decode(orderer_pb2.ConsensusType, value).state)

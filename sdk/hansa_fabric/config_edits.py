"""A channel's configuration with one thing changed: what an update is computed from.

Every function takes a ``common.Config``, leaves it as it is, and returns another; edits can follow one
another. None of them looks at versions: ``config_update.compute_update`` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fabric_protos.common import configtx_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2

from hansa_fabric.channel_config import ADMINS, organization_group
from hansa_fabric.channel_description import (
    BatchConfig,
    Endpoint,
    OrganizationDescription,
    format_duration,
)
from hansa_fabric.config_elements import ROOT
from hansa_fabric.errors import ConfigUpdateError
from hansa_fabric.msp_definition import MspDefinition
from hansa_fabric.policy_expression import config_policy
from hansa_fabric.protobuf import decode

APPLICATION = "Application"
ORDERER = "Orderer"


def add_organization(config: Any, organization: OrganizationDescription) -> Any:
    """With one organisation more: in the application, and among the ordering ones if it has endpoints.

    Raises:
        ConfigUpdateError: the channel has a group of that name, or an organisation of that MSP id.
        MalformedDataError: one of its policies cannot be read.
    """
    changed = copied(config)
    for part, wanted in ((APPLICATION, organization.member), (ORDERER, bool(organization.orderer_endpoints))):
        if not wanted:
            continue
        groups = changed.channel_group.groups[part].groups
        if organization.group in groups:
            raise ConfigUpdateError(f"{part} has an organisation {organization.group} already")
        if organization.msp.msp_id in msp_ids(changed, part).values():
            raise ConfigUpdateError(f"{part} has an organisation of MSP {organization.msp.msp_id} already")
        groups[organization.group].CopyFrom(organization_group(organization, orderer=part == ORDERER))
    return changed


def remove_organization(config: Any, name: str, part: str = APPLICATION) -> Any:
    """Without an organisation, named by its group. Raises ConfigUpdateError when there is none."""
    changed = copied(config)
    _organization(changed, name, part)
    del changed.channel_group.groups[part].groups[name]
    return changed


def replace_msp(config: Any, msp: MspDefinition) -> Any:
    """With other authorities, roles or revocation lists of an organisation, wherever it stands.

    Raises:
        ConfigUpdateError: the channel has no organisation of that MSP id.
    """
    changed = copied(config)
    found = False
    for part in (APPLICATION, ORDERER):
        for name, msp_id in msp_ids(changed, part).items():
            if msp_id == msp.msp_id:
                found = True
                _set(changed.channel_group.groups[part].groups[name], "MSP", msp.to_config())
    if not found:
        raise ConfigUpdateError(f"the channel has no organisation of MSP {msp.msp_id}")
    return changed


def set_anchor_peers(config: Any, name: str, anchor_peers: Iterable[Endpoint]) -> Any:
    """With these anchor peers of an application organisation. Raises ConfigUpdateError: there is none."""
    changed = copied(config)
    peers = [peer_pb2.AnchorPeer(host=one.host, port=one.port) for one in anchor_peers]
    _set(_organization(changed, name), "AnchorPeers", peer_pb2.AnchorPeers(anchor_peers=peers))
    return changed


def set_batch(config: Any, batch: BatchConfig) -> Any:
    """With other batches. BFT takes its waiting time from its own options, not from here.

    Raises:
        MalformedDataError: a timeout of less than a millisecond.
    """
    changed = copied(config)
    orderer = changed.channel_group.groups[ORDERER]
    size = orderer_pb2.BatchSize(
        max_message_count=batch.max_message_count,
        absolute_max_bytes=batch.absolute_max_bytes,
        preferred_max_bytes=batch.preferred_max_bytes,
    )
    _set(orderer, "BatchSize", size)
    _set(orderer, "BatchTimeout", orderer_pb2.BatchTimeout(timeout=format_duration(batch.timeout)))
    return changed


def set_acls(config: Any, acls: Mapping[str, str | None]) -> Any:
    """With other policies for these resources, the rest as they are; None goes back to Fabric's own."""
    changed = copied(config)
    application = changed.channel_group.groups[APPLICATION]
    message = peer_pb2.ACLs()
    if "ACLs" in application.values:
        message = decode(peer_pb2.ACLs, application.values["ACLs"].value)
    for resource, path in acls.items():
        if path is None:
            message.acls.pop(resource, None)
        else:
            message.acls[resource].policy_ref = path
    _set(application, "ACLs", message)
    return changed


def set_policy(config: Any, path: str, expression: str) -> Any:
    """With another policy at a path such as ``/Channel/Application/Endorsement``, or a new one.

    Args:
        config: ``common.Config``.
        path: absolute.
        expression: ``MAJORITY Admins``, ``OR('A.member')``; see ``policy_expression.config_policy``.

    Raises:
        ConfigUpdateError: there is no such group.
        MalformedDataError: the expression cannot be read.
    """
    changed = copied(config)
    group_path, _, name = path.rpartition("/")
    entry = group_at(changed, group_path).policies[name]
    entry.policy.CopyFrom(config_policy(expression))
    entry.mod_policy = entry.mod_policy or ADMINS
    return changed


def set_mod_policy(config: Any, path: str, mod_policy: str) -> Any:
    """With another policy that guards changes of a group itself. Raises ConfigUpdateError: no such group."""
    changed = copied(config)
    group_at(changed, path).mod_policy = mod_policy
    return changed


def group_at(config: Any, path: str) -> Any:
    """The ``common.ConfigGroup`` at a path such as ``/Channel/Orderer``. Raises ConfigUpdateError."""
    first, *names = path.removeprefix("/").split("/")
    group = config.channel_group
    if first != ROOT:
        raise ConfigUpdateError(f"a path begins with /{ROOT}: {path!r}")
    for name in names:
        if name not in group.groups:
            raise ConfigUpdateError(f"the configuration has no group {path}")
        group = group.groups[name]
    return group


def msp_ids(config: Any, part: str = APPLICATION) -> dict[str, str]:
    """MSP ids of the organisations of a part by their groups' names. Raises MalformedDataError."""
    groups = config.channel_group.groups[part].groups
    return {name: MspDefinition.from_config(one.values["MSP"].value).msp_id for name, one in groups.items()}


def copied(config: Any) -> Any:
    """A copy of a ``common.Config``. Raises ConfigUpdateError for one without its two parts."""
    for part in (APPLICATION, ORDERER):
        if part not in config.channel_group.groups:
            raise ConfigUpdateError(f"the configuration has no {part} group")
    found = configtx_pb2.Config()
    found.CopyFrom(config)
    return found


def _organization(config: Any, name: str, part: str = APPLICATION) -> Any:
    groups = config.channel_group.groups[part].groups
    if name not in groups:
        raise ConfigUpdateError(f"{part} has no organisation {name}")
    return groups[name]


def _set(group: Any, name: str, message: Any) -> None:
    """Replace a value; one that is only written in another way stays as it is, so that nothing changes."""
    entry = group.values[name]
    known = entry.value
    if not known or decode(type(message), known) != message:
        entry.value = message.SerializeToString(deterministic=True)
    entry.mod_policy = entry.mod_policy or ADMINS

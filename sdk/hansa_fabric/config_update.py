"""What is to change in a channel's configuration: the ConfigUpdate between two states of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2

from hansa_fabric.errors import ConfigUnchangedError, ConfigUpdateError
from hansa_fabric.protobuf import decode

_MEMBERS = ("policies", "values")


def compute_update(channel: str, current: Any, desired: Any) -> Any:
    """The ``common.ConfigUpdate`` that leads from one configuration to another, as configtxlator computes it.

    The read set names the versions that must still be in force; the write set holds what changes, each
    changed element with the next version. Versions and sequence in ``desired`` are not looked at.

    Args:
        channel: the channel's name.
        current: ``common.Config`` in force.
        desired: ``common.Config`` as it is to be; see ``config_edits``.

    Raises:
        ConfigUnchangedError: the two do not differ.
        ConfigUpdateError: one of them has no channel group.
    """
    for name, config in (("current", current), ("desired", desired)):
        if not config.HasField("channel_group"):
            raise ConfigUpdateError(f"the {name} configuration has no channel group")
    read, write = configtx_pb2.ConfigGroup(), configtx_pb2.ConfigGroup()
    if not _compute_group(current.channel_group, desired.channel_group, read, write):
        raise ConfigUnchangedError("the desired configuration is the one in force")
    return configtx_pb2.ConfigUpdate(channel_id=channel, read_set=read, write_set=write)


def current_config(block: Any) -> Any:
    """The ``common.Config`` that a configuration block (``blocks.Block``) puts in force.

    Raises:
        ConfigUpdateError: the block holds no configuration.
        MalformedDataError: it cannot be read.
    """
    transaction = block.transactions[0].transaction
    if len(block.data) != 1 or transaction.type != common_pb2.CONFIG:
        raise ConfigUpdateError(f"block {block.number} holds no configuration")
    return decode(configtx_pb2.ConfigEnvelope, transaction.data).config


def _compute_group(current: Any, desired: Any, read: Any, write: Any) -> bool:
    """Fill read set and write set of one group; returns whether anything in it differs."""
    same: list[tuple[str, str, int]] = []
    changed = current.mod_policy != desired.mod_policy
    below = False
    for kind in _MEMBERS:
        before, after = getattr(current, kind), getattr(desired, kind)
        changed |= before.keys() != after.keys()
        below |= _compute_members(kind, before, after, write, same)
    changed |= current.groups.keys() != desired.groups.keys()
    below |= _compute_groups(current.groups, desired.groups, read, write, same)
    read.version = write.version = current.version
    if not changed:
        # Of the members only those that differ are named: what stays may be changed by somebody else.
        return below
    write.version += 1
    write.mod_policy = desired.mod_policy
    for kind, name, version in same:
        for side in (read, write):
            getattr(side, kind)[name].version = version
    return True


def _compute_members(
    kind: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    write: Any,
    same: list[tuple[str, str, int]],
) -> bool:
    """Values or policies: what is new or differs goes into the write set, the rest into ``same``."""
    found = False
    for name, wanted in after.items():
        old = before.get(name)
        if old is not None and _equal(old, wanted):
            same.append((kind, name, old.version))
            continue
        found = True
        written = getattr(write, kind)[name]
        written.CopyFrom(wanted)
        written.version = 0 if old is None else old.version + 1
    return found


def _compute_groups(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    read: Any,
    write: Any,
    same: list[tuple[str, str, int]],
) -> bool:
    found = False
    for name, wanted in after.items():
        if name not in before:
            found = True
            _copy_new(wanted, write.groups[name])
            continue
        child_read, child_write = configtx_pb2.ConfigGroup(), configtx_pb2.ConfigGroup()
        if not _compute_group(before[name], wanted, child_read, child_write):
            same.append(("groups", name, before[name].version))
            continue
        found = True
        read.groups[name].CopyFrom(child_read)
        write.groups[name].CopyFrom(child_write)
    return found


def _copy_new(wanted: Any, written: Any) -> None:
    """A group that was not there, with all that is in it: every version is 0."""
    written.mod_policy = wanted.mod_policy
    for kind in _MEMBERS:
        for name, one in getattr(wanted, kind).items():
            member = getattr(written, kind)[name]
            member.CopyFrom(one)
            member.version = 0
    for name, group in wanted.groups.items():
        written.groups.get_or_create(name)
        _copy_new(group, written.groups[name])


def _equal(one: Any, other: Any) -> bool:
    """Whether two values or two policies are the same but for their versions."""
    left, right = type(one)(), type(other)()
    left.CopyFrom(one)
    right.CopyFrom(other)
    left.version = right.version = 0
    return bool(left == right)

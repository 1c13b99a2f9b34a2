"""Whether a configuration update may take effect, and what comes of it, decided as Fabric decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import configtx_pb2

from hansa_fabric.bundle import Bundle
from hansa_fabric.config_compatibility import check_successor
from hansa_fabric.config_elements import ROOT, Element, check_mod_policy, element_key, flatten
from hansa_fabric.config_signatures import approvals, parse_update
from hansa_fabric.errors import (
    ConfigOvertakenError,
    ConfigUnauthorizedError,
    ConfigUnchangedError,
    ConfigUpdateError,
    MalformedDataError,
    PolicyNotSatisfiedError,
)
from hansa_fabric.policies import SignedData, is_satisfied, signers
from hansa_fabric.protobuf import decode

_WITHOUT_POLICY = "Admins"


@dataclass(frozen=True)
class Requirement:
    """A policy that an update must satisfy.

    Args:
        policy: its path, such as ``/Channel/Application/Admins``.
        elements: paths of what the update changes under it, sorted.
        satisfied: whether the signatures at hand are enough.
    """

    policy: str
    elements: tuple[str, ...]
    satisfied: bool


def authorize(bundle: Bundle, envelope: Any) -> Any:
    """Check an update against the configuration in force; returns the ``common.Config`` it leads to.

    Args:
        bundle: the configuration in force.
        envelope: ``common.ConfigUpdateEnvelope``.

    Raises:
        ConfigOvertakenError: it was computed from another state of the configuration.
        ConfigUnchangedError: it changes nothing.
        ConfigUnauthorizedError: too few signatures for something it changes.
        ConfigUpdateError: another channel's update, or one that contradicts itself.
        MalformedDataError: unreadable, or a forbidden name.
    """
    current = flatten(bundle.config.channel_group)
    changes = _changes(bundle, current, decode(configtx_pb2.ConfigUpdate, envelope.config_update))
    _check_policies(bundle, current, changes, approvals(envelope))
    return _changed(bundle, current | changes)


def outcome(bundle: Bundle, update: bytes) -> Any:
    """The ``common.Config`` that an update leads to, if everybody agrees whose agreement it needs.

    Args:
        bundle: the configuration it was computed from.
        update: serialized ``common.ConfigUpdate``.

    Raises:
        ConfigUpdateError: as ``authorize``, but for signatures.
        MalformedDataError: unreadable, or a forbidden name.
    """
    current = flatten(bundle.config.channel_group)
    return _changed(bundle, current | _changes(bundle, current, decode(configtx_pb2.ConfigUpdate, update)))


def _changed(bundle: Bundle, result: dict[str, Element]) -> Any:
    group = configtx_pb2.ConfigGroup()
    _assemble(f"/{ROOT}", result, group)
    if element_key("Value", f"/{ROOT}/Orderer/Capabilities") in result:
        _fill_policies(group)
    return configtx_pb2.Config(sequence=bundle.sequence + 1, channel_group=group)


def propose(bundle: Bundle, transaction: Any) -> Any:
    """The ``common.ConfigEnvelope`` that an orderer makes of an update and puts into a block of its own.

    Args:
        bundle: the configuration in force.
        transaction: ``common.Envelope`` of type CONFIG_UPDATE.

    Raises:
        ConfigUpdateError: as ``authorize``; also a configuration that may not follow this one.
        FabricDataError: the new configuration cannot be used.
    """
    try:
        config = authorize(bundle, parse_update(transaction))
    except ConfigUpdateError as error:
        raise type(error)(f"error authorizing update: {error}") from error
    check_successor(bundle, Bundle(bundle.channel, config))
    return configtx_pb2.ConfigEnvelope(config=config, last_update=transaction)


def apply(bundle: Bundle, envelope: Any) -> Bundle:
    """The configuration in force after a committed ``common.ConfigEnvelope``, checked as a peer checks it.

    Raises:
        ConfigUpdateError: its update is not authorised, or does not lead to the configuration it states.
        FabricDataError: the new configuration cannot be used.
    """
    if not envelope.HasField("config"):
        raise ConfigUpdateError("config envelope has nil config")
    if envelope.config.sequence != bundle.sequence + 1:
        raise ConfigOvertakenError(
            f"config currently at sequence {bundle.sequence}, cannot validate config"
            f" at sequence {envelope.config.sequence}"
        )
    config = authorize(bundle, parse_update(envelope.last_update))
    if config.channel_group != envelope.config.channel_group:
        raise ConfigUpdateError("ConfigEnvelope LastUpdate did not produce the supplied config result")
    return Bundle(bundle.channel, config)


def requirements(bundle: Bundle, update: bytes, signed: Sequence[SignedData] = ()) -> tuple[Requirement, ...]:
    """Whose agreement an update needs, by policy, and which of these policies are satisfied so far.

    Args:
        bundle: the configuration in force.
        update: serialized ``common.ConfigUpdate``.
        signed: signatures at hand; see ``config_signatures.approvals``.

    Raises:
        ConfigUpdateError: as ``authorize``, but for signatures that are missing.
        MalformedDataError: unreadable, a forbidden name, or a policy that does not exist.
    """
    current = flatten(bundle.config.channel_group)
    changes = _changes(bundle, current, decode(configtx_pb2.ConfigUpdate, update))
    found: dict[str, list[str]] = {}
    for key in sorted(changes):
        if key in current:
            found.setdefault(current[key].policy_path, []).append(changes[key].path)
    identities = signers(bundle.manager, signed)
    return tuple(
        Requirement(path, tuple(elements), is_satisfied(bundle.policy(path), identities))
        for path, elements in sorted(found.items())
    )


def _changes(bundle: Bundle, current: dict[str, Element], update: Any) -> dict[str, Element]:
    """What an update writes, having checked every version it states."""
    if update.channel_id != bundle.channel:
        raise ConfigUpdateError(
            f"ConfigUpdate for channel '{update.channel_id}' but envelope for channel '{bundle.channel}'"
        )
    read = flatten(update.read_set) if update.HasField("read_set") else {}
    for key, element in read.items():
        if key not in current:
            raise ConfigOvertakenError(
                "error validating ReadSet: existing config does not contain element"
                f" for {key} but was in the read set"
            )
        if current[key].version != element.version:
            raise ConfigOvertakenError(
                f"error validating ReadSet: proposed update requires that key {key} be at version"
                f" {element.version}, but it is currently at version {current[key].version}"
            )
    written = flatten(update.write_set) if update.HasField("write_set") else {}
    changes = {
        key: element
        for key, element in written.items()
        if key not in read or read[key].version != element.version
    }
    if not changes:
        raise ConfigUnchangedError(
            "error validating DeltaSet: delta set was empty -- update would have no effect"
        )
    for key, element in changes.items():
        _check_change(key, element, current.get(key))
    return changes


def _check_change(key: str, element: Element, existing: Element | None) -> None:
    try:
        check_mod_policy(element.message.mod_policy)
    except MalformedDataError as error:
        raise ConfigUpdateError(
            f"error validating DeltaSet: invalid mod_policy for element {key}: {error}"
        ) from error
    if existing is None:
        if element.version:
            raise ConfigOvertakenError(
                f"error validating DeltaSet: attempted to set key {key} to version {element.version},"
                " but key does not exist"
            )
    elif element.version != existing.version + 1:
        raise ConfigOvertakenError(
            f"error validating DeltaSet: attempt to set key {key} to version {element.version},"
            f" but key is at version {existing.version}"
        )


def _check_policies(
    bundle: Bundle, current: dict[str, Element], changes: dict[str, Element], signed: list[SignedData]
) -> None:
    identities = signers(bundle.manager, signed)
    for key in sorted(changes):
        existing = current.get(key)
        if existing is None:
            continue  # guarded by its group, whose membership changes with it
        try:
            policy = bundle.policy(existing.policy_path)
        except MalformedDataError as error:
            raise ConfigUnauthorizedError(
                f"error validating DeltaSet: unexpected missing policy {existing.policy_path} for item {key}"
            ) from error
        try:
            policy.evaluate_identities(identities)
        except PolicyNotSatisfiedError as error:
            raise ConfigUnauthorizedError(
                f"error validating DeltaSet: policy for {key} not satisfied: {error}"
            ) from error


def _assemble(path: str, elements: dict[str, Element], group: Any) -> None:
    """Put a group together: its own members by name, each as the newest element has it."""
    source = _found("Group", path, elements)
    group.version, group.mod_policy = source.version, source.mod_policy
    for name in source.values:
        group.values[name].CopyFrom(_found("Value", f"{path}/{name}", elements))
    for name in source.policies:
        group.policies[name].CopyFrom(_found("Policy", f"{path}/{name}", elements))
    for name in source.groups:
        group.groups.get_or_create(name)
        _assemble(f"{path}/{name}", elements, group.groups[name])


def _found(kind: str, path: str, elements: dict[str, Element]) -> Any:
    element = elements.get(element_key(kind, path))
    if element is None:
        raise ConfigUpdateError(f"the update names {path} without defining it")
    return element.message


def _fill_policies(group: Any) -> None:
    """Guard what has no policy for its changes with the usual one, as Fabric heals its oldest channels."""
    for one in (group, *group.values.values(), *group.policies.values()):
        one.mod_policy = one.mod_policy or _WITHOUT_POLICY
    for child in group.groups.values():
        _fill_policies(child)

"""A change as bytes that administrators sign: computed from the configuration in force, and computed anew.

``config`` is a ``hansa_fabric.bundle.Bundle`` throughout: a configuration with its channel's name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import configtx_pb2

from hansa.consortium.changes import Change
from hansa.consortium.errors import ConsortiumError, config_errors
from hansa.consortium.explanation import explain
from hansa_fabric.bundle import Bundle
from hansa_fabric.config_authorization import outcome
from hansa_fabric.config_compatibility import check_successor
from hansa_fabric.config_elements import ROOT
from hansa_fabric.config_update import compute_update

__all__ = ["LARGEST", "ProposedUpdate", "digest", "explain", "propose", "renew"]

LARGEST = 48 * 1024
"""Bytes of an update that the ledger takes."""

_MEMBERS = ("values", "policies")


@dataclass(frozen=True)
class ProposedUpdate:
    """What is to be signed.

    Args:
        base_sequence: of the configuration it was computed from.
        update: serialised ``common.ConfigUpdate``.
    """

    base_sequence: int
    update: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the update, hexadecimal: what a signature's record names."""
        return digest(self.update)


def digest(update: bytes) -> str:
    """SHA-256 of an update, hexadecimal."""
    return hashlib.sha256(update).hexdigest()


def propose(change: Change, config: Bundle) -> ProposedUpdate:
    """Computes a change from the configuration in force.

    Raises:
        ConsortiumError: CONFIG_REFUSED or CONFIG_INVALID where it may not be so, CONFIG_UNCHANGED where it is
            so already, CONFIG_TOO_LARGE, or what the change itself raises.
    """
    with config_errors("The change"):
        return _proposed(config, change.apply(config))


def renew(update: bytes, base: Bundle, config: Bundle) -> ProposedUpdate:
    """The same change computed anew, after another one took effect first.

    Args:
        update: the overtaken one.
        base: the configuration it was computed from.
        config: the one in force.

    Raises:
        ConsortiumError: CONFIG_CONFLICT where the other change was of the same thing, so that somebody has to
            decide; else as ``propose``.
    """
    with config_errors("The change"):
        wanted = outcome(base, update)
        desired = configtx_pb2.Config()
        _merge(
            f"/{ROOT}",
            base.config.channel_group,
            wanted.channel_group,
            config.config.channel_group,
            desired.channel_group,
        )
        return _proposed(config, desired)


def _proposed(config: Bundle, desired: Any) -> ProposedUpdate:
    computed = compute_update(config.channel, config.config, desired)
    update: bytes = computed.SerializeToString(deterministic=True)
    if len(update) > LARGEST:
        raise ConsortiumError(
            "CONFIG_TOO_LARGE",
            f"The change has {len(update)} bytes, and the ledger takes {LARGEST}.",
            "Leave out revocation lists and authorities that are not needed.",
        )
    check_successor(config, Bundle(config.channel, outcome(config, update)))
    return ProposedUpdate(config.sequence, update)


def _merge(path: str, base: Any, wanted: Any, current: Any, result: Any) -> None:
    """Fills a group: as it is now, but for what the change made different from its base."""
    result.version = current.version
    changed = wanted.mod_policy != base.mod_policy
    if changed and current.mod_policy not in (base.mod_policy, wanted.mod_policy):
        raise _conflict(path)
    result.mod_policy = wanted.mod_policy if changed else current.mod_policy
    for kind in (*_MEMBERS, "groups"):
        before, after, now = (getattr(one, kind) for one in (base, wanted, current))
        for name in sorted({*before, *after, *now}):
            if kind == "groups" and name in before and name in after and name in now:
                target = result.groups.get_or_create(name)
                _merge(f"{path}/{name}", before[name], after[name], now[name], target)
                continue
            chosen = _chosen(f"{path}/{name}", before.get(name), after.get(name), now.get(name))
            if chosen is not None:
                getattr(result, kind)[name].CopyFrom(chosen)


def _chosen(path: str, base: Any, wanted: Any, current: Any) -> Any:
    """One member of a group, or None where it is not to be there."""
    before, after, now = (_content(one) for one in (base, wanted, current))
    if after in (before, now):
        return current
    if now == before:
        return wanted
    raise _conflict(path)


def _content(element: Any) -> bytes | None:
    """An element without its versions, to be compared."""
    if element is None:
        return None
    bare = type(element)()
    bare.CopyFrom(element)
    _unversioned(bare)
    found: bytes = bare.SerializeToString(deterministic=True)
    return found


def _unversioned(element: Any) -> None:
    element.version = 0
    if isinstance(element, configtx_pb2.ConfigGroup):
        for kind in (*_MEMBERS, "groups"):
            for one in getattr(element, kind).values():
                _unversioned(one)


def _conflict(path: str) -> ConsortiumError:
    return ConsortiumError(
        "CONFIG_CONFLICT",
        f"The change that took effect first changed the same: {path}.",
        "Withdraw this one, look at what is in force now, and propose what is still wanted.",
    )

"""A configuration as a flat map of its elements, each with a version and the policy that guards it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from hansa_fabric.errors import MalformedDataError

ROOT = "Channel"
LONGEST_NAME = 249
_NAME = re.compile(r"[a-zA-Z0-9.-]+")


class Element(NamedTuple):
    """One element of a configuration.

    Args:
        kind: ``Group``, ``Value`` or ``Policy``.
        path: where it stands, its own name last: ``/Channel/Application/BankMSP/MSP``.
        message: its ``common.ConfigGroup``, ``ConfigValue`` or ``ConfigPolicy``.
    """

    kind: str
    path: str
    message: Any

    @property
    def key(self) -> str:
        """Kind and path, as Fabric's messages name an element."""
        return element_key(self.kind, self.path)

    @property
    def version(self) -> int:
        """How often it was changed."""
        return int(self.message.version)

    @property
    def policy_path(self) -> str:
        """The absolute path of the policy that a change must satisfy.

        A relative one is looked up in the group where the element stands; a group is its own place.
        """
        policy: str = self.message.mod_policy
        if policy.startswith("/"):
            return policy
        group = self.path if self.kind == "Group" else self.path.rpartition("/")[0]
        return f"{group}/{policy}"


def element_key(kind: str, path: str) -> str:
    """Kind and path in one, such as ``[Group]  /Channel/Application``: both padded as Fabric does."""
    return f"{f'[{kind}]':<9}{path}"


def flatten(group: Any, path: str = f"/{ROOT}") -> dict[str, Element]:
    """Every element of a ``common.ConfigGroup`` by its key, the group itself first.

    Raises:
        MalformedDataError: a name that Fabric does not allow.
    """
    check_name(path.rpartition("/")[2])
    root = Element("Group", path, group)
    found = {root.key: root}
    for name, child in group.groups.items():
        found |= flatten(child, f"{path}/{name}")
    for kind, members in (("Value", group.values), ("Policy", group.policies)):
        for name, child in members.items():
            check_name(name)
            element = Element(kind, f"{path}/{name}", child)
            found[element.key] = element
    return found


def check_name(name: str) -> None:
    """Refuse a name that no element may have: letters, digits, dots and hyphens, at most 249 of them.

    Raises:
        MalformedDataError: not such a name, or ``.`` or ``..``.
    """
    if name in (".", "..") or len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise MalformedDataError(f"not a name for a configuration element: {name[:LONGEST_NAME]!r}")


def check_mod_policy(policy: str) -> None:
    """Refuse a ``mod_policy`` that is no path, absolute or relative. Raises MalformedDataError."""
    if not policy:
        raise MalformedDataError("mod_policy not set")
    for name in policy.removeprefix("/").split("/"):
        check_name(name)

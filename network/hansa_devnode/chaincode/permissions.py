"""Who may call what on a peer: Fabric's access control, for creators whose signature was checked before."""

from __future__ import annotations

from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.bundle import DEFAULT_ACLS
from hansa_fabric.errors import FabricDataError
from hansa_fabric.msp import ValidatedIdentity
from hansa_fabric.policy_expression import role_principal

# Policies of the peer itself: roles in its own organisation.
MEMBERS = "Members"
ADMINS = "Admins"
_ROLES = {MEMBERS: "member", ADMINS: "admin"}


class PermissionDeniedError(Exception):
    """The creator may not do that; the text is Fabric's."""


class Permissions:
    """Permissions on the peer of one organisation.

    Args:
        msp_id: the organisation.
        ledger: the ledger of the channel whose policies count.
    """

    def __init__(self, msp_id: str, ledger: Ledger) -> None:
        self._msp_id = msp_id
        self._ledger = ledger
        self._principals = {
            policy: role_principal(msp_id, role).SerializeToString(deterministic=True)
            for policy, role in _ROLES.items()
        }

    def check_channel(self, resource: str, channel: str, creator: ValidatedIdentity) -> None:
        """Check the channel's policy for a resource such as `peer/Propose`. Raises PermissionDeniedError."""
        policy = DEFAULT_ACLS.get(resource)
        if policy is None:
            raise PermissionDeniedError(f"Unmapped policy for {resource}")
        if not channel:
            raise PermissionDeniedError(
                "Failed getting local MSP principal during channelless check policy with policy"
                f" [{policy}]: [MSP Principal role [{policy}] not recognized.]"
            )
        if channel != self._ledger.channel:
            raise PermissionDeniedError(f"Failed to get policy manager for channel [{channel}]")
        try:
            self._ledger.bundle.acl(resource).evaluate_identities([creator])
        except FabricDataError as error:
            raise PermissionDeniedError(
                f"Failed evaluating policy on signed data during check policy on channel [{channel}]"
                f" with policy [{policy}]: [{error}]"
            ) from error

    def check_local(self, policy: str, creator: ValidatedIdentity) -> None:
        """Check a policy of the peer itself, MEMBERS or ADMINS. Raises PermissionDeniedError."""
        if creator.msp_id != self._msp_id:
            raise PermissionDeniedError(
                "Failed deserializing proposal creator during channelless check policy with policy"
                f" [{policy}]: [expected MSP ID {self._msp_id}, received {creator.msp_id}]"
            )
        if not creator.satisfies(self._principals[policy]):
            raise PermissionDeniedError(
                "Failed verifying that proposal's creator satisfies local MSP principal during channelless"
                f" check policy with policy [{policy}]: [The identity is not an admin under this MSP"
                f" [{self._msp_id}]]"
            )

"""What validation asks of the channel's configuration."""

from collections.abc import Collection
from typing import Any, Protocol


class ChannelRules(Protocol):
    """The channel's identities and policies, as the current configuration has them."""

    @property
    def channel(self) -> str:
        """The channel's name."""

    @property
    def bundle(self) -> Any:
        """The whole configuration (hansa_fabric.channel_config.Bundle), for those who read more of it."""

    @property
    def organizations(self) -> Collection[str]:
        """MSP ids of the application organisations."""

    def verify_creator(self, identity: bytes, message: bytes, signature: bytes) -> str | None:
        """Check a transaction's creator: certificate valid today, signature his.

        Args:
            identity: serialized identity.
            message: the envelope's payload.
            signature: DER.

        Returns:
            None, or why not.
        """

    def verify_endorsement(self, identity: bytes, message: bytes, signature: bytes) -> bool:
        """Return whether the identity is known to the channel and the signature is its own."""

    def satisfied(self, policy: bytes, identities: tuple[bytes, ...]) -> bool:
        """Evaluate a policy.

        Args:
            policy: serialized `peer.ApplicationPolicy`.
            identities: serialized identities whose signatures were verified, each once.

        Returns:
            whether they satisfy it; False also for a policy that is broken or refers to none.
        """

    def is_member(self, identity: bytes, organizations: frozenset[str]) -> bool:
        """Return whether a serialized identity is a valid member of one of the organisations (MSP ids)."""

    def collection_policy(self, msp_id: str) -> bytes | None:
        """Return the `ApplicationPolicy` of an organisation's implicit collection, None where unknown."""

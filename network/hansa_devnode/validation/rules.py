"""What validation asks of the channel's configuration."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol, Self

from hansa_fabric.bundle import Bundle
from hansa_fabric.policies import SignedData
from hansa_fabric.transactions import Transaction

Signers = tuple[Any, ...]  # what `signers` returned: hansa_fabric.msp.ValidatedIdentity, each once


class ChannelRules(Protocol):
    """The channel's identities and policies, as the current configuration has them."""

    @property
    def channel(self) -> str:
        """The channel's name."""

    @property
    def bundle(self) -> Bundle:
        """The whole configuration, for those who read more of it."""

    @property
    def organizations(self) -> Collection[str]:
        """MSP ids of the application organisations."""

    def reconfigured(self, transaction: Transaction) -> Self:
        """Return the rules that hold after a transaction of type CONFIG.

        Raises:
            FabricDataError: it may not take effect.
        """

    def refusal_of_creator(self, signed: SignedData) -> str | None:
        """Check a transaction's creator: an identity of the channel, and the signature his.

        Returns:
            None, or why not.
        """

    def signers(self, signed: Sequence[SignedData]) -> Signers:
        """Return those identities of the channel whose signatures are good, each once, in order."""

    def satisfied(self, policy: bytes, signers: Signers) -> bool:
        """Evaluate a policy.

        Args:
            policy: serialized `peer.ApplicationPolicy`.
            signers: what `signers` returned.

        Returns:
            whether they satisfy it; False also for a policy that is broken or refers to none.
        """

    def is_member(self, identity: bytes, organizations: frozenset[str]) -> bool:
        """Return whether a serialized identity is a valid member of one of the organisations (MSP ids)."""

    def collection_policy(self, msp_id: str) -> bytes | None:
        """Return the `ApplicationPolicy` of an organisation's implicit collection, None where unknown."""

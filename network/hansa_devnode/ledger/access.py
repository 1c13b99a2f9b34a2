"""Whether the creator of a proposal may use a collection that only members may read or write."""

from typing import Protocol

from hansa_devnode.ledger.collections import CollectionDirectory, PrivateCollection
from hansa_devnode.ledger.errors import NoSuchCollectionError, SimulationError


class MembershipCheck(Protocol):
    """Tells whether an identity belongs to one of some organisations."""

    def __call__(self, identity: bytes, organizations: frozenset[str]) -> bool:
        """Return whether the serialized identity is a valid member of one of the organisations (MSP ids)."""


class CollectionAccess:
    """Checks each use of a collection during one simulation.

    Args:
        channel: the channel's name, for error texts.
        directory: the collections of the snapshot.
        creator: serialized identity of the proposal's creator; None checks no membership.
        is_member: checks the creator against a collection's members.
    """

    def __init__(
        self, channel: str, directory: CollectionDirectory, creator: bytes | None, is_member: MembershipCheck
    ) -> None:
        self._channel = channel
        self._directory = directory
        self._creator = creator
        self._is_member = is_member

    def check_known(self, namespace: str, collection: str) -> PrivateCollection:
        """Return the collection. Raises SimulationError where the chaincode has none of that name."""
        try:
            return self._directory.collection(namespace, collection)
        except NoSuchCollectionError as error:
            # The peer looks a collection up before its simulator does, and words it so.
            raise SimulationError(
                f"collection {self._channel}/{namespace}/{collection} could not be found"
            ) from error

    def check_defined(self, namespace: str, collection: str) -> None:
        """Raise SimulationError where the chaincode has no such collection, in its simulator's words."""
        try:
            self._directory.collection(namespace, collection)
        except NoSuchCollectionError as error:
            raise SimulationError(
                f"collection [{collection}] not defined in the collection config for chaincode [{namespace}]"
            ) from error

    def check_read(self, namespace: str, collection: str) -> None:
        """Raise SimulationError where the creator may not read."""
        found = self.check_known(namespace, collection)
        if found.members_only_read and not self._is_creator_member(found):
            raise SimulationError(_refusal("read", namespace, collection))

    def check_write(self, namespace: str, collection: str) -> None:
        """Raise SimulationError where the creator may not write."""
        found = self.check_known(namespace, collection)
        if found.members_only_write and not self._is_creator_member(found):
            raise SimulationError(_refusal("write", namespace, collection))

    def _is_creator_member(self, collection: PrivateCollection) -> bool:
        return self._creator is None or self._is_member(self._creator, collection.members)


def _refusal(use: str, namespace: str, collection: str) -> str:
    return (
        f"tx creator does not have {use} access permission on privatedata"
        f" in chaincodeName:{namespace} collectionName: {collection}"
    )

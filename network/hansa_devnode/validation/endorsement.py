"""Whether the right organisations endorsed: policies of chaincode, collection and key."""

from fabric_protos.common import policies_pb2
from fabric_protos.peer import policy_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.ledger.collections import CollectionDirectory, implicit_organization
from hansa_devnode.ledger.definitions import (
    LIFECYCLE,
    LIFECYCLE_POLICY,
    ChaincodeDefinition,
    policy_reference,
    read_definition,
)
from hansa_devnode.ledger.errors import NoSuchCollectionError
from hansa_devnode.ledger.interest import VALIDATION_PARAMETER
from hansa_devnode.ledger.state import StateReader
from hansa_devnode.ledger.updates import PUBLIC
from hansa_devnode.ledger.versions import metadata_entries
from hansa_devnode.validation.candidate import Candidate, RefusedError
from hansa_devnode.validation.rules import ChannelRules, Signers
from hansa_fabric.policies import SignedData
from hansa_fabric.rwsets import Namespace
from hansa_fabric.validation_codes import ValidationCode

KeyPlace = tuple[str, str, str | bytes]  # namespace, collection or "", key or its hash


class EndorsementCheck:
    """Checks the transactions of one block, in order.

    Policies are those committed before the block: a transaction that writes a key whose policy an earlier,
    sufficiently endorsed transaction of the same block sets is refused, because its endorsers could not know.

    Args:
        rules: identities and policies of the channel.
        state: the committed state before the block.
    """

    def __init__(self, rules: ChannelRules, state: StateReader) -> None:
        self._rules = rules
        self._state = state
        self._changed_policies: set[KeyPlace] = set()
        self._chaincode_policies: dict[str, bytes] = {}
        self._directory = CollectionDirectory(self._definition, rules.organizations)

    def check(self, candidate: Candidate) -> None:
        """Check one transaction.

        Raises:
            RefusedError: INVALID_CHAINCODE or ENDORSEMENT_POLICY_FAILURE.
        """
        action = candidate.transaction.action
        signers = self._rules.signers(
            [
                SignedData(one.endorser, action.signed_payload + one.endorser, one.signature)
                for one in action.endorsements
            ]
        )
        spaces = {space.name: space for space in candidate.sets.namespaces}
        for name in candidate.written:
            policy = self._chaincode_policy(name)
            space = spaces.get(name, Namespace(name))
            _NamespaceCheck(self, space, policy, signers).run()
            self._changed_policies.update(_metadata_places(space))

    def require(self, policy: bytes, signers: Signers, what: str) -> None:
        """Raise RefusedError where the signers do not satisfy a policy."""
        if not self._rules.satisfied(policy, signers):
            raise RefusedError(
                ValidationCode.ENDORSEMENT_POLICY_FAILURE,
                f"the endorsement policy of {what} is not satisfied",
            )

    def key_policy(self, place: KeyPlace) -> bytes | None:
        """Return the `ApplicationPolicy` that a key has of its own, None where there is none.

        Raises:
            RefusedError: an earlier transaction of the block changes it.
        """
        if place in self._changed_policies:
            raise RefusedError(
                ValidationCode.ENDORSEMENT_POLICY_FAILURE,
                f"validation parameters for key {place} have been changed by a transaction of the same block",
            )
        namespace, collection, key = place
        if isinstance(key, str):
            stored = self._state.public(namespace, key)
        else:
            stored = self._state.hashed(namespace, collection, key)
        if stored is None or not stored.metadata:
            return None
        parameter = metadata_entries(stored.metadata).get(VALIDATION_PARAMETER)
        return _application_policy(parameter) if parameter else None

    def collection_policy(self, namespace: str, collection: str) -> bytes | None:
        """Return the `ApplicationPolicy` of a collection, None where the chaincode's counts.

        Raises:
            RefusedError: there is no such collection.
        """
        organization = implicit_organization(collection)
        if organization is not None:
            policy = self._rules.collection_policy(organization)
            if policy is None:
                raise RefusedError(
                    ValidationCode.ENDORSEMENT_POLICY_FAILURE,
                    f"no org found in channel with MSPID '{organization}'",
                )
            return policy
        try:
            return self._directory.collection(namespace, collection).policy or None
        except NoSuchCollectionError as error:
            raise RefusedError(
                ValidationCode.ENDORSEMENT_POLICY_FAILURE, f"no such collection '{collection}'"
            ) from error

    def _definition(self, name: str) -> ChaincodeDefinition | None:
        return read_definition(lambda key: self._state.value(LIFECYCLE, key), name)

    def _chaincode_policy(self, name: str) -> bytes:
        known = self._chaincode_policies.get(name)
        if known is None:
            if name == LIFECYCLE:
                known = policy_reference(LIFECYCLE_POLICY)
            else:
                definition = self._definition(name)
                known = definition.policy if definition is not None else b""
            self._chaincode_policies[name] = known
        if not known:
            raise RefusedError(
                ValidationCode.INVALID_CHAINCODE,
                f"chaincode definition for [{name}] is invalid, policy field must be set",
            )
        return known


class _NamespaceCheck:
    """One transaction's writes in one namespace. Each policy is evaluated once."""

    def __init__(self, block: EndorsementCheck, space: Namespace, policy: bytes, signers: Signers) -> None:
        self._block = block
        self._space = space
        self._policy = policy
        self._signers = signers
        self._checked: set[str] = set()
        self._any_checked = False

    def run(self) -> None:
        for place in _written_places(self._space):
            own = self._block.key_policy(place)
            if own is None:
                self._require_shared(place[1])
            else:
                self._block.require(own, self._signers, f"key {place}")
                self._any_checked = True
        if not self._any_checked:
            self._require_shared(PUBLIC)

    def _require_shared(self, collection: str) -> None:
        if collection in self._checked:
            return
        if collection != PUBLIC:
            policy = self._block.collection_policy(self._space.name, collection)
            if policy is not None:
                self._block.require(policy, self._signers, f"collection {collection}")
                self._note(collection)
                return
            if PUBLIC in self._checked:
                return
        self._block.require(self._policy, self._signers, f"chaincode {self._space.name}")
        self._note(PUBLIC)

    def _note(self, collection: str) -> None:
        self._checked.add(collection)
        self._any_checked = True


def _written_places(space: Namespace) -> list[KeyPlace]:
    places: list[KeyPlace] = [(space.name, PUBLIC, write.key) for write in space.writes]
    places += [(space.name, PUBLIC, write.key) for write in space.metadata_writes]
    for collection in space.collections:
        places += [(space.name, collection.name, write.key_hash) for write in collection.writes]
    for collection in space.collections:
        places += [(space.name, collection.name, write.key_hash) for write in collection.metadata_writes]
    return places


def _metadata_places(space: Namespace) -> list[KeyPlace]:
    places: list[KeyPlace] = [(space.name, PUBLIC, write.key) for write in space.metadata_writes]
    for collection in space.collections:
        places += [(space.name, collection.name, write.key_hash) for write in collection.metadata_writes]
    return places


def _application_policy(parameter: bytes) -> bytes:
    # A validation parameter is a SignaturePolicyEnvelope. Garbage in its place would stop a real peer for
    # good; here its key is frozen instead: the bytes are kept and no endorsement satisfies them.
    try:
        envelope = policies_pb2.SignaturePolicyEnvelope.FromString(parameter)
    except DecodeError:
        return parameter
    return bytes(policy_pb2.ApplicationPolicy(signature_policy=envelope).SerializeToString())

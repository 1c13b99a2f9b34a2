"""The endorsement interest of a simulation: it tells a Gateway whose endorsements are needed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fabric_protos.common import policies_pb2
from fabric_protos.peer import proposal_response_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.ledger.errors import SimulationError

VALIDATION_PARAMETER = "VALIDATION_PARAMETER"
SYSTEM_CHAINCODES = frozenset(("_lifecycle", "lscc", "cscc", "qscc"))

_PUBLIC = ""  # stands for the public state among a namespace's collections


@dataclass
class Interest:
    """Collects which policies a simulation touches.

    Args:
        written: per namespace, collection ("" for public) and key the committed metadata of the keys written.
        private_reads: collections whose values were read, by namespace.
    """

    written: dict[str, dict[str, dict[str, Mapping[str, bytes]]]] = field(default_factory=dict)
    private_reads: dict[str, set[str]] = field(default_factory=dict)

    def write(self, namespace: str, collection: str, key: str, metadata: Mapping[str, bytes]) -> None:
        """Note a write and the metadata that its key has in the committed state."""
        self.written.setdefault(namespace, {}).setdefault(collection, {})[key] = metadata

    def read_private(self, namespace: str, collection: str) -> None:
        """Note that a private value was read: endorsers must then be members."""
        self.private_reads.setdefault(namespace, set()).add(collection)

    def message(self, namespaces: list[str]) -> proposal_response_pb2.ChaincodeInterest:
        """Return the `peer.ChaincodeInterest`, without system chaincodes, ordered by name.

        Args:
            namespaces: every namespace in the public read/write set.

        Raises:
            SimulationError: a key's validation parameter is no signature policy.
        """
        interest = proposal_response_pb2.ChaincodeInterest()
        required, key_policies = self._policies(namespaces)
        for namespace in sorted(required):
            if namespace not in SYSTEM_CHAINCODES:
                for collection, needed in sorted(required[namespace].items()):
                    self._add_call(interest, namespace, collection, needed, key_policies.get(namespace, []))
        return interest

    def _policies(
        self, namespaces: list[str]
    ) -> tuple[dict[str, dict[str, bool]], dict[str, list[policies_pb2.SignaturePolicyEnvelope]]]:
        required: dict[str, dict[str, bool]] = {}
        key_policies: dict[str, list[policies_pb2.SignaturePolicyEnvelope]] = {}
        for namespace, collections in self.written.items():
            entry = required.setdefault(namespace, {_PUBLIC: False})
            for collection, keys in collections.items():
                for _, metadata in sorted(keys.items()):
                    parameter = metadata.get(VALIDATION_PARAMETER)
                    if parameter is None:
                        entry[collection] = True
                    else:
                        key_policies.setdefault(namespace, []).append(_policy(parameter))
        for namespace in namespaces:
            required.setdefault(namespace, {_PUBLIC: True})
        for namespace, read in self.private_reads.items():
            required.setdefault(namespace, {}).update(dict.fromkeys(read, True))
        return required, key_policies

    def _add_call(
        self,
        interest: proposal_response_pb2.ChaincodeInterest,
        namespace: str,
        collection: str,
        needed: bool,
        key_policies: list[policies_pb2.SignaturePolicyEnvelope],
    ) -> None:
        if collection != _PUBLIC:
            interest.chaincodes.add(
                name=namespace,
                collection_names=[collection],
                no_private_reads=collection not in self.private_reads.get(namespace, ()),
            )
        elif key_policies or needed:
            interest.chaincodes.add(
                name=namespace, key_policies=key_policies, disregard_namespace_policy=not needed
            )


def _policy(parameter: bytes) -> policies_pb2.SignaturePolicyEnvelope:
    try:
        return policies_pb2.SignaturePolicyEnvelope.FromString(parameter)
    except DecodeError as error:
        raise SimulationError(f"error unmarshalling SignaturePolicyEnvelope: {error}") from error

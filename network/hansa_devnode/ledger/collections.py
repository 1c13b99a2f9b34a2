"""Private data collections: which a chaincode has, who belongs to one, and who may use it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from fabric_protos.common import policies_pb2
from fabric_protos.msp import identities_pb2, msp_principal_pb2
from fabric_protos.peer import collection_pb2

from hansa_devnode.ledger.definitions import LIFECYCLE, ChaincodeDefinition
from hansa_devnode.ledger.errors import NoSuchCollectionError

IMPLICIT_PREFIX = "_implicit_org_"

FindDefinition = Callable[[str], ChaincodeDefinition | None]


@dataclass(frozen=True)
class PrivateCollection:
    """One collection as the committed definition has it.

    Args:
        name: the collection's name.
        members: MSP ids of the organisations that hold its data.
        members_only_read: whether clients of other organisations may not read it through the chaincode.
        members_only_write: the same for writing.
        policy: serialized `peer.ApplicationPolicy` of its own, empty where the chaincode's policy counts.
        block_to_live: after how many blocks its data should expire, 0 never. Kept, not enforced.
    """

    name: str
    members: frozenset[str]
    members_only_read: bool = False
    members_only_write: bool = False
    policy: bytes = b""
    block_to_live: int = 0


def implicit_organization(collection: str) -> str | None:
    """Return the MSP id of an organisation's implicit collection, None for any other name."""
    return collection[len(IMPLICIT_PREFIX) :] if collection.startswith(IMPLICIT_PREFIX) else None


class CollectionDirectory:
    """Looks collections up in the definitions of one moment.

    Args:
        find: returns a chaincode's committed definition.
        organizations: MSP ids of the channel's application organisations: each has an implicit collection.
    """

    def __init__(self, find: FindDefinition, organizations: Collection[str]) -> None:
        self._find = find
        self._organizations = organizations
        self._known: dict[str, dict[str, PrivateCollection] | None] = {}

    def collection(self, namespace: str, name: str) -> PrivateCollection:
        """Return a collection.

        Raises:
            NoSuchCollectionError: the chaincode has none of that name, or is not defined.
        """
        if namespace not in self._known:
            self._known[namespace] = self._load(namespace)
        known = self._known[namespace]
        organization = implicit_organization(name)
        if known is not None and organization is not None and organization in self._organizations:
            return PrivateCollection(name, frozenset((organization,)))
        if known is None or name not in known:
            raise NoSuchCollectionError(namespace, name)
        return known[name]

    def _load(self, namespace: str) -> dict[str, PrivateCollection] | None:
        if namespace == LIFECYCLE:
            return {}
        definition = self._find(namespace)
        if definition is None:
            return None
        return {config.name: _collection(config) for config in definition.static_collections()}


def _collection(config: collection_pb2.StaticCollectionConfig) -> PrivateCollection:
    policy = config.endorsement_policy.SerializeToString() if config.HasField("endorsement_policy") else b""
    return PrivateCollection(
        name=config.name,
        members=_organizations(config.member_orgs_policy.signature_policy),
        members_only_read=config.member_only_read,
        members_only_write=config.member_only_write,
        policy=policy,
        block_to_live=config.block_to_live,
    )


def _organizations(policy: policies_pb2.SignaturePolicyEnvelope) -> frozenset[str]:
    return frozenset(_organization(principal) for principal in policy.identities)


def _organization(principal: msp_principal_pb2.MSPPrincipal) -> str:
    kinds = {
        msp_principal_pb2.MSPPrincipal.ROLE: (msp_principal_pb2.MSPRole, "msp_identifier"),
        msp_principal_pb2.MSPPrincipal.ORGANIZATION_UNIT: (
            msp_principal_pb2.OrganizationUnit,
            "msp_identifier",
        ),
        msp_principal_pb2.MSPPrincipal.IDENTITY: (identities_pb2.SerializedIdentity, "mspid"),
    }
    kind, field = kinds[principal.principal_classification]
    return str(getattr(kind.FromString(principal.principal), field))

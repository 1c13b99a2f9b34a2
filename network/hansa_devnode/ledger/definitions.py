"""Chaincode definitions as Fabric's `_lifecycle` chaincode keeps them in the public state."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fabric_protos.peer import collection_pb2, policy_pb2
from fabric_protos.peer.lifecycle import chaincode_definition_pb2, db_pb2

from hansa_devnode.ledger.errors import LedgerError

LIFECYCLE = "_lifecycle"
DEFAULT_POLICY = "/Channel/Application/Endorsement"
LIFECYCLE_POLICY = "/Channel/Application/LifecycleEndorsement"
METADATA_PREFIX = "namespaces/metadata/"

_DATATYPE = "ChaincodeDefinition"
_PARAMETERS = ("EndorsementInfo", "ValidationInfo", "Collections")
_FIELDS = ("Sequence", *_PARAMETERS)

ReadKey = Callable[[str], bytes | None]


def policy_reference(path: str = DEFAULT_POLICY) -> bytes:
    """Return an `ApplicationPolicy` that refers to a policy of the channel's configuration by its path."""
    return bytes(policy_pb2.ApplicationPolicy(channel_config_policy_reference=path).SerializeToString())


@dataclass(frozen=True)
class ChaincodeDefinition:
    """What a channel has agreed about a chaincode.

    Args:
        name: the chaincode's name, which is its namespace.
        version: the version its definition carries, not empty.
        sequence: 1 for the first definition, one more for each that follows.
        policy: serialized `peer.ApplicationPolicy`: a signature policy, or a path into the channel's
            configuration.
        collections: serialized `peer.CollectionConfigPackage`, empty without private data collections of its
            own.
        init_required: whether Fabric's init-exactly-once rule is on.
        endorsement_plugin: name of the endorsement plug-in; Fabric's own is "escc".
        validation_plugin: name of the validation plug-in; Fabric's own is "vscc".
    """

    name: str
    version: str
    sequence: int
    policy: bytes
    collections: bytes = b""
    init_required: bool = False
    endorsement_plugin: str = "escc"
    validation_plugin: str = "vscc"

    def static_collections(self) -> list[collection_pb2.StaticCollectionConfig]:
        """Return the `StaticCollectionConfig` of each collection that the definition names."""
        package = collection_pb2.CollectionConfigPackage.FromString(self.collections)
        return [entry.static_collection_config for entry in package.config]


def sequence_key(name: str) -> str:
    """Return the key of `_lifecycle`'s state that every endorsement of a chaincode reads."""
    return field_key(name, "Sequence")


def read_definition(read: ReadKey, name: str) -> ChaincodeDefinition | None:
    """Read a definition from `_lifecycle`'s state.

    Args:
        read: returns the value of a key of the namespace `_lifecycle`.
        name: the chaincode's name.

    Raises:
        LedgerError: the namespace entry is no chaincode definition.
    """
    head = read(METADATA_PREFIX + name)
    if head is None:
        return None
    datatype = db_pb2.StateMetadata.FromString(head).datatype
    if datatype != _DATATYPE:
        raise LedgerError(f"not a chaincode type: {datatype}")
    sequence = db_pb2.StateData.FromString(read(sequence_key(name)) or b"").Int64
    return definition_from_fields(read, name, name, sequence)


def definition_from_fields(read: ReadKey, name: str, place: str, sequence: int) -> ChaincodeDefinition:
    """Return the definition whose parameters lie under a name: a chaincode's, or an approval's.

    Args:
        read: returns the value of a key of the namespace `_lifecycle`.
        name: the chaincode's name.
        place: the name its fields lie under.
        sequence: the definition's sequence.
    """
    fields = {
        field: db_pb2.StateData.FromString(read(field_key(place, field)) or b"") for field in _FIELDS[1:]
    }
    endorsement = chaincode_definition_pb2.ChaincodeEndorsementInfo.FromString(
        fields["EndorsementInfo"].Bytes
    )
    validation = chaincode_definition_pb2.ChaincodeValidationInfo.FromString(fields["ValidationInfo"].Bytes)
    return ChaincodeDefinition(
        name=name,
        version=endorsement.version,
        sequence=sequence,
        policy=validation.validation_parameter,
        collections=fields["Collections"].Bytes,
        init_required=endorsement.init_required,
        endorsement_plugin=endorsement.endorsement_plugin,
        validation_plugin=validation.validation_plugin,
    )


def definition_writes(read: ReadKey, definition: ChaincodeDefinition) -> list[tuple[str, bytes]]:
    """Return the writes to `_lifecycle` that commit a definition, as CommitChaincodeDefinition makes them.

    A lifecycle transaction reads through its simulator (so that two cannot commit the same sequence) and puts
    what is returned here.

    Args:
        read: returns the value of a key of the namespace `_lifecycle`.
        definition: the definition; its sequence must be one more than the committed one.

    Raises:
        LedgerError: the sequence does not follow.
    """
    current = db_pb2.StateData.FromString(read(sequence_key(definition.name)) or b"").Int64
    if definition.sequence != current + 1:
        raise LedgerError(
            f"requested sequence is {definition.sequence}, but new definition must be sequence {current + 1}"
        )
    writes = [(key, value) for key, value in _records(definition) if read(key) != value]
    return sorted(writes)


def definition_parameters(definition: ChaincodeDefinition) -> dict[str, Any]:
    """Return what a definition says besides its sequence: `lifecycle.StateData` by field."""
    endorsement = chaincode_definition_pb2.ChaincodeEndorsementInfo(
        version=definition.version,
        init_required=definition.init_required,
        endorsement_plugin=definition.endorsement_plugin,
    )
    validation = chaincode_definition_pb2.ChaincodeValidationInfo(
        validation_plugin=definition.validation_plugin, validation_parameter=definition.policy
    )
    return {
        "EndorsementInfo": db_pb2.StateData(Bytes=endorsement.SerializeToString()),
        "ValidationInfo": db_pb2.StateData(Bytes=validation.SerializeToString()),
        "Collections": db_pb2.StateData(Bytes=definition.collections),
    }


def field_key(name: str, field: str) -> str:
    """Return the key of one field of what lies under a name."""
    return f"namespaces/fields/{name}/{field}"


def _records(definition: ChaincodeDefinition) -> Iterable[tuple[str, bytes]]:
    fields = {"Sequence": db_pb2.StateData(Int64=definition.sequence), **definition_parameters(definition)}
    yield (
        METADATA_PREFIX + definition.name,
        db_pb2.StateMetadata(datatype=_DATATYPE, fields=_FIELDS).SerializeToString(),
    )
    for field, data in fields.items():
        yield field_key(definition.name, field), data.SerializeToString()

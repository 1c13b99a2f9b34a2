"""What an organisation approved of a chaincode, as `_lifecycle` keeps it in its implicit collection.

A definition's parameters lie under `namespaces` and the package that runs it under `chaincode-sources`, both
by the chaincode's name and the sequence. Other organisations see the hashes only, and compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from fabric_protos.peer.lifecycle import db_pb2

from hansa_devnode.ledger.definitions import (
    METADATA_PREFIX,
    ChaincodeDefinition,
    ReadKey,
    definition_from_fields,
    definition_parameters,
    field_key,
)

_PARAMETERS = "ChaincodeParameters"
_LOCAL_PACKAGE = "ChaincodeLocalPackage"
_SOURCE_METADATA = "chaincode-sources/metadata/"
_SOURCE_FIELDS = "chaincode-sources/fields/"

ReadHash = Callable[[str], bytes | None]


def approval_writes(
    read: ReadKey, definition: ChaincodeDefinition, package_id: str
) -> Iterator[tuple[str, bytes]]:
    """Yield the private writes of an approval; nothing where the same was approved before.

    Args:
        read: returns the value of a key of the organisation's implicit collection.
        definition: what is approved.
        package_id: the installed package that shall run it, "" for none.
    """
    records = _parameters(definition) | _source(definition, package_id)
    return ((key, value) for key, value in records.items() if read(key) != value)


def is_approved(read_hash: ReadHash, definition: ChaincodeDefinition) -> bool:
    """Return whether an organisation approved just that.

    Args:
        read_hash: returns SHA-256 of a value in the organisation's implicit collection.
        definition: the definition asked for.
    """
    # Every key is read whatever the first says: what an endorsement read must not depend on who endorses.
    found = [read_hash(key) == sha256(value).digest() for key, value in _parameters(definition).items()]
    return all(found)


def approved_definition(read: ReadKey, name: str, sequence: int) -> ChaincodeDefinition | None:
    """Return what the organisation approved for that sequence, or None."""
    private_name = _private_name(name, sequence)
    if read(METADATA_PREFIX + private_name) is None:
        return None
    return definition_from_fields(read, name, private_name, sequence)


def approved_package(read: ReadKey, name: str, sequence: int) -> str:
    """Return the package the organisation runs for that sequence, "" where it named none."""
    stored = read(f"{_SOURCE_FIELDS}{_private_name(name, sequence)}/PackageID")
    return str(db_pb2.StateData.FromString(stored or b"").String)


def _private_name(name: str, sequence: int) -> str:
    return f"{name}#{sequence}"


def _parameters(definition: ChaincodeDefinition) -> dict[str, bytes]:
    name = _private_name(definition.name, definition.sequence)
    fields = definition_parameters(definition)
    records = {METADATA_PREFIX + name: _metadata(_PARAMETERS, fields)}
    return records | {field_key(name, field): data.SerializeToString() for field, data in fields.items()}


def _source(definition: ChaincodeDefinition, package_id: str) -> dict[str, bytes]:
    name = _private_name(definition.name, definition.sequence)
    fields = {"PackageID": db_pb2.StateData(String=package_id)}
    return {
        _SOURCE_METADATA + name: _metadata(_LOCAL_PACKAGE, fields),
        f"{_SOURCE_FIELDS}{name}/PackageID": fields["PackageID"].SerializeToString(),
    }


def _metadata(datatype: str, fields: Mapping[str, object]) -> bytes:
    return bytes(db_pb2.StateMetadata(datatype=datatype, fields=list(fields)).SerializeToString())

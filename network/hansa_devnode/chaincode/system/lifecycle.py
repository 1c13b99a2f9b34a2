"""_lifecycle: the definitions of chaincodes, and what is installed on the peer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.peer import collection_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.chaincode.invocation import Invocation
from hansa_devnode.chaincode.permissions import ADMINS, PermissionDeniedError, Permissions
from hansa_devnode.chaincode.system.interface import failure, success
from hansa_devnode.config import ChaincodeConfig
from hansa_devnode.ledger import ChaincodeDefinition
from hansa_devnode.ledger.definitions import policy_reference
from hansa_devnode.ledger.ledger import Ledger

# Changing definitions is what the configuration of a devnode is for.
_CONFIGURED = frozenset(
    ("InstallChaincode", "ApproveChaincodeDefinitionForMyOrg", "CommitChaincodeDefinition")
)
_LOCAL = frozenset(
    (
        "InstallChaincode",
        "QueryInstalledChaincode",
        "GetInstalledChaincodePackage",
        "QueryInstalledChaincodes",
        "ApproveChaincodeDefinitionForMyOrg",
        "QueryApprovedChaincodeDefinition",
        "QueryApprovedChaincodeDefinitions",
    )
)


class _NotFoundError(Exception):
    """Nothing of that name: status 404."""


class _RefusedError(Exception):
    """The request is wrong: status 500."""


@dataclass(frozen=True, slots=True)
class _Function:
    arguments: Any
    answer: Callable[[Any], Any]


class Lifecycle:
    """Fabric's lifecycle system chaincode, read-only: on a devnode the configuration says what is deployed.

    Every organisation has approved every committed definition, because the configuration speaks for all.

    Args:
        ledger: holds the committed definitions.
        permissions: who may ask.
        chaincodes: what the configuration installs.
    """

    def __init__(
        self, ledger: Ledger, permissions: Permissions, chaincodes: Sequence[ChaincodeConfig]
    ) -> None:
        self._ledger = ledger
        self._permissions = permissions
        self._chaincodes = {each.package_id: each for each in chaincodes}
        pb = lifecycle_pb2
        self._functions = {
            "QueryChaincodeDefinition": _Function(pb.QueryChaincodeDefinitionArgs, self._definition),
            "QueryChaincodeDefinitions": _Function(pb.QueryChaincodeDefinitionsArgs, self._definitions),
            "CheckCommitReadiness": _Function(pb.CheckCommitReadinessArgs, self._readiness),
            "QueryApprovedChaincodeDefinition": _Function(
                pb.QueryApprovedChaincodeDefinitionArgs, self._approved
            ),
            "QueryApprovedChaincodeDefinitions": _Function(
                pb.QueryApprovedChaincodeDefinitionsArgs, self._all_approved
            ),
            "QueryInstalledChaincode": _Function(pb.QueryInstalledChaincodeArgs, self._installed),
            "QueryInstalledChaincodes": _Function(pb.QueryInstalledChaincodesArgs, self._all_installed),
            "GetInstalledChaincodePackage": _Function(pb.GetInstalledChaincodePackageArgs, self._package),
        }

    def invoke(self, invocation: Invocation, args: Sequence[bytes]) -> Any:
        """Answer `function, serialized arguments` with a `peer.Response`."""
        if not args:
            return failure("lifecycle scc must be invoked with arguments")
        if len(args) != 2:
            return failure(f"lifecycle scc operations require exactly two arguments but received {len(args)}")
        name = args[0].decode(errors="replace")
        try:
            self._check(name, invocation)
        except PermissionDeniedError as error:
            return failure(f"Failed to authorize invocation due to failed ACL check: {error}")
        try:
            return success(self._answer(name, args[1]))
        except _NotFoundError as error:
            return failure(str(error), status=404)
        except _RefusedError as error:
            return failure(f"failed to invoke backing implementation of '{name}': {error}")

    def _check(self, name: str, invocation: Invocation) -> None:
        if name in _LOCAL:
            self._permissions.check_local(ADMINS, invocation.creator)
        else:
            self._permissions.check_channel(f"_lifecycle/{name}", invocation.channel, invocation.creator)

    def _answer(self, name: str, arguments: bytes) -> bytes:
        if name in _CONFIGURED:
            raise _RefusedError("chaincodes of this network are deployed by its configuration")
        function = self._functions[name]
        try:
            request = function.arguments.FromString(arguments)
        except DecodeError as error:
            raise _RefusedError(f"could not decode input arg for {name}: {error}") from error
        found: bytes = function.answer(request).SerializeToString(deterministic=True)
        return found

    def _definition(self, request: Any) -> Any:
        found = self._ledger.chaincode(request.name)
        if found is None:
            raise _NotFoundError(f"namespace {request.name} is not defined")
        return lifecycle_pb2.QueryChaincodeDefinitionResult(
            **_fields(found), approvals=dict.fromkeys(self._organizations(), True)
        )

    def _definitions(self, request: Any) -> Any:
        kind = lifecycle_pb2.QueryChaincodeDefinitionsResult
        found = [
            kind.ChaincodeDefinition(name=each.name, **_fields(each)) for each in self._ledger.chaincodes()
        ]
        return kind(chaincode_definitions=found)

    def _readiness(self, request: Any) -> Any:
        found = self._ledger.chaincode(request.name)
        following = 1 if found is None else found.sequence + 1
        if request.sequence != following:
            raise _RefusedError(
                f"requested sequence is {request.sequence}, but new definition must be sequence {following}"
            )
        # What the configuration has is committed already, so nobody has approved a next definition.
        return lifecycle_pb2.CheckCommitReadinessResult(approvals=dict.fromkeys(self._organizations(), False))

    def _approved(self, request: Any) -> Any:
        found = self._ledger.chaincode(request.name)
        if found is None or request.sequence not in (0, found.sequence):
            sequence = request.sequence or (found.sequence if found else 0)
            raise _RefusedError(
                f"could not fetch approved chaincode definition (name: '{request.name}',"
                f" sequence: '{sequence}') on channel '{self._ledger.channel}'"
            )
        return lifecycle_pb2.QueryApprovedChaincodeDefinitionResult(
            **_fields(found), source=self._source(found.name)
        )

    def _all_approved(self, request: Any) -> Any:
        kind = lifecycle_pb2.QueryApprovedChaincodeDefinitionsResult
        found = [
            kind.ApprovedChaincodeDefinition(name=each.name, **_fields(each), source=self._source(each.name))
            for each in self._ledger.chaincodes()
        ]
        return kind(approved_chaincode_definitions=found)

    def _installed(self, request: Any) -> Any:
        chaincode = self._chaincodes.get(request.package_id)
        if chaincode is None:
            raise _RefusedError(f"could not find chaincode with package id '{request.package_id}'")
        return self._reference(lifecycle_pb2.QueryInstalledChaincodeResult, chaincode)

    def _all_installed(self, request: Any) -> Any:
        kind = lifecycle_pb2.QueryInstalledChaincodesResult
        found = [self._reference(kind.InstalledChaincode, each, kind) for each in self._chaincodes.values()]
        return kind(installed_chaincodes=found)

    def _reference(self, kind: Any, chaincode: ChaincodeConfig, nested: Any = None) -> Any:
        nested = nested or kind
        references = {}
        committed = self._ledger.chaincode(chaincode.name)
        if committed is not None:
            user = nested.Chaincode(name=committed.name, version=committed.version)
            references[self._ledger.channel] = nested.References(chaincodes=[user])
        return kind(package_id=chaincode.package_id, label=chaincode.label, references=references)

    def _package(self, request: Any) -> Any:
        # A chaincode that runs as a service is installed without a package.
        raise _NotFoundError(f"chaincode install package '{request.package_id}' not found")

    def _source(self, name: str) -> Any:
        kind = lifecycle_pb2.ChaincodeSource
        for package_id, chaincode in self._chaincodes.items():
            if chaincode.name == name:
                return kind(local_package=kind.Local(package_id=package_id))
        return kind(unavailable=kind.Unavailable())

    def _organizations(self) -> list[str]:
        return list(self._ledger.bundle.msp_ids)


def _fields(definition: ChaincodeDefinition) -> dict[str, Any]:
    return {
        "sequence": definition.sequence,
        "version": definition.version,
        "endorsement_plugin": definition.endorsement_plugin,
        "validation_plugin": definition.validation_plugin,
        "validation_parameter": definition.policy or policy_reference(),
        "init_required": definition.init_required,
        "collections": collection_pb2.CollectionConfigPackage.FromString(definition.collections),
    }

"""_lifecycle: the definitions of chaincodes, and what is installed on the peer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.peer import collection_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.chaincode.installed import Installation, InstalledChaincodes
from hansa_devnode.chaincode.invocation import Invocation
from hansa_devnode.chaincode.permissions import ADMINS, PermissionDeniedError, Permissions
from hansa_devnode.chaincode.system.interface import NotFoundError, RefusedError, failure, success
from hansa_devnode.chaincode.system.lifecycle_agreement import Agreement
from hansa_devnode.ledger import ChaincodeDefinition, Simulator
from hansa_devnode.ledger.definitions import policy_reference
from hansa_devnode.ledger.ledger import Ledger

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


@dataclass(frozen=True, slots=True)
class _Function:
    arguments: Any
    answer: Callable[[Any, Invocation], Any]


class Lifecycle:
    """Fabric's lifecycle system chaincode, for chaincodes that run as services.

    Of a chaincode that the node's configuration names, every organisation has approved every definition up
    to that sequence, because the configuration speaks for all.

    Args:
        msp_id: the organisation of the peer.
        ledger: holds the committed definitions.
        permissions: who may ask.
        installed: what is installed on the peer.
    """

    def __init__(
        self, msp_id: str, ledger: Ledger, permissions: Permissions, installed: InstalledChaincodes
    ) -> None:
        self._ledger = ledger
        self._permissions = permissions
        self._installed = installed
        self._agreement = Agreement(msp_id, ledger, installed)
        pb = lifecycle_pb2
        self._functions = {
            "InstallChaincode": _Function(pb.InstallChaincodeArgs, self._install),
            "ApproveChaincodeDefinitionForMyOrg": _Function(
                pb.ApproveChaincodeDefinitionForMyOrgArgs, self._approve
            ),
            "CommitChaincodeDefinition": _Function(pb.CommitChaincodeDefinitionArgs, self._commit),
            "QueryChaincodeDefinition": _Function(pb.QueryChaincodeDefinitionArgs, self._definition),
            "QueryChaincodeDefinitions": _Function(pb.QueryChaincodeDefinitionsArgs, self._definitions),
            "CheckCommitReadiness": _Function(pb.CheckCommitReadinessArgs, self._readiness),
            "QueryApprovedChaincodeDefinition": _Function(
                pb.QueryApprovedChaincodeDefinitionArgs, self._approved
            ),
            "QueryApprovedChaincodeDefinitions": _Function(
                pb.QueryApprovedChaincodeDefinitionsArgs, self._all_approved
            ),
            "QueryInstalledChaincode": _Function(pb.QueryInstalledChaincodeArgs, self._installed_one),
            "QueryInstalledChaincodes": _Function(pb.QueryInstalledChaincodesArgs, self._installed_all),
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
            return success(self._answer(name, args[1], invocation))
        except NotFoundError as error:
            return failure(str(error), status=404)
        except RefusedError as error:
            return failure(f"failed to invoke backing implementation of '{name}': {error}")

    def _check(self, name: str, invocation: Invocation) -> None:
        if name in _LOCAL:
            self._permissions.check_local(ADMINS, invocation.creator)
        else:
            self._permissions.check_channel(f"_lifecycle/{name}", invocation.channel, invocation.creator)

    def _answer(self, name: str, arguments: bytes, invocation: Invocation) -> bytes:
        function = self._functions[name]
        try:
            request = function.arguments.FromString(arguments)
        except DecodeError as error:
            raise RefusedError(f"could not decode input arg for {name}: {error}") from error
        found: bytes = function.answer(request, invocation).SerializeToString(deterministic=True)
        return found

    def _install(self, request: Any, _: Invocation) -> Any:
        try:
            made = self._installed.install(request.chaincode_install_package)
        except (ChaincodeError, OSError, ValueError) as error:
            raise RefusedError(str(error)) from error
        return lifecycle_pb2.InstallChaincodeResult(package_id=made.package_id, label=made.label)

    def _approve(self, request: Any, invocation: Invocation) -> Any:
        self._agreement.approve(_simulator(invocation), request)
        return lifecycle_pb2.ApproveChaincodeDefinitionForMyOrgResult()

    def _commit(self, request: Any, invocation: Invocation) -> Any:
        self._agreement.commit(_simulator(invocation), request)
        return lifecycle_pb2.CommitChaincodeDefinitionResult()

    def _definition(self, request: Any, invocation: Invocation) -> Any:
        found = self._ledger.chaincode(request.name)
        if found is None:
            raise NotFoundError(f"namespace {request.name} is not defined")
        approvals = self._agreement.approvals(_simulator(invocation), found)
        return lifecycle_pb2.QueryChaincodeDefinitionResult(**_fields(found), approvals=approvals)

    def _definitions(self, request: Any, _: Invocation) -> Any:
        kind = lifecycle_pb2.QueryChaincodeDefinitionsResult
        found = [
            kind.ChaincodeDefinition(name=each.name, **_fields(each)) for each in self._ledger.chaincodes()
        ]
        return kind(chaincode_definitions=found)

    def _readiness(self, request: Any, invocation: Invocation) -> Any:
        approvals = self._agreement.readiness(_simulator(invocation), request)
        return lifecycle_pb2.CheckCommitReadinessResult(approvals=approvals)

    def _approved(self, request: Any, invocation: Invocation) -> Any:
        found = self._agreement.approved(_simulator(invocation), request.name, request.sequence)
        if found is None:
            committed = self._ledger.chaincode(request.name)
            sequence = request.sequence or (committed.sequence if committed else 0)
            raise RefusedError(
                f"could not fetch approved chaincode definition (name: '{request.name}',"
                f" sequence: '{sequence}') on channel '{self._ledger.channel}'"
            )
        definition, package_id = found
        return lifecycle_pb2.QueryApprovedChaincodeDefinitionResult(
            **_fields(definition), source=_source(package_id)
        )

    def _all_approved(self, request: Any, invocation: Invocation) -> Any:
        kind = lifecycle_pb2.QueryApprovedChaincodeDefinitionsResult
        simulator = _simulator(invocation)
        found = []
        for each in self._ledger.chaincodes():
            for sequence in (each.sequence, each.sequence + 1):
                known = self._agreement.approved(simulator, each.name, sequence)
                if known is not None:
                    definition, package_id = known
                    found.append(
                        kind.ApprovedChaincodeDefinition(
                            name=each.name, **_fields(definition), source=_source(package_id)
                        )
                    )
        return kind(approved_chaincode_definitions=found)

    def _installed_one(self, request: Any, _: Invocation) -> Any:
        for each in self._installed.all():
            if each.package_id == request.package_id:
                return self._reference(lifecycle_pb2.QueryInstalledChaincodeResult, each)
        raise RefusedError(f"could not find chaincode with package id '{request.package_id}'")

    def _installed_all(self, request: Any, _: Invocation) -> Any:
        kind = lifecycle_pb2.QueryInstalledChaincodesResult
        found = [self._reference(kind.InstalledChaincode, each, kind) for each in self._installed.all()]
        return kind(installed_chaincodes=found)

    def _reference(self, kind: Any, installation: Installation, nested: Any = None) -> Any:
        nested = nested or kind
        users = [
            nested.Chaincode(name=each.name, version=each.version)
            for each in self._ledger.chaincodes()
            if self._installed.serving(each.name, each.sequence) is installation
        ]
        references = {self._ledger.channel: nested.References(chaincodes=users)} if users else {}
        return kind(package_id=installation.package_id, label=installation.label, references=references)

    def _package(self, request: Any, _: Invocation) -> Any:
        for each in self._installed.all():
            if each.package_id == request.package_id and each.content is not None:
                return lifecycle_pb2.GetInstalledChaincodePackageResult(
                    chaincode_install_package=each.content
                )
        # What the configuration names is installed without a package.
        raise NotFoundError(f"chaincode install package '{request.package_id}' not found")


def _simulator(invocation: Invocation) -> Simulator:
    if invocation.simulator is None:
        raise RefusedError("no application config for channel ''")
    return invocation.simulator


def _source(package_id: str) -> Any:
    kind = lifecycle_pb2.ChaincodeSource
    if not package_id:
        return kind(unavailable=kind.Unavailable())
    return kind(local_package=kind.Local(package_id=package_id))


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

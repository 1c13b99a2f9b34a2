"""A chaincode's way onto the channel: each organisation approves its definition, then one commits it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from fabric_protos.peer import collection_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2

from hansa_gateway import EndorseError, EvaluateError, Gateway, GatewayError
from hansa_network.consortium import Chaincode
from hansa_network.errors import NetworkError

Answer = TypeVar("Answer")
# The words Fabric has for a definition that is not there (yet), and for one that is there already.
_NOT_DEFINED = "is not defined"
_NOT_APPROVED = "could not fetch approved chaincode definition"
_UNCHANGED = "unchanged content"


class _BehindError(Exception):
    """A peer that has not received the definition yet."""


class Lifecycle:
    """One chaincode on one channel, seen by one organisation's administrator.

    Args:
        gateway: to the organisation's peer, as its administrator.
        msp_id: the organisation.
        channel: the channel's name.
        chaincode: what is to be defined.
        collections: its collections as a serialized ``peer.CollectionConfigPackage``, empty without any.
        policy: its endorsement policy as a serialized ``peer.ApplicationPolicy``; without one the channel's.
    """

    def __init__(
        self,
        gateway: Gateway,
        msp_id: str,
        channel: str,
        chaincode: Chaincode,
        collections: bytes = b"",
        policy: bytes = b"",
    ) -> None:
        self._collections, self._policy = collections, policy
        self._contract = gateway.network(channel).contract("_lifecycle")
        self._target = gateway.network(channel).contract(chaincode.name)
        self._msp_id, self._chaincode = msp_id, chaincode

    def approve(self, package_id: str) -> None:
        """Approves the definition for the organisation, unless it has. Raises NetworkError."""
        if self.approved_package() == package_id:
            return
        source = lifecycle_pb2.ChaincodeSource(
            local_package=lifecycle_pb2.ChaincodeSource.Local(package_id=package_id)
        )
        request = lifecycle_pb2.ApproveChaincodeDefinitionForMyOrgArgs(**self._definition(), source=source)

        def submit() -> None:
            try:
                self._contract.submit(
                    "ApproveChaincodeDefinitionForMyOrg",
                    request.SerializeToString(),
                    endorsing_organizations=[self._msp_id],
                )
            except EndorseError as error:
                if _UNCHANGED not in str(error):
                    raise

        _until_it_works(submit, f"{self._msp_id} could not approve the chaincode")

    def commit(self) -> None:
        """Commits the definition, unless it stands. Raises NetworkError."""
        request = lifecycle_pb2.CommitChaincodeDefinitionArgs(**self._definition()).SerializeToString()

        def submit() -> None:
            if self.committed_sequence() < self._chaincode.sequence:
                self._contract.submit("CommitChaincodeDefinition", request)

        _until_it_works(submit, "the chaincode's definition could not be committed")

    def committed_sequence(self) -> int:
        """Sequence of the committed definition; 0 where there is none. Raises GatewayError."""
        query = lifecycle_pb2.QueryChaincodeDefinitionArgs(name=self._chaincode.name).SerializeToString()
        try:
            found = self._contract.evaluate("QueryChaincodeDefinition", query)
        except EvaluateError as error:
            if _NOT_DEFINED in str(error):
                return 0
            raise
        return int(lifecycle_pb2.QueryChaincodeDefinitionResult.FromString(found).sequence)

    def approved_package(self) -> str:
        """The package the organisation approved the definition with, "" for none. Raises NetworkError."""
        query = lifecycle_pb2.QueryApprovedChaincodeDefinitionArgs(
            name=self._chaincode.name, sequence=self._chaincode.sequence
        ).SerializeToString()

        def evaluate() -> bytes:
            try:
                return self._contract.evaluate(
                    "QueryApprovedChaincodeDefinition", query, endorsing_organizations=[self._msp_id]
                )
            except EvaluateError as error:
                if _NOT_APPROVED in str(error):
                    return b""
                raise

        answer = _until_it_works(evaluate, f"{self._msp_id}'s peer does not tell what is approved")
        found = lifecycle_pb2.QueryApprovedChaincodeDefinitionResult.FromString(answer)
        return str(found.source.local_package.package_id)

    def approvals(self) -> dict[str, bool]:
        """MSP id to whether that organisation approved the definition, which must be the next one.

        Raises:
            NetworkError: the peer does not tell.
        """
        request = lifecycle_pb2.CheckCommitReadinessArgs(**self._definition()).SerializeToString()
        answer = _until_it_works(
            lambda: self._contract.evaluate("CheckCommitReadiness", request),
            f"{self._msp_id}'s peer does not tell who approved",
        )
        found = lifecycle_pb2.CheckCommitReadinessResult.FromString(answer)
        return {str(msp_id): bool(approved) for msp_id, approved in sorted(found.approvals.items())}

    def wait_until_used(self, probe: str) -> None:
        """Waits until the organisation's own peer has this definition and executes the chaincode of it.

        Args:
            probe: a function to evaluate; the chaincode may refuse it.

        Raises:
            NetworkError: that did not come (FABRIC_NOT_READY).
        """

        def evaluate() -> None:
            query = lifecycle_pb2.QueryChaincodeDefinitionArgs(name=self._chaincode.name).SerializeToString()
            answer = self._contract.evaluate(
                "QueryChaincodeDefinition", query, endorsing_organizations=[self._msp_id]
            )
            found = lifecycle_pb2.QueryChaincodeDefinitionResult.FromString(answer)
            if found.sequence < self._chaincode.sequence:
                raise _BehindError(f"it has sequence {found.sequence}")
            try:
                self._target.evaluate(probe, b"{}", endorsing_organizations=[self._msp_id])
            except EvaluateError as error:
                if error.chaincode_message is None:
                    raise

        _until_it_works(evaluate, f"the peer of {self._msp_id} does not use the chaincode")

    def wait_for_endorsers(self, probe: str) -> None:
        """Waits until the organisation's peer finds enough endorsers, and they execute the chaincode.

        Args:
            probe: a function to endorse; the chaincode may refuse it, and nothing is submitted.

        Raises:
            NetworkError: that did not come (FABRIC_NOT_READY).
        """

        def endorse() -> None:
            try:
                self._target.new_proposal(probe, b"{}").endorse()
            except EndorseError as error:
                if error.chaincode_message is None:
                    raise

        _until_it_works(endorse, f"the peer of {self._msp_id} finds no endorsers")

    def _definition(self) -> dict[str, Any]:
        chaincode = self._chaincode
        found: dict[str, Any] = {"version": chaincode.version, "sequence": chaincode.sequence}
        if self._collections:
            found["collections"] = collection_pb2.CollectionConfigPackage.FromString(self._collections)
        if self._policy:
            found["validation_parameter"] = self._policy
        return {"name": chaincode.name, **found}


def _until_it_works(act: Callable[[], Answer], trouble: str, seconds: float = 90.0) -> Answer:
    """Peers that have just started do not know one another nor the ordering nodes: asks again for a while."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return act()
        except (GatewayError, _BehindError) as error:
            if time.monotonic() > deadline:
                raise NetworkError(
                    "FABRIC_NOT_READY",
                    f"After {seconds:.0f} s {trouble}: {error}",
                    "Look into the peers' logs.",
                ) from error
        time.sleep(0.25)

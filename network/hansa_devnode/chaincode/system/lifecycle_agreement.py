"""How a definition comes about: each organisation's approval in its own collection, then the commit."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from fabric_protos.peer import collection_pb2
from fabric_protos.peer.lifecycle import db_pb2

from hansa_devnode.chaincode.installed import InstalledChaincodes
from hansa_devnode.chaincode.system.interface import RefusedError
from hansa_devnode.ledger import ChaincodeDefinition, LedgerError, Simulator
from hansa_devnode.ledger.approvals import (
    approval_writes,
    approved_definition,
    approved_package,
    is_approved,
)
from hansa_devnode.ledger.collections import IMPLICIT_PREFIX
from hansa_devnode.ledger.definitions import (
    LIFECYCLE,
    definition_writes,
    policy_reference,
    read_definition,
    sequence_key,
)
from hansa_devnode.ledger.ledger import Ledger

_NAME = re.compile(r"[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*")
_VERSION = re.compile(r"[A-Za-z0-9_.+-]+")


class Agreement:
    """What one organisation's peer does about definitions, all of it through a simulator.

    Args:
        msp_id: the organisation.
        ledger: the channel's: who its organisations are.
        installed: what the peer's configuration names; every organisation has approved that.
    """

    def __init__(self, msp_id: str, ledger: Ledger, installed: InstalledChaincodes) -> None:
        self._msp_id = msp_id
        self._ledger = ledger
        self._installed = installed

    def approvals(self, simulator: Simulator, definition: ChaincodeDefinition) -> dict[str, bool]:
        """Whether each organisation of the channel approved that very definition."""
        if self._installed.configured(definition.name, definition.sequence) is not None:
            return dict.fromkeys(self._ledger.bundle.msp_ids, True)
        return {
            msp_id: is_approved(
                lambda key, of=msp_id: simulator.get_private_hash(LIFECYCLE, IMPLICIT_PREFIX + of, key),  # type: ignore[misc]
                definition,
            )
            for msp_id in self._ledger.bundle.msp_ids
        }

    def readiness(self, simulator: Simulator, request: Any) -> dict[str, bool]:
        """The same for a definition that may be committed next. Raises RefusedError, in Fabric's words."""
        definition = requested_definition(request)
        following = _current(simulator, definition.name) + 1
        if definition.sequence != following:
            raise RefusedError(
                f"requested sequence is {definition.sequence},"
                f" but new definition must be sequence {following}"
            )
        return self.approvals(simulator, definition)

    def approve(self, simulator: Simulator, request: Any) -> None:
        """Writes the organisation's approval. Raises RefusedError, in Fabric's words."""
        definition = requested_definition(request)
        _check_words(definition)
        package_id = request.source.local_package.package_id
        current, requested = _current(simulator, definition.name), definition.sequence
        if requested < 1:
            raise RefusedError("requested sequence is 0, but first definable sequence number is 1")
        if requested < current:
            raise RefusedError(
                f"currently defined sequence {current} is larger than requested sequence {requested}"
            )
        if requested > current + 1:
            raise RefusedError(
                f"requested sequence {requested} is larger than the next available sequence number"
                f" {current + 1}"
            )
        known = self._approved(simulator, definition.name, requested)
        same = known == (definition, package_id)
        if requested == current:
            self._check_committed(simulator, definition, same)
        elif same:
            raise RefusedError(
                f"attempted to redefine uncommitted sequence ({requested}) for namespace {definition.name}"
                " with unchanged content"
            )
        collection = IMPLICIT_PREFIX + self._msp_id
        writes = list(
            approval_writes(
                lambda key: simulator.get_private(LIFECYCLE, collection, key), definition, package_id
            )
        )
        for key, value in writes:
            simulator.put_private(LIFECYCLE, collection, key, value)

    def commit(self, simulator: Simulator, request: Any) -> None:
        """Writes the definition. Raises RefusedError, also where this organisation did not approve it."""
        definition = requested_definition(request)
        _check_words(definition)
        approvals = self.readiness(simulator, request)
        if not approvals.get(self._msp_id):
            raise RefusedError(f"chaincode definition not agreed to by this org ({self._msp_id})")
        try:
            writes = definition_writes(lambda key: simulator.get_state(LIFECYCLE, key), definition)
        except LedgerError as error:
            raise RefusedError(str(error)) from error
        for key, value in writes:
            simulator.put_state(LIFECYCLE, key, value)

    def approved(
        self, simulator: Simulator, name: str, sequence: int
    ) -> tuple[ChaincodeDefinition, str] | None:
        """What this organisation approved, and the package it named; for sequence 0 the newest."""
        if sequence:
            return self._approved(simulator, name, sequence)
        current = _current(simulator, name)
        return self._approved(simulator, name, current + 1) or self._approved(simulator, name, current)

    def _approved(
        self, simulator: Simulator, name: str, sequence: int
    ) -> tuple[ChaincodeDefinition, str] | None:
        """What was approved in so many words, else what the configuration speaks for."""
        collection = IMPLICIT_PREFIX + self._msp_id

        def read(key: str) -> bytes | None:
            return simulator.get_private(LIFECYCLE, collection, key)

        found = approved_definition(read, name, sequence)
        if found is not None:
            return found, approved_package(read, name, sequence)
        configured = self._installed.configured(name, sequence)
        committed = read_definition(lambda key: simulator.get_state(LIFECYCLE, key), name)
        if configured is None or committed is None or committed.sequence != sequence:
            return None
        return committed, configured.package_id

    @staticmethod
    def _check_committed(simulator: Simulator, definition: ChaincodeDefinition, same: bool) -> None:
        """An approval that comes after the commit: of an organisation that joined, or names a package now."""
        committed = read_definition(lambda key: simulator.get_state(LIFECYCLE, key), definition.name)
        where = f"the current committed sequence ({definition.sequence}) for namespace {definition.name}"
        if committed != definition:
            raise RefusedError(f"attempted to redefine {where} with different parameters")
        if same:
            raise RefusedError(f"attempted to redefine {where}")


def requested_definition(request: Any) -> ChaincodeDefinition:
    """The definition in a request, with Fabric's defaults where it says nothing."""
    definition = ChaincodeDefinition(
        name=request.name,
        version=request.version,
        sequence=request.sequence,
        policy=request.validation_parameter or policy_reference(),
        collections=collection_pb2.CollectionConfigPackage(
            config=request.collections.config
        ).SerializeToString(),
        init_required=request.init_required,
    )
    plugins = {
        "endorsement_plugin": request.endorsement_plugin,
        "validation_plugin": request.validation_plugin,
    }
    return dataclasses.replace(definition, **{name: value for name, value in plugins.items() if value})


def _current(simulator: Simulator, name: str) -> int:
    stored = simulator.get_state(LIFECYCLE, sequence_key(name))
    return int(db_pb2.StateData.FromString(stored or b"").Int64)


def _check_words(definition: ChaincodeDefinition) -> None:
    trouble = "error validating chaincode definition: "
    if not _NAME.fullmatch(definition.name):
        raise RefusedError(
            f"{trouble}invalid chaincode name '{definition.name}'. Names can only consist of alphanumerics,"
            " '_', and '-' and can only begin with alphanumerics"
        )
    if not _VERSION.fullmatch(definition.version):
        raise RefusedError(
            f"{trouble}invalid chaincode version '{definition.version}'. Versions can only consist of"
            " alphanumerics, '_', '-', '+', and '.'"
        )

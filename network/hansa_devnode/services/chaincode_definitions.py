"""The committed chaincode definitions, read from the ledger once a block instead of once a question."""

from __future__ import annotations

from typing import Any

from hansa_devnode.ledger.definitions import ChaincodeDefinition
from hansa_devnode.ledger.ledger import Ledger


class ChaincodeDefinitions:
    """Definitions as they stand at the ledger's present height."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._height = -1
        self._bundle: Any = None
        self._definitions: dict[str, ChaincodeDefinition] = {}
        self._edition = 0

    @property
    def edition(self) -> int:
        """A number that changes whenever a definition or the channel's configuration does."""
        self._refresh()
        return self._edition

    def get(self, name: str) -> ChaincodeDefinition | None:
        """The committed definition of that name, or None."""
        self._refresh()
        return self._definitions.get(name)

    def all(self) -> list[ChaincodeDefinition]:
        """All of them, by name."""
        self._refresh()
        return list(self._definitions.values())

    def _refresh(self) -> None:
        height, bundle = self._ledger.height, self._ledger.bundle
        if height == self._height and bundle is self._bundle:
            return
        # The height is noted first: a block that comes while reading is seen by the next question.
        self._height = height
        definitions = {each.name: each for each in self._ledger.chaincodes()}
        if definitions != self._definitions or bundle is not self._bundle:
            self._definitions, self._bundle = definitions, bundle
            self._edition += 1

"""Members as documents name them: by GLN or MSP id. The ledger holds no LEI, so none is believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hansa.documents.errors import DocumentCode, DocumentError
from hansa_domain.members import Member


class Named(Protocol):
    """A company in a document."""

    @property
    def gln(self) -> str | None: ...
    @property
    def lei(self) -> str | None: ...
    @property
    def msp_id(self) -> str | None: ...


class Directory:
    """The members present, for finding who a document means.

    Args:
        members: as the ledger lists them.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = [each for each in members if each.left_at is None]
        self._all = {each.msp_id: each for each in members}

    def find(self, party: Named, where: str) -> Member:
        """The one member that every id of the party names.

        Args:
            party: as the document has it.
            where: the XPath that is at fault where there is none.

        Raises:
            DocumentError: DOCUMENT_PARTY_UNKNOWN: nobody, or ids of different members.
        """
        ids = {"gln": party.gln, "msp_id": party.msp_id}
        given = {kind: value for kind, value in ids.items() if value is not None}
        if not given:
            more = " The ledger does not know its LEI." if party.lei is not None else ""
            raise DocumentError(
                DocumentCode.PARTY_UNKNOWN, f"The party has neither GLN nor MSP id.{more}", where
            )
        found = [
            each
            for each in self._members
            if all(getattr(each, kind) == value for kind, value in given.items())
        ]
        if len(found) != 1:
            said = " and ".join(f"{value}" for value in given.values())
            raise DocumentError(DocumentCode.PARTY_UNKNOWN, f"{said} names no member.", where)
        return found[0]

    def get(self, msp_id: str) -> Member | None:
        """A member by MSP id, also one that left."""
        return self._all.get(msp_id)

    @property
    def names(self) -> dict[str, str]:
        """Names of everybody, by MSP id."""
        return {msp_id: each.name for msp_id, each in self._all.items()}

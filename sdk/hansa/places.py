"""Places: sites by their GLN."""

from __future__ import annotations

from hansa.ids import new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.places import (
    ClosePlace,
    GetPlace,
    ListPlaces,
    ListPlaceVersions,
    Place,
    PlaceKind,
    PlaceReply,
    PlacesReply,
    PlaceVersionsReply,
    RegisterPlace,
    RevisePlace,
)


class Places:
    """``client.places``. Coordinates are integers in microdegrees (WGS 84), north and east positive."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def register(
        self,
        gln: str,
        name: str,
        country: str,
        *,
        kind: PlaceKind = "warehouse",
        latitude: int | None = None,
        longitude: int | None = None,
        command_id: str | None = None,
    ) -> Receipt[PlaceReply]:
        """Registers a site of this member.

        Args:
            gln: 13 digits, check digit included.
            name: of the site; everybody reads it, so no person's name.
            country: ISO 3166-1 code.
            latitude: microdegrees; with ``longitude`` or not at all.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = RegisterPlace(
            id=command_id or new_id(),
            gln=gln,
            name=name,
            country=country,
            kind=kind,
            latitude=latitude,
            longitude=longitude,
        )
        return submit_once(self._submitter, "places:Register", command, PlaceReply, command_id)

    def revise(
        self,
        gln: str,
        *,
        name: str | None = None,
        country: str | None = None,
        kind: PlaceKind | None = None,
        position: tuple[int, int] | None = None,
        command_id: str | None = None,
    ) -> Receipt[PlaceReply]:
        """Says something else of a site; what is not named stays. ``position`` is latitude and longitude.

        Raises:
            RefusedError: among others PLACE_VERSION, where somebody else revised it meanwhile.
        """
        present = self.get(gln)
        latitude, longitude = position or (present.latitude, present.longitude)
        command = RevisePlace(
            id=command_id or new_id(),
            gln=gln,
            version=present.version,
            name=present.name if name is None else name,
            country=present.country if country is None else country,
            kind=present.kind if kind is None else kind,
            latitude=latitude,
            longitude=longitude,
        )
        return submit_once(self._submitter, "places:Revise", command, PlaceReply, command_id)

    def close(self, gln: str, *, command_id: str | None = None) -> Receipt[PlaceReply]:
        """Ends a site's use."""
        command = ClosePlace(id=command_id or new_id(), gln=gln)
        return submit_once(self._submitter, "places:Close", command, PlaceReply, command_id)

    def get(self, gln: str) -> Place:
        """One place. Raises RefusedError (PLACE_NOT_FOUND)."""
        return self._submitter.evaluate("places:Get", GetPlace(gln=gln), PlaceReply).place

    def versions(self, gln: str) -> list[Place]:
        """Every version of a place, the oldest first."""
        query = ListPlaceVersions(gln=gln)
        return self._submitter.evaluate("places:Versions", query, PlaceVersionsReply).versions

    def list(self, *, owner: str | None = None, limit: int = 100, bookmark: str = "") -> PlacesReply:
        """A page of places, of one owner (MSP id) where named."""
        query = ListPlaces(owner=owner, limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("places:List", query, PlacesReply)

"""Places: sites by their GLN, with country and coordinates; who works there and how to reach them stays out.

Coordinates are integers in microdegrees (WGS 84): a millionth of a degree is about 11 cm.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, PlaceClosed, PlaceRegistered, PlaceRevised, PlaceView
from hansa_domain.fields import Bookmark, CountryCode, Gln, MspId, Name, PageLimit, Timestamp
from hansa_domain.gs1 import gln13
from hansa_domain.history import earlier_versions, superseded
from hansa_domain.iso3166 import check_country
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)

PlaceKind = Literal[
    "airport", "customs", "factory", "farm", "laboratory", "office", "port", "shop", "terminal", "warehouse"
]
PlaceStatus = Literal["open", "closed"]
Latitude = Annotated[
    int, msgspec.Meta(ge=-90_000_000, le=90_000_000, description="Microdegrees, north positive.")
]
Longitude = Annotated[
    int, msgspec.Meta(ge=-180_000_000, le=180_000_000, description="Microdegrees, east positive.")
]


class Place(Record, frozen=True, kw_only=True):
    """A site; key ``("place", gln13)``. The first to register a GLN answers for it.

    ``latitude`` and ``longitude`` in microdegrees, both or neither.
    """

    NOUN: ClassVar[str] = "place"
    gln: str
    owner: str
    status: PlaceStatus
    version: int
    name: str
    kind: PlaceKind
    country: str
    latitude: int | None
    longitude: int | None
    registered_at: Timestamp
    revised_at: Timestamp | None = None
    closed_at: Timestamp | None = None

    @property
    def view(self) -> PlaceView:
        """The place as events show it."""
        return PlaceView(
            name=self.name,
            kind=self.kind,
            country=self.country,
            latitude=self.latitude,
            longitude=self.longitude,
        )


class RegisterPlace(Command["PlaceReply"], frozen=True, kw_only=True):
    """``places:Register``, by any member: a site of his; no person is named here."""

    gln: Gln
    name: Name
    country: CountryCode
    kind: PlaceKind = "warehouse"
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class RevisePlace(Command["PlaceReply"], frozen=True, kw_only=True):
    """``places:Revise``, by its owner: this takes the place of what was said; earlier versions stay readable.

    ``version`` is the one revised, so that nobody overwrites what he has not seen.
    """

    gln: Gln
    version: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    name: Name
    country: CountryCode
    kind: PlaceKind = "warehouse"
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class ClosePlace(Command["PlaceReply"], frozen=True, kw_only=True):
    """``places:Close``, by its owner: nothing is offered from there any longer. A GLN is never used again."""

    gln: Gln


class GetPlace(Query["PlaceReply"], frozen=True, kw_only=True):
    """``places:Get``."""

    gln: Gln


class ListPlaceVersions(Query["PlaceVersionsReply"], frozen=True, kw_only=True):
    """``places:Versions``: what was ever said of it, the oldest first, the present version last."""

    gln: Gln


class ListPlaces(Query["PlacesReply"], frozen=True, kw_only=True):
    """``places:List``, in order of GLN; ``owner`` narrows each page, which may hold fewer than ``limit``."""

    owner: MspId | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class PlaceReply(msgspec.Struct, frozen=True, kw_only=True):
    """One place."""

    place: Place


class PlaceVersionsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A place's versions."""

    versions: list[Place]


class PlacesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of places; ``bookmark`` is empty on the last page."""

    places: list[Place]
    bookmark: str


def place_key(gln: str) -> Key:
    """Where a place stands, by its GLN of 13 digits."""
    return (Place.NOUN, gln)


def open_place(records: Records, gln: str, where: str) -> Place:
    """The place, whose key was fetched. Refuses PLACE_NOT_FOUND or PLACE_CLOSED at ``where``."""
    place = records.get(Place, gln, refuse=Code.PLACE_NOT_FOUND, where=where)
    if place.status != "open":
        raise Refusal(Code.PLACE_CLOSED, f"The place {gln} is closed.", where)
    return place


@operation("places:Register", RegisterPlace, PlaceReply)
def register(command: RegisterPlace, context: Context) -> Steps:
    """The first to register a GLN answers for it."""
    gln = gln13(command.gln, "gln")
    _check(command)
    records = yield Fetch(keys=(place_key(gln),))
    if records.find(Place, gln) is not None:
        raise Refusal(Code.PLACE_ALREADY_REGISTERED, f"The GLN {gln} is registered already.", "gln")
    place = Place(
        gln=gln,
        owner=context.caller.msp_id,
        status="open",
        version=1,
        name=command.name,
        kind=command.kind,
        country=command.country,
        latitude=command.latitude,
        longitude=command.longitude,
        registered_at=context.at,
    )
    return _decided(place, PlaceRegistered(gln=gln, owner=place.owner, place=place.view, at=context.at))


def _check(command: RegisterPlace | RevisePlace) -> None:
    check_country(command.country, "country")
    if (command.latitude is None) != (command.longitude is None):
        raise Refusal(
            Code.FIELD_INVALID,
            "Latitude and longitude go together.",
            "latitude" if command.latitude is None else "longitude",
        )


@operation("places:Revise", RevisePlace, PlaceReply)
def revise(command: RevisePlace, context: Context) -> Steps:
    """Another version takes the place of the present one, which stays readable."""
    gln = gln13(command.gln, "gln")
    _check(command)
    place = _own((yield Fetch(keys=(place_key(gln),))), gln, context, "revise")
    if command.version != place.version:
        raise Refusal(
            Code.PLACE_VERSION, f"Version {place.version} is the present one of this place.", "version"
        )
    revised = replace(
        place,
        version=place.version + 1,
        name=command.name,
        kind=command.kind,
        country=command.country,
        latitude=command.latitude,
        longitude=command.longitude,
        revised_at=context.at,
    )
    event = PlaceRevised(
        gln=gln, owner=place.owner, version=revised.version, place=revised.view, at=context.at
    )
    return _decided(revised, event, superseded(place_key(gln), place.version, place))


@operation("places:Close", ClosePlace, PlaceReply)
def close(command: ClosePlace, context: Context) -> Steps:
    """Ends the place's use; what happened there stays."""
    gln = gln13(command.gln, "gln")
    place = _own((yield Fetch(keys=(place_key(gln),))), gln, context, "close")
    closed = replace(place, status="closed", closed_at=context.at)
    return _decided(closed, PlaceClosed(gln=gln, owner=place.owner, at=context.at))


def _own(records: Records, gln: str, context: Context, act: str) -> Place:
    place = open_place(records, gln, "gln")
    if place.owner != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {place.owner} may {act} this place.")
    return place


def _decided(place: Place, event: Event, more: dict[Key, Record | None] | None = None) -> Decision:
    return Decision(
        reply=PlaceReply(place=place), writes={**(more or {}), place_key(place.gln): place}, events=(event,)
    )


@operation("places:Get", GetPlace, PlaceReply)
def get(command: GetPlace, context: Context) -> Steps:
    """One place, closed ones too."""
    gln = gln13(command.gln, "gln")
    records = yield Fetch(keys=(place_key(gln),))
    place = records.get(Place, gln, refuse=Code.PLACE_NOT_FOUND, where="gln")
    return Decision(reply=PlaceReply(place=place))


@operation("places:Versions", ListPlaceVersions, PlaceVersionsReply)
def versions(command: ListPlaceVersions, context: Context) -> Steps:
    """Every version of one place."""
    gln = gln13(command.gln, "gln")
    records = yield Fetch(keys=(place_key(gln),))
    place = records.get(Place, gln, refuse=Code.PLACE_NOT_FOUND, where="gln")
    earlier = yield from earlier_versions(Place, gln)
    return Decision(reply=PlaceVersionsReply(versions=[*earlier, place]))


@operation("places:List", ListPlaces, PlacesReply)
def list_places(command: ListPlaces, context: Context) -> Steps:
    """Places in order of GLN."""
    scan = Scan((Place.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    places = [decode_record(value, Place) for _, value in page.items]
    if command.owner is not None:
        places = [place for place in places if place.owner == command.owner]
    return Decision(reply=PlacesReply(places=places, bookmark=page.bookmark))

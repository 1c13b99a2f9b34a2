"""Events of places."""

from __future__ import annotations

import msgspec

from hansa_domain.events.base import Event


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a place; coordinates in microdegrees."""

    name: str
    kind: str
    country: str
    latitude: int | None
    longitude: int | None


class PlaceRegistered(Event, frozen=True, kw_only=True, tag="place.registered"):
    """A member works at a site; ``gln`` has 13 digits."""

    gln: str
    owner: str
    place: PlaceView
    at: str


class PlaceRevised(Event, frozen=True, kw_only=True, tag="place.revised"):
    """Its owner says something else of it; ``version`` counts."""

    gln: str
    owner: str
    version: int
    place: PlaceView
    at: str


class PlaceClosed(Event, frozen=True, kw_only=True, tag="place.closed"):
    """Nothing is offered from there any longer."""

    gln: str
    owner: str
    at: str

"""Where an event happened: its read point, or else its business location, and the coordinates of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.gs1 import normal_form, parse
from hansa_domain.operation import Key, Records
from hansa_domain.places import Place

Coordinates = Mapping[str, tuple[int, int]]
"""Latitude and longitude in microdegrees, by GLN."""


def place_of(event: EpcisEvent) -> str | None:
    """The place in normal form: the read point, which is the finer one, else the business location."""
    if event.read_point is not None:
        return event.read_point
    location = event.fields.get("bizLocation")
    return None if location is None else normal_form(location["id"])


def _gln(event: EpcisEvent) -> str | None:
    place = place_of(event)
    key = None if place is None else parse(place)
    return key.value if key is not None and key.ai == "414" else None


def place_keys(events: Iterable[EpcisEvent]) -> tuple[Key, ...]:
    """What to fetch for ``read_places``."""
    glns = sorted({gln for event in events if (gln := _gln(event)) is not None})
    return tuple((Place.NOUN, gln) for gln in glns)


def read_places(events: Iterable[EpcisEvent], records: Records) -> Coordinates:
    """The coordinates of the events' places, of those registered with any."""
    found: dict[str, tuple[int, int]] = {}
    for key in place_keys(events):
        place = records.find(Place, *key[1:])
        if place is not None and place.latitude is not None and place.longitude is not None:
            found[place.gln] = (place.latitude, place.longitude)
    return found


def coordinates_of(event: EpcisEvent, places: Coordinates) -> tuple[int, int] | None:
    """Where the event happened, None where its place is not registered with coordinates."""
    gln = _gln(event)
    return None if gln is None else places.get(gln)

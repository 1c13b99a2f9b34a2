"""Sites by GLN."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import offering_tables as o
from hansa_readmodel.fold.register import Place, found_by, on, put


@on(domain.PlaceRegistered)
def _registered(connection: Connection, event: domain.PlaceRegistered, place: Place) -> tuple[str, ...]:
    values = {"owner": event.owner, "status": "open", "version": 1, "registered_at": event.at}
    put(connection, o.places, {"gln": event.gln}, {**values, **_said(event.place)})
    return (event.gln,)


@on(domain.PlaceRevised)
def _revised(connection: Connection, event: domain.PlaceRevised, place: Place) -> tuple[str, ...]:
    changed = update(o.places).where(o.places.c.gln == event.gln)
    connection.execute(changed.values(version=event.version, **_said(event.place)))
    return (event.gln,)


@on(domain.PlaceClosed)
def _closed(connection: Connection, event: domain.PlaceClosed, place: Place) -> tuple[str, ...]:
    changed = update(o.places).where(o.places.c.gln == event.gln)
    connection.execute(changed.values(status="closed", closed_at=event.at))
    return (event.gln,)


def _said(view: domain.PlaceView) -> dict[str, Any]:
    return {
        "name": view.name,
        "found_by": found_by(view.name),
        "kind": view.kind,
        "country": view.country,
        "latitude": view.latitude,
        "longitude": view.longitude,
    }

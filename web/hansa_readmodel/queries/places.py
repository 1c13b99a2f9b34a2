"""Sites by GLN."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import offering_tables as o
from hansa_readmodel.queries.rows import all_of, has, named, one_of


@dataclass(frozen=True)
class PlaceRow:
    """A site; coordinates in microdegrees, None where nobody said them."""

    gln: str
    owner: str
    status: str
    version: int
    name: str
    kind: str
    country: str
    latitude: int | None
    longitude: int | None
    registered_at: str
    closed_at: str | None


_SHOWN = [o.places.c[name] for name in PlaceRow.__dataclass_fields__]


class PlaceQueries:
    """``queries.places``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        owner: str | None = None,
        country: str | None = None,
        words: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> builtins.list[PlaceRow]:
        """Places in order of GLN.

        Args:
            owner: MSP id of the member that answers for them.
            country: ISO 3166-1 code.
            words: part of the name or of the GLN.
        """
        c = o.places.c
        query = select(*_SHOWN).order_by(c.gln).limit(limit).offset(offset)
        if owner is not None:
            query = query.where(c.owner == owner)
        if country is not None:
            query = query.where(c.country == country)
        if words:
            query = query.where(or_(named(c.found_by, words), has(c.gln, words)))
        with self._engine.connect() as connection:
            return all_of(PlaceRow, connection, query)

    def find(self, gln: str) -> PlaceRow | None:
        """One place."""
        with self._engine.connect() as connection:
            row = connection.execute(select(*_SHOWN).where(o.places.c.gln == gln)).one_or_none()
        return None if row is None else one_of(PlaceRow, row)

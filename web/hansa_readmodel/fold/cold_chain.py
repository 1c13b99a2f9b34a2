"""What goods must be kept at, and when they were not."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert

from hansa_domain import events as domain
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.ColdChainLimitsSet)
def _limits_set(connection: Connection, event: domain.ColdChainLimitsSet, place: Place) -> tuple[str, ...]:
    c = g.cold_chain_limits.c
    connection.execute(delete(g.cold_chain_limits).where(c.gtin == event.gtin))
    for number, limit in enumerate(event.limits):
        row = {
            "gtin": event.gtin,
            "number": number,
            "measures": limit.measures,
            "uom": limit.uom,
            "minimum": limit.minimum,
            "maximum": limit.maximum,
            "allowed_seconds": limit.allowed_seconds,
            "set_at": event.at,
        }
        connection.execute(insert(g.cold_chain_limits).values(row))
    return (event.gtin,)


@on(domain.ExcursionsRecorded)
def _recorded(connection: Connection, event: domain.ExcursionsRecorded, place: Place) -> tuple[str, ...]:
    for each in event.excursions:
        key = {"epc": subject_of(each.epc), "measures": each.measures, "device": each.device}
        values = {
            "uri": each.epc,
            "gtin": each.gtin,
            "since": each.since,
            "until": each.until,
            "seconds": each.seconds,
            "worst": each.worst,
            "uom": each.uom,
            "changed_at": event.at,
        }
        put(connection, g.excursions, key, values)
    return tuple(subject_of(each.epc) for each in event.excursions)


@on(domain.ExcursionsWithdrawn)
def _withdrawn(connection: Connection, event: domain.ExcursionsWithdrawn, place: Place) -> tuple[str, ...]:
    for epc in event.epcs:
        connection.execute(delete(g.excursions).where(g.excursions.c.epc == subject_of(epc)))
    return tuple(map(subject_of, event.epcs))

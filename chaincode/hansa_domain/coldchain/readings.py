"""What an event's sensor elements say, and how long goods were outside a limit by it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from hansa_domain.coldchain.measures import exact, measurement, on_scale
from hansa_domain.coldchain.records import Kept, Limit, Reading, decimal
from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.epcis.json_text import plain_decimal
from hansa_domain.goods.epcis.values import milliseconds
from hansa_domain.goods.records import key_part
from hansa_domain.times import rfc3339

MAX_READINGS = 24
_VALUES = ("value", "minValue", "maxValue", "meanValue")


@dataclass(frozen=True)
class Measured:
    """One sensor report: when (Unix milliseconds; ``until`` for a span), the least and the most it told."""

    measures: str
    device: str
    uom: str
    time: int
    until: int | None
    least: Decimal
    most: Decimal


def measured(event: EpcisEvent) -> list[Measured]:
    """What sensors measured, in order; without a unit, in error, or without a value nothing can be judged."""
    found: list[Measured] = []
    for element in event.fields.get("sensorElementList", ()):
        metadata = element.get("sensorMetadata", {})
        for report in element["sensorReport"]:
            values = [Decimal(report[name]) for name in _VALUES if name in report]
            if not values or "uom" not in report or report.get("exception") == "ERROR_CONDITION":
                continue
            time, until = _when(report, metadata, event)
            kind = measurement(report["type"])
            device = key_part(report.get("deviceID", metadata.get("deviceID", "")))
            found.append(Measured(kind, device, report["uom"], time, until, min(values), max(values)))
    return found


def _when(report: Any, metadata: Any, event: EpcisEvent) -> tuple[int, int | None]:
    if "time" in report:
        return milliseconds(report["time"], "time"), None
    if "time" in metadata:
        return milliseconds(metadata["time"], "time"), None
    if "startTime" in metadata and "endTime" in metadata:
        start, end = (milliseconds(metadata[name], name) for name in ("startTime", "endTime"))
        return (start, end) if start < end else (end, None)
    return milliseconds(event.time, "eventTime"), None


def alarms(event: EpcisEvent) -> Iterator[str]:
    """The measurements of which a device raised an alarm."""
    for element in event.fields.get("sensorElementList", ()):
        for report in element["sensorReport"]:
            if report.get("exception") == "ALARM_CONDITION":
                yield measurement(report["type"])


def judged(before: Kept | None, told: Sequence[Measured], limit: Limit, event: str, reporter: str) -> Kept:
    """How a measurement was kept, with what an event tells of it.

    Readings count by when they were taken, in whatever order they arrive. One that is outside holds until the
    next; a span of which the extremes are outside counts whole.

    Args:
        before: what was known.
        told: what the event measured of this limit with one device, at least one.
        limit: the product's.
        event: its id.
        reporter: who reported it.
    """
    kept = before or Kept(measures=limit.measures, device=told[0].device, readings=[])
    readings = list(kept.readings)
    for each in told:
        beyond = _beyond(each, limit)
        if beyond is not None:
            if not kept.worst or _worse(beyond, each.uom, kept, limit):
                kept = replace(kept, worst=plain_decimal(beyond), uom=each.uom)
            kept = replace(kept, first=each.time if kept.first is None else min(kept.first, each.time))
        readings.append(
            Reading(
                time=each.time, until=each.until, outside=beyond is not None, event=event, reporter=reporter
            )
        )
    return counted(replace(kept, readings=_ordered(readings)), limit.allowed_seconds)


def counted(kept: Kept, allowed: int) -> Kept:
    """The same with its seconds counted, and no more readings than are kept.

    Args:
        kept: its readings in order.
        allowed: seconds outside.
    """
    spans = _spans(kept.readings, kept.counted)
    dropped = max(0, len(kept.readings) - MAX_READINGS)
    lengths = [end - start for start, end in spans]
    seconds = kept.before + sum(lengths) // 1000
    excursion = kept.first is not None and (seconds > allowed or allowed == 0)
    ends = [end for (_, end), each in zip(spans, kept.readings, strict=True) if each.outside]
    until = max([*ends, *([] if kept.until is None else [milliseconds(kept.until, "until")])], default=None)
    return replace(
        kept,
        readings=kept.readings[dropped:],
        counted=kept.counted if not dropped else max(kept.counted, kept.readings[dropped].time),
        before=kept.before + sum(lengths[:dropped]) // 1000,
        seconds=seconds,
        since=rfc3339(kept.first) if excursion and kept.first is not None else None,
        until=rfc3339(until) if excursion and until is not None else None,
    )


def without(kept: Kept, event: str, reporter: str, allowed: int) -> Kept | None:
    """What is left once an event's readings are taken back, None where nothing is; what was counted stays."""
    readings = [each for each in kept.readings if (each.event, each.reporter) != (event, reporter)]
    if len(readings) == len(kept.readings):
        return kept
    if not readings and not kept.before:
        return None
    firsts = [each.time for each in readings if each.outside]
    if kept.before and kept.first is not None:
        firsts.append(kept.first)
    left = replace(kept, readings=readings, first=min(firsts, default=None), until=None)
    if not firsts:
        left = replace(left, worst="", uom="")
    return counted(left, allowed)


def _ordered(readings: list[Reading]) -> list[Reading]:
    """By time, each once."""
    found: dict[tuple[int, int, bool, str, str], Reading] = {}
    for each in readings:
        found[each.time, each.until or 0, each.outside, each.event, each.reporter] = each
    return [found[key] for key in sorted(found)]


def _spans(readings: list[Reading], reached: int) -> list[tuple[int, int]]:
    """For each reading from when to when it tells that goods were outside; spans do not overlap."""
    found: list[tuple[int, int]] = []
    for place, each in enumerate(readings):
        following = readings[place + 1].time if place + 1 < len(readings) else each.time
        end = each.until if each.until is not None else following
        start = max(each.time, reached)
        if each.outside and end > start:
            found.append((start, end))
            reached = end
        else:
            found.append((start, start))
    return found


def _beyond(told: Measured, limit: Limit) -> Decimal | None:
    """The value that is outside, the farther one, None where none is."""
    least, most = on_scale(told.least, told.uom)[1], on_scale(told.most, told.uom)[1]
    lowest, highest = _ends(limit)
    if highest is not None and most > highest:
        return told.most
    return told.least if lowest is not None and least < lowest else None


def _ends(limit: Limit) -> tuple[Decimal | None, Decimal | None]:
    ends = (decimal(limit.minimum), decimal(limit.maximum))
    low, high = (None if end is None else on_scale(end, limit.uom)[1] for end in ends)
    return low, high


def _worse(value: Decimal, uom: str, kept: Kept, limit: Limit) -> bool:
    """Whether a value lies farther outside than the worst so far."""
    return _excess(value, uom, limit) > _excess(Decimal(kept.worst), kept.uom, limit)


def _excess(value: Decimal, uom: str, limit: Limit) -> Decimal:
    here = on_scale(value, uom)[1]
    lowest, highest = _ends(limit)
    above = exact().subtract(here, highest) if highest is not None else Decimal(0)
    below = exact().subtract(lowest, here) if lowest is not None else Decimal(0)
    return max(above, below, Decimal(0))

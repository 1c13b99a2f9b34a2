"""What sensor elements mean for goods: read where a product has limits, written where they broke."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from hansa_domain.coldchain.measures import comparable
from hansa_domain.coldchain.readings import Measured, judged, measured, without
from hansa_domain.coldchain.records import (
    ColdChainLimits,
    Exposure,
    Kept,
    Limit,
    exposure_key,
    limits_key,
)
from hansa_domain.events.coldchain import ExcursionView
from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.records import Unit
from hansa_domain.gs1 import parse
from hansa_domain.operation import Key, Record, Records

MAX_SERIES = 16

Limits = Mapping[str, ColdChainLimits]
"""Limits by GTIN of 14 digits."""


@dataclass
class Exposures:
    """The limits and exposures of what a capture measured; changed from event to event.

    ``found`` by EPC or lot in normal form.
    """

    limits: Limits = field(default_factory=dict)
    found: dict[str, Exposure] = field(default_factory=dict)
    touched: dict[str, None] = field(default_factory=dict)
    before: dict[str, Exposure] = field(init=False)

    def __post_init__(self) -> None:
        self.before = dict(self.found)

    def note(self, event: EpcisEvent, units: Mapping[str, Unit], reporter: str) -> list[ExcursionView]:
        """Judges what an accepted event measured; answers the excursions that are new by it."""
        new: list[ExcursionView] = []
        told = measured(event) if self.limits else []
        if not told:
            return new
        for epc, gtin in _goods(event, units):
            if gtin in self.limits:
                new += self._expose(epc, gtin, told, event.event_id, reporter)
        return new

    def _expose(
        self, epc: str, gtin: str, told: list[Measured], event: str, reporter: str
    ) -> list[ExcursionView]:
        new: list[ExcursionView] = []
        exposure = self.found.get(epc) or Exposure(epc=epc, gtin=gtin, kept=[])
        for limit in self.limits[gtin].limits:
            of_it = [each for each in told if _concerns(each, limit)]
            for device in dict.fromkeys(each.device for each in of_it):
                parts = [each for each in of_it if each.device == device]
                before = _series(exposure, limit.measures, device)
                after = judged(before, parts, limit, event, reporter)
                if after == before or (before is None and len(exposure.kept) >= MAX_SERIES):
                    continue
                others = [each for each in exposure.kept if each is not before]
                exposure = replace(exposure, kept=sorted([*others, after], key=_name))
                self.found[epc] = exposure
                self.touched[epc] = None
                if after.since is not None and (before is None or before.since is None):
                    new.append(_view(epc, gtin, after))
        return new

    def forget(self, epcs: Iterable[str], event: str, reporter: str) -> None:
        """An event of the reporter's was declared in error: what it measured does not count."""
        for epc in epcs:
            exposure = self.found.get(epc)
            if exposure is None or exposure.gtin not in self.limits:
                continue
            limits = self.limits[exposure.gtin].limits
            left = [without(each, event, reporter, _allowed(limits, each)) for each in exposure.kept]
            after = replace(exposure, kept=[each for each in left if each is not None])
            if after != exposure:
                self.found[epc] = after
                self.touched[epc] = None

    def told(self) -> tuple[list[str], list[ExcursionView]]:
        """Goods of which an excursion was none after all, and the excursions to tell then.

        These are new or went on; of goods of which one was none, all that are left. Readings that come late
        may end an excursion as an error declaration does.
        """
        withdrawn: list[str] = []
        excursions: list[ExcursionView] = []
        for epc in sorted(self.touched):
            before, after = _views(self.before.get(epc)), _views(self.found.get(epc))
            gone = any(name not in after for name in before)
            if gone:
                withdrawn.append(epc)
            excursions += [view for name, view in after.items() if gone or before.get(name) != view]
        return withdrawn, excursions

    def writes(self) -> dict[Key, Record | None]:
        """The records that changed."""
        return {exposure_key(epc): self.found[epc] if self.found[epc].kept else None for epc in self.touched}


def _concerns(told: Measured, limit: Limit) -> bool:
    return told.measures == limit.measures and comparable(told.uom, limit.uom)


def _allowed(limits: Iterable[Limit], kept: Kept) -> int:
    return max((each.allowed_seconds for each in limits if each.measures == kept.measures), default=0)


def _views(exposure: Exposure | None) -> dict[tuple[str, str], ExcursionView]:
    """The excursions by series, in order."""
    kept = [] if exposure is None else exposure.excursions
    return {_name(each): _view(exposure.epc, exposure.gtin, each) for each in kept if exposure is not None}


def _series(exposure: Exposure, measures: str, device: str) -> Kept | None:
    return next((each for each in exposure.kept if (each.measures, each.device) == (measures, device)), None)


def _name(outside: Kept) -> tuple[str, str]:
    return (outside.measures, outside.device)


def _view(epc: str, gtin: str, outside: Kept) -> ExcursionView:
    assert outside.since is not None
    return ExcursionView(
        epc=epc,
        gtin=gtin,
        measures=outside.measures,
        device=outside.device,
        since=outside.since,
        until=outside.until,
        seconds=outside.seconds,
        worst=outside.worst,
        uom=outside.uom,
    )


def _goods(event: EpcisEvent, units: Mapping[str, Unit]) -> list[tuple[str, str]]:
    """(EPC or lot, GTIN) of what an event's sensors measured: what it names, and what is packed in that."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    waiting = list(event.named)
    while waiting:
        epc = waiting.pop()
        if epc in seen:
            continue
        seen.add(epc)
        unit, key = units.get(epc), parse(epc)
        if unit is not None:
            waiting.extend(unit.contents)
        if key is None or key.gtin is None:
            continue
        lot = key.qualifier is not None and key.qualifier[0] == "10"
        if lot or (key.instance and (unit is None or unit.ended is None)):
            found[epc] = key.gtin
    return sorted(found.items())


def _sensed(events: Iterable[EpcisEvent]) -> list[EpcisEvent]:
    return [event for event in events if event.fields.get("sensorElementList")]


def limit_keys(events: Iterable[EpcisEvent], units: Mapping[str, Unit]) -> tuple[Key, ...]:
    """What to fetch for ``read_limits``; nothing where no sensor spoke."""
    gtins = {gtin for event in _sensed(events) for _, gtin in _goods(event, units)}
    return tuple(limits_key(gtin) for gtin in sorted(gtins))


def read_limits(events: Iterable[EpcisEvent], units: Mapping[str, Unit], records: Records) -> Limits:
    """The limits of the products that ``limit_keys`` named, of those that have any."""
    keys = limit_keys(events, units)
    found = {key[1]: records.find(ColdChainLimits, *key[1:]) for key in keys}
    return {gtin: limits for gtin, limits in found.items() if limits is not None}


def exposed(events: Iterable[EpcisEvent], units: Mapping[str, Unit], limits: Limits) -> list[str]:
    """The goods with limits that sensors spoke of, in order: their exposures are to be fetched."""
    goods = {epc: gtin for event in _sensed(events) for epc, gtin in _goods(event, units)}
    return [epc for epc in sorted(goods) if goods[epc] in limits]


def read_exposures(epcs: Iterable[str], limits: Limits, records: Records) -> Exposures:
    """The exposures whose ``exposure_key`` were fetched."""
    found = {epc: records.find(Exposure, *exposure_key(epc)[1:]) for epc in epcs}
    return Exposures(limits, {epc: exposure for epc, exposure in found.items() if exposure is not None})

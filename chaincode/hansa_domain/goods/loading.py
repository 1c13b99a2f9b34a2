"""What a capture reads before it decides: in a fixed number of batches, as many keys as its events name."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

from hansa_domain.alerts.raising import Watching, read_watches, resting_on, watched
from hansa_domain.alerts.records import Alert, Watch, watch_key
from hansa_domain.alerts.whereabouts import place_keys, read_places
from hansa_domain.coldchain.exposures import Exposures, exposed, limit_keys, read_exposures, read_limits
from hansa_domain.coldchain.records import exposure_key
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.corrections import Corrections, correction_keys, read_corrections
from hansa_domain.goods.custody import MAX_UNITS, load_units
from hansa_domain.goods.delegations import Delegations, delegation_keys, read_delegations
from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.lineage import lot_of
from hansa_domain.goods.lots import Lots, lot_keys, read_lots
from hansa_domain.goods.records import Unit, unit_key
from hansa_domain.goods.standing import Known
from hansa_domain.gs1 import parse
from hansa_domain.operation import Context, Fetch, Key, Records
from hansa_domain.orders.order import Order
from hansa_domain.products.records import Product
from hansa_domain.recalls.blocking import mark_keys, recalled, subjects_of


@dataclass
class Loaded:
    """All that a capture knows; events of one capture change it in turn."""

    known: Known
    lots: Lots
    delegations: Delegations
    corrections: Corrections
    watching: Watching
    exposures: Exposures


def first_keys(events: list[EpcisEvent], reporter: str) -> tuple[Key, ...]:
    """What to fetch, besides the events' own keys, before ``load``."""
    gtins = gtins_of(events)
    return (
        *((Product.NOUN, gtin) for gtin in gtins),
        *lot_keys(events, reporter, gtins),
        *correction_keys(events, reporter),
        *(watch_key(epc) for epc in watched(events)),
        *place_keys(events),
    )


def gtins_of(events: Iterable[EpcisEvent]) -> list[str]:
    """The products that events name, as GTIN of 14 digits, in order."""
    keys = [parse(epc) for event in events for epc in event.named]
    return sorted({key.gtin for key in keys if key is not None and key.gtin is not None})


def load(
    events: list[EpcisEvent], records: Records, context: Context, reference: str
) -> Generator[Fetch, Records, Loaded]:
    """Everything else, given the records of ``first_keys``; ``yield from`` it."""
    reporter = context.caller.msp_id
    gtins = gtins_of(events)
    lots = read_lots(events, reporter, gtins, records)
    corrections = read_corrections(events, reporter, records)
    products = {gtin: records.find(Product, gtin) for gtin in gtins}
    owners = {gtin: product.owner for gtin, product in products.items() if product is not None}
    watches = read_watches(watched(events), records)
    places = read_places(events, records)
    units = yield from _units(events, corrections)
    orders = sorted({unit.order for unit in units.values() if unit.order is not None})
    subjects = _subjects(events, units)
    delegated = delegation_keys(events, units, owners.values(), reporter)
    further = sorted(set(corrections.changed()) - set(watched(events)))
    found = yield Fetch(
        keys=(
            *((Order.NOUN, order) for order in orders),
            *mark_keys(subjects),
            *delegated,
            *(watch_key(epc) for epc in further),
            *limit_keys(events, units),
        )
    )
    watches.update(read_watches(further, found))
    recalls = yield from recalled(subjects, found)
    limits = read_limits(events, units, found)
    sensed = exposed(events, units, limits)
    exposures = Exposures()
    if limits:
        keys = (*map(exposure_key, sensed), *map(watch_key, sensed))
        kept = yield Fetch(keys=keys)
        exposures = read_exposures(sensed, limits, kept)
        watches.update(read_watches(sensed, kept))
    known = Known(
        units,
        {order: record for order in orders if (record := found.find(Order, order)) is not None},
        owners,
        recalls,
    )
    looked = frozenset((*watched(events), *further, *sensed))
    alerts = yield from _alerts(events, watches)
    return Loaded(
        known,
        lots,
        read_delegations(events, units, owners.values(), reporter, found),
        corrections,
        Watching(context, reference, watches, looked, places, alerts),
        exposures,
    )


def _alerts(
    events: list[EpcisEvent], watches: dict[str, Watch]
) -> Generator[Fetch, Records, dict[str, Alert]]:
    """The open alerts that rest on events which are declared in error now; mostly nothing is read."""
    withdrawn = [event.event_id for event in events if event.error_digest is not None]
    resting = resting_on(watches, withdrawn)
    if not resting:
        return {}
    records = yield Fetch(keys=tuple((Alert.NOUN, alert) for alert in resting))
    return {name: alert for name in resting if (alert := records.find(Alert, name)) is not None}


def _units(events: list[EpcisEvent], corrections: Corrections) -> Generator[Fetch, Records, dict[str, Unit]]:
    named = [epc for event in events for epc in event.named]
    units = yield from load_units([*named, *corrections.units()])
    asked: set[str] = set()
    while (
        parents := {unit.parent for unit in units.values() if unit.parent is not None} - units.keys() - asked
    ):
        asked |= parents
        if len(asked) > MAX_UNITS:
            raise Refusal(Code.CAPTURE_TOO_LARGE, f"The goods are packed in more than {MAX_UNITS} others.")
        # What else is packed in these is nobody's business here.
        around = yield Fetch(keys=tuple(unit_key(epc) for epc in sorted(parents)))
        found_around = (around.find(Unit, *unit_key(epc)[1:]) for epc in sorted(parents))
        units.update((unit.epc, unit) for unit in found_around if unit is not None)
    return units


def _subjects(events: list[EpcisEvent], units: dict[str, Unit]) -> set[str]:
    """All that a recall may name to cover the goods of these events, those about to be made included."""
    found = {subject for epc, unit in units.items() for subject in subjects_of(epc, unit)}
    for event in events:
        for epc in event.named:
            found.update(subjects_of(epc, units.get(epc)))
            lot = lot_of(epc, event.lot_number)
            if lot is not None:
                found.add(lot)
    return found

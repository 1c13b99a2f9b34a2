"""What contradicts what among the sightings of one thing. Pure: a watch and a sighting in, findings out.

Times are compared as they are reported, never by when they arrive: honest reports come late and in any order.
A reported time stands for a span, since clocks differ and people round; only what contradicts over the whole
span is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from hansa_domain.alerts.distance import metres_at_most, metres_between
from hansa_domain.alerts.records import Sighting, Vagueness, Watch
from hansa_domain.events.alerts import AlertCode, AlertSeverity
from hansa_domain.fields import Timestamp

MAX_SEEN = 8
MAX_CLAIMED = 6
MAX_CLAIMED_OF_ONE = 2
METRES_PER_SECOND = 278
"""Faster than 1,000 km/h no goods travel."""

_MINUTE = 60_000
_CLOCKS = 5 * _MINUTE
_SPANS: dict[Vagueness, tuple[int, int]] = {
    "": (_CLOCKS, _CLOCKS),
    "hour": (_CLOCKS + 30 * _MINUTE, _CLOCKS + 60 * _MINUTE),
    "day": (_CLOCKS, _CLOCKS + 24 * 60 * _MINUTE),
}
# Steps at which a thing rests with who reports it.
_RESTING = frozenset(
    (
        *("assembling", "cycle_counting", "dispensing", "holding", "inspecting", "repackaging", "repairing"),
        *("reserving", "retail_selling", "sampling", "stock_taking", "stocking", "storing"),
    )
)
# Steps that belong to the end of a thing, and may be reported after the one that ended it.
_ENDING = frozenset(("decommissioning", "destroying", "killing", "sensor_reporting"))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _moment(time: Timestamp) -> int:
    """Unix milliseconds of a time that the ledger wrote, the quick way: asked for every pair of sightings."""
    return (datetime.fromisoformat(time) - _EPOCH) // _MILLISECOND


@dataclass(frozen=True)
class Finding:
    """Sightings that cannot both be true; ``detail`` says why in words."""

    code: AlertCode
    sightings: tuple[Sighting, ...]
    detail: str

    @property
    def severity(self) -> AlertSeverity:
        """Who contradicts himself has made a mistake; two who contradict one another have two things."""
        return "critical" if len({each.reporter for each in self.sightings}) > 1 else "warning"


def vagueness(moment: int, offset: str) -> Vagueness:
    """Whether a time (Unix milliseconds) looks rounded, on the clock of UTC or of the event's own zone."""
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    shift = (hours * 60 + minutes) * _MINUTE * (-1 if offset[0] == "-" else 1)
    if not moment % (24 * 60 * _MINUTE) or not (moment + shift) % (24 * 60 * _MINUTE):
        return "day"
    return "hour" if not moment % (60 * _MINUTE) or not (moment + shift) % (60 * _MINUTE) else ""


def span(sighting: Sighting) -> tuple[int, int]:
    """The earliest and the latest moment (Unix milliseconds) that the reported time may stand for."""
    moment = _moment(sighting.time)
    before, after = _SPANS[sighting.vague]
    return moment - before, moment + after


def seen(watch: Watch, new: Sighting, *, claim: bool, ends: bool) -> tuple[Watch, list[Finding]]:
    """A thing was seen, made or ended once more.

    Args:
        watch: what was known of it.
        new: the sighting; one of an event that is known already changes nothing but its standing.
        claim: it is only claimed.
        ends: the event, which counts, ends the thing.
    """
    if any(_same(each, new) for each in _counted(watch)):
        return watch, []
    rest = replace(watch, claimed=[each for each in watch.claimed if not _same(each, new)])
    findings = [*_making(rest, new, claim), *_ending(rest, new, ends), *_places(rest, new, claim)]
    if claim:
        kept = replace(rest, claimed=_latest_claims([*rest.claimed, new]))
    elif new.makes and rest.made is None:
        kept = replace(rest, made=new)
    elif ends:
        kept = replace(rest, ended=new)
    else:
        kept = replace(rest, seen=_latest([*rest.seen, new], MAX_SEEN))
    # A claim that was sent again has been judged before.
    return kept, findings if len(rest.claimed) == len(watch.claimed) else []


def forgotten(watch: Watch, event: str, reporter: str) -> Watch:
    """The watch without what one event said, which was declared in error."""

    def stays(each: Sighting) -> bool:
        return (each.event, each.reporter) != (event, reporter)

    return replace(
        watch,
        made=watch.made if watch.made is not None and stays(watch.made) else None,
        ended=watch.ended if watch.ended is not None and stays(watch.ended) else None,
        seen=[each for each in watch.seen if stays(each)],
        claimed=[each for each in watch.claimed if stays(each)],
    )


def _same(one: Sighting, other: Sighting) -> bool:
    return one.hash == other.hash and one.reporter == other.reporter


def _counted(watch: Watch) -> Iterator[Sighting]:
    if watch.made is not None:
        yield watch.made
    if watch.ended is not None:
        yield watch.ended
    yield from watch.seen


def _known(watch: Watch) -> Iterator[Sighting]:
    yield from _counted(watch)
    yield from watch.claimed


def _making(watch: Watch, new: Sighting, claim: bool) -> Iterator[Finding]:
    if new.makes:
        before = [each for each in _known(watch) if each.makes and each.hash != new.hash]
        if before:
            yield Finding("commissioned_twice", (before[0], new), "Two reports say that it was made.")
    makings = [new] if new.makes and not claim else [] if watch.made is None else [watch.made]
    others = [each for each in _known(watch) if not each.makes] if new.makes else [new]
    for made in makings:
        for each in others:
            if not each.makes and span(each)[1] < span(made)[0]:
                says = f"Reported at {each.time}, before it was made at {made.time}."
                yield Finding("seen_before_made", (made, each), says)


def _ending(watch: Watch, new: Sighting, ends: bool) -> Iterator[Finding]:
    end = new if ends else watch.ended
    others = list(_known(watch)) if ends else [new]
    for each in others:
        late = end is not None and not each.makes and span(each)[0] > span(end)[1]
        if end is not None and late and each.step not in _ENDING:
            says = f"Reported at {each.time}, after its end at {end.time}."
            yield Finding("seen_after_end", (end, each), says)


def _places(watch: Watch, new: Sighting, claim: bool) -> Iterator[Finding]:
    for each in _known(watch):
        if claim and each.reporter == new.reporter and each in watch.claimed:
            continue  # nobody raises alerts out of his own claims alone
        if each.hash == new.hash:
            continue  # the same event, told by two
        here, there = _coordinates(new), _coordinates(each)
        apart = abs(_moment(new.time) - _moment(each.time))
        if here is not None and there is not None:
            first, second = sorted((span(new), span(each)))
            reach = METRES_PER_SECOND * (max(first[1], second[1]) - first[0]) // 1000
            # Most pairs are near enough at a glance.
            metres = 0 if metres_at_most(here, there) <= reach else metres_between(here, there)
            if metres > reach:
                says = f"Seen at least {metres // 1000} km apart within {-(-apart // _MINUTE)} minutes."
                yield Finding("impossible_places", (each, new), says)
        elif _elsewhere(each, new) and apart <= _MINUTE:
            yield Finding("two_holders", (each, new), "At rest with two members in the same minute.")


def _coordinates(sighting: Sighting) -> tuple[int, int] | None:
    if sighting.latitude is None or sighting.longitude is None:
        return None
    return sighting.latitude, sighting.longitude


def _elsewhere(one: Sighting, other: Sighting) -> bool:
    """Whether two members report, at exact times, that a thing rests with them at places that differ."""
    return (
        one.reporter != other.reporter
        and None not in (one.place, other.place)
        and one.place != other.place
        and not one.vague
        and not other.vague
        and one.step in _RESTING
        and other.step in _RESTING
    )


def _latest(sightings: Iterable[Sighting], most: int) -> list[Sighting]:
    return sorted(sightings, key=lambda each: (each.time, each.hash, each.reporter))[-most:]


def _latest_claims(sightings: list[Sighting]) -> list[Sighting]:
    """Claims are free: no member keeps more than a few."""
    kept: list[Sighting] = []
    for reporter in sorted({each.reporter for each in sightings}):
        kept += _latest((each for each in sightings if each.reporter == reporter), MAX_CLAIMED_OF_ONE)
    return _latest(kept, MAX_CLAIMED)

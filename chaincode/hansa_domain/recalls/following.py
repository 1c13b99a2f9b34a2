"""Following a recall: from marked goods to what was made of them or lies in them, in bounded steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from hansa_domain.events import Event, RecallExtended, RecallHolder
from hansa_domain.goods.lineage import Offspring, offspring_prefix
from hansa_domain.goods.records import Unit, key_part, unit_key
from hansa_domain.operation import Context, Fetch, Key, Record, Records, decode_record
from hansa_domain.recalls.records import Recall, RecallFront, RecallMark, front_key, mark_key

MAX_MARKS = 500
"""How much one command marks at most."""

_MAX_ROUNDS = 20
_BATCH = 50


@dataclass
class Following:
    """A recall as one command carries it further."""

    recall: Recall
    writes: dict[Key, Record | None] = field(default_factory=dict)
    marked: list[str] = field(default_factory=list)
    holders: Counter[str] = field(default_factory=Counter)

    def mark(self, subjects: Sequence[str]) -> Generator[Fetch, Records, list[str]]:
        """Marks those of ``subjects`` that are not yet, as far as there is room; answers the ones left over.

        ``yield from`` it.
        """
        wanted = [subject for subject in subjects if mark_key(subject) not in self.writes]
        if not wanted:
            return []
        keys = [key for subject in wanted for key in (mark_key(subject), unit_key(subject))]
        records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
        over: list[str] = []
        for subject in wanted:
            mark = records.find(RecallMark, key_part(subject))
            names = () if mark is None else mark.recalls
            if self.recall.id in names:
                continue
            if len(self.marked) >= MAX_MARKS:
                over.append(subject)
                continue
            recalls = sorted((*names, self.recall.id))
            self.writes[mark_key(subject)] = RecallMark(subject=subject, recalls=recalls)
            self.marked.append(subject)
            unit = records.find(Unit, *unit_key(subject)[1:])
            if unit is not None and unit.ended is None:
                self.holders[unit.custodian] += 1
        return over

    def follow(self, subjects: Iterable[str]) -> Generator[Fetch, Records, None]:
        """Marks what came of ``subjects``, and of that, as far as one command goes; ``yield from`` it.

        What is left waits in RecallFront records.
        """
        waiting = list(subjects)
        for _ in range(_MAX_ROUNDS):
            if not waiting:
                break
            batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
            found = yield from _made_of(batch)
            before = len(self.marked)
            over = yield from self.mark(found)
            waiting.extend(self.marked[before:])
            if over:
                # Their next turn finds what there was no room for.
                waiting = [*batch, *waiting]
                break
        self._leave(waiting)

    def _leave(self, waiting: list[str]) -> None:
        number = self.recall.next
        for start in range(0, len(waiting), _BATCH):
            front = RecallFront(recall=self.recall.id, subjects=waiting[start : start + _BATCH])
            self.writes[front_key(self.recall.id, number)] = front
            number += 1
        self.recall = replace(self.recall, next=number)

    def finish(self, context: Context) -> tuple[Event, ...]:
        """Brings the recall's record up to date and answers the event that tells of the step."""
        held = Counter({each.member: each.units for each in self.recall.holders})
        held.update(self.holders)
        count = self.recall.marked + len(self.marked)
        self.recall = replace(self.recall, marked=count, holders=_holders(held))
        self.writes[Recall.NOUN, self.recall.id] = self.recall
        return (
            RecallExtended(
                recall=self.recall.id,
                marked=self.marked,
                holders=_holders(self.holders),
                followed=self.recall.followed,
                at=context.at,
            ),
        )


def _made_of(subjects: Sequence[str]) -> Generator[Fetch, Records, list[str]]:
    """What came of goods, and what is packed in them, in order."""
    prefixes = tuple(dict.fromkeys(offspring_prefix(subject) for subject in subjects))
    units = tuple(dict.fromkeys(unit_key(subject) for subject in subjects))
    # A range, so that goods made at the same time are not missed: one of the two transactions is repeated.
    records = yield Fetch(keys=units, ranges=prefixes)
    found: set[str] = set()
    for prefix in prefixes:
        for _, value in records.ranges[prefix]:
            found.update(decode_record(value, Offspring).made)
    for key in units:
        unit = records.find(Unit, *key[1:])
        if unit is not None:
            found.update(unit.contents)
    return sorted(found)


def _holders(held: Counter[str]) -> list[RecallHolder]:
    return [RecallHolder(member=member, units=held[member]) for member in sorted(held)]

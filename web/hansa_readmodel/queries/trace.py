"""The trail of goods, from the tables: the database finds all that a trail could touch, in one question.

Then the steps of ``hansa_domain.goods.trail``, which the ledger's trace takes too, decide what belongs to it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, TextClause, bindparam, select, text

from hansa_domain.goods.records import key_part
from hansa_domain.goods.trail import PRECEDENCE, Happening, Relation, Visit, onward, until_emptied
from hansa_readmodel import tables as t
from hansa_readmodel.columns import String
from hansa_readmodel.fold import subject_of
from hansa_readmodel.goods_roles import bits

MAX_DEPTH = 100_000
MAX_GOODS = 20_000
MAX_NAMES = 200_000
MAX_WORK = 1_000_000
_BATCH = 500

_PARENT = bits("parent")
_CHILD = bits("child", "child_class")
_INPUT = bits("input", "input_class")
_OUTPUT = bits("output", "output_class")
_STEP = bits("transformation")

# Ways of a trail: whole (0), upstream (1), downstream (2), container (3); what it may turn into at an event
# that names the goods in one of the roles "mine" and others in one of the roles "other".
_WAYS = (
    (0, _PARENT, _CHILD, 0),
    (0, _OUTPUT | _STEP, _INPUT | _STEP, 1),
    (0, _INPUT | _STEP, _OUTPUT | _STEP, 2),
    (1, _OUTPUT | _STEP, _INPUT | _STEP, 1),
    (2, _INPUT | _STEP, _OUTPUT | _STEP, 2),
    *((way, _CHILD, _PARENT, 3) for way in range(4)),
)
_WAYS_OF_ONE = 4
# CROSS JOIN keeps SQLite to this order: from what was reached to its events, to what these name. "bound"
# ends it there; PostgreSQL ends it when nobody asks for more, as of the LIMITs below.
_REACH = f"""
WITH RECURSIVE
  ways(way, mine, other, onward) AS (VALUES {", ".join(map(str, _WAYS))}),
  reach(epc, way) AS (
    SELECT epc, 0 FROM event_epcs WHERE epc = :epc
    UNION
    SELECT theirs.epc, ways.onward
      FROM reach CROSS JOIN event_epcs AS own CROSS JOIN ways CROSS JOIN event_epcs AS theirs
     WHERE own.epc = reach.epc AND ways.way = reach.way AND (own.roles & ways.mine) <> 0
       AND theirs.event = own.event AND (theirs.roles & ways.other) <> 0 AND theirs.epc <> own.epc
    {{bound}}
  )
"""  # noqa: S608 - made of numbers of ours
_COUNT = "SELECT COUNT(*) FROM (SELECT epc FROM reach LIMIT :goods) AS r"
_NAMES = """
SELECT n.event, n.epc, n.roles
  FROM (SELECT DISTINCT own.event
          FROM (SELECT DISTINCT epc FROM (SELECT epc FROM reach LIMIT :goods) AS g) AS r
         CROSS JOIN event_epcs AS own WHERE own.epc = r.epc) AS e
  CROSS JOIN event_epcs AS n WHERE n.event = e.event
 LIMIT :most
"""


class TraceRow(NamedTuple):
    """An event on the trail; ``depth`` counts the steps of packing and transformation from the goods."""

    relation: Relation
    depth: int
    event_id: str
    hash: str
    reporter: str
    kind: str
    status: str
    time: str
    action: str | None
    biz_step: str | None
    read_point: str | None
    error_declared: int
    declared_in_error: int
    at: str


_SHOWN = TraceRow._fields[2:]


@dataclass(frozen=True)
class TraceRows:
    """The trail by time; ``truncated``: it goes on beyond depth or size."""

    steps: list[TraceRow]
    truncated: bool


def trace(engine: Engine, epc: str, depth: int) -> TraceRows:
    """The events of goods, upstream to the first and downstream, by time.

    Args:
        engine: the read model's database.
        epc: an EPC URI or Digital Link, in any spelling.
        depth: how many steps of packing and transformation to go; 0 for the goods' own events.
    """
    start = subject_of(epc)
    with engine.connect() as connection:
        names, cut = _names(connection, start)
        rows = sorted(_rows(connection, list(names)), key=_place)
    walk = _Walk(rows, names)
    walk.go(start, depth)
    steps = [_step(row, *walk.found[row.event]) for row in rows if row.event in walk.found]
    return TraceRows(steps, cut or walk.truncated)


def _names(connection: Connection, start: str) -> tuple[dict[int, list[tuple[str, int]]], bool]:
    """What the events name that a trail from ``start`` could touch, by event, and if any were left out."""
    bound = f"LIMIT {MAX_GOODS}" if connection.dialect.name == "sqlite" else ""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    reach = _REACH.format(bound=bound)
    given = {"epc": start, "goods": MAX_GOODS}
    named = connection.execute(_text(reach + _NAMES), {**given, "most": MAX_NAMES}).all()
    # In one order, whatever database told them: a trail must not depend on which name it goes to first.
    for event, epc, roles in sorted(map(tuple, named)):
        found[event].append((epc, roles))
    cut = len(named) == MAX_NAMES
    if not cut and len({row[1] for row in named}) * _WAYS_OF_ONE >= MAX_GOODS:
        reached = connection.execute(_text(reach + _COUNT), given).scalar_one()
        cut = reached >= MAX_GOODS
    return found, cut


def _text(statement: str) -> TextClause:
    return text(statement).bindparams(bindparam("epc", type_=String()))


def _rows(connection: Connection, events: Sequence[int]) -> list[Any]:
    e = t.epcis_events.c
    columns = (e.event, e.variant, *(e[name] for name in _SHOWN))
    found: list[Any] = []
    for start in range(0, len(events), _BATCH):
        query = select(*columns).where(e.event.in_(events[start : start + _BATCH]))
        found.extend(connection.execute(query).all())
    return found


def _place(row: Any) -> tuple[str, str, str, str]:
    """The order in which the ledger tells the events of a trail."""
    return (row.time, key_part(row.event_id), row.reporter, row.variant)


def _step(row: Any, relation: Relation, depth: int) -> TraceRow:
    return TraceRow(relation, depth, *row[2:])


class _Walk:
    """The trail among events that are at hand, in order."""

    def __init__(self, rows: Sequence[Any], names: dict[int, list[tuple[str, int]]]) -> None:
        self.found: dict[int, tuple[Relation, int]] = {}
        self.truncated = False
        self._of: dict[str, list[tuple[int, Happening]]] = defaultdict(list)
        for row in rows:
            named = names[row.event]
            told = (row.event, _happening(row, named))
            for epc, _ in named:
                self._of[epc].append(told)

    def go(self, start: str, depth: int) -> None:
        """Follows the trail from the goods, for so many steps."""
        waiting = deque([Visit(start, "goods", 0)])
        seen: set[tuple[str, Relation, str, str]] = set()
        beyond: set[tuple[str, Relation, str, str]] = set()
        work = 0
        while waiting:
            visit = waiting.popleft()
            if visit.mark in seen:
                continue
            seen.add(visit.mark)
            told = self._of.get(visit.epc, [])
            work += 1 + len(told)
            if work > MAX_WORK:
                self.truncated = True
                return
            happened = [happening for _, happening in told]
            visit = until_emptied(visit, happened)
            for event, happening in told:
                if visit.start <= happening.time <= visit.end:
                    self._note(event, visit)
            further = onward(visit, happened)
            if visit.depth < depth:
                waiting.extend(further)
            else:
                beyond.update(one.mark for one in further)
        self.truncated = not beyond <= seen

    def _note(self, event: int, visit: Visit) -> None:
        before = self.found.get(event)
        if before is None or PRECEDENCE.index(visit.relation) < PRECEDENCE.index(before[0]):
            self.found[event] = (visit.relation, visit.depth)


def _happening(row: Any, named: Sequence[tuple[str, int]]) -> Happening:
    """What the trail follows of an event; one pass, since a long trail has thousands."""
    if row.error_declared or row.declared_in_error:
        return Happening(row.time, False, None, (), (), (), None)
    parent = transformation_id = None
    contents: list[str] = []
    inputs: list[str] = []
    outputs: list[str] = []
    for epc, roles in named:
        if roles & _PARENT and parent is None:
            parent = epc
        if roles & _CHILD:
            contents.append(epc)
        if roles & _INPUT:
            inputs.append(epc)
        if roles & _OUTPUT:
            outputs.append(epc)
        if roles & _STEP and transformation_id is None:
            transformation_id = epc
    if row.kind not in ("AggregationEvent", "AssociationEvent"):
        parent = None
    return Happening(row.time, row.action == "DELETE", parent, contents, inputs, outputs, transformation_id)

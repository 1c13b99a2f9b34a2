"""A ledger on which everything has happened is the same in both databases: rows and answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select

from hansa_readmodel import tables as t
from hansa_readmodel.fold import known_types
from hansa_readmodel.queries import Queries
from hansa_readmodel.store import ReadModel, digest, open_database
from tests.support.asking import Asking
from tests.support.databases import GENESIS
from tests.support.everything import LATEST, NAMES, blocks, types
from tests.support.postgresql import Cluster


@pytest.fixture(scope="module")
def both(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine]]:
    """The ledger folded into SQLite and into PostgreSQL."""
    sqlite = open_database(f"sqlite:///{tmp_path_factory.mktemp('both') / 'a.sqlite'}")
    name = cluster.make()
    postgresql = open_database(cluster.url(name))
    for engine in (sqlite, postgresql):
        model = ReadModel(engine, GENESIS)
        assert model.prepare() == 0
        for block in blocks():
            model.apply(block)
    yield sqlite, postgresql
    sqlite.dispose()
    postgresql.dispose()
    cluster.drop(name)


def test_the_ledger_has_every_event_and_fills_every_table(both: tuple[Engine, Engine]) -> None:
    assert types(blocks()) == known_types()
    for engine in both:
        with engine.connect() as connection:
            empty = [
                table.name
                for table in t.metadata.sorted_tables
                if not connection.execute(select(func.count()).select_from(table)).scalar_one()
            ]
        assert empty == []


def test_every_row_is_the_same(both: tuple[Engine, Engine]) -> None:
    for table in t.metadata.sorted_tables:
        found = []
        for engine in both:
            with engine.connect() as connection:
                rows = connection.execute(select(table).order_by(*table.primary_key.columns))
                found.append([repr(tuple(row)) for row in rows])
        assert found[0] == found[1], table.name
    assert digest(both[0]) == digest(both[1])


def test_every_answer_is_the_same(both: tuple[Engine, Engine]) -> None:
    sqlite, postgresql = (Queries(engine) for engine in both)
    different, asked, answered = [], set(), set()
    for noun, name, given in Asking(both[0]).calls(sqlite):
        one, other = (getattr(getattr(each, noun), name)(**given) for each in (sqlite, postgresql))
        if repr(one) != repr(other):
            different.append(f"{noun}.{name}({given}):\n  {one!r:.600}\n  {other!r:.600}")
        asked.add(f"{noun}.{name}")
        if one:
            answered.add(f"{noun}.{name}")
    assert not different, f"{len(different)} differ:\n" + "\n".join(different[:20])
    # What is never answered was never compared.
    assert asked == answered


def test_statements_of_every_account_are_the_same(both: tuple[Engine, Engine]) -> None:
    sqlite, postgresql = (Queries(engine).statements for engine in both)
    compared = 0
    with both[0].connect() as connection:
        accounts = connection.execute(select(t.notes.c.owner, t.notes.c.currency).distinct()).all()
    for owner, currency in accounts:
        found = sqlite.statement(owner, currency, "", f"{LATEST}~")
        assert repr(postgresql.statement(owner, currency, "", f"{LATEST}~")) == repr(found)
        assert repr(postgresql.matched(found)) == repr(sqlite.matched(found))
        compared += len(found.entries)
    assert compared > 50


def test_names_are_in_one_order_and_found_in_whatever_case(both: tuple[Engine, Engine]) -> None:
    for engine in both:
        queries = Queries(engine)
        names = [row.name for row in queries.products.list(limit=1000)]
        assert names == sorted(names)
        assert set(NAMES) < set(names)
        for words, least in (("öl", {"Öl", "ölig"}), ("ÄHRE", {"Ähre"}), ("a_b", {"a_b"}), ("%", {"100 %"})):
            found = {row.name for row in queries.products.list(words=words)}
            assert least <= found <= {name for name in names if words.casefold() in name.casefold()}


def test_accounts_of_a_member_whose_name_differs_in_case_are_another_members(
    both: tuple[Engine, Engine],
) -> None:
    for engine in both:
        owners = [row.owner for row in Queries(engine).money.balances("RETAILERMSP")]
        assert owners == ["RETAILERMSP/till"]

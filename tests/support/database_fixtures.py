"""Fixtures that run tests on both databases of the read model; conftest files import them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import postgresql
from tests.support.databases import POSTGRESQL, SQLITE, make_template, on_postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[tuple[postgresql.Server, postgresql.Cluster]]:
    """A PostgreSQL server for this process of the tests; skips where there can be none."""
    reason = postgresql.missing()
    if reason is not None:
        pytest.skip(reason)
    with postgresql.running() as found:
        yield found


@pytest.fixture(scope="session")
def cluster(postgresql_server: tuple[postgresql.Server, postgresql.Cluster]) -> postgresql.Cluster:
    """The server as something to make databases in."""
    return postgresql_server[1]


@pytest.fixture(scope="session")
def template(cluster: postgresql.Cluster) -> str:
    """A database with the read model's tables, to be copied."""
    return make_template(cluster)


@pytest.fixture(params=[SQLITE, POSTGRESQL], autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each test of the folder runs once on each database; its name."""
    if request.param == SQLITE:
        yield SQLITE
        return
    cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("template")
    with on_postgresql(cluster, template):
        yield POSTGRESQL

"""Tests of the read model run on SQLite and on PostgreSQL."""

from tests.support.database_fixtures import cluster, database, postgresql_server, template

__all__ = ["cluster", "database", "postgresql_server", "template"]

"""Tests that hold SQLite and PostgreSQL beside each other, or are about PostgreSQL alone."""

from tests.support.database_fixtures import cluster, postgresql_server, template

__all__ = ["cluster", "postgresql_server", "template"]

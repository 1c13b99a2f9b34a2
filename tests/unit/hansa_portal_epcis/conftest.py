"""The EPCIS interface is tested with its read model in SQLite and in PostgreSQL."""

from tests.support.database_fixtures import cluster, database, postgresql_server, template

__all__ = ["cluster", "database", "postgresql_server", "template"]

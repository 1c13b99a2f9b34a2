"""Column types that hold and compare the same on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class String(TypeDecorator[str]):
    """Text compared and sorted by code point, whatever locale a server was set up with.

    PostgreSQL sorts by the database's locale, refuses what is longer than was said, and stores no NUL; SQLite
    does none of these. What a ledger says must be read on both, so there PostgreSQL has TEXT of the collation
    "C", and a NUL becomes U+FFFD on either. Lengths say what the rules of trade allow.
    """

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """The type as the database declares it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Text(collation="C"))
        return dialect.type_descriptor(self.impl_instance)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """A value on its way into the database, to be stored or compared."""
        return value if value is None or "\0" not in value else value.replace("\0", "\ufffd")


class Text(String):
    """``String`` of any length."""

    impl = sa.Text
    cache_ok = True

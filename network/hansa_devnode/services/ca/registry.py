"""Identities and certificates that an authority knows, in one SQLite file, synced at each change."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hansa_devnode.services.ca.refusal import ALREADY_REGISTERED, CaRefusal, unauthenticated

UNLIMITED = -1
REVOKED = -1
_SALT_BYTES = 16

_SCHEMA = """
CREATE TABLE IF NOT EXISTS identities (
    id TEXT PRIMARY KEY,
    secret BLOB NOT NULL,
    type TEXT NOT NULL,
    affiliation TEXT NOT NULL,
    attributes TEXT NOT NULL,
    max_enrollments INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    failed_attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS certificates (
    serial TEXT NOT NULL,
    aki TEXT NOT NULL,
    id TEXT NOT NULL REFERENCES identities (id),
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (serial, aki)
) STRICT;
CREATE INDEX IF NOT EXISTS certificates_by_id ON certificates (id);
"""


@dataclass(frozen=True)
class Attribute:
    """A registered attribute; ``ecert`` puts it into every certificate that asks for none by name."""

    name: str
    value: str
    ecert: bool = False

    def document(self) -> dict[str, object]:
        """As it travels."""
        plain: dict[str, object] = {"name": self.name, "value": self.value}
        return plain | {"ecert": True} if self.ecert else plain


@dataclass(frozen=True)
class RegisteredIdentity:
    """Somebody the authority knows.

    Args:
        id: the enrollment id.
        type: client, peer, admin, orderer, …; becomes the certificate's OU.
        affiliation: dotted path, empty for the root.
        attributes: the registered ones.
        max_enrollments: how often the secret may be used, -1 without limit.
        state: how often it was used; -1 when revoked.
        failed_attempts: wrong secrets since the last right one.
    """

    id: str
    type: str
    affiliation: str
    attributes: tuple[Attribute, ...]
    max_enrollments: int
    state: int = 0
    failed_attempts: int = 0

    def attribute(self, name: str) -> str | None:
        """The value of an attribute; None where it is not registered."""
        return next((one.value for one in self.attributes if one.name == name), None)

    def document(self) -> dict[str, object]:
        """As it travels."""
        return {
            "id": self.id,
            "type": self.type,
            "affiliation": self.affiliation,
            "attrs": [one.document() for one in self.attributes],
            "max_enrollments": self.max_enrollments,
        }


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate by its serial number and authority key identifier (lower-case hex without leading zeros).

    Times are seconds since 1970; ``revoked_at`` is None while it is good.
    """

    serial: str
    aki: str
    id: str
    expires_at: int
    revoked_at: int | None = None


class Registry:
    """The file; threads may share it.

    Args:
        path: made when absent, readable by its owner alone.

    Raises:
        sqlite3.Error: the file cannot be used, here and in every method.
    """

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def add(self, identity: RegisteredIdentity, secret: str) -> None:
        """Remember a new identity; of its secret only a salted scrypt hash is kept.

        Raises:
            CaRefusal: the id is taken.
        """
        row = (
            identity.id,
            _hash(secret, secrets.token_bytes(_SALT_BYTES)),
            identity.type,
            identity.affiliation,
            json.dumps([one.document() for one in identity.attributes]),
            identity.max_enrollments,
        )
        with self._transaction() as connection:
            added = connection.execute(
                "INSERT INTO identities (id, secret, type, affiliation, attributes, max_enrollments)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                row,
            ).rowcount
        if not added:
            raise CaRefusal(409, ALREADY_REGISTERED, f"Identity '{identity.id}' is already registered")

    def identity(self, id_: str) -> RegisteredIdentity | None:
        """Somebody by enrollment id."""
        with self._transaction() as connection:
            row = connection.execute(f"{_SELECT_IDENTITIES} WHERE id = ?", (id_,)).fetchone()
        return None if row is None else _identity(row)

    def identities(self) -> list[RegisteredIdentity]:
        """Everybody, by enrollment id."""
        with self._transaction() as connection:
            rows = connection.execute(f"{_SELECT_IDENTITIES} ORDER BY id").fetchall()
        return [_identity(row) for row in rows]

    def secret_matches(self, id_: str, secret: str) -> bool:
        """Compare a secret, and count the failure or forget earlier ones."""
        with self._transaction() as connection:
            row = connection.execute("SELECT secret FROM identities WHERE id = ?", (id_,)).fetchone()
        # Outside the lock: the hash is made to be slow.
        kept: bytes = row[0] if row else bytes(_SALT_BYTES)
        matches = hmac.compare_digest(kept, _hash(secret, kept[:_SALT_BYTES]))
        with self._transaction() as connection:
            connection.execute(
                "UPDATE identities SET failed_attempts = CASE WHEN ? THEN 0 ELSE failed_attempts + 1 END"
                " WHERE id = ?",
                (matches, id_),
            )
        return matches

    def record(self, certificate: IssuedCertificate, *, enrollment: bool) -> None:
        """Remember a certificate before it leaves, and in the same step use up an enrollment.

        Args:
            certificate: what was issued.
            enrollment: whether a secret was used for it.

        Raises:
            CaRefusal: revoked meanwhile, or no enrollment is left.
        """
        with self._transaction() as connection:
            used = connection.execute(
                "UPDATE identities SET state = state + ? WHERE id = ? AND state <> ?"
                " AND (? = 0 OR max_enrollments = ? OR state < max_enrollments)",
                (int(enrollment), certificate.id, REVOKED, int(enrollment), UNLIMITED),
            ).rowcount
            if not used:
                raise unauthenticated(f"{certificate.id} is revoked, or has no enrollment left")
            connection.execute(
                "INSERT INTO certificates (serial, aki, id, expires_at) VALUES (?, ?, ?, ?)",
                (certificate.serial, certificate.aki, certificate.id, certificate.expires_at),
            )

    def certificate(self, serial: str, aki: str) -> IssuedCertificate | None:
        """A certificate that was issued here."""
        return next(iter(self._certificates("serial = ? AND aki = ?", (serial, aki))), None)

    def revoked_certificates(self) -> list[IssuedCertificate]:
        """All that were revoked, oldest first."""
        return self._certificates("revoked_at IS NOT NULL ORDER BY revoked_at, serial", ())

    def revoke_certificate(self, serial: str, aki: str, at: int) -> None:
        """Mark one certificate revoked."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE certificates SET revoked_at = ? WHERE serial = ? AND aki = ?", (at, serial, aki)
            )

    def revoke_identity(self, id_: str, at: int) -> list[IssuedCertificate]:
        """Mark somebody and all their certificates revoked; returns those that were good until now."""
        good = self._certificates("id = ? AND revoked_at IS NULL ORDER BY serial", (id_,))
        with self._transaction() as connection:
            connection.execute("UPDATE identities SET state = ? WHERE id = ?", (REVOKED, id_))
            connection.execute(
                "UPDATE certificates SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (at, id_)
            )
        return good

    def _certificates(self, condition: str, values: Sequence[object]) -> list[IssuedCertificate]:
        # The condition is one of this class's own texts; what comes from outside stands in the values.
        query = f"SELECT serial, aki, id, expires_at, revoked_at FROM certificates WHERE {condition}"  # noqa: S608
        with self._transaction() as connection:
            rows = connection.execute(query, tuple(values)).fetchall()
        return [IssuedCertificate(*row) for row in rows]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


_SELECT_IDENTITIES = (
    "SELECT id, type, affiliation, attributes, max_enrollments, state, failed_attempts FROM identities"
)


def _identity(row: tuple[str, str, str, str, int, int, int]) -> RegisteredIdentity:
    attributes = tuple(
        Attribute(one["name"], one["value"], one.get("ecert", False)) for one in json.loads(row[3])
    )
    return RegisteredIdentity(row[0], row[1], row[2], attributes, row[4], row[5], row[6])


def _hash(secret: str, salt: bytes) -> bytes:
    return salt + hashlib.scrypt(secret.encode(), salt=salt, n=2**14, r=8, p=1)

"""Changes of the consortium: proposed, signed, carried out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, exists, select

from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, one_of


@dataclass(frozen=True)
class ConfigUpdateRow:
    """A change; ``status`` is proposed, carried_out or withdrawn, ``name`` and ``role`` a newcomer's."""

    config_update: str
    kind: str
    organization: str | None
    name: str | None
    role: str | None
    summary: str
    proposer: str
    status: str
    revision: int
    base_sequence: int
    digest: str
    proposed_at: str
    revised_at: str
    closed_at: str | None
    closed_by: str | None
    config_block: int | None


@dataclass(frozen=True)
class ConfigSignatureRow:
    """A member's signature over the current revision; ``signer`` is the administrator's name."""

    msp_id: str
    signer: str
    signed_at: str


class ConfigUpdateQueries:
    """``queries.config_updates``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, config_update: str) -> ConfigUpdateRow | None:
        """One change."""
        query = select(t.config_updates).where(t.config_updates.c.config_update == config_update)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else one_of(ConfigUpdateRow, row)

    def unsigned_by(self, msp_id: str) -> list[ConfigUpdateRow]:
        """Changes under way whose current revision a member has not signed, the newest first."""
        c, s = t.config_updates.c, t.config_signatures.c
        own = exists().where(s.config_update == c.config_update, s.revision == c.revision, s.msp_id == msp_id)
        query = select(t.config_updates).where(c.status == "proposed", ~own)
        with self._engine.connect() as connection:
            return all_of(
                ConfigUpdateRow,
                connection,
                query.order_by(c.proposed_at.desc(), c.config_update.desc()).limit(100),
            )

    def signatures(self, config_update: str) -> list[ConfigSignatureRow]:
        """Who signed the current revision, in order of MSP id."""
        c = t.config_signatures.c
        query = (
            select(c.msp_id, c.signer, c.signed_at)
            .join(
                t.config_updates,
                (t.config_updates.c.config_update == c.config_update)
                & (t.config_updates.c.revision == c.revision),
            )
            .where(c.config_update == config_update)
            .order_by(c.msp_id)
        )
        with self._engine.connect() as connection:
            return all_of(ConfigSignatureRow, connection, query)

    def list(self, *, opened: bool | None = None, limit: int = 25, offset: int = 0) -> list[ConfigUpdateRow]:
        """Changes, the newest first.

        Args:
            opened: only those under way, or only those that ended; None gives both.
        """
        c = t.config_updates.c
        query = select(t.config_updates).order_by(c.proposed_at.desc(), c.config_update.desc())
        if opened is not None:
            query = query.where((c.status == "proposed") == opened)
        with self._engine.connect() as connection:
            return all_of(ConfigUpdateRow, connection, query.limit(limit).offset(offset))

"""Who belongs to the consortium, and on which terms."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, one_of


@dataclass(frozen=True)
class MemberRow:
    """A member; ``gln`` has 13 digits, ``left_at`` tells since when it is one no longer."""

    msp_id: str
    name: str
    role: str
    gln: str | None
    country: str
    joined_at: str
    left_at: str | None = None


_SHOWN = [t.members.c[name] for name in MemberRow.__dataclass_fields__]


@dataclass(frozen=True)
class ConsortiumRow:
    """The terms all members share; ``basis_points`` of each order go to ``fee_account``."""

    basis_points: int
    fee_account: str
    arbitrator: str


class MemberQueries:
    """``queries.members``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[MemberRow]:
        """Members in order of name, those that left too."""
        with self._engine.connect() as connection:
            return all_of(
                MemberRow, connection, select(*_SHOWN).order_by(t.members.c.name, t.members.c.msp_id)
            )

    def present(self) -> list[MemberRow]:
        """Those that have not left, in order of name."""
        return [member for member in self.all() if member.left_at is None]

    def find(self, msp_id: str) -> MemberRow | None:
        """One member."""
        with self._engine.connect() as connection:
            row = connection.execute(select(*_SHOWN).where(t.members.c.msp_id == msp_id)).one_or_none()
        return None if row is None else one_of(MemberRow, row)

    def consortium(self) -> ConsortiumRow | None:
        """The terms, None before the consortium began."""
        c = t.consortium.c
        with self._engine.connect() as connection:
            row = connection.execute(select(c.basis_points, c.fee_account, c.arbitrator)).one_or_none()
        return None if row is None else one_of(ConsortiumRow, row)

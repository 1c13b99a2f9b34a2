"""Mandates and payment requests."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, of_member


@dataclass(frozen=True)
class MandateRow:
    """Leave to collect; amounts in minor units, ``period`` in seconds."""

    mandate: str
    status: str
    payer: str
    payee: str
    currency: str
    maximum: int
    period: int
    number: int
    collected: int
    reference: str | None
    granted_at: str
    expires_at: str


@dataclass(frozen=True)
class PaymentRequestRow:
    """A request for money; ``amount`` in minor units."""

    payment_request: str
    status: str
    payee: str
    payer: str
    currency: str
    amount: int
    reference: str | None
    requested_at: str
    expires_at: str
    closed_at: str | None


class RequestQueries:
    """``queries.requests``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def mandates(self, party: str, *, limit: int = 100) -> list[MandateRow]:
        """Mandates that a member granted or collects under, the newest first."""
        c = t.mandates.c
        query = select(t.mandates).where(or_(of_member(c.payer, party), of_member(c.payee, party)))
        query = query.order_by(c.granted_at.desc(), c.mandate.desc()).limit(limit)
        with self._engine.connect() as connection:
            return all_of(MandateRow, connection, query)

    def payment_requests(
        self, party: str, *, status: str | None = None, limit: int = 100
    ) -> list[PaymentRequestRow]:
        """Requests by a member or to it, the newest first; ``status`` as the ledger has it."""
        c = t.payment_requests.c
        query = select(t.payment_requests).where(or_(c.payer == party, of_member(c.payee, party)))
        if status is not None:
            query = query.where(c.status == status)
        query = query.order_by(c.requested_at.desc(), c.payment_request.desc()).limit(limit)
        with self._engine.connect() as connection:
            return all_of(PaymentRequestRow, connection, query)

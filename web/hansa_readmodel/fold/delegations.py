"""Who may report about goods on whose behalf."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from hansa_domain import events as domain
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.DelegationGranted)
def _granted(connection: Connection, event: domain.DelegationGranted, place: Place) -> tuple[str, ...]:
    subject = subject_of(event.subject)
    key = {"grantor": event.grantor, "reporter": event.reporter, "subject": subject}
    values = {"uri": event.subject, "actions": event.actions, "until": event.until}
    put(connection, g.delegations, key, values)
    return (subject,)


@on(domain.DelegationRevoked)
def _revoked(connection: Connection, event: domain.DelegationRevoked, place: Place) -> tuple[str, ...]:
    c, subject = g.delegations.c, subject_of(event.subject)
    same = (c.grantor == event.grantor) & (c.reporter == event.reporter) & (c.subject == subject)
    connection.execute(delete(g.delegations).where(same))
    return (subject,)

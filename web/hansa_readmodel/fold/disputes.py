"""Disputes, from opening to decision."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select, update

from hansa_domain import events as domain
from hansa_readmodel import escrow_tables as e
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.DisputeOpened)
def _opened(connection: Connection, event: domain.DisputeOpened, place: Place) -> tuple[str, ...]:
    said = [] if event.statement is None else [{"by": event.by, "hash": event.statement, "at": event.at}]
    values = {
        "status": "open",
        "reason": event.reason,
        "arbitrator": event.arbitrator,
        "due": event.due,
        "statements": said,
        "evidence": _laid(event.by, event.evidence, event.at),
        "opened_at": event.at,
    }
    put(connection, e.disputes, {"order_id": event.order, "opener": event.by}, values)
    _order(connection, event.order, event.due, event.by, event.at)
    return (event.order,)


@on(domain.DisputeAnswered)
def _answered(connection: Connection, event: domain.DisputeAnswered, place: Place) -> tuple[str, ...]:
    said = [{"by": event.by, "hash": event.statement, "at": event.at}]
    _add(connection, event.order, event.opener, said, _laid(event.by, event.evidence, event.at))
    return (event.order,)


@on(domain.EvidenceAdded)
def _evidence(connection: Connection, event: domain.EvidenceAdded, place: Place) -> tuple[str, ...]:
    _add(connection, event.order, event.opener, [], _laid(event.by, event.evidence, event.at))
    return (event.order,)


@on(domain.DisputePassedOn)
def _passed_on(connection: Connection, event: domain.DisputePassedOn, place: Place) -> tuple[str, ...]:
    changed = update(e.disputes).where(*_one(event.order, event.opener))
    connection.execute(changed.values(arbitrator=event.arbitrator, due=event.due))
    _order(connection, event.order, event.due, event.opener, event.at)
    return (event.order,)


@on(domain.DisputeClosed)
def _closed(connection: Connection, event: domain.DisputeClosed, place: Place) -> tuple[str, ...]:
    changed = update(e.disputes).where(*_one(event.order, event.opener))
    connection.execute(changed.values(status=event.end, closed_at=event.at, closed_by=event.by))
    if event.statement is not None:
        said = [{"by": event.by, "hash": event.statement, "at": event.at}]
        _add(connection, event.order, event.opener, said, [])
    _order(connection, event.order, event.due, None, event.at)
    return (event.order,)


def _one(order: str, opener: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return e.disputes.c.order_id == order, e.disputes.c.opener == opener


def _laid(by: str, documents: list[str], at: str) -> list[dict[str, str]]:
    return [{"by": by, "hash": document, "at": at} for document in dict.fromkeys(documents)]


def _add(
    connection: Connection,
    order: str,
    opener: str,
    said: list[dict[str, str]],
    laid: list[dict[str, str]],
) -> None:
    """What was said and laid before the arbitrator; a document that is there already counts once."""
    c = e.disputes.c
    before = connection.execute(select(c.statements, c.evidence).where(*_one(order, opener))).one()
    known = [each["hash"] for each in before.evidence]
    fresh = [each for each in laid if each["hash"] not in known]
    changed = update(e.disputes).where(*_one(order, opener))
    connection.execute(
        changed.values(statements=[*before.statements, *said], evidence=[*before.evidence, *fresh])
    )


def _order(connection: Connection, order: str, due: str | None, dispute: str | None, at: str) -> None:
    """The order's deadline: the arbitrator's while a dispute is open; what ends the order says so itself."""
    changed = update(t.orders).where(t.orders.c.order_id == order)
    connection.execute(changed.values(dispute=dispute, changed_at=at))
    if due is not None:
        connection.execute(changed.values(due=due))

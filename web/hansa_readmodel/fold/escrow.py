"""What leaves escrow in part: milestones, splits by consent, and ends by a split."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from hansa_domain import events as domain
from hansa_readmodel import escrow_tables as e
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.MilestonesAgreed)
def _agreed(connection: Connection, event: domain.MilestonesAgreed, place: Place) -> tuple[str, ...]:
    rows = [
        {
            "order_id": event.order,
            "place": number,
            "name": milestone.name,
            "event": milestone.event,
            "within": milestone.within,
            "otherwise": milestone.otherwise,
            "weight": int(milestone.weight),
            "inspector": milestone.inspector,
            "status": "pending",
        }
        for number, milestone in enumerate(event.milestones)
    ]
    connection.execute(insert(e.milestones), rows)
    return (event.order,)


@on(domain.MilestonePaid)
def _paid(connection: Connection, event: domain.MilestonePaid, place: Place) -> tuple[str, ...]:
    c = e.milestones.c
    shares = {"proceeds": int(event.proceeds), "freight": int(event.freight), "fee": int(event.fee)}
    changed = update(e.milestones).where(c.order_id == event.order, c.place == event.place)
    connection.execute(
        changed.values(
            status="paid",
            cause=event.cause,
            reported_by=event.by,
            document=event.document,
            paid_at=event.at,
            **shares,
        )
    )
    released(connection, event.order, sum(shares.values()), event.at)
    connection.execute(update(t.orders).where(t.orders.c.order_id == event.order).values(due=event.due))
    return (event.order,)


def released(connection: Connection, order: str, amount: int, at: str) -> None:
    """So much more has left an order's escrow."""
    c = t.orders.c
    changed = update(t.orders).where(c.order_id == order)
    connection.execute(changed.values(released=c.released + amount, changed_at=at))


@on(domain.EscrowReleased)
def _released(connection: Connection, event: domain.EscrowReleased, place: Place) -> tuple[str, ...]:
    parts = (event.buyer, event.seller, event.carrier, event.fee)
    released(connection, event.order, sum(int(part) for part in parts), event.at)
    return (event.order,)


@on(domain.OrderDivided)
def _divided(connection: Connection, event: domain.OrderDivided, place: Place) -> tuple[str, ...]:
    c = t.orders.c
    changed = update(t.orders).where(c.order_id == event.order)
    values = {"status": event.status, "cause": event.cause, "due": None, "changed_at": event.at}
    connection.execute(changed.values(released=c.amount, **values))
    if event.cause == "decided":
        parts = ("buyer", "seller", "carrier", "fee", "arbitration", "goods")
        decision = {part: getattr(event, part) for part in parts}
        d = e.disputes.c
        decided = update(e.disputes).where(d.order_id == event.order, d.status == "decided")
        connection.execute(decided.values(decision=decision))
    return (event.order,)


@on(domain.SettlementProposed)
def _proposed(connection: Connection, event: domain.SettlementProposed, place: Place) -> tuple[str, ...]:
    c = e.settlements.c
    before = update(e.settlements).where(c.order_id == event.order, c.status == "proposed")
    connection.execute(before.values(status="replaced", closed_at=event.at))
    values = {
        "status": "proposed",
        "by": event.by,
        "currency": event.currency,
        "to_buyer": int(event.to_buyer),
        "to_seller": int(event.to_seller),
        "to_carrier": int(event.to_carrier),
        "goods": event.goods,
        "needs": event.needs,
        "agreed": [event.by],
        "proposed_at": event.at,
        "expires_at": event.expires_at,
    }
    put(connection, e.settlements, {"order_id": event.order, "number": event.number}, values)
    return (event.order,)


@on(domain.SettlementAccepted)
def _accepted(connection: Connection, event: domain.SettlementAccepted, place: Place) -> tuple[str, ...]:
    c = e.settlements.c
    one = (c.order_id == event.order, c.number == event.number)
    agreed = connection.execute(select(c.agreed).where(*one)).scalar_one()
    changed = update(e.settlements).where(*one)
    connection.execute(changed.values(agreed=[*agreed, event.by]))
    if event.complete:
        connection.execute(changed.values(status="accepted", closed_at=event.at))
    return (event.order,)


@on(domain.SettlementWithdrawn)
def _withdrawn(connection: Connection, event: domain.SettlementWithdrawn, place: Place) -> tuple[str, ...]:
    c = e.settlements.c
    changed = update(e.settlements).where(c.order_id == event.order, c.number == event.number)
    connection.execute(changed.values(status="withdrawn", closed_at=event.at))
    return (event.order,)

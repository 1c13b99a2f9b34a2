"""Firm quotes and facilities."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from hansa_domain import events as domain
from hansa_domain.notes import organisation
from hansa_readmodel import money_tables as t
from hansa_readmodel.fold.held import hold
from hansa_readmodel.fold.register import Place, on, put


@on(domain.ExchangeOffered)
def _offered(connection: Connection, event: domain.ExchangeOffered, place: Place) -> tuple[str, ...]:
    values = {
        "status": "open",
        "dealer": organisation(event.account),
        "account": event.account,
        "taker": event.taker,
        "currency": event.currency,
        "amount": int(event.amount),
        "price_currency": event.price_currency,
        "price": int(event.price),
        "expires_at": event.expires_at,
        "offered_at": event.at,
    }
    connection.execute(insert(t.exchanges).values(exchange=event.exchange, **values))
    hold(connection, "exchange", event.exchange, event.account, event.currency, int(event.amount))
    return (event.exchange, organisation(event.account), event.taker)


@on(domain.ExchangeAccepted)
def _accepted(connection: Connection, event: domain.ExchangeAccepted, place: Place) -> tuple[str, ...]:
    values = {"status": "accepted", "fee": int(event.fee), "closed_at": event.at}
    return _ended(connection, event.exchange, values)


@on(domain.ExchangeClosed)
def _closed(connection: Connection, event: domain.ExchangeClosed, place: Place) -> tuple[str, ...]:
    return _ended(connection, event.exchange, {"status": event.outcome, "closed_at": event.at})


def _ended(connection: Connection, exchange: str, values: dict[str, Any]) -> tuple[str, ...]:
    c = t.exchanges.c
    connection.execute(update(t.exchanges).where(c.exchange == exchange).values(**values))
    hold(connection, "exchange", exchange, "", "", 0)
    return (exchange,)


@on(domain.FacilityChanged)
def _changed(connection: Connection, event: domain.FacilityChanged, place: Place) -> tuple[str, ...]:
    c = t.facilities.c
    opened = connection.execute(select(c.opened_at).where(c.facility == event.facility)).scalar()
    values = {
        "status": event.status,
        "dealer": organisation(event.account),
        "account": event.account,
        "base": event.base,
        "quote": event.quote,
        "gives": event.gives,
        "takes": event.takes,
        "spread": event.spread,
        "max_age": event.max_age,
        "opened_at": opened or event.at,
        "changed_at": event.at,
    }
    put(connection, t.facilities, {"facility": event.facility}, values)
    return (event.facility,)


@on(domain.FacilityFunded)
def _funded(connection: Connection, event: domain.FacilityFunded, place: Place) -> tuple[str, ...]:
    c = t.facilities.c
    account = connection.execute(select(c.account).where(c.facility == event.facility)).scalar_one()
    for part, amount in sorted(event.parts.items()):
        hold(connection, "facility", f"{event.facility}/{part}", account, event.currency, int(amount))
    return (event.facility,)


@on(domain.FacilityUsed)
def _used(connection: Connection, event: domain.FacilityUsed, place: Place) -> tuple[str, ...]:
    return (event.facility, organisation(event.customer))

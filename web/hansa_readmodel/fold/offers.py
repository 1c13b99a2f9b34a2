"""Tenders, and the offers that are negotiated."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import buying_tables as b
from hansa_readmodel.fold.register import Place, on, put


@on(domain.TenderOpened)
def _opened(connection: Connection, event: domain.TenderOpened, place: Place) -> tuple[str, ...]:
    values = {
        "buyer": event.buyer,
        "status": "open",
        "country": event.country,
        "reference": event.reference,
        "lines": msgspec.to_builtins(event.lines),
        "invited": event.invited,
        "wanted_by": event.wanted_by,
        "closes_at": event.closes_at,
        "opened_at": event.at,
    }
    put(connection, b.tenders, {"tender": event.tender}, values)
    return (event.tender,)


def _tender(connection: Connection, tender: str, **values: Any) -> None:
    connection.execute(update(b.tenders).where(b.tenders.c.tender == tender).values(**values))


@on(domain.TenderWithdrawn)
def _tender_withdrawn(connection: Connection, event: domain.TenderWithdrawn, place: Place) -> tuple[str, ...]:
    _tender(connection, event.tender, status="withdrawn")
    return (event.tender,)


@on(domain.TenderAwarded)
def _awarded(connection: Connection, event: domain.TenderAwarded, place: Place) -> tuple[str, ...]:
    _tender(connection, event.tender, status="awarded", offer=event.offer, order_id=event.order)
    return (event.tender, event.offer, event.order)


@on(domain.OfferProposed)
def _proposed(connection: Connection, event: domain.OfferProposed, place: Place) -> tuple[str, ...]:
    values = {
        "tender": event.tender,
        "buyer": event.buyer,
        "seller": event.seller,
        "opened_at": event.at,
        **_present(event.terms, event.due),
    }
    put(connection, b.offers, {"offer": event.offer}, values)
    _version(connection, event.offer, event.terms, event.due, event.at)
    return (event.offer,) if event.tender is None else (event.offer, event.tender)


@on(domain.OfferCountered)
def _countered(connection: Connection, event: domain.OfferCountered, place: Place) -> tuple[str, ...]:
    _offer(connection, event.offer, **_present(event.terms, event.due))
    _version(connection, event.offer, event.terms, event.due, event.at)
    return (event.offer,)


def _present(terms: domain.OfferTermsView, due: str) -> dict[str, Any]:
    return {
        "status": "open",
        "version": terms.version,
        "by": terms.by,
        "currency": terms.currency,
        "amount": int(terms.amount),
        "due": due,
    }


def _version(connection: Connection, offer: str, terms: domain.OfferTermsView, due: str, at: str) -> None:
    values = {
        "by": terms.by,
        "currency": terms.currency,
        "amount": int(terms.amount),
        "freight": int(terms.freight),
        "carrier": terms.carrier,
        "lines": msgspec.to_builtins(terms.lines),
        "lead_time": terms.lead_time,
        "milestones": msgspec.to_builtins(terms.milestones),
        "warranty": terms.warranty,
        "due": due,
        "made_at": at,
    }
    put(connection, b.offer_versions, {"offer": offer, "version": terms.version}, values)


def _offer(connection: Connection, offer: str, **values: Any) -> None:
    connection.execute(update(b.offers).where(b.offers.c.offer == offer).values(**values))


@on(domain.OfferAgreed)
def _agreed(connection: Connection, event: domain.OfferAgreed, place: Place) -> tuple[str, ...]:
    _offer(connection, event.offer, status="agreed", due=event.due)
    return (event.offer,)


@on(domain.OfferAccepted)
def _accepted(connection: Connection, event: domain.OfferAccepted, place: Place) -> tuple[str, ...]:
    _offer(connection, event.offer, status="accepted", order_id=event.order)
    return (event.offer, event.order)


@on(domain.OfferRejected)
def _rejected(connection: Connection, event: domain.OfferRejected, place: Place) -> tuple[str, ...]:
    _offer(connection, event.offer, status="rejected")
    return (event.offer,)


@on(domain.OfferWithdrawn)
def _withdrawn(connection: Connection, event: domain.OfferWithdrawn, place: Place) -> tuple[str, ...]:
    _offer(connection, event.offer, status="withdrawn")
    return (event.offer,)


@on(domain.OfferExpired)
def _expired(connection: Connection, event: domain.OfferExpired, place: Place) -> tuple[str, ...]:
    _offer(connection, event.offer, status="expired")
    return (event.offer,)

"""Rule packs, checks, licences and papers."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, insert, update

from hansa_domain import events as domain
from hansa_readmodel import compliance_tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.PackPublished)
def _published(connection: Connection, event: domain.PackPublished, place: Place) -> tuple[str, ...]:
    row = {
        "pack": event.pack,
        "version": event.version,
        "title": event.title,
        "document": event.document,
        "valid_from": event.valid_from,
        "unknown": event.unknown,
        "digest": event.digest,
        "published_by": event.by,
        "published_at": event.at,
        "rules": msgspec.to_builtins(event.rules),
        "block": place.block,
        "position": place.position,
    }
    connection.execute(insert(t.packs).values(**row))
    return (f"pack:{event.pack}", event.by)


@on(domain.ComplianceChecked)
def _checked(connection: Connection, event: domain.ComplianceChecked, place: Place) -> tuple[str, ...]:
    # Of several carriers the first; all of them are found through ``check_parties``.
    parties = {party.role: party.member for party in reversed(event.facts.parties)}
    row = {
        "check_id": event.check,
        "subject_kind": event.subject_kind,
        "subject": event.subject,
        "order_id": event.order,
        "occasion": event.occasion,
        "by": event.by,
        "result": event.result,
        "seller": parties["seller"],
        "buyer": parties.get("buyer"),
        "carrier": parties.get("carrier"),
        "departure": event.facts.departure,
        "destination": event.facts.destination,
        "at": event.at,
        "packs": msgspec.to_builtins(event.packs),
        "facts": msgspec.to_builtins(event.facts),
        "outcomes": msgspec.to_builtins(event.outcomes),
        "block": place.block,
        "position": place.position,
    }
    connection.execute(insert(t.checks).values(**row))
    _index(connection, event)
    if event.flagged is not None:
        connection.execute(delete(t.flags).where(t.flags.c.subject == event.subject))
    if event.flagged:
        flag = {"subject": event.subject, "check_id": event.check, "at": event.at}
        connection.execute(insert(t.flags).values(**flag))
    order = (event.order,) if event.order is not None else ()
    return (event.subject, event.check, *order)


def _index(connection: Connection, event: domain.ComplianceChecked) -> None:
    """What a check is found by: parties, packs, rules and countries."""
    facts = event.facts
    named = [
        facts.departure,
        facts.destination,
        *(party.country for party in facts.parties),
        *(line.origin for line in facts.lines),
    ]
    countries = dict.fromkeys(each for each in named if each is not None)
    many: tuple[tuple[Table, list[dict[str, Any]]], ...] = (
        (t.check_packs, [{"pack": each.pack, "version": each.version} for each in event.packs]),
        (
            t.check_rules,
            [
                {"pack": each.pack, "rule": each.rule, "outcome": each.outcome, "refuses": each.refuses}
                for each in event.outcomes
            ],
        ),
        (t.check_countries, [{"country": each} for each in countries]),
        (
            t.check_parties,
            [{"member": each} for each in dict.fromkeys(party.member for party in facts.parties)],
        ),
    )
    for table, rows in many:
        if rows:
            connection.execute(insert(table), [{"check_id": event.check, **row} for row in rows])


@on(domain.LicenceIssued)
def _issued(connection: Connection, event: domain.LicenceIssued, place: Place) -> tuple[str, ...]:
    values = {
        "kind": event.kind,
        "holder": event.holder,
        "issuer": event.issuer,
        "scope": msgspec.to_builtins(event.scope),
        "valid_from": event.valid_from,
        "valid_until": event.valid_until,
        "document": event.document,
        "number": event.number,
        "status": "issued",
        "issued_at": event.at,
    }
    put(connection, t.licences, {"licence": event.licence}, values)
    return (event.licence, event.holder, event.issuer)


@on(domain.LicenceRevoked)
def _revoked(connection: Connection, event: domain.LicenceRevoked, place: Place) -> tuple[str, ...]:
    changed = update(t.licences).where(t.licences.c.licence == event.licence)
    connection.execute(changed.values(status="revoked", revoked_at=event.at, reason=event.reason))
    return (event.licence, event.holder)


@on(domain.PaperRegistered)
def _registered(connection: Connection, event: domain.PaperRegistered, place: Place) -> tuple[str, ...]:
    values = {
        "kind": event.kind,
        "order_id": event.order,
        "issuer": event.issuer,
        "document": event.document,
        "number": event.number,
        "security": event.security,
        "signer": event.signer,
        "valid_from": event.valid_from,
        "valid_until": event.valid_until,
        "status": "valid",
        "registered_at": event.at,
    }
    put(connection, t.papers, {"paper": event.paper}, values)
    return (event.paper, event.order)


@on(domain.PaperRevoked)
def _paper_revoked(connection: Connection, event: domain.PaperRevoked, place: Place) -> tuple[str, ...]:
    changed = update(t.papers).where(t.papers.c.paper == event.paper)
    connection.execute(changed.values(status="revoked", revoked_at=event.at, reason=event.reason))
    return (event.paper, event.order)

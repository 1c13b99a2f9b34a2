"""What each domain event does to the tables. One function an event type; together they are the read model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select, update

from hansa_domain import events as domain
from hansa_domain.goods.records import key_part
from hansa_domain.gs1 import normal_form
from hansa_readmodel import tables as t

EventType = TypeVar("EventType", bound=domain.Event)


@dataclass(frozen=True)
class Place:
    """Where an event stands on the ledger: block, transaction in it, event in that."""

    block: int
    position: int
    number: int


class UnknownEventError(Exception):
    """An event of a type this version has no fold for; the text is its name."""


Apply = Callable[[Connection, Any, Place], tuple[str, ...]]
_FOLD: dict[type[domain.Event], Apply] = {}


def _on(
    kind: type[EventType],
) -> Callable[
    [Callable[[Connection, EventType, Place], tuple[str, ...]]],
    Callable[[Connection, EventType, Place], tuple[str, ...]],
]:
    def register(
        apply: Callable[[Connection, EventType, Place], tuple[str, ...]],
    ) -> Callable[[Connection, EventType, Place], tuple[str, ...]]:
        _FOLD[kind] = apply
        return apply

    return register


def apply_event(connection: Connection, event: domain.Event, place: Place) -> None:
    """Applies one event and keeps it in the history under everything it is about.

    Raises:
        UnknownEventError: this version does not know the type; the ledger is ahead of the program.
    """
    fold = _FOLD.get(type(event))
    if fold is None:
        raise UnknownEventError(type(event).__name__)
    subjects = fold(connection, event, place)
    body = msgspec.to_builtins(event)
    where = {"block": place.block, "position": place.position, "number": place.number}
    connection.execute(insert(t.history).values(**where, type=body["type"], body=body, at=body["at"]))
    if subjects:
        rows = [{"subject": subject, **where} for subject in dict.fromkeys(subjects)]
        connection.execute(insert(t.subjects), rows)


def known_types() -> frozenset[type[domain.Event]]:
    """The event types that the fold handles."""
    return frozenset(_FOLD)


def subject_of(epc: str) -> str:
    """Under what goods are indexed: one spelling for all, and never too long for an index."""
    return key_part(normal_form(epc))


def _put(connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Inserts a row or replaces the one with that key; the same on every database."""
    condition = [table.c[name] == value for name, value in key.items()]
    changed = connection.execute(update(table).where(*condition).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(table).values(**key, **values))


@_on(domain.ConsortiumInitialized)
def _consortium_initialized(
    connection: Connection, event: domain.ConsortiumInitialized, place: Place
) -> tuple[str, ...]:
    values = {
        "basis_points": event.basis_points,
        "fee_account": event.fee_account,
        "arbitrator": event.arbitrator,
    }
    _put(connection, t.consortium, {"id": 1}, values)
    return ()


@_on(domain.MemberJoined)
def _member_joined(connection: Connection, event: domain.MemberJoined, place: Place) -> tuple[str, ...]:
    values = {
        "name": event.name,
        "role": event.role,
        "gln": event.gln,
        "country": event.country,
        "joined_at": event.at,
        "left_at": None,
    }
    _put(connection, t.members, {"msp_id": event.msp_id}, values)
    return (event.msp_id,)


@_on(domain.MemberLeft)
def _member_left(connection: Connection, event: domain.MemberLeft, place: Place) -> tuple[str, ...]:
    changed = update(t.members).where(t.members.c.msp_id == event.msp_id)
    connection.execute(changed.values(left_at=event.at))
    return (event.msp_id,)


@_on(domain.ConfigUpdateProposed)
def _config_update_proposed(
    connection: Connection, event: domain.ConfigUpdateProposed, place: Place
) -> tuple[str, ...]:
    values = {
        name: getattr(event, name)
        for name in (
            *("kind", "organization", "name", "role", "summary", "proposer"),
            *("revision", "base_sequence", "digest"),
        )
    }
    values |= {"status": "proposed", "proposed_at": event.at, "revised_at": event.at}
    _put(connection, t.config_updates, {"config_update": event.config_update}, values)
    return (event.config_update, *((event.organization,) if event.organization else ()))


@_on(domain.ConfigUpdateSigned)
def _config_update_signed(
    connection: Connection, event: domain.ConfigUpdateSigned, place: Place
) -> tuple[str, ...]:
    key = {name: getattr(event, name) for name in ("config_update", "revision", "msp_id")}
    _put(connection, t.config_signatures, key, {"signer": event.signer, "signed_at": event.at})
    return (event.config_update,)


@_on(domain.ConfigUpdateRenewed)
def _config_update_renewed(
    connection: Connection, event: domain.ConfigUpdateRenewed, place: Place
) -> tuple[str, ...]:
    values = {name: getattr(event, name) for name in ("revision", "base_sequence", "digest")}
    return _config_update_changed(connection, event.config_update, {**values, "revised_at": event.at})


@_on(domain.ConfigUpdateWithdrawn)
def _config_update_withdrawn(
    connection: Connection, event: domain.ConfigUpdateWithdrawn, place: Place
) -> tuple[str, ...]:
    values = {"status": "withdrawn", "closed_at": event.at, "closed_by": event.by}
    return _config_update_changed(connection, event.config_update, values)


@_on(domain.ConfigUpdateCarriedOut)
def _config_update_carried_out(
    connection: Connection, event: domain.ConfigUpdateCarriedOut, place: Place
) -> tuple[str, ...]:
    values = {
        "status": "carried_out",
        "closed_at": event.at,
        "closed_by": event.by,
        "config_block": event.config_block,
    }
    return _config_update_changed(connection, event.config_update, values)


def _config_update_changed(
    connection: Connection, config_update: str, values: dict[str, Any]
) -> tuple[str, ...]:
    one = t.config_updates.c.config_update == config_update
    connection.execute(update(t.config_updates).where(one).values(**values))
    return (config_update,)


@_on(domain.ProductRegistered)
def _product_registered(
    connection: Connection, event: domain.ProductRegistered, place: Place
) -> tuple[str, ...]:
    values = {
        "owner": event.owner,
        "name": event.name,
        "brand": event.brand,
        "registered_at": event.at,
    }
    _put(connection, t.products, {"gtin": event.gtin}, values)
    return (event.gtin,)


@_on(domain.ListingCreated)
def _listing_created(connection: Connection, event: domain.ListingCreated, place: Place) -> tuple[str, ...]:
    values = {
        "seller": event.seller,
        "gtin": event.gtin,
        "unit_price": event.unit_price,
        "currency": event.currency,
        "offered": event.quantity,
        "status": "open",
        "created_at": event.at,
    }
    _put(connection, t.listings, {"listing": event.listing}, values)
    return (event.listing,)


@_on(domain.ListingWithdrawn)
def _listing_withdrawn(
    connection: Connection, event: domain.ListingWithdrawn, place: Place
) -> tuple[str, ...]:
    changed = update(t.listings).where(t.listings.c.listing == event.listing)
    connection.execute(changed.values(status="withdrawn"))
    return (event.listing,)


@_on(domain.StockChanged)
def _stock_changed(connection: Connection, event: domain.StockChanged, place: Place) -> tuple[str, ...]:
    for bucket in event.buckets:
        key = {"listing": event.listing, "bucket": bucket.bucket}
        _put(connection, t.stock, key, {"quantity": bucket.quantity})
    return ()


@_on(domain.CurrencyDefined)
def _currency_defined(connection: Connection, event: domain.CurrencyDefined, place: Place) -> tuple[str, ...]:
    values = {"issuer": event.issuer, "minor_units": event.minor_units, "minted": "0", "burned": "0"}
    _put(connection, t.currencies, {"currency": event.currency}, values)
    return ()


@_on(domain.MoneyMoved)
def _money_moved(connection: Connection, event: domain.MoneyMoved, place: Place) -> tuple[str, ...]:
    spent = [note.id for note in event.consumed]
    if spent:
        connection.execute(delete(t.notes).where(t.notes.c.note.in_(spent)))
    rows = [
        {"note": note.id, "owner": note.owner, "currency": note.currency, "amount": int(note.amount)}
        for note in event.created
    ]
    if rows:
        connection.execute(insert(t.notes), rows)
    column = {"mint": "minted", "burn": "burned"}.get(event.reason)
    if column is not None:
        moved = abs(sum(int(n.amount) for n in event.created) - sum(int(n.amount) for n in event.consumed))
        one = t.currencies.c.currency == event.currency
        total = int(connection.execute(select(t.currencies.c[column]).where(one)).scalar_one()) + moved
        connection.execute(update(t.currencies).where(one).values(**{column: str(total)}))
    owners = {note.owner for note in (*event.consumed, *event.created)}
    # Notes are named after the command that made them, so a payment is found by its command.
    commands = {note.id.rpartition(".")[0] for note in event.created}
    return (*sorted(owners), *sorted(commands), *((event.order,) if event.order else ()))


@_on(domain.OrderPlaced)
def _order_placed(connection: Connection, event: domain.OrderPlaced, place: Place) -> tuple[str, ...]:
    values = {
        "status": "placed",
        "buyer": event.buyer,
        "seller": event.seller,
        "carrier": event.carrier,
        "arbitrator": event.arbitrator,
        "currency": event.currency,
        "amount": int(event.amount),
        "freight": int(event.freight),
        "fee": int(event.fee),
        "proceeds": int(event.proceeds),
        "reference": event.reference,
        "due": event.due,
        "placed_at": event.at,
        "changed_at": event.at,
    }
    _put(connection, t.orders, {"order_id": event.order}, values)
    rows = [
        {
            "order_id": event.order,
            "number": number,
            "listing": line.listing,
            "gtin": line.gtin,
            "quantity": line.quantity,
        }
        for number, line in enumerate(event.lines)
    ]
    connection.execute(insert(t.order_lines), rows)
    return (event.order, *(line.listing for line in event.lines))


def _order_changed(
    connection: Connection, order: str, status: str, at: str, due: str | None, cause: str | None = None
) -> tuple[str, ...]:
    changed = update(t.orders).where(t.orders.c.order_id == order)
    connection.execute(changed.values(status=status, due=due, changed_at=at, cause=cause))
    return (order,)


@_on(domain.OrderAccepted)
def _order_accepted(connection: Connection, event: domain.OrderAccepted, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "accepted", event.at, event.due)


@_on(domain.OrderShipped)
def _order_shipped(connection: Connection, event: domain.OrderShipped, place: Place) -> tuple[str, ...]:
    rows = [{"order_id": event.order, "number": number, "epc": epc} for number, epc in enumerate(event.epcs)]
    if rows:
        connection.execute(insert(t.shipped_epcs), rows)
    connection.execute(update(t.orders).where(t.orders.c.order_id == event.order).values(sscc=event.sscc))
    goods = (subject_of(epc) for epc in event.epcs)
    about = (*_order_changed(connection, event.order, "shipped", event.at, event.due), *goods)
    return about if event.sscc is None else (*about, subject_of(f"https://id.gs1.org/00/{event.sscc}"))


@_on(domain.OrderDelivered)
def _order_delivered(connection: Connection, event: domain.OrderDelivered, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "delivered", event.at, event.due)


@_on(domain.OrderSettled)
def _order_settled(connection: Connection, event: domain.OrderSettled, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "settled", event.at, None, event.cause)


@_on(domain.OrderCancelled)
def _order_cancelled(connection: Connection, event: domain.OrderCancelled, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "cancelled", event.at, None)


@_on(domain.OrderRefunded)
def _order_refunded(connection: Connection, event: domain.OrderRefunded, place: Place) -> tuple[str, ...]:
    return _order_changed(connection, event.order, "refunded", event.at, None, event.cause)


@_on(domain.CustodyMoved)
def _custody_moved(connection: Connection, event: domain.CustodyMoved, place: Place) -> tuple[str, ...]:
    for change in event.changes:
        values = {
            "uri": change.epc,
            "holder": change.holder,
            "order_id": event.order,
            "since": event.at,
        }
        _put(connection, t.units, {"epc": subject_of(change.epc)}, values)
    about = (event.order,) if event.order else ()
    return (*about, *(subject_of(change.epc) for change in event.changes))


@_on(domain.GoodsCaptured)
def _goods_captured(connection: Connection, event: domain.GoodsCaptured, place: Place) -> tuple[str, ...]:
    first = place.number * 1000  # events of one capture are told apart within the transaction
    about: list[str] = []
    for offset, captured in enumerate(event.events):
        where = {"block": place.block, "position": place.position, "number": first + offset}
        row = {
            "event_id": captured.event_id,
            "hash": captured.hash,
            "reporter": event.reporter,
            "kind": captured.kind,
            "status": captured.status,
            "time": captured.time,
            "action": captured.action,
            "biz_step": captured.biz_step,
            "read_point": captured.read_point,
            "error_declared": int(captured.error_declared),
        }
        connection.execute(insert(t.epcis_events).values(**where, **row))
        goods = list(dict.fromkeys(subject_of(epc) for epc in captured.epcs))
        if goods:
            connection.execute(insert(t.event_epcs), [{"epc": epc, **where} for epc in goods])
        about += [*captured.orders, *goods, key_part(captured.event_id), key_part(captured.hash)]
    return tuple(about)

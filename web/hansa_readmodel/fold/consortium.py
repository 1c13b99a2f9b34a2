"""Members, and their agreement on changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, found_by, on, put, subject_of


@on(domain.ConsortiumInitialized)
def _consortium_initialized(
    connection: Connection, event: domain.ConsortiumInitialized, place: Place
) -> tuple[str, ...]:
    values = {
        "basis_points": event.basis_points,
        "fee_account": event.fee_account,
        "arbitrator": event.arbitrator,
    }
    put(connection, t.consortium, {"id": 1}, values)
    return ()


@on(domain.MemberJoined)
def _member_joined(connection: Connection, event: domain.MemberJoined, place: Place) -> tuple[str, ...]:
    values = {
        "name": event.name,
        "role": event.role,
        "gln": event.gln,
        "country": event.country,
        "joined_at": event.at,
        "left_at": None,
        "found_by": found_by(event.name),
    }
    put(connection, t.members, {"msp_id": event.msp_id}, values)
    return (event.msp_id,)


@on(domain.MemberLeft)
def _member_left(connection: Connection, event: domain.MemberLeft, place: Place) -> tuple[str, ...]:
    changed = update(t.members).where(t.members.c.msp_id == event.msp_id)
    connection.execute(changed.values(left_at=event.at))
    return (event.msp_id,)


@on(domain.ConfigUpdateProposed)
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
    put(connection, t.config_updates, {"config_update": event.config_update}, values)
    return (event.config_update, *((event.organization,) if event.organization else ()))


@on(domain.ConfigUpdateSigned)
def _config_update_signed(
    connection: Connection, event: domain.ConfigUpdateSigned, place: Place
) -> tuple[str, ...]:
    key = {name: getattr(event, name) for name in ("config_update", "revision", "msp_id")}
    put(connection, t.config_signatures, key, {"signer": event.signer, "signed_at": event.at})
    return (event.config_update,)


@on(domain.ConfigUpdateRenewed)
def _config_update_renewed(
    connection: Connection, event: domain.ConfigUpdateRenewed, place: Place
) -> tuple[str, ...]:
    values = {name: getattr(event, name) for name in ("revision", "base_sequence", "digest")}
    return _config_update_changed(connection, event.config_update, {**values, "revised_at": event.at})


@on(domain.ConfigUpdateWithdrawn)
def _config_update_withdrawn(
    connection: Connection, event: domain.ConfigUpdateWithdrawn, place: Place
) -> tuple[str, ...]:
    values = {"status": "withdrawn", "closed_at": event.at, "closed_by": event.by}
    return _config_update_changed(connection, event.config_update, values)


@on(domain.ConfigUpdateCarriedOut)
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


@on(domain.GuardsRenewed)
def _guards_renewed(connection: Connection, event: domain.GuardsRenewed, place: Place) -> tuple[str, ...]:
    return (
        *event.escrows,
        *event.hashlocks,
        *event.accounts,
        *event.held,
        *(subject_of(epc) for epc in event.units),
    )

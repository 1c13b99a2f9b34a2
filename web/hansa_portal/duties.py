"""What any member may call once it is due: what says so, and the command that carries it out (rule 11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hansa.client import Client
from hansa.submission import Receipt
from hansa_domain.claims.commands import LapseClaim
from hansa_domain.netting.cycles import DissolveNetting
from hansa_readmodel.queries import Queries

GRACE = 60_000
"""Milliseconds that parties have for themselves where no order waits: to close, to refund, to end it."""


@dataclass(frozen=True)
class Duty:
    """One command, and when it is called.

    Args:
        command: its name.
        due: rows of what is due by a time, for a party, the oldest first, so many at most.
        marks: of a row its id, its deadline, and what tells this time that it is due from the next one.
        call: carries it out: client, id of the thing, id of the command.
        grace: milliseconds after the deadline in which it is left to others.
    """

    command: str
    due: Callable[[Queries, str, str, int], Sequence[Any]]
    marks: Callable[[Any], tuple[str, ...]]
    call: Callable[[Client, str, str], Receipt[Any]]
    grace: int = GRACE


DUTIES = (
    Duty(
        "orders:Default",
        lambda queries, by, party, limit: queries.orders.due(by, party=party, limit=limit),
        lambda row: (row.order_id, row.due, row.changed_at),
        lambda client, order, command: client.orders.default(order, command_id=command),
        grace=0,
    ),
    Duty(
        "exchanges:Expire",
        lambda queries, by, party, limit: queries.exchanges.due(by, party=party, limit=limit),
        lambda row: (row.exchange, row.expires_at),
        lambda client, exchange, command: client.exchanges.expire(exchange, command_id=command),
    ),
    Duty(
        "hashlocks:Refund",
        lambda queries, by, party, limit: queries.hashlocks.due(by, party=party, limit=limit),
        lambda row: (row.hashlock, row.expires_at),
        lambda client, hashlock, command: client.hashlocks.refund(hashlock, command_id=command),
    ),
    Duty(
        "netting:Close",
        lambda queries, by, party, limit: queries.netting.funded(by, party=party, limit=limit),
        lambda row: (row.cycle, row.due),
        lambda client, cycle, command: client.netting.close(cycle, command_id=command),
    ),
    Duty(
        "netting:Dissolve",
        lambda queries, by, party, limit: queries.netting.due(by, party=party, limit=limit),
        lambda row: (row.cycle, row.due),
        lambda client, cycle, command: client.send(DissolveNetting(id=command, cycle=cycle)),
    ),
    Duty(
        "claims:Lapse",
        lambda queries, by, party, limit: queries.claims.due(by, party=party, limit=limit),
        lambda row: (row.claim, row.due, row.status, row.arbitrator or ""),
        lambda client, claim, command: client.send(LapseClaim(id=command, claim=claim)),
    ),
    Duty(
        "offers:Expire",
        lambda queries, by, party, limit: queries.offers.due(by, party=party, limit=limit),
        lambda row: (row.offer, row.due, str(row.version), row.status),
        lambda client, offer, command: client.offers.expire(offer, command_id=command),
    ),
)
"""All of them. What is not here needs its owner's word or signers, or loses nothing by waiting."""

"""Orders of one buyer to one seller, decided on the same state, never touch what another writes (rule 4)."""

from __future__ import annotations

import json
from typing import Any

from hansa_domain.execution import Outcome
from hansa_domain.operation import Caller, Context, Fetch, Key, Records
from tests.support.domain import TERMS, World, market, mint, ulid

ORDERS = 100


class Watched(World):
    """A world that notes which keys the execution in progress reads."""

    def fetch(self, wanted: Fetch) -> Records:
        self.reads = getattr(self, "reads", set()) | set(wanted.keys)
        return super().fetch(wanted)


def at_once(world: World, caller: str, name: str, commands: list[dict[str, Any]]) -> None:
    """Decides all commands on one state, as if all were endorsed before any committed; then commits them."""
    decided: list[tuple[set[Key], Outcome]] = []
    for place, fields in enumerate(commands):
        watched = Watched(state=world.state, now=world.now)
        document = json.dumps({"id": ulid((name, place)), **fields}).encode()
        outcome = watched.drive(name, document, Context(Caller(caller, "user"), world.now, f"tx{place}"))
        decided.append((watched.reads, outcome))
    written: set[Key] = set()
    for reads, outcome in decided:
        assert not written & (reads | set(outcome.writes)), f"two of {name} conflict"
        written |= set(outcome.writes)
    for _, outcome in decided:
        world.keep(outcome)


def split(world: World, note: str, pieces: int) -> list[str]:
    """One note as many, in transfers of at most 64 outputs."""
    notes: list[str] = []
    while pieces > 0:
        count = min(pieces, 63)
        outputs = [{"owner": "RetailerMSP", "amount": "250"}] * count
        rest = int(world.record("note", note)["amount"]) - 250 * count
        if rest:
            outputs = [*outputs, {"owner": "RetailerMSP", "amount": str(rest)}]
        made = world.do("RetailerMSP", "money:Transfer", notes=[note], outputs=outputs).reply["notes"]
        notes += [entry["id"] for entry in made[:count]]
        note, pieces = made[-1]["id"], pieces - count
    return notes


def test_a_hundred_orders_live_side_by_side() -> None:
    world, listing = market(quantity=ORDERS, buckets=None)
    notes = split(world, mint(world, str(250 * ORDERS)), ORDERS)
    place = [
        {
            "lines": [{"listing": listing, "quantity": 1, "take": [{"bucket": bucket, "quantity": 1}]}],
            "amount": "250",
            "notes": [note],
            "terms": TERMS,
            "carrier": "CarrierMSP",
        }
        for bucket, note in enumerate(notes)
    ]
    at_once(world, "RetailerMSP", "orders:Place", place)
    orders = [{"order": key[1]} for key in world.state if key[0] == "order"]
    assert len(orders) == ORDERS
    at_once(world, "ProducerMSP", "orders:Accept", orders)
    at_once(world, "ProducerMSP", "orders:Ship", orders)
    at_once(world, "CarrierMSP", "orders:Deliver", orders)
    at_once(world, "RetailerMSP", "orders:Confirm", orders)
    assert {world.record("order", order["order"])["status"] for order in orders} == {"settled"}
    assert world.balance("ProducerMSP") == (250 - 1) * ORDERS
    assert world.balance("BankMSP/consortium-fees") == ORDERS


def test_two_payments_from_one_note_conflict() -> None:
    world, listing = market(quantity=2, buckets=2)
    note = mint(world, "500")
    place = [
        {
            "lines": [{"listing": listing, "quantity": 1, "take": [{"bucket": bucket, "quantity": 1}]}],
            "amount": "250",
            "notes": [note],
            "terms": TERMS,
        }
        for bucket in range(2)
    ]
    try:
        at_once(world, "RetailerMSP", "orders:Place", place)
    except AssertionError as conflict:
        assert "conflict" in str(conflict)
    else:
        raise AssertionError("one note was spent twice")

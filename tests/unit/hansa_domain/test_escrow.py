"""What leaves an order's escrow leaves it in one place, in part or whole, never more than it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa_domain.errors import Refusal
from hansa_domain.operation import Caller, Context, Records, canonical, decode_record
from hansa_domain.orders.escrow import Payout, escrow_key, pay_out
from hansa_domain.orders.order import Escrow, Order, Shares
from tests.support.domain import World, advance, placed, ulid

REST = Shares(proceeds="700", freight="40", fee="3")


def patched(world: World, order: str, **changes: Any) -> None:
    """The order's record with other fields, as an operation of another kind would have left it."""
    record = {**world.record("order", order), **changes}
    world.state["order", order] = canonical(record)


def pay(world: World, order_id: str, outputs: list[tuple[str, int]], left: Shares | None = None) -> Payout:
    order = decode_record(world.state["order", order_id], Order)
    records = Records(values={escrow_key(order_id): world.state.get(escrow_key(order_id))})
    context = Context(caller=Caller("RetailerMSP", "user"), now=world.now, tx_id="tx")
    reference = f"RetailerMSP.{ulid('pay')}"
    return pay_out(
        order, outputs, "release", reference=reference, records=records, context=context, left=left
    )


def test_a_part_leaves_and_the_rest_stays_for_whom_it_is_meant() -> None:
    world, order = placed()
    paid = pay(world, order, [("ProducerMSP", 295), ("CarrierMSP", 60), ("BankMSP/fees", 2)], REST)
    assert [(note.owner, note.amount) for note in paid.notes] == [
        ("ProducerMSP", "295"),
        ("CarrierMSP", "60"),
        ("BankMSP/fees", "2"),
    ]
    assert paid.writes[escrow_key(order)] == Escrow(order=order, currency="EUR", amount="743")
    assert (paid.order.released, paid.order.left, paid.order.held) == ("357", REST, 743)
    assert paid.event is not None
    assert (paid.event.reason, len(paid.event.created), paid.event.order) == ("release", 3, order)


def test_the_last_cent_deletes_the_escrow() -> None:
    world, order = placed()
    paid = pay(world, order, [("ProducerMSP", 1100), ("CarrierMSP", 0)])
    assert paid.writes[escrow_key(order)] is None
    assert (paid.order.released, paid.order.left, paid.order.held) == ("1100", None, 0)
    assert paid.order.shares == Shares(proceeds="0", freight="0", fee="0")
    assert len(paid.notes) == 1


def test_nothing_paid_writes_nothing() -> None:
    world, order = placed()
    paid = pay(world, order, [("ProducerMSP", 0)], Shares(proceeds="995", freight="100", fee="5"))
    assert (paid.notes, paid.writes, paid.event) == ([], {}, None)


@pytest.mark.parametrize(
    ("outputs", "left"),
    [
        ([("ProducerMSP", 1101)], None),
        ([("ProducerMSP", 1099)], None),
        ([("ProducerMSP", 356)], REST),
        ([("ProducerMSP", 1101), ("RetailerMSP", -1)], None),
    ],
)
def test_more_or_less_than_what_is_held_is_a_fault(
    outputs: list[tuple[str, int]], left: Shares | None
) -> None:
    world, order = placed()
    with pytest.raises(ValueError, match=r"held|nobody"):
        pay(world, order, outputs, left)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"dispute": "RetailerMSP"}, "ORDER_DISPUTED"), ({"released": "1"}, "LEDGER_INCONSISTENT")],
)
def test_nothing_leaves_a_disputed_or_contradictory_escrow(changes: dict[str, str], code: str) -> None:
    world, order = placed()
    patched(world, order, **changes)
    with pytest.raises(Refusal) as refused:
        pay(world, order, [("ProducerMSP", 1100)])
    assert refused.value.code.value == code


def test_an_order_that_ended_before_version_3_holds_nothing() -> None:
    world, order = placed()
    written = {key: value for key, value in world.record("order", order).items() if key != "released"}
    for status, held in (("delivered", 1100), ("settled", 0), ("refunded", 0)):
        old = json.dumps({**written, "v": 2, "status": status}).encode()
        assert decode_record(old, Order).held == held


@pytest.mark.parametrize(
    ("status", "caller", "name", "fields"),
    [
        ("accepted", "ProducerMSP", "orders:Ship", {}),
        ("shipped", "CarrierMSP", "orders:Deliver", {}),
        ("delivered", "RetailerMSP", "orders:Confirm", {}),
        ("delivered", "RetailerMSP", "returns:Propose", {"restocking_fee": "0", "receive_within": 9}),
    ],
)
def test_steps_of_whole_orders_are_for_whole_orders(
    status: str, caller: str, name: str, fields: dict[str, Any]
) -> None:
    world, order = placed()
    advance(world, order, status)
    patched(world, order, settlement="deliveries")
    world.pass_time(1000)
    assert world.refused(caller, name, order=order, **fields) == ("ORDER_SETTLEMENT", "order")


@pytest.mark.parametrize(
    ("status", "caller", "name", "fields"),
    [
        ("accepted", "ProducerMSP", "orders:Ship", {}),
        ("shipped", "CarrierMSP", "orders:Deliver", {}),
        ("delivered", "RetailerMSP", "returns:Propose", {"restocking_fee": "0", "receive_within": 9}),
    ],
)
def test_nothing_goes_on_during_a_dispute(
    status: str, caller: str, name: str, fields: dict[str, Any]
) -> None:
    world, order = placed()
    advance(world, order, status)
    world.do("RetailerMSP", "disputes:Open", order=order, reason="late")
    assert world.refused(caller, name, order=order, **fields) == ("ORDER_DISPUTED", "order")

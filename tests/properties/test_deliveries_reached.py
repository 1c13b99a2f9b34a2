"""A guard against a machine that proves nothing: orders in parts reach every end in it."""

from __future__ import annotations

from collections import Counter

from tests.properties.test_deliveries import EPCS, Deliveries
from tests.support.deliveries import BUYER, SELLER


def test_the_machine_reaches_every_end() -> None:
    """A fixed walk pays, refunds and cancels parts."""
    machine = Deliveries()
    machine.open_market()
    machine.place(6, 3, 0, [10, 20], [333, 333, 333], None)
    machine.accept(0, [0] * 4, True)
    machine.despatch(0, [4, 2], 0, EPCS[:3])
    machine.deliver(0)
    machine.receive(1, [1, 1, 0, 0, 2, 0, 0, 0, 0, 0], False)
    machine.bill(0, 0, BUYER)
    (despatch,) = machine.records("despatch")
    assert (despatch["status"], despatch["cause"]) == ("settled", "matched")
    machine.fall_silent(1, "BankMSP", 300)
    (order,) = machine.records("order")
    assert order["status"] == "settled"
    machine.place(6, 3, 700, [], [0, 0, 0], ["1", "2"])
    machine.accept(0, [2, 3, 0, 0], False)
    machine.despatch(0, [2, 3], None, [])
    machine.receive(0, [0] * 10, True)
    machine.bill(0, 0, SELLER)
    machine.place(1, 1, 700, [], [0, 0, 0], ["1", "2"])
    machine.cancel(0, SELLER, [0, 0])
    assert Counter(each["status"] for each in machine.records("order")) == {"settled": 2, "cancelled": 1}
    for check in (
        machine.money_is_conserved,
        machine.every_order_adds_up,
        machine.escrow_ends_once,
        machine.quantities_never_exceed_what_was_ordered,
        machine.goods_are_in_stock_or_sold,
        machine.goods_have_one_holder_and_leave_an_order_when_their_part_ends,
    ):
        check()

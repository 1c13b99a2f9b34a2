"""The part of the walk through every operation that delivers orders in parts."""

from __future__ import annotations

from tests.support.deliveries import BUYER, CARRIER, SELLER, TERMS_OF_DELIVERY, listed, order_in_parts, units
from tests.support.domain import World, mint

TERMS = {**TERMS_OF_DELIVERY, "carriages": [{"carrier": CARRIER, "freight": "150"}]}


def deliveries_walk(world: World) -> None:
    """Orders accepted in part, despatched, received short, invoiced wrong and right, and left to defaults."""
    listings = [listed(world), listed(world, price="90")]
    orders = []
    for _ in range(3):
        fields = order_in_parts(world, listings, [mint(world, "3010")], deliveries=TERMS)
        orders.append(world.do(BUYER, "orders:Place", **fields).reply["order"]["id"])
    some = [{"line": 0, "accepted": 6, "back_ordered": 3}, {"line": 1, "accepted": 3}]
    for order in orders[:2]:
        world.do(SELLER, "orders:AcceptPart", order=order, lines=some, promise_within=600)
    first, second, third = orders
    world.do(BUYER, "orders:AcceptBackOrder", order=first)
    world.do(BUYER, "orders:RefuseBackOrder", order=second)
    world.do(BUYER, "orders:CancelRest", order=second)
    world.do(BUYER, "orders:Cancel", order=third)
    sent = world.do(SELLER, "despatches:Despatch", order=first, lines=units((0, 7), (1, 3)), carriage=0)
    despatch = {"despatch": sent.reply["despatch"]["id"]}
    world.do(CARRIER, "despatches:Deliver", **despatch)
    found = [{"line": 0, "accepted": 6, "short": 1, "reason": "CP"}, {"line": 1, "accepted": 3}]
    world.do(BUYER, "receipts:Report", **despatch, lines=found, document="d0" * 32)
    lines = [{"line": 0, "quantity": 7, "amount": "1750"}, {"line": 1, "quantity": 3, "amount": "270"}]
    issued = world.do(SELLER, "invoices:Issue", **despatch, lines=lines, freight="150", number="Ş 7")
    invoice = {"invoice": issued.reply["invoice"]["id"]}
    world.refused(BUYER, "invoices:Pay", **invoice)
    world.do(SELLER, "invoices:Credit", **invoice, lines=[{"line": 0, "quantity": 1, "amount": "250"}])
    world.ask(BUYER, "invoices:Get", **invoice)
    world.do(BUYER, "invoices:Pay", **invoice)
    world.pass_time(600)
    world.do("RegulatorMSP", "orders:Default", order=first)
    world.ask(CARRIER, "deliveries:Get", order=first)
    world.ask(CARRIER, "despatches:Get", **despatch)

"""Questions about orders."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.operation import Context, Decision, Fetch, Key, Scan, Steps, operation
from hansa_domain.orders.commands import GetOrder, ListOrders, OrderDetailReply, OrdersReply
from hansa_domain.orders.order import Order, PartyOrder, Shipment


@operation("orders:Get", GetOrder, OrderDetailReply)
def get(command: GetOrder, context: Context) -> Steps:
    """One order with its shipment."""
    records = yield Fetch(keys=((Order.NOUN, command.order), (Shipment.NOUN, command.order)))
    order = records.get(Order, command.order, refuse=Code.ORDER_NOT_FOUND, where="order")
    return Decision(reply=OrderDetailReply(order=order, shipment=records.find(Shipment, command.order)))


@operation("orders:List", ListOrders, OrdersReply)
def list_orders(command: ListOrders, context: Context) -> Steps:
    """The orders in which a member is buyer, seller or carrier."""
    scan = Scan((PartyOrder.NOUN, command.party or context.caller.msp_id), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    ids = [key[2] for key, _ in page.items]
    keys: tuple[Key, ...] = tuple((Order.NOUN, order_id) for order_id in ids)
    records = yield Fetch(keys=keys)
    orders = [records.get(Order, order_id, refuse=Code.LEDGER_INCONSISTENT) for order_id in ids]
    if command.status is not None:
        orders = [order for order in orders if order.status == command.status]
    return Decision(reply=OrdersReply(orders=orders, bookmark=page.bookmark))

"""An order whose goods take the place of those of an earlier one."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.operation import Context, Records
from hansa_domain.orders.order import Order


def check_replaced(order: str | None, seller: str, records: Records, context: Context) -> None:
    """Refuses ORDER_NOT_FOUND or CLAIM_REPLACEMENT unless the order, if one is named, is one of these two.

    Args:
        order: the earlier one's id; the records hold it.
        seller: of the new one, whose buyer calls.
        records: what was fetched.
        context: the transaction's.
    """
    if order is None:
        return
    before = records.get(Order, order, refuse=Code.ORDER_NOT_FOUND, where="replaces")
    if (before.buyer, before.seller) != (context.caller.msp_id, seller):
        raise Refusal(Code.CLAIM_REPLACEMENT, "That order is not one of these two.", "replaces")

"""Where the goods go: told to one party at a time, checked against the order's public commitment (rule 7)."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from hansa_domain.argument import decode_document
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.iso3166 import check_country
from hansa_domain.operation import (
    MAX_ARGUMENT_BYTES,
    Context,
    Decision,
    Fetch,
    PrivateKey,
    Record,
    Steps,
    canonical,
    decode_record,
    operation,
)
from hansa_domain.orders.commands import (
    Delivery,
    DeliveryReply,
    DiscloseDelivery,
    DisclosedReply,
    GetDelivery,
)
from hansa_domain.orders.order import Order, load_order, require_party

TRANSIENT = "private"
"""The name under which the private document travels."""


class DeliveryRecord(Record, frozen=True, kw_only=True):
    """A delivery address as disclosed; key ``("delivery", order)`` in the recipient's implicit collection."""

    NOUN: ClassVar[str] = "delivery"
    order: str
    delivery: Delivery


def commitment(delivery: Delivery) -> str:
    """The public commitment to a private document: SHA-256, hex, over its canonical JSON, salt included.

    Fields that are null or absent are left out, so that both give the same hash.
    """
    return hashlib.sha256(canonical(delivery)).hexdigest()


@operation("orders:Disclose", DiscloseDelivery, DisclosedReply, private=True)
def disclose(command: DiscloseDelivery, context: Context) -> Steps:
    """Puts the address into one party's own collection. No event: that there is one is the recipient's."""
    raw = context.transient.get(TRANSIENT)
    if raw is None:
        raise Refusal(Code.TRANSIENT_MISSING, "The private document is missing in transient data.", TRANSIENT)
    if len(raw) > MAX_ARGUMENT_BYTES:
        raise Refusal(
            Code.DOCUMENT_TOO_LARGE, f"A delivery has at most {MAX_ARGUMENT_BYTES} bytes.", TRANSIENT
        )
    delivery: Delivery = decode_document(raw, Delivery, TRANSIENT)
    check_country(delivery.country, f"{TRANSIENT}.country")
    order = yield from load_order(command.order)
    require_party(context, order.buyer, "disclose the delivery address of")
    _check_recipient(order, command.recipient)
    if commitment(delivery) != order.delivery_commitment:
        raise Refusal(
            Code.COMMITMENT_MISMATCH, "The address is not the one that the order commits to.", TRANSIENT
        )
    place = PrivateKey(command.recipient, (DeliveryRecord.NOUN, order.id))
    return Decision(
        reply=DisclosedReply(order=order.id, recipient=command.recipient),
        private_writes={place: DeliveryRecord(order=order.id, delivery=delivery)},
    )


def _check_recipient(order: Order, recipient: str) -> None:
    if recipient not in order.parties:
        raise Refusal(Code.NOT_PERMITTED, f"{recipient} is not a party of this order.", "recipient")


@operation("orders:DeliveryAddress", GetDelivery, DeliveryReply)
def get_delivery(command: GetDelivery, context: Context) -> Steps:
    """The address from the caller's own collection: nobody reads another organisation's."""
    place = PrivateKey(context.caller.msp_id, (DeliveryRecord.NOUN, command.order))
    raw = (yield Fetch(private=(place,))).private[place]
    if raw is None:
        raise Refusal(
            Code.DELIVERY_NOT_DISCLOSED,
            f"No delivery address of this order was disclosed to {context.caller.msp_id}.",
            "order",
        )
    record = decode_record(raw, DeliveryRecord)
    return Decision(reply=DeliveryReply(order=command.order, delivery=record.delivery))

"""EPCIS 2.0 and CBV 2.0: reading events as GS1 writes them in JSON-LD, and hashing them."""

from hansa_domain.goods.epcis.document import EventSource, split_document
from hansa_domain.goods.epcis.event import EpcisEvent, QuantityElement, read_event
from hansa_domain.goods.epcis.event_hash import event_hash, pre_hash

__all__ = [
    "EpcisEvent",
    "EventSource",
    "QuantityElement",
    "event_hash",
    "pre_hash",
    "read_event",
    "split_document",
]

"""A market of oil in a portal's tests, for orders that go in parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hansa_domain.orders.delivery_terms import Carriage, DeliveryTerms
from tests.support.epcis import object_event
from tests.support.portal import Consortium

GTIN = "09521321000018"
SGTIN = "urn:epc:id:sgtin:9521321.000001.{}"
SSCC = "095213210000000018"
RAIL = {"msp_id": "RailMSP", "name": "Rail", "role": "carrier", "country": "PL"}
TWO_CARRIERS = DeliveryTerms(
    answer_within=60,
    invoice_within=60,
    carriages=[Carriage(carrier="CarrierMSP", freight="500"), Carriage(carrier="RailMSP", freight="100")],
)


def oil_market(folder: Path, *more: dict[str, Any]) -> Consortium:
    """The default members and ``more``, a retailer with money, and a producer with four bottles of oil."""
    found = Consortium(folder, more=list(more))
    found.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    producer = found.sdk("Producer")
    producer.products.register(GTIN, "Olive oil")
    epcs = [SGTIN.format(each) for each in range(4)]
    producer.goods.capture(json.dumps(object_event(action="ADD", bizStep="commissioning", epcList=epcs)))
    return found

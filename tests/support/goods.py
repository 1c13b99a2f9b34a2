"""A market for goods tests: products, free orders, and captures, on the ledger in memory."""

from __future__ import annotations

import json
from typing import Any

from hansa_domain.goods.batches import batches
from hansa_domain.goods.epcis import split_document
from tests.support.domain import TERMS, World, consortium

PRODUCER, RETAILER, CARRIER, BANK, REGULATOR = (
    f"{name}MSP" for name in ("Producer", "Retailer", "Carrier", "Bank", "Regulator")
)
GTIN = "09521321000018"
OTHER_GTIN = "09521321000025"


class GoodsLedger:
    """The members, and what a test of goods says often; ``events`` are those of the last command."""

    def __init__(self) -> None:
        self.world: World = consortium()
        self.events: list[dict[str, Any]] = []

    def command(self, name: str, msp_id: str, /, **fields: Any) -> dict[str, Any]:
        """Carries out a command a second later."""
        self.world.pass_time(1)
        result = self.world.do(msp_id, name, **fields)
        self.events = result.events
        reply: dict[str, Any] = result.reply
        return reply

    def capture(self, msp_id: str, *events: Any) -> list[dict[str, Any]]:
        """Captures events that stand alone, in one command; the results."""
        texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
        reply = self.command("goods:Capture", msp_id, events=[{"event": text} for text in texts])
        results: list[dict[str, Any]] = reply["results"]
        return results

    def capture_document(self, msp_id: str, text: str) -> list[dict[str, Any]]:
        """Captures a whole document in as many commands as it takes; all results."""
        results: list[dict[str, Any]] = []
        for batch in batches(split_document(text)):
            sources = [{"event": source.event, "context": source.context} for source in batch]
            results.extend(self.command("goods:Capture", msp_id, events=sources)["results"])
        return results

    def reports(self, event_id: str) -> list[dict[str, Any]]:
        """All reports of an event."""
        reports: list[dict[str, Any]] = self.world.ask(REGULATOR, "goods:Event", event_id=event_id)["reports"]
        return reports

    def unit(self, epc: str) -> dict[str, Any]:
        """A unit as the ledger has it."""
        unit: dict[str, Any] = self.world.ask(REGULATOR, "goods:Unit", epc=epc)["unit"]
        return unit

    def units(self) -> dict[tuple[str, ...], bytes]:
        """Every unit, as stored."""
        return {key: value for key, value in self.world.state.items() if key[0] == "unit"}

    def trace(self, epc: str, **more: Any) -> list[dict[str, Any]]:
        """The whole trail of an EPC, page by page."""
        steps: list[dict[str, Any]] = []
        bookmark = ""
        while True:
            page = self.world.ask(REGULATOR, "goods:Trace", epc=epc, bookmark=bookmark, **more)
            steps.extend(page["steps"])
            bookmark = page["bookmark"]
            if not bookmark:
                return steps

    def register(self, gtin: str = GTIN, owner: str = PRODUCER) -> None:
        """Registers a product."""
        self.command("products:Register", owner, gtin=gtin, name="Coffee")

    def order(self, quantity: int, carrier: str | None = CARRIER) -> str:
        """An accepted order of the retailer for a free listing of the producer; its id."""
        offer = {"gtin": GTIN, "unit_price": "0", "currency": "EUR", "quantity": quantity, "buckets": 1}
        listing = self.command("listings:Create", PRODUCER, **offer)["listing"]["id"]
        line = {"listing": listing, "quantity": quantity, "take": [{"bucket": 0, "quantity": quantity}]}
        place = {"lines": [line], "amount": "0", "notes": [], "terms": TERMS, "carrier": carrier}
        order: str = self.command("orders:Place", RETAILER, **place)["order"]["id"]
        self.command("orders:Accept", PRODUCER, order=order)
        return order

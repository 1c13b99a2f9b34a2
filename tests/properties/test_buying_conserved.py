"""Money and goods are conserved also where orders come from offers, and goods go back for a fee."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.properties.test_money_conserved import AMOUNTS, PICK, Trade
from tests.support.offers import proposal


class Buying(Trade):
    """All that members do at random there, and offers and returns."""

    @rule(pick=PICK, fee=AMOUNTS, answer=st.sampled_from(["Receive", "Refuse", "none"]))
    def give_back(self, pick: int, fee: int, answer: str) -> None:
        """The goods of an order go back for a fee, as far as the two agree."""
        orders = self.orders()
        if not orders:
            return
        order = orders[pick % len(orders)]
        fields = {"order": order["id"], "restocking_fee": str(fee)}
        self.attempt(order["buyer"], "returns:Propose", **fields, receive_within=60)
        self.attempt(order["seller"], "returns:Accept", **fields)
        if answer != "none":
            self.attempt(order["seller"], f"returns:{answer}", order=order["id"])

    @rule(amount=AMOUNTS, freight=AMOUNTS, pick=PICK, ours=st.booleans())
    def negotiate(self, amount: int, freight: int, pick: int, ours: bool) -> None:
        """The retailer buys by an offer: the producer's, or its own that the producer agrees to."""
        notes = self.notes("RetailerMSP")
        if not notes:
            return
        note = notes[pick % len(notes)]
        proposed = proposal(amount=str(amount), freight=str(freight), currency=note["currency"])
        parties = {"buyer": "RetailerMSP", "seller": "ProducerMSP"}
        by = "RetailerMSP" if ours else "ProducerMSP"
        made = self.attempt(by, "offers:Propose", **parties, proposal=proposed)
        if made is None:
            return
        offer = {"offer": made.reply["offer"]["id"], "version": 1}
        if ours:
            self.attempt("ProducerMSP", "offers:Agree", **offer)
        self.attempt("RetailerMSP", "offers:Accept", **offer, notes=[note["id"]])


TestBuying = Buying.TestCase
TestBuying.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_the_machine_reaches_orders_from_offers_and_returns() -> None:
    """A guard against a machine that proves nothing."""
    machine = Buying()
    machine.open_market()
    machine.negotiate(100, 10, 0, True)
    machine.negotiate(100, 0, 0, False)
    ids = [order["id"] for order in machine.orders()]
    assert len(ids) == 2
    machine.advance("Ship", 0, 1, "")
    machine.give_back(0, 30, "Receive")
    (ended,) = (order for order in machine.orders() if order["status"] == "refunded")
    assert ended["cause"] == "returned"
    machine.money_is_conserved()
    machine.escrow_ends_once()
    machine.goods_are_conserved()

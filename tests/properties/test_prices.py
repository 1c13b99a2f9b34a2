"""Prices add up, whatever is asked for; coupons and samples are never used more often than was promised."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hansa_domain.errors import Refusal
from hansa_domain.listings.records import Listing
from hansa_domain.listings.terms import ListingTerms, Price, Tier
from hansa_domain.pricing.computation import CHARGED, Rate, Wanted, compute
from hansa_domain.pricing.concessions import Concession
from tests.support.domain import TERMS, World, market, mint
from tests.support.offers_of_goods import CODE, CODE_HASH, coupon, offered

AMOUNTS = st.integers(0, 10**12)
QUANTITIES = st.integers(1, 10**6)
KINDS = st.sampled_from(["standard", "reduced", "zero", "exempt", "reverse_charge"])
RATES = st.none() | st.builds(
    Rate, kind=KINDS, vat=st.integers(0, 10_000), duty=st.integers(0, 100_000), on_duty=st.booleans()
)


@st.composite
def tiers(draw: st.DrawFn) -> list[Tier]:
    starts = sorted(draw(st.sets(st.integers(2, 10**6), max_size=5)))
    return [Tier(from_quantity=start, unit_price=str(draw(AMOUNTS))) for start in starts]


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    price = draw(st.none() | AMOUNTS)
    terms = ListingTerms()
    if price is not None:
        yuan = Price(currency="CNY", unit_price=str(draw(AMOUNTS)), tiers=draw(tiers()))
        terms = ListingTerms(tiers=draw(tiers()), prices=[yuan])
    return Listing(
        id=f"ProducerMSP.{draw(st.integers(0, 3))}",
        seller="ProducerMSP",
        gtin="0",
        unit_price=None if price is None else str(price),
        currency="EUR",
        quantity=1,
        buckets=1,
        status="open",
        created_at="",
        terms=terms,
    )


def concessions() -> st.SearchStrategy[Concession]:
    more = {
        "from_quantity": st.none() | QUANTITIES,
        "listings": st.lists(st.integers(0, 3).map("ProducerMSP.{}".format), max_size=2),
    }
    amount = st.builds(Concession, amount=AMOUNTS.map(str), currency=st.sampled_from(["EUR", "CNY"]), **more)
    return amount | st.builds(Concession, basis_points=st.integers(1, 10_000), **more)


WANTED = st.lists(st.builds(Wanted, listings(), QUANTITIES, RATES), min_size=1, max_size=5)


@given(
    WANTED, st.sampled_from(["EUR", "CNY"]), st.lists(concessions(), max_size=3), st.none() | concessions()
)
def test_what_lines_cost_adds_up(
    wanted: list[Wanted], currency: str, discounts: list[Concession], code: Concession | None
) -> None:
    sums = compute(wanted, currency, discounts=discounts, coupon=code)
    assert len(sums.lines) == len(wanted)
    off = 0
    for each, line in zip(wanted, sums.lines, strict=True):
        unit = each.listing.price_of(each.quantity, currency)
        assert (line is None) == (unit is None)
        if line is None or unit is None:
            continue
        assert int(line.net) + int(line.discount) == unit * each.quantity
        assert 0 <= int(line.discount) <= unit * each.quantity
        off += int(line.discount)
        if each.rate is None or each.rate.kind not in CHARGED:
            assert line.tax == "0"
            continue
        # Half a unit up: never more than half a minor unit from the exact tax.
        base = int(line.net) + (int(line.duty) if each.rate.on_duty else 0)
        assert abs(int(line.tax) * 10_000 - base * each.rate.vat) <= 5_000
    priced = [line for line in sums.lines if line is not None]
    assert sums.goods == sum(int(line.net) for line in priced)
    assert (sums.tax, sums.duty) == (
        sum(int(line.tax) for line in priced),
        sum(int(line.duty) for line in priced),
    )
    assert off == sums.discount == sum(sums.taken)
    for concession, taken in zip([*discounts, *([code] if code else [])], sums.taken, strict=True):
        assert taken <= int(concession.amount or 10**30)
    assert compute(wanted, currency, discounts=discounts, coupon=code) == sums


@given(listings(), st.lists(QUANTITIES, min_size=2, max_size=6))
def test_the_tier_reached_holds_and_falling_tiers_make_falling_prices(
    listing: Listing, quantities: list[int]
) -> None:
    if listing.unit_price is None:
        assert listing.price_of(1, "EUR") is None
        return
    steps = [
        (1, int(listing.unit_price)),
        *((tier.from_quantity, int(tier.unit_price)) for tier in listing.terms.tiers),
    ]
    found = [listing.price_of(quantity, "EUR") for quantity in sorted(quantities)]
    expected = [[price for start, price in steps if start <= each][-1] for each in sorted(quantities)]
    assert found == expected
    if all(first >= second for (_, first), (_, second) in pairwise(steps)):
        assert expected == sorted(expected, reverse=True)


class Selling(RuleBasedStateMachine):
    """Buyers with a coupon, of which there are few, and with samples."""

    @initialize(uses=st.integers(1, 4), per_buyer=st.integers(1, 3), times=st.integers(1, 2))
    def begin(self, uses: int, per_buyer: int, times: int) -> None:
        self.world, _ = market()
        self.uses, self.per_buyer, self.times = uses, per_buyer, times
        self.parts = min(uses, 2)
        sample = {"quantity": 1, "unit_price": "50", "times": times}
        self.listing = offered(self.world, quantity=1000, buckets=1, terms={"sample": sample})
        coupon(self.world, uses=uses, per_buyer=per_buyer, parts=self.parts)
        self.used: dict[str, int] = {}
        self.samples: dict[str, int] = {}

    def order(self, buyer: str, **more: Any) -> bool:
        """Whether the ledger took an order at the price that it quoted."""
        asked = {**more, "coupon": more["coupon"]["code_hash"]} if "coupon" in more else more
        lines = [{"listing": self.listing, "quantity": 1}]
        try:
            quote = self.world.ask(buyer, "orders:Quote", lines=lines, **asked)
            note = mint(self.world, quote["amount"], buyer)
            lines[0]["take"] = [{"bucket": 0, "quantity": 1}]
            fields = {"lines": lines, "amount": quote["amount"], "notes": [note], "terms": TERMS, **more}
            fields["arbitrator"] = "RegulatorMSP"
            self.world.do(buyer, "orders:Place", **fields, transient={"coupon": CODE})
        except Refusal as refusal:
            assert refusal.code.value in {"COUPON_USED_UP", "SAMPLE_TAKEN"}
            return False
        return True

    @rule(buyer=st.sampled_from(["RetailerMSP", "BankMSP", "CarrierMSP"]), part=st.integers(0, 1))
    def buy_with_the_coupon(self, buyer: str, part: int) -> None:
        left = World.record(self.world, "coupon-part", "ProducerMSP", CODE_HASH, f"{part:03d}")
        allowed = left is not None and left["left"] > 0 and self.used.get(buyer, 0) < self.per_buyer
        assert self.order(buyer, coupon={"code_hash": CODE_HASH, "part": part}) == allowed
        self.used[buyer] = self.used.get(buyer, 0) + allowed

    @rule(buyer=st.sampled_from(["RetailerMSP", "BankMSP"]))
    def take_a_sample(self, buyer: str) -> None:
        allowed = self.samples.get(buyer, 0) < self.times
        assert self.order(buyer, sample=True) == allowed
        self.samples[buyer] = self.samples.get(buyer, 0) + allowed

    @invariant()
    def never_more_than_promised(self) -> None:
        assert sum(self.used.values()) <= self.uses
        assert max(self.used.values(), default=0) <= self.per_buyer
        assert max(self.samples.values(), default=0) <= self.times
        left = [
            self.world.record("coupon-part", "ProducerMSP", CODE_HASH, f"{part:03d}")["left"]
            for part in range(self.parts)
        ]
        assert sum(left) + sum(self.used.values()) == self.uses


TestSelling = Selling.TestCase
TestSelling.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)

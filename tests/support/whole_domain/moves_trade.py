"""Moves of trade: products and listings, orders, tenders and offers, approvals."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from hansa_domain.orders.commands import Delivery
from hansa_domain.orders.disclosure import commitment
from tests.support.domain import TERMS, ulid
from tests.support.escrow import PLAN, milestone
from tests.support.offers import PRICED, priced, proposal
from tests.support.whole_domain.draw import CURRENCIES, GTINS, MSPS, Draw, fresh_gtin
from tests.support.whole_domain.moves import Move, move, sent
from tests.support.whole_domain.moves_deliveries import delivery_terms
from tests.support.whole_domain.moves_escrow import by_milestones

ADDRESS = {"salt": "ab" * 16, "name": "Goods-in", "street": ["Quay 1"], "city": "Hamburg", "country": "DE"}
COMMITTED = commitment(msgspec.convert(ADDRESS, Delivery))


@move("products:Register")
def register(draw: Draw) -> Move:
    return sent(draw, by="ProducerMSP", gtin=fresh_gtin(draw.random.randrange(50, 99_999)), name="Thing")


@move("listings:Create")
def create_listing(draw: Draw) -> Move:
    fields = {"currency": draw.pick(CURRENCIES), "quantity": 400, "buckets": draw.pick((1, 4))}
    price = None if draw.chance(20) else str(draw.random.randrange(1, 60))
    return sent(draw, by="ProducerMSP", gtin=draw.pick(GTINS), unit_price=price, **fields)


@move("orders:Place")
def place(draw: Draw) -> Move | None:
    """An order that fits its listing, but for the stock of a bucket."""
    listing = draw.recent([each for each in draw.view.all("listing") if each.status == "open"])
    if listing is None:
        return None
    draw.caller = draw.pick(("RetailerMSP", "RetailerMSP", draw.anyone()))
    quantity = draw.random.randint(1, 12)
    carrier = draw.pick(("CarrierMSP", "CarrierMSP", None))
    freight = 0 if carrier is None else draw.random.randrange(20)
    amount = draw.random.randrange(300) if listing.unit_price is None else int(listing.unit_price) * quantity
    amount += freight
    bucket = draw.random.randrange(listing.buckets)
    take = [{"bucket": bucket, "quantity": quantity}]
    fields: dict[str, Any] = {
        "lines": [{"listing": listing.id, "quantity": quantity, "take": take}],
        "amount": str(amount),
        "freight": str(freight),
        "carrier": carrier,
        "notes": draw.notes(None, listing.currency, amount) if amount else [],
        # Arbitrators who fall silent within a life here, and others who do not.
        "terms": {**TERMS, "decide_within": 120} if draw.chance(50) else TERMS,
        "second_arbitrator": "RegulatorMSP" if draw.chance(20) else None,
        "delivery_commitment": COMMITTED if draw.chance(60) else None,
    }
    if draw.chance(40):
        fields["warranty"] = 86_400
    claim = draw.recent([each for each in draw.view.all("claim") if each.closed_at is None])
    if claim is not None and claim.buyer == draw.caller and claim.seller == listing.seller:
        fields["replaces"] = claim.order
    if draw.chance(10):
        fields["change"] = f"{draw.caller}/till"
    if draw.chance(40) and listing.unit_price is not None:
        terms = delivery_terms(draw, carrier, freight)
        fields |= {"carrier": None, "settlement": "deliveries", "deliveries": terms}
    elif draw.chance(30):
        fields |= by_milestones()
    return sent(draw, **fields)


@move("orders:Disclose")
def disclose(draw: Draw) -> Move | None:
    order = draw.recent([each for each in draw.view.all("order") if each.delivery_commitment])
    if order is None:
        return None
    recipient = draw.pick((order.seller, order.carrier or order.seller, draw.anyone()))
    made = sent(draw, by=order.buyer, order=order.id, recipient=recipient)
    return Move(made.caller, made.fields, {"private": json.dumps(ADDRESS).encode()})


def proposed(draw: Draw) -> dict[str, Any]:
    """A proposal of a few pieces; its priced lines are ``PRICED`` where the amount is theirs."""
    if draw.chance(40):
        return proposal(lines=PRICED["lines"] and [{"gtin": PRICED["lines"][0]["gtin"], "quantity": 40}])
    freight, goods = draw.random.randrange(20), draw.random.randrange(1, 400)
    fields = proposal(
        lines=[{"gtin": draw.pick(GTINS), "quantity": draw.random.randint(1, 9)}],
        currency=draw.pick(CURRENCIES),
        amount=str(freight + goods),
        freight=str(freight),
        valid_for=draw.pick((60, 7200)),
        lines_commitment=None,
    )
    return fields | _settled(draw, goods, freight)


def _settled(draw: Draw, goods: int, freight: int) -> dict[str, Any]:
    """How the order that an offer may become is paid: as a whole, by milestones, or in parts."""
    more: dict[str, Any] = {"warranty": 86_400} if draw.chance(40) else {}
    if draw.chance(60):
        # The amount is the proceeds by the fee of the beginning; another one may hold by now.
        proceeds = goods - (goods + freight) * 50 // 10_000
        more["milestones"] = draw.pick((PLAN, PLAN, [milestone("delivered", amount=str(proceeds))]))
    elif draw.chance(30):
        more["carrier"] = None
        more["deliveries"] = delivery_terms(draw, "CarrierMSP", freight) | {"weights": ["1"]}
    return more


@move("tenders:Open")
def open_tender(draw: Draw) -> Move:
    lines = [{"gtin": draw.pick(GTINS), "quantity": 5}]
    invited = draw.pick(([], [], ["ProducerMSP"]))
    return sent(
        draw,
        by="RetailerMSP",
        lines=lines,
        country="DE",
        wanted_within=3600,
        closes_within=3600,
        invited=invited,
    )


@move("currencies:Approve")
def approve_issuer(draw: Draw) -> Move:
    return sent(draw, admin=True, currency=draw.pick(("USD", "USD", "EUR")), bank="BankMSP")


@move("offers:Propose")
def propose(draw: Draw) -> Move:
    fields: dict[str, Any] = {"buyer": "RetailerMSP", "seller": "ProducerMSP", "proposal": proposed(draw)}
    tender = draw.recent([each for each in draw.view.all("tender") if each.status == "open"])
    by = draw.pick(("ProducerMSP", "ProducerMSP", "RetailerMSP"))
    if tender is not None and draw.chance(50):
        lines = [{"gtin": line.gtin, "quantity": line.quantity} for line in tender.lines]
        answer = proposed(draw) | {"lines": lines, "lines_commitment": None}
        fields |= {"tender": tender.id, "buyer": tender.buyer, "proposal": answer}
        by = "ProducerMSP"
    return sent(draw, by=by, **fields)


def _offer(draw: Draw, *states: str) -> Any:
    return draw.recent([each for each in draw.view.all("offer") if each.status in states])


@move("offers:Counter")
def counter(draw: Draw) -> Move | None:
    offer = _offer(draw, "open")
    if offer is None:
        return None
    other = offer.buyer if offer.by == offer.seller else offer.seller
    return sent(draw, by=other, offer=offer.id, version=offer.version, proposal=proposed(draw))


@move("offers:Agree")
def agree(draw: Draw) -> Move | None:
    """The seller to what the buyer proposed last."""
    theirs = [each for each in draw.view.all("offer") if each.status == "open" and each.by == each.buyer]
    offer = draw.recent(theirs)
    return offer and sent(draw, by=offer.seller, offer=offer.id, version=offer.version)


@move("offers:Accept")
def accept(draw: Draw) -> Move | None:
    return _taken(draw, tender=False)


@move("tenders:Award")
def award(draw: Draw) -> Move | None:
    return _taken(draw, tender=True)


def _taken(draw: Draw, tender: bool) -> Move | None:
    open_ = [each for each in draw.view.all("offer") if each.status in ("open", "agreed")]
    offer = draw.recent([each for each in open_ if (each.tender is not None) == tender])
    if offer is None:
        return None
    draw.caller = offer.buyer
    version = draw.view.get("offer-version", offer.id, f"{offer.version:03d}")
    fields = {"tender": offer.tender} if tender else {}
    notes = draw.notes(None, version.currency, int(version.amount))
    return sent(draw, offer=offer.id, version=offer.version, notes=notes, **fields)


@move("offers:Disclose")
def disclose_lines(draw: Draw) -> Move | None:
    committed = [each for each in draw.view.all("offer-version") if each.lines_commitment]
    version = draw.recent(committed)
    if version is None:
        return None
    offer = draw.view.get("offer", version.offer)
    other = offer.buyer if version.by == offer.seller else offer.seller
    made = sent(draw, by=version.by, offer=version.offer, version=version.version, recipient=other)
    return Move(made.caller, made.fields, priced())


def _next_step(name: str, party: str, *states: str) -> None:
    """A step of an order that is due, by whom it is due."""

    @move(name)
    def step(draw: Draw) -> Move | None:
        if name == "orders:Cancel" and draw.chance(80):
            return None  # what is cancelled goes nowhere any more
        order = draw.recent([each for each in draw.view.all("order") if each.status in states])
        return order and sent(draw, by=getattr(order, party) or order.seller, order=order.id)


_next_step("orders:Accept", "seller", "placed")
_next_step("orders:Deliver", "carrier", "shipped")
_next_step("orders:Confirm", "buyer", "shipped", "delivered")
_next_step("orders:Cancel", "buyer", "placed")


@move("returns:Propose")
def propose_return(draw: Draw) -> Move | None:
    order = draw.recent([each for each in draw.view.all("order") if each.status in ("shipped", "delivered")])
    fields = {"restocking_fee": str(draw.random.randrange(20)), "receive_within": 60}
    return order and sent(draw, by=order.buyer, order=order.id, **fields)


@move("returns:Refuse")
def refuse_return(draw: Draw) -> Move | None:
    found = _returning(draw, "proposed")
    return found and sent(draw, by=draw.view.get("order", found.order).seller, order=found.order)


def _returning(draw: Draw, status: str) -> Any:
    return draw.recent([each for each in draw.view.all("return") if each.status == status])


@move("returns:Accept")
def accept_return(draw: Draw) -> Move | None:
    found = _returning(draw, "proposed")
    if found is None:
        return None
    seller = draw.view.get("order", found.order).seller
    return sent(draw, by=seller, order=found.order, restocking_fee=found.restocking_fee)


@move("returns:Receive")
def receive_return(draw: Draw) -> Move | None:
    found = _returning(draw, "accepted")
    return found and sent(draw, by=draw.view.get("order", found.order).seller, order=found.order)


@move("approvals:SetRules")
def set_rules(draw: Draw) -> Move:
    """Limits that are seldom in the way, and often none."""
    limit = str(draw.pick((50, 20_000)))
    rules = draw.pick(([], [{"currency": "EUR", "limit": limit}]))
    return sent(draw, admin=True, by=draw.pick(("RetailerMSP", draw.anyone())), rules=rules)


@move("approvals:Approve")
def approve(draw: Draw) -> Move:
    draw.caller = "RetailerMSP"
    order = f"RetailerMSP.{ulid(('approved', draw.random.randrange(9)))}"
    fields = {"seller": "ProducerMSP", "currency": "EUR", "amount": str(draw.amount())}
    return sent(draw, admin=True, order=order, **fields)


@move("configUpdates:Propose")
def propose_change(draw: Draw) -> Move:
    """Changes of settings, and newcomers; never that a member leaves, since little would happen after."""
    number = draw.random.randrange(99)
    fields: dict[str, Any] = {"kind": "batch"}
    if draw.chance(50):
        name = f"New{number}MSP"
        newcomer = {"msp_id": name, "name": name, "role": "retailer", "country": "ES"}
        fields = {"kind": "add-organization", "organization": name, "newcomer": newcomer}
    return sent(
        draw, admin=True, summary="It is time", base_sequence=number, update="c29tZSBieXRlcw==", **fields
    )


@move("configUpdates:Renew")
def renew_change(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("config_update") if each.status == "proposed"])
    if found is None:
        return None
    sequence = found.base_sequence + 1
    return sent(
        draw,
        admin=True,
        by=found.proposer,
        config_update=found.id,
        base_sequence=sequence,
        update="b3RoZXIgYnl0ZXM=",
    )


@move("configUpdates:Sign")
def sign_change(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("config_update") if each.status == "proposed"])
    if found is None:
        return None
    done = {each.msp_id for each in draw.view.all("config_signature") if each.config_update == found.id}
    by = draw.pick(sorted(set(MSPS) - done) or MSPS)
    fields = {"config_update": found.id, "digest": found.digest, "signature": "c2lnbmVk"}
    return sent(draw, admin=True, by=by, **fields)


@move("configUpdates:Complete")
def complete_change(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("config_update") if each.status == "proposed"])
    if found is None:
        return None
    return sent(draw, admin=True, config_update=found.id, config_block=draw.random.randrange(1, 99))


@move("coupons:Withdraw")
def withdraw_coupon(draw: Draw) -> Move | None:
    found = draw.recent(draw.view.all("coupon"))
    return found and sent(draw, by=found.seller, code_hash=found.code_hash)


@move("discounts:Withdraw")
def withdraw_discount(draw: Draw) -> Move | None:
    found = draw.recent(draw.view.all("discount"))
    return found and sent(draw, by=found.seller, discount=found.id)

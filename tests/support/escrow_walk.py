"""The part of the walk through every operation that is about milestones, splits by consent and disputes."""

from __future__ import annotations

from tests.support.domain import GTIN, TERMS, World, advance, mint, order_fields
from tests.support.escrow import DOCUMENT, PLAN, private, split, statement_hash

REASONS = {"salt": "5b" * 16, "text": "Gerekçe: mal suyla bozulmuş."}


def escrow_walk(world: World) -> None:
    """Escrow that leaves in parts, by consent, and by a decision."""
    offer = {"gtin": GTIN, "unit_price": "250", "currency": "EUR", "quantity": 60, "buckets": 1}
    listing = world.do("ProducerMSP", "listings:Create", **offer).reply["listing"]["id"]
    milestones(world, listing)
    consent(world, listing)
    disputes(world, listing)
    claims(world, listing)


def _order(world: World, listing: str, status: str = "delivered", **more: object) -> str:
    fields = order_fields(listing, [mint(world, "1100")], **more)
    order = str(world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])
    if more.get("settlement") is None:
        advance(world, order, status)
    return order


def milestones(world: World, listing: str) -> None:
    """Reported, shipped, delivered, accepted, and paid by silence."""
    order = _order(world, listing, settlement="milestones", milestones=PLAN)
    world.do("ProducerMSP", "orders:Accept", order=order)
    report = {"order": order, "milestone": "attested"}
    world.refused("RegulatorMSP", "milestones:Report", **report)
    world.do("RegulatorMSP", "milestones:Report", **report, document=DOCUMENT)
    world.do("ProducerMSP", "orders:Ship", order=order)
    world.do("CarrierMSP", "orders:Deliver", order=order)
    world.pass_time(100)
    world.do("BankMSP", "orders:Default", order=order)
    world.ask("CarrierMSP", "milestones:Get", order=order)
    world.do("RetailerMSP", "orders:Confirm", order=order)


def consent(world: World, listing: str) -> None:
    """A part is released, a proposal withdrawn, and the rest is split."""
    order = _order(world, listing)
    proposal = {"order": order, "valid_for": 60}
    world.do("RetailerMSP", "settlements:Propose", **proposal, split=split(100, 0))
    world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    world.do("ProducerMSP", "settlements:Propose", **proposal, split=split(0, 10))
    world.do("RetailerMSP", "settlements:Withdraw", order=order, number=2)
    rest = {"split": split(200, 701, 99), "goods": "buyer", "statement": statement_hash()}
    world.do("CarrierMSP", "settlements:Propose", **proposal, **rest)
    for caller in ("ProducerMSP", "RetailerMSP"):
        world.do(caller, "settlements:Accept", order=order, number=3)
    world.ask("CarrierMSP", "settlements:Get", order=order)


def disputes(world: World, listing: str) -> None:
    """One is withdrawn, one passed on and decided."""
    terms = {**TERMS, "decide_within": 60}
    order = _order(world, listing, "shipped", terms=terms, second_arbitrator="RegulatorMSP")
    opening = {"order": order, "reason": "damaged", "statement": statement_hash(), "evidence": [DOCUMENT]}
    world.do("RetailerMSP", "disputes:Open", **opening)
    world.do("ProducerMSP", "disputes:Answer", order=order, statement="aa" * 32)
    world.do("CarrierMSP", "disputes:AddEvidence", order=order, evidence=["ab" * 32])
    told = {"order": order, "opener": "RetailerMSP", "recipient": "BankMSP"}
    world.do("RetailerMSP", "disputes:Disclose", **told, transient=private())
    world.ask("BankMSP", "disputes:Statement", statement=statement_hash())
    world.do("RetailerMSP", "disputes:Withdraw", order=order)
    world.do("ProducerMSP", "disputes:Open", order=order, reason="refused")
    world.pass_time(60)
    world.do("CarrierMSP", "orders:Default", order=order)
    verdict = {"split": split(300, 700, 100), "goods": "seller", "statement": statement_hash(REASONS)}
    world.do("RegulatorMSP", "disputes:Decide", order=order, **verdict)
    world.ask("CarrierMSP", "disputes:Get", order=order)


def claims(world: World, listing: str) -> None:
    """Paid after a verdict, credited, met by other goods, withdrawn, and lapsed."""
    order = _order(world, listing, warranty=6000, second_arbitrator="RegulatorMSP")
    world.do("RetailerMSP", "orders:Confirm", order=order)
    other = _order(world, listing, "accepted", replaces=order)
    wanted = {"order": order, "reason": "quality", "answer_within": 60}
    made = []
    for kind in ("payment", "credit", "replacement", "payment", "payment"):
        more = {} if kind == "replacement" else {"amount": "300"}
        if not made:
            more |= {"statement": statement_hash(), "account": "RetailerMSP/till"}
        result = world.do("RetailerMSP", "claims:Open", **wanted, wanted=kind, **more)
        made.append({"claim": result.reply["claim"]["id"]})
    paid, credited, replaced, withdrawn, lapsed = made
    world.do("RetailerMSP", "claims:Disclose", **paid, recipient="BankMSP", transient=private())
    for claim in (paid, lapsed):
        world.do("ProducerMSP", "claims:Refuse", **claim)
    world.do("RetailerMSP", "claims:Escalate", **paid)
    world.do("BankMSP", "claims:Judge", **paid, amount="200", statement=statement_hash(REASONS))
    notes = [mint(world, "250", "ProducerMSP")]
    world.do("ProducerMSP", "claims:Pay", **paid, amount="200", notes=notes)
    world.do("ProducerMSP", "claims:Credit", **credited, document=DOCUMENT)
    world.do("ProducerMSP", "claims:Replace", **replaced, replacement=other)
    world.do("RetailerMSP", "claims:Withdraw", **withdrawn)
    world.pass_time(2_000_000)
    world.do("CarrierMSP", "claims:Lapse", **lapsed)
    world.ask("CarrierMSP", "claims:Get", **paid)
    world.ask("CarrierMSP", "claims:List")

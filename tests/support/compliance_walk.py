"""The part of the walk through every operation that is about rule packs, licences and papers."""

from __future__ import annotations

from tests.support.compliance import REGULATOR, licensed, place, publish, rule
from tests.support.domain import GTIN, World, advance
from tests.support.signers import signer

QUESTION = {
    "stage": "order",
    "seller": "ProducerMSP",
    "buyer": "RetailerMSP",
    "lines": [{"gtin": GTIN, "quantity": 3}],
}


def compliance_walk(world: World) -> None:
    """A pack is published, asked, satisfied, replaced and repealed; licences and papers come and go."""
    offer = {"gtin": GTIN, "unit_price": "250", "currency": "EUR", "quantity": 40, "buckets": 2}
    listing = str(world.do("ProducerMSP", "listings:Create", **offer).reply["listing"]["id"])
    rules = [
        rule("licensed", party="buyer", licence="food", scope={"destinations": ["DE", "AT"]}),
        rule("paper", paper="phytosanitary"),
        rule("threshold", max_quantity=500, scope={"hs": ["0709"]}, unknown="pass"),
    ]
    publish(world, *rules, title="Gümrük")
    world.do("RetailerMSP", "compliance:Check", question=QUESTION)
    licence = licensed(world, "RetailerMSP", scope={"departures": ["NL"]}, number="Ş 7")
    world.ask("RetailerMSP", "compliance:Preview", question=QUESTION)
    order = place(world, listing)
    advance(world, order, "accepted")
    papers = {"kind": "phytosanitary", "order": order}
    first = world.do("ProducerMSP", "papers:Register", **papers, document="aa" * 32).reply["paper"]["id"]
    world.do("ProducerMSP", "papers:Revoke", paper=first, reason="Hata ş")
    credential = {"document": "bb" * 32, "security": "jose", "signer": signer(1)}
    world.do("RegulatorMSP", "papers:Register", **papers, **credential)
    world.do("ProducerMSP", "orders:Ship", order=order)
    world.do(REGULATOR, "licences:Revoke", licence=licence, reason="Sahte")
    check = world.do("ProducerMSP", "compliance:Recheck", order=order).reply["record"]["id"]
    publish(world, *rules[:2], version=2, valid_from="2027-12-01T00:00:00.000Z")
    publish(world, version=3)
    for name in ("InForce", "Packs"):
        world.ask("CarrierMSP", f"compliance:{name}")
    world.ask("CarrierMSP", "compliance:Pack", pack="eu", version=1)
    world.ask("CarrierMSP", "compliance:Get", subject=order, check=check)
    world.ask("CarrierMSP", "compliance:Records", subject=order)
    world.ask("CarrierMSP", "licences:Get", licence=licence)
    world.ask("CarrierMSP", "licences:List", holder="RetailerMSP")
    world.ask("CarrierMSP", "papers:Get", paper=first)
    world.ask("CarrierMSP", "papers:List", order=order)

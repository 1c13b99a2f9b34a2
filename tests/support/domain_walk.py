"""One walk through every operation, printed byte for byte; two processes must print the same.

``python -m tests.support.domain_walk`` prints, for each call, the reads asked for, writes, private writes,
event and reply, or the refusal.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from hansa_domain.errors import Refusal
from hansa_domain.operation import Caller, Fetch, Records
from hansa_domain.orders.commands import Delivery
from hansa_domain.orders.disclosure import commitment
from tests.support.accounts_walk import accounts_walk
from tests.support.compliance_walk import compliance_walk
from tests.support.deliveries_walk import deliveries_walk
from tests.support.domain import GTIN, INIT, World, advance, mint, order_fields, ulid
from tests.support.escrow import PLAN
from tests.support.escrow_walk import escrow_walk
from tests.support.goods_walk import contradictions
from tests.support.money_walk import money_walk
from tests.support.offering_walk import listings_and_prices, products_and_places
from tests.support.offers import offered, priced, proposal, tendered

ADDRESS = {
    "salt": "ab" * 16,
    "name": "İlkay Ünal",
    "street": ["Hafenstraße 1", "Tor 3"],
    "city": "Köln",
    "country": "DE",
}
SERIALS = [f"urn:epc:id:sgtin:9506000.013435.{serial}" for serial in range(12)]
COMMISSIONING = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "ObjectEvent",
    "eventTime": "2026-03-02T09:00:00.000Z",
    "eventTimeZoneOffset": "+01:00",
    "action": "ADD",
    "bizStep": "commissioning",
    "epcList": SERIALS,
    "readPoint": {"id": "urn:epc:id:sgln:9521321.00001.0"},
}


class Recorder(World):
    """A world that keeps, per call, what was asked and what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.names: set[str] = set()

    def call(
        self,
        caller: str | Caller,
        name: str,
        document: Mapping[str, Any] | bytes,
        transient: Mapping[str, bytes] | None = None,
    ) -> Any:
        self.names.add(name)
        try:
            result = super().call(caller, name, document, transient)
        except Refusal as refusal:
            self.lines.append(f"{name} refused {json.dumps(refusal.document(), sort_keys=True)}")
            raise
        outcome = result.outcome
        self.lines.append(
            f"{name} {list(outcome.writes.items())!r} {list(outcome.private_writes.items())!r} "
            f"{outcome.event!r} {outcome.reply!r} {outcome.replayed}"
        )
        return result

    def fetch(self, wanted: Fetch) -> Records:
        self.lines.append(f"fetch {wanted!r}")
        return super().fetch(wanted)

    def orders(self, listing: str, count: int) -> Iterator[str]:
        digest = commitment(msgspec.convert(ADDRESS, Delivery))
        for _ in range(count):
            note = mint(self, "5000")
            fields = order_fields(listing, [note], delivery_commitment=digest)
            yield str(self.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])


def walk(world: Recorder | None = None) -> Recorder:
    """Every operation at least once, and some refusals; in a fresh world where none is given."""
    world = world or Recorder()
    world.do(Caller("BankMSP", "admin", admin=True), "members:Init", **INIT)
    world.do("ProducerMSP", "products:Register", gtin=GTIN, name="Olivenöl 1 l", brand="Şölen")
    products_and_places(world)
    listings_and_prices(world)
    offer = {"gtin": GTIN, "unit_price": "250", "currency": "EUR", "quantity": 60}
    listing = world.do("ProducerMSP", "listings:Create", **offer).reply["listing"]["id"]
    event = {"event": json.dumps(COMMISSIONING), "context": ""}
    world.do("ProducerMSP", "goods:Capture", events=[event])
    offer["buckets"] = 2
    many = world.do("ProducerMSP", "listings:Create", **offer).reply["listing"]["id"]
    settled, cancelled, refunded = world.orders(many, 3)
    private = {"private": json.dumps(ADDRESS).encode()}
    for recipient in ("ProducerMSP", "CarrierMSP"):
        world.do("RetailerMSP", "orders:Disclose", order=settled, recipient=recipient, transient=private)
    world.do("RetailerMSP", "orders:Cancel", order=cancelled)
    advance(world, settled, "delivered", epcs=SERIALS[:4])
    world.do("RetailerMSP", "orders:Confirm", order=settled)
    advance(world, refunded, "shipped", epcs=SERIALS[4:8])
    refuse(world, "orders:Default", order=refunded)
    world.pass_time(180)
    world.do("RegulatorMSP", "orders:Default", order=refunded)
    world.do("ProducerMSP", "listings:Withdraw", listing=listing)
    note = mint(world, "70", "BankMSP")
    outputs = [{"owner": "BankMSP", "amount": "30"}, {"owner": "CarrierMSP", "amount": "40"}]
    made = world.do("BankMSP", "money:Transfer", notes=[note], outputs=outputs).reply["notes"]
    world.do("BankMSP", "money:Burn", notes=[made[0]["id"]])
    world.do("CarrierMSP", "guards:Renew", notes=[made[1]["id"]], units=SERIALS[:2])
    secrets_and_deadlines(world)
    lots(world)
    handovers(world)
    recall(world)
    contradictions(world)
    negotiations(world)
    approvals(world)
    returns(world, many)
    escrow_walk(world)
    accounts_walk(world)
    orders_of_authority(world)
    asking_for_money(world)
    financing(world, many)
    deliveries_walk(world)
    money_walk(world)
    compliance_walk(world)
    questions(world, settled, many)
    changes_of_the_consortium(world)
    return world


def secrets_and_deadlines(world: Recorder) -> None:
    """A hash time-lock that is claimed, and one that is not."""
    secret = "5e" * 32
    lock = {
        "currency": "EUR",
        "recipient": "ProducerMSP",
        "hash": sha256(bytes.fromhex(secret)).hexdigest(),
        "expires_within": 60,
    }
    made = [
        world.do("RetailerMSP", "hashlocks:Lock", notes=[mint(world, "500")], amount="450", **lock)
        for _ in range(2)
    ]
    claimed, refunded = (each.reply["hashlock"]["id"] for each in made)
    world.do("ProducerMSP", "hashlocks:Claim", hashlock=claimed, preimage=secret)
    world.pass_time(60)
    world.do("CarrierMSP", "hashlocks:Refund", hashlock=refunded)
    world.ask("CarrierMSP", "hashlocks:Get", hashlock=claimed)
    world.ask("CarrierMSP", "hashlocks:List")


def lots(world: Recorder) -> None:
    """A lot is made by quantity and split."""
    world.do("ProducerMSP", "products:AgreeTolerance", gtin=GTIN, basis_points=20)
    first, *parts = (f"urn:epc:class:lgtin:9506000.013435.{lot}" for lot in ("Q1", "Q2", "Q3"))
    made = {key: value for key, value in COMMISSIONING.items() if key != "epcList"}
    made |= {"quantityList": [{"epcClass": first, "quantity": 12.5, "uom": "KGM"}]}
    split = {key: value for key, value in COMMISSIONING.items() if key not in ("action", "epcList")}
    split |= {
        "type": "TransformationEvent",
        "transformationID": "urn:uuid:2b0c9d3a-0e46-4a4f-9a3e-5d5b6e3f1a10",
    }
    split |= {"inputQuantityList": made["quantityList"]}
    split |= {
        "outputQuantityList": [{"epcClass": each, "quantity": 6250, "uom": "GRM"} for each in parts],
    }
    for event in (made, split):
        source = {"event": json.dumps(event), "context": ""}
        world.do("ProducerMSP", "goods:Capture", events=[source])
    world.ask("CarrierMSP", "lots:Get", lot=parts[0])


def handovers(world: Recorder) -> None:
    """Goods are handed over, declined, and kept."""
    for answer, by in (("Accept", "CarrierMSP"), ("Decline", "CarrierMSP"), ("Withdraw", "ProducerMSP")):
        fields = {"taker": "CarrierMSP", "epcs": [SERIALS[10]], "passes": "ownership"}
        if answer == "Accept":
            fields |= {"epcs": [SERIALS[6], SERIALS[5]], "passes": "both"}
        name = world.do("ProducerMSP", "handovers:Offer", **fields).reply["handover"]["id"]
        world.do(by, f"handovers:{answer}", handover=name)
    world.ask("CarrierMSP", "handovers:Get", handover=name)
    leave = {"reporter": "CarrierMSP", "subject": SERIALS[10]}
    world.do("ProducerMSP", "delegations:Grant", **leave, actions=["pack", "observe"], within=60)
    seen = {**COMMISSIONING, "action": "OBSERVE", "epcList": [SERIALS[10]], "bizStep": "inspecting"}
    world.do("CarrierMSP", "goods:Capture", events=[{"event": json.dumps(seen), "context": ""}])
    world.do("ProducerMSP", "delegations:Revoke", **leave)


def recall(world: Recorder) -> None:
    """Items are made into others, recalled with these, acknowledged; and a recall is called off."""
    made = {key: value for key, value in COMMISSIONING.items() if key not in ("action", "epcList")}
    made |= {"type": "TransformationEvent", "inputEPCList": SERIALS[8:10]}
    made |= {"outputEPCList": [f"urn:epc:id:sgtin:9506000.013435.M{each}" for each in range(3)]}
    made |= {"ilmd": {"cbvmda:lotNumber": "Ş1"}}
    world.do("ProducerMSP", "goods:Capture", events=[{"event": json.dumps(made), "context": ""}])
    serials = {"gtin": GTIN, "reason": "Çürük.", "serials": ["8", "11"]}
    name = world.do("ProducerMSP", "recalls:Open", **serials).reply["recall"]["id"]
    world.do("CarrierMSP", "recalls:Extend", recall=name)
    refuse(world, "orders:Ship", order=f"RetailerMSP.{'0' * 26}")
    world.do("ProducerMSP", "recalls:Acknowledge", recall=name, secured=4, remark="İade.")
    world.do("RegulatorMSP", "recalls:Close", recall=name, outcome="completed")
    lots = world.do("RegulatorMSP", "recalls:Open", gtin=GTIN, reason="?", lots=["L1"])
    other = lots.reply["recall"]["id"]
    world.do("RegulatorMSP", "recalls:Close", recall=other, outcome="unfounded")
    world.ask("CarrierMSP", "recalls:Get", recall=name)
    world.ask("CarrierMSP", "recalls:List")
    world.ask("CarrierMSP", "recalls:Check", epc=SERIALS[8])


def returns(world: Recorder, listing: str) -> None:
    """A return that is refused, and one that is agreed and received."""
    (order,) = world.orders(listing, 1)
    advance(world, order, "delivered")
    for fee in ("90", "80"):
        world.do("RetailerMSP", "returns:Propose", order=order, restocking_fee=fee, receive_within=60)
        if fee == "90":
            world.do("ProducerMSP", "returns:Refuse", order=order)
    world.do("ProducerMSP", "returns:Accept", order=order, restocking_fee="80")
    world.do("ProducerMSP", "returns:Receive", order=order)
    world.ask("CarrierMSP", "returns:Get", order=order)


def approvals(world: Recorder) -> None:
    """A rule is set, a colleague's order approved and placed, and the rule taken back."""
    admin = Caller("RetailerMSP", "Müdür", admin=True)
    rules = [{"currency": "EUR", "limit": "10"}, {"currency": "EUR", "limit": "9000", "user": "Müdür"}]
    offer = offered(world)
    world.do(admin, "approvals:SetRules", rules=rules)
    order = {"offer": offer, "version": 1, "notes": [mint(world, "9000")], "id": ulid("approved")}
    world.refused("RetailerMSP", "offers:Accept", **order)
    name = f"RetailerMSP.{order['id']}"
    world.do(admin, "approvals:Approve", order=name, seller="ProducerMSP", currency="EUR", amount="9000")
    world.do("RetailerMSP", "offers:Accept", **order)
    world.ask("CarrierMSP", "approvals:Get", order=name)
    world.ask("RetailerMSP", "approvals:Rules")
    world.do(admin, "approvals:SetRules", rules=[])


def negotiations(world: Recorder) -> None:
    """A tender won by a counter-offer, one withdrawn; an offer agreed, one rejected, withdrawn, expired."""
    tender, withdrawn = tendered(world), tendered(world, invited=["ProducerMSP"])
    world.do("RetailerMSP", "tenders:Withdraw", tender=withdrawn)
    offers = [offered(world, tender=tender if number == 0 else None) for number in range(5)]
    first = {"offer": offers[0], "version": 1}
    world.do("ProducerMSP", "offers:Disclose", **first, recipient="RetailerMSP", transient=priced())
    world.ask("RetailerMSP", "offers:Prices", **first)
    for offer in offers[:2]:
        lower = proposal(amount="8500", lines_commitment=None)
        if offer == offers[1]:
            lower |= {"milestones": PLAN, "warranty": 600, "second_arbitrator": "RegulatorMSP"}
        world.do("RetailerMSP", "offers:Counter", offer=offer, version=1, proposal=lower)
        world.do("ProducerMSP", "offers:Agree", offer=offer, version=2)
    second = {"version": 2, "notes": [mint(world, "9000")]}
    world.do("RetailerMSP", "tenders:Award", tender=tender, offer=offers[0], **second)
    second["notes"] = [mint(world, "8500")]
    world.do("RetailerMSP", "offers:Accept", offer=offers[1], **second)
    world.do("RetailerMSP", "offers:Reject", offer=offers[2], version=1)
    world.do("ProducerMSP", "offers:Withdraw", offer=offers[3])
    world.pass_time(60)
    world.do("BankMSP", "offers:Expire", offer=offers[4])
    for name in ("offers:Get", "offers:Versions"):
        world.ask("CarrierMSP", name, offer=offers[0])
    world.ask("CarrierMSP", "offers:List", tender=tender)
    world.ask("CarrierMSP", "tenders:Get", tender=tender)
    world.ask("CarrierMSP", "tenders:List")


def orders_of_authority(world: Recorder) -> None:
    """A bank approved for a currency, reserves attested, an account frozen and not."""
    administrator = Caller("ProducerMSP", "admin", admin=True)
    world.do(administrator, "currencies:Approve", currency="TRY", bank="BankMSP")
    audit = {"amount": "100000", "as_of": "2027-01-14", "document": "ad" * 32, "auditor": "Çelik Denetim"}
    world.do("BankMSP", "currencies:Attest", currency="EUR", **audit)
    order = {"reference": "4 O 7/27", "document": "0d" * 32}
    world.do("BankMSP", "currencies:Freeze", account="CarrierMSP/a", reason="Haciz", court_order=order)
    world.do("RegulatorMSP", "currencies:Freeze", account="CarrierMSP/b", reason="Şüphe")
    world.ask("BankMSP", "currencies:Frozen")
    world.do("RegulatorMSP", "currencies:Unfreeze", account="CarrierMSP/a", reason="Bitti")
    for name in ("Approvals", "Attestations"):
        world.ask("CarrierMSP", f"currencies:{name}", currency="EUR")


def asking_for_money(world: Recorder) -> None:
    """A mandate collected under and revoked; requests paid, declined and withdrawn."""
    terms = {"payee": "ProducerMSP", "currency": "EUR", "maximum": "100", "period": 60, "expires_within": 600}
    granted = world.do("RetailerMSP", "mandates:Grant", **terms, reference="Dergi 7")
    mandate = {"mandate": granted.reply["mandate"]["id"]}
    for amount in ("60", "100"):
        world.do("ProducerMSP", "mandates:Collect", **mandate, amount=amount, notes=[mint(world, "150")])
        world.pass_time(60)
    world.do("RetailerMSP", "mandates:Revoke", **mandate)
    world.ask("CarrierMSP", "mandates:Get", **mandate)
    world.ask("CarrierMSP", "mandates:List")
    asked = {"payer": "RetailerMSP", "currency": "EUR", "amount": "70", "expires_within": 60}
    made = [world.do("CarrierMSP", "paymentRequests:Create", **asked) for _ in range(3)]
    requests = [{"payment_request": each.reply["payment_request"]["id"]} for each in made]
    world.do("RetailerMSP", "paymentRequests:Pay", **requests[0], notes=[mint(world, "80")])
    world.do("RetailerMSP", "paymentRequests:Decline", **requests[1])
    world.do("CarrierMSP", "paymentRequests:Withdraw", **requests[2])
    world.ask("CarrierMSP", "paymentRequests:Get", **requests[0])
    world.ask("CarrierMSP", "paymentRequests:List")


def financing(world: Recorder, listing: str) -> None:
    """Proceeds of an order offered, withdrawn, offered again and sold."""
    note = mint(world, "5000")
    order = world.do("RetailerMSP", "orders:Place", **order_fields(listing, [note])).reply["order"]["id"]
    world.do("ProducerMSP", "orders:Accept", order=order)
    offer = {"order": order, "financier": "BankMSP", "price": "900", "expires_within": 60}
    world.do("ProducerMSP", "receivables:Offer", **offer)
    world.do("ProducerMSP", "receivables:Withdraw", order=order)
    world.do("ProducerMSP", "receivables:Offer", **offer)
    bought = {"order": order, "price": "900", "notes": [mint(world, "1000", "BankMSP")]}
    world.do("BankMSP", "receivables:Assign", **bought)
    world.ask("CarrierMSP", "receivables:Get", order=order)


def changes_of_the_consortium(world: Recorder) -> None:
    """A newcomer joins by a change that another overtook; a member leaves; a change is withdrawn."""
    producer, *others = (
        Caller(f"{name}MSP", "admin", admin=True) for name in ("Producer", "Retailer", "Carrier", "Regulator")
    )
    update = b"serialised common.ConfigUpdate"
    content = base64.b64encode(update).decode()
    newcomer = {"msp_id": "FarmMSP", "name": "Çiftlik", "role": "producer", "country": "TR"}
    proposals = (
        {"kind": "add-organization", "organization": "FarmMSP", "newcomer": newcomer},
        {"kind": "remove-organization", "organization": "BankMSP"},
        {"kind": "batch"},
    )
    for number, fields in enumerate(proposals):
        fields |= {"summary": "Bir üye.", "base_sequence": number, "update": content}
        reply = world.do(producer, "configUpdates:Propose", **fields).reply
        name = {"config_update": reply["config_update"]["id"]}
        if number == 2:
            world.do(producer, "configUpdates:Withdraw", **name)
            continue
        if number == 0:
            world.do(producer, "configUpdates:Renew", **name, base_sequence=7, update=content)
        agreed = {"digest": sha256(update).hexdigest(), "signature": base64.b64encode(b"signed").decode()}
        for signer in (producer, *others):
            world.do(signer, "configUpdates:Sign", **name, **agreed)
        world.do(producer, "configUpdates:Complete", **name, config_block=9 + number)
        world.ask("CarrierMSP", "configUpdates:Get", **name)
    world.ask("CarrierMSP", "configUpdates:List")


def refuse(world: Recorder, name: str, **fields: Any) -> None:
    """A call that must be refused."""
    world.refused("RegulatorMSP", name, **fields)


def questions(world: Recorder, order: str, listing: str) -> None:
    """Every query."""
    trace = world.ask("RegulatorMSP", "goods:Trace", epc=SERIALS[0])
    world.ask("RegulatorMSP", "goods:Event", event_id=trace["steps"][0]["report"]["event_id"])
    world.ask("RegulatorMSP", "goods:Unit", epc=SERIALS[0])
    world.ask("CarrierMSP", "orders:DeliveryAddress", order=order)
    world.ask("CarrierMSP", "orders:Get", order=order)
    world.ask("CarrierMSP", "commands:Get", command=order)
    world.ask("CarrierMSP", "orders:List")
    world.ask("CarrierMSP", "members:List")
    world.ask("CarrierMSP", "products:Get", gtin=GTIN)
    world.ask("CarrierMSP", "products:List")
    for name in ("listings:Get", "listings:Stock"):
        world.ask("CarrierMSP", name, listing=listing)
    world.ask("CarrierMSP", "listings:List")
    world.ask("CarrierMSP", "money:Notes", owner="ProducerMSP", currency="EUR")
    world.ask("CarrierMSP", "money:Balance", owner="ProducerMSP")
    world.ask("CarrierMSP", "money:Currencies")
    for kind in ("note", "escrow", "unit", "hashlock"):
        world.ask("CarrierMSP", "guards:List", kind=kind)


if __name__ == "__main__":
    sys.stdout.buffer.write("\n".join(walk().lines).encode())

"""Every operation on products, places and what is offered."""

from __future__ import annotations

from tests.support.domain import GTIN, World
from tests.support.offers_of_goods import CODE, CODE_HASH, FULL, coupon, offered, order_of


def products_and_places(world: World) -> None:
    """A product is described, certified and passed on; a place revised and closed."""
    other = "04012345000016"
    danger = {"un_number": "UN 1203", "shipping_name": "GASOLINE", "hazard_class": "3"}
    details = {"hs_code": "150920", "origin": "TR", "net_weight_grams": 920, "dangerous_goods": danger}
    world.do("ProducerMSP", "products:Register", gtin=other, name="Sabun", details=details)
    world.do("ProducerMSP", "products:Revise", gtin=GTIN, version=1, name="Zeytin, yağ 1 l", details=details)
    paper = {"kind": "Bio", "number": "İ-7", "issuer": "Çevre", "valid_until": "2030-12-31"}
    paper["document"] = "b1" * 32
    world.do("ProducerMSP", "products:AddCertificate", gtin=other, certificate=paper)
    world.do("ProducerMSP", "products:RevokeCertificate", gtin=other, kind="Bio", number="İ-7")
    world.do("ProducerMSP", "products:OfferTransfer", gtin=other, taker="RetailerMSP")
    world.do("RetailerMSP", "products:AcceptTransfer", gtin=other)
    world.ask("BankMSP", "products:Versions", gtin=GTIN)
    site = {"name": "İzmir Liman", "country": "TR", "kind": "port"}
    for gln in ("9521321000018", "4012345000016"):
        world.do("CarrierMSP", "places:Register", gln=gln, **site)
    where = {"latitude": 38_438_000, "longitude": 27_141_000}
    world.do("CarrierMSP", "places:Revise", gln=gln, version=1, **site, **where)
    world.do("CarrierMSP", "places:Close", gln=gln)
    refuse = {"gln": gln, "version": 2, **site}
    world.refused("CarrierMSP", "places:Revise", **refuse)
    world.ask("BankMSP", "places:Get", gln=gln)
    world.ask("BankMSP", "places:Versions", gln=gln)
    world.ask("BankMSP", "places:List", owner="CarrierMSP")


def listings_and_prices(world: World) -> None:
    """Offered on full terms, revised, restocked; bought with discount, coupon and taxes, and as sample."""
    listing = offered(world, terms=FULL)
    revised = {"unit_price": "260", "currency": "EUR", "terms": {**FULL, "trial": 200}}
    world.do("ProducerMSP", "listings:Revise", listing=listing, version=1, **revised)
    for verb in ("Suspend", "Resume"):
        world.do("ProducerMSP", f"listings:{verb}", listing=listing)
    for verb in ("Restock", "Reduce"):
        parts = [{"bucket": 2, "quantity": 7}, {"bucket": 0, "quantity": 3}]
        world.do("ProducerMSP", f"listings:{verb}", listing=listing, parts=parts)
    world.ask("CarrierMSP", "listings:Versions", listing=listing)
    names = [
        world.do("ProducerMSP", "discounts:Create", name="İndirim", concession=each).reply["discount"]["id"]
        for each in ({"basis_points": 333}, {"amount": "77", "currency": "EUR"}, {"basis_points": 1})
    ]
    world.do("ProducerMSP", "discounts:Withdraw", discount=names[2])
    world.ask("CarrierMSP", "discounts:Get", discount=names[2])
    world.ask("CarrierMSP", "discounts:List", seller="ProducerMSP")
    use = coupon(world)
    world.ask("CarrierMSP", "coupons:Get", seller="ProducerMSP", code_hash=CODE_HASH)
    rules = [{"hs_prefix": "", "kind": "standard", "vat": 2000}]
    rules.append({"hs_prefix": "1509", "kind": "reduced", "vat": 100, "duty": 777, "vat_on_duty": True})
    world.do("RegulatorMSP", "taxes:Publish", country="TR", source="KDV Kanunu", rules=rules)
    world.ask("CarrierMSP", "taxes:Get", country="TR")
    world.ask("CarrierMSP", "taxes:List")
    order = order_of(world, listing, 11, destination="TR", coupon=use)
    world.do("RetailerMSP", "orders:Place", **order, transient={"coupon": CODE})
    yuan = order_of(world, listing, 12, bucket=1, currency="CNY", destination="TR")
    world.do("RetailerMSP", "orders:Place", **yuan)
    world.do("RetailerMSP", "orders:Place", **order_of(world, listing, 1, sample=True, destination="TR"))
    world.do("ProducerMSP", "coupons:Withdraw", code_hash=CODE_HASH)

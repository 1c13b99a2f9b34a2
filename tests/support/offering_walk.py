"""Every operation on products, places and what is offered."""

from __future__ import annotations

from tests.support.domain import GTIN, World


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

"""Moves of what the market agrees on: fees, rates of exchange, products and places described."""

from __future__ import annotations

from typing import Any

from hansa_domain.times import rfc3339
from tests.support.domain import START
from tests.support.whole_domain.draw import GLNS, Draw
from tests.support.whole_domain.moves import Move, move, sent


@move("fees:Publish")
def publish_fees(draw: Draw) -> Move:
    rule: dict[str, Any] = {"basis_points": draw.random.randrange(90), "bounds": []}
    if draw.chance(40):
        rule["bounds"] = [{"currency": "EUR", "minimum": "1", "maximum": "50"}]
    kinds = dict.fromkeys(("order", "arbitration", "exchange"), rule)
    return sent(draw, admin=True, **kinds, account="BankMSP/consortium-fees")


@move("fees:Approve")
def approve_fees(draw: Draw) -> Move | None:
    """By somebody who has not done so yet, where there is one."""
    found = draw.recent([each for each in draw.view.all("fee-schedule") if each.version is None])
    if found is None:
        return None
    done = {each.member for each in draw.view.all("fee-approval") if each.schedule == found.id}
    return sent(
        draw, admin=True, by=draw.pick(sorted(draw.members - done or draw.members)), schedule=found.id
    )


PAIR = {"base": "CNY", "quote": "EUR"}


@move("rates:Approve")
def approve_oracle(draw: Draw) -> Move:
    """Mostly one pair and one oracle, so that a majority comes about."""
    return sent(draw, admin=True, **PAIR, oracle=draw.pick(("BankMSP", "BankMSP", "BankMSP", "CarrierMSP")))


@move("rates:Revoke")
def revoke_oracle(draw: Draw) -> Move | None:
    found = draw.recent(draw.view.all("oracle-approval"))
    return found and sent(
        draw, admin=True, by=found.member, **PAIR, oracle=draw.pick(("BankMSP", "CarrierMSP"))
    )


@move("rates:Publish")
def publish_rate(draw: Draw) -> Move | None:
    pair = draw.recent([each for each in draw.view.all("rate-pair") if each.oracles])
    if pair is None:
        return None
    amount = str(draw.random.randint(780, 800))
    return sent(
        draw,
        by=draw.pick(pair.oracles),
        base=pair.base,
        quote=pair.quote,
        base_amount="100",
        quote_amount=amount,
        source="ab" * 32,
    )


@move("products:AddCertificate")
def certify(draw: Draw) -> Move | None:
    product = draw.recent(draw.view.all("product"))
    certificate = {
        "kind": "organic",
        "number": str(draw.random.randrange(3)),
        "issuer": "Office",
        "valid_until": rfc3339(START + draw.random.randrange(40) * 86_400_000)[:10],
        "document": "cd" * 32,
    }
    return product and sent(draw, by=product.owner, gtin=product.gtin, certificate=certificate)


@move("products:RevokeCertificate")
def revoke_certificate(draw: Draw) -> Move | None:
    product = draw.recent([each for each in draw.view.all("product") if each.certificates])
    if product is None:
        return None
    held = draw.pick(product.certificates).certificate
    return sent(draw, by=product.owner, gtin=product.gtin, kind=held.kind, number=held.number)


@move("products:OfferTransfer")
def offer_product(draw: Draw) -> Move | None:
    product = draw.recent(draw.view.all("product"))
    taker = draw.pick(("RetailerMSP", "ProducerMSP", None))
    return product and sent(draw, by=product.owner, gtin=product.gtin, taker=taker)


@move("products:AcceptTransfer")
def accept_product(draw: Draw) -> Move | None:
    product = draw.recent([each for each in draw.view.all("product") if each.offered_to is not None])
    return product and sent(draw, by=product.offered_to, gtin=product.gtin)


@move("places:Register")
def register_place(draw: Draw) -> Move:
    return sent(draw, gln=draw.pick(GLNS), name="Store", country="DE")


@move("taxes:Publish")
def publish_taxes(draw: Draw) -> Move:
    """Another version of a country's table, in force at once."""
    rules: list[dict[str, Any]] = [{"hs_prefix": "", "kind": "standard", "vat": draw.random.randrange(2500)}]
    if draw.chance(50):
        rules.append({"hs_prefix": "1509", "kind": "reduced", "vat": 700, "duty": 300, "vat_on_duty": True})
    return sent(draw, by="RegulatorMSP", country=draw.pick(("DE", "NL")), source="Tables", rules=rules)

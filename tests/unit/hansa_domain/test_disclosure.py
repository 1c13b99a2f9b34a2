"""The delivery address: private, committed to, told to parties only."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import pytest
import rfc8785

from hansa_domain.operation import PrivateKey
from hansa_domain.orders.commands import Delivery
from hansa_domain.orders.disclosure import commitment
from tests.support.domain import World, market, mint, order_fields, ulid

ADDRESS: dict[str, Any] = {
    "salt": "00112233445566778899aabbccddeeff",
    "name": "Maria Möller",
    "street": ["Hafenstraße 1"],
    "city": "Hamburg",
    "country": "DE",
}


def raw(**changes: Any) -> dict[str, bytes]:
    return {"private": json.dumps({**ADDRESS, **changes}).encode()}


@pytest.fixture
def trade() -> tuple[World, str]:
    """An order that commits to ADDRESS."""
    world, listing = market()
    digest = commitment(msgspec.convert(ADDRESS, Delivery))
    fields = order_fields(listing, [mint(world, "1100")], delivery_commitment=digest)
    return world, world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"]


def test_the_commitment_is_sha256_over_rfc_8785() -> None:
    expected = hashlib.sha256(rfc8785.dumps(ADDRESS)).hexdigest()
    assert commitment(msgspec.convert(ADDRESS, Delivery)) == expected
    assert commitment(msgspec.convert({**ADDRESS, "phone": None}, Delivery)) == expected
    assert commitment(msgspec.convert({**ADDRESS, "phone": "1"}, Delivery)) != expected


def test_disclose_writes_to_the_recipients_collection_only(trade: tuple[World, str]) -> None:
    world, order = trade
    before = dict(world.state)
    result = world.do("RetailerMSP", "orders:Disclose", order=order, recipient="CarrierMSP", transient=raw())
    place = PrivateKey("CarrierMSP", ("delivery", order))
    assert list(result.outcome.private_writes) == [place]
    stored = json.loads(result.outcome.private_writes[place] or b"")
    assert stored == {"v": 1, "order": order, "delivery": ADDRESS}
    assert (result.outcome.writes, result.outcome.event) == ({}, None)
    assert world.state == before
    assert result.reply == {"order": order, "recipient": "CarrierMSP"}
    for secret in ("Maria", "Hafen", "Hamburg", ADDRESS["salt"]):
        assert secret.encode() not in result.outcome.reply


def test_the_same_disclosure_again_has_no_further_effect(trade: tuple[World, str]) -> None:
    world, order = trade
    fields = {"order": order, "recipient": "CarrierMSP", "id": ulid("d")}
    world.do("RetailerMSP", "orders:Disclose", transient=raw(), **fields)
    before = dict(world.private)
    world.do("RetailerMSP", "orders:Disclose", transient=raw(), **fields)
    assert world.private == before


def test_each_organisation_reads_its_own_collection(trade: tuple[World, str]) -> None:
    world, order = trade
    world.do("RetailerMSP", "orders:Disclose", order=order, recipient="CarrierMSP", transient=raw())
    assert world.ask("CarrierMSP", "orders:DeliveryAddress", order=order) == {
        "order": order,
        "delivery": ADDRESS,
    }
    for other in ("ProducerMSP", "BankMSP"):
        refused = world.refusal(other, "orders:DeliveryAddress", {"order": order})
        assert refused == ("DELIVERY_NOT_DISCLOSED", "order")


@pytest.mark.parametrize(
    ("caller", "recipient", "transient", "code", "field"),
    [
        ("ProducerMSP", "CarrierMSP", raw(), "NOT_PERMITTED", None),
        ("RetailerMSP", "RegulatorMSP", raw(), "NOT_PERMITTED", "recipient"),
        ("RetailerMSP", "CarrierMSP", {}, "TRANSIENT_MISSING", "private"),
        ("RetailerMSP", "CarrierMSP", raw(city="Bremen"), "COMMITMENT_MISMATCH", "private"),
        ("RetailerMSP", "CarrierMSP", raw(salt="00" * 16), "COMMITMENT_MISMATCH", "private"),
        ("RetailerMSP", "CarrierMSP", raw(salt="00" * 15), "FIELD_INVALID", "private.salt"),
        ("RetailerMSP", "CarrierMSP", raw(country="XX"), "COUNTRY_UNKNOWN", "private.country"),
        ("RetailerMSP", "CarrierMSP", raw(street=[]), "FIELD_INVALID", "private.street"),
        ("RetailerMSP", "CarrierMSP", raw(planet="Earth"), "FIELD_INVALID", "private.planet"),
        ("RetailerMSP", "CarrierMSP", {"private": b"\xff"}, "MALFORMED_DOCUMENT", "private"),
        ("StrangerMSP", "CarrierMSP", raw(), "NOT_A_MEMBER", None),
    ],
)
def test_disclose_refusals(
    trade: tuple[World, str],
    caller: str,
    recipient: str,
    transient: dict[str, bytes],
    code: str,
    field: str | None,
) -> None:
    world, order = trade
    fields = {"order": order, "recipient": recipient}
    assert world.refused(caller, "orders:Disclose", transient=transient, **fields) == (code, field)


def test_refusals_never_repeat_what_is_private(trade: tuple[World, str]) -> None:
    world, order = trade
    fields = {"id": ulid("s"), "order": order, "recipient": "CarrierMSP"}
    for changes in ({"city": "Secret\x01town"}, {"country": "QQ"}, {"phone": ["Secret"]}, {"salt": "Secret"}):
        with pytest.raises(Exception) as caught:
            world.call("RetailerMSP", "orders:Disclose", fields, raw(**changes))
        assert "Secret" not in str(caught.value)
        assert "QQ" not in str(caught.value)


def test_an_order_without_commitment_takes_no_disclosure() -> None:
    world, listing = market()
    order = world.do("RetailerMSP", "orders:Place", **order_fields(listing, [mint(world, "1100")]))
    fields = {"order": order.reply["order"]["id"], "recipient": "CarrierMSP"}
    refused = world.refused("RetailerMSP", "orders:Disclose", transient=raw(), **fields)
    assert refused == ("COMMITMENT_MISMATCH", "private")


def test_disclosure_of_unknown_orders_is_refused(trade: tuple[World, str]) -> None:
    fields = {"order": f"RetailerMSP.{ulid('no')}", "recipient": "CarrierMSP"}
    refused = trade[0].refused("RetailerMSP", "orders:Disclose", transient=raw(), **fields)
    assert refused == ("ORDER_NOT_FOUND", "order")


def test_an_oversized_address_is_refused_unread(trade: tuple[World, str]) -> None:
    world, order = trade
    transient = {"private": b" " * (64 * 1024) + raw()["private"]}
    fields = {"order": order, "recipient": "CarrierMSP", "transient": transient}
    assert world.refused("RetailerMSP", "orders:Disclose", **fields) == ("DOCUMENT_TOO_LARGE", "private")

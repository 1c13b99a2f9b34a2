"""What a carrier says on a phone, as EPCIS 2.0."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hansa_domain.goods.epcis import read_event
from hansa_portal.handover import (
    STEPS,
    Handover,
    goods_uri,
    object_event,
    order_uri,
    place_text,
    place_uri,
)
from tests.support.epcis import object_event as commissioning
from tests.support.portal import Consortium

ULID = "01J9Z3NDEKTSV4RRFFQ69G5FAV"
GTIN = "09521321000018"
SGTIN = "urn:epc:id:sgtin:9521321.000001.1001"
SSCC = "095213210000000018"


@pytest.mark.parametrize("step", list(STEPS))
def test_every_step_makes_a_right_event(step: str) -> None:
    text = object_event(
        Handover(
            command_id=ULID,
            step=step,
            goods=[SGTIN, f"https://id.gs1.org/00/{SSCC}"],
            time=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
            read_point=place_uri("Rotterdam, gate 4", "carrier.example", 2026),
            order=f"RetailerMSP.{ULID}",
            buyer_gln="9521321000025",
            temperature=Decimal("-4.5"),
        )
    )
    event = read_event(text)
    document = json.loads(text)
    assert (event.kind, event.action, event.biz_step) == ("ObjectEvent", "OBSERVE", STEPS[step][0])
    assert event.time == "2026-03-02T09:00:00.000Z"
    assert len(event.epcs) == 2
    assert place_text(event.read_point or "") == "Rotterdam, gate 4"
    assert document["bizTransactionList"][0]["bizTransaction"].endswith(f":RetailerMSP.{ULID}")
    assert document["sensorElementList"][0]["sensorReport"][0]["value"] == -4.5
    assert text == object_event(
        Handover(
            ULID,
            step,
            [SGTIN, f"https://id.gs1.org/00/{SSCC}"],
            datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
            place_uri("Rotterdam, gate 4", "carrier.example", 2026),
            f"RetailerMSP.{ULID}",
            "9521321000025",
            Decimal("-4.5"),
        )
    )


def test_places_are_a_gln_a_uri_or_a_name() -> None:
    assert place_uri("9521321000025", "c.example", 2026) == "https://id.gs1.org/414/9521321000025"
    assert place_uri("urn:epc:id:sgln:9521321.00001.0", "c.example", 2026).startswith("urn:epc")
    assert place_uri("geo:51.9,4.1", "c.example", 2026) == "geo:51.9,4.1"
    named = place_uri("Gate 4/ä", "c.example", 2026)
    assert named.startswith("tag:c.example,2026:place:")
    assert place_text(named) == "Gate 4/ä"
    assert place_text("geo:51.9,4.1") is None
    with pytest.raises(ValueError, match="9521321000026"):
        place_uri("9521321000026", "c.example", 2026)


@pytest.mark.parametrize("scanned", [SSCC, f"00{SSCC}", f"(00) {SSCC}", " ".join(SSCC)])
def test_an_sscc_is_known_however_it_is_scanned(scanned: str) -> None:
    assert goods_uri(scanned) == f"https://id.gs1.org/00/{SSCC}"
    assert goods_uri(SGTIN) == SGTIN


def test_an_order_of_a_buyer_without_gln_is_named_by_its_ulid() -> None:
    assert order_uri(f"RetailerMSP.{ULID}", None).startswith("urn:uuid:")


@pytest.fixture
def shipped(tmp_path: Path) -> tuple[Consortium, str]:
    trade = Consortium(tmp_path)
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    producer = trade.sdk("Producer")
    producer.products.register(GTIN, "Olive oil")
    producer.goods.capture(json.dumps(commissioning(action="ADD", bizStep="commissioning")))
    listing = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10).reply.listing.id
    placed = trade.sdk("Retailer").orders.place(listing, 1, carrier="CarrierMSP")
    order = placed.reply.order.id
    producer.orders.accept(order)
    producer.orders.ship(order, epcs=[SGTIN], sscc=SSCC)
    return trade, order


def test_a_handover_sent_twice_is_one_event(shipped: tuple[Consortium, str]) -> None:
    trade, order = shipped
    carrier = trade.browser("Carrier")
    page = f"/shipments/{order}/handover"
    form = carrier.form(page, page)
    assert form.fields["goods"] == [f"https://id.gs1.org/00/{SSCC}", SGTIN]
    for _ in range(2):
        assert carrier.client.post(page, data={**form.fields, "step": "arrived"}).status_code == 303
    events = trade.ledger.queries.goods.events(reporter="CarrierMSP")
    assert [(event.biz_step, event.status) for event in events] == [("arriving", "accepted")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goods", []),
        ("step", "teleported"),
        ("place", "9521321000026"),
        ("time", "yesterday"),
        ("temperature", "warm"),
        ("temperature", "-300"),
        ("typed", "not an epc"),
    ],
)
def test_a_wrong_handover_is_refused_at_its_field(
    shipped: tuple[Consortium, str], field: str, value: object
) -> None:
    trade, order = shipped
    carrier = trade.browser("Carrier")
    page = f"/shipments/{order}/handover"
    answer = carrier.submit(page, {field: value}, page=page)
    assert answer.status_code == 422
    at = "typed" if field == "goods" else field
    assert f'id="problem-{at}"' in answer.text
    assert trade.ledger.queries.goods.events(reporter="CarrierMSP") == []


def test_an_uploaded_document_gets_a_result_for_each_event(shipped: tuple[Consortium, str]) -> None:
    from io import BytesIO

    trade, _ = shipped
    carrier = trade.browser("Carrier")
    events = [commissioning(), commissioning(action="SING"), commissioning(bizStep="arriving")]
    file = (BytesIO(json.dumps(events).encode()), "events.jsonld")
    page = carrier.submit("/goods/report", {"file": file}, page="/goods/report").text
    assert page.count('class="status accepted"') == 2
    assert "EPCIS_FIELD_INVALID" in page
    assert "<code>action</code>" in page


@pytest.mark.parametrize(
    ("content", "field"), [(b"\xff\xfe", "file"), (b"", "document"), (b"{nonsense", "document")]
)
def test_what_is_no_document_is_refused(shipped: tuple[Consortium, str], content: bytes, field: str) -> None:
    from io import BytesIO

    trade, _ = shipped
    name = "a.json" if content else ""
    answer = trade.browser("Carrier").submit(
        "/goods/report", {"file": (BytesIO(content), name)}, page="/goods/report"
    )
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text

"""What a carrier sees and does of whole orders and of despatches, and what waits for whom of parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa.orders import salt
from hansa.settling import Settling
from hansa_domain.disputes.commands import OpenDispute
from hansa_domain.operation import BY_ARGUMENT
from hansa_domain.orders.commands import Delivery
from hansa_domain.times import milliseconds, rfc3339
from hansa_portal.keeper import Keeper
from hansa_readmodel.queries import UNDER_WAY
from tests.support.browser import forms
from tests.support.domain import ulid
from tests.support.parts import GTIN, RAIL, SGTIN, SSCC, TWO_CARRIERS, oil_market
from tests.support.portal import Consortium, MemoryOffice


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return oil_market(tmp_path, RAIL)


def in_parts(trade: Consortium) -> str:
    """An accepted order of six, in parts."""
    made = trade.sdk("Producer").listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
    address = Delivery(
        salt=salt(), name="Harbour Shop", street=["Secret Lane 7"], city="Hamburg", country="DE"
    )
    placed = trade.sdk("Retailer").orders.place(
        made.reply.listing.id,
        6,
        settling=Settling(deliveries=TWO_CARRIERS),
        deliver_to=address,
        reference="PO-7",
    )
    order = str(placed.reply.order.id)
    trade.sdk("Producer").orders.accept(order)
    return order


def despatched(trade: Consortium, order: str, carriage: int | None = 0, serial: int = 0) -> str:
    """A despatch of one identified unit."""
    sent = trade.sdk("Producer").despatches.send(
        order, {0: 1}, carriage=carriage, epcs=[SGTIN.format(serial)], sscc=None if serial else SSCC
    )
    return str(sent.reply.despatch.id)


def whole(trade: Consortium) -> str:
    """An order that the carrier has under way as a whole."""
    made = trade.sdk("Producer").listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
    placed = trade.sdk("Retailer").orders.place(made.reply.listing.id, 1, carrier="CarrierMSP")
    order = str(placed.reply.order.id)
    trade.sdk("Producer").orders.accept(order)
    trade.sdk("Producer").orders.ship(order, epcs=[SGTIN.format(3)])
    return order


def test_a_carrier_sees_the_despatches_that_name_him_beside_whole_orders(trade: Consortium) -> None:
    order, other = in_parts(trade), whole(trade)
    carrier = trade.browser("Carrier")
    # What is agreed and has not left is nothing to carry yet.
    assert order not in carrier.get("/shipments")
    mine, rails, sellers = (
        despatched(trade, order, carriage, serial) for serial, carriage in enumerate((0, 1, None))
    )
    page = carrier.get("/shipments")
    assert f"/shipments/{order}/despatches/{mine}" in page
    assert f'href="/shipments/{other}"' in page
    for words in (
        "PO-7",
        "1 \N{MULTIPLICATION SIGN} Olive oil",
        "Producer to Retailer",
        SSCC,
        "on its way",
        "due",
    ):
        assert words in page, words
    assert rails not in page
    assert sellers not in page
    trade.sdk("Carrier").despatches.deliver(mine)
    assert "delivered" in carrier.get("/shipments")
    trade.sdk("Retailer").receipts.report(mine)
    assert mine not in carrier.get("/shipments")
    assert mine in carrier.get("/shipments?ended=1")
    assert other not in carrier.get("/shipments?ended=1")


def test_the_lists_are_cut_into_pages_with_the_most_urgent_first(trade: Consortium) -> None:
    order = in_parts(trade)
    whole_order = whole(trade)
    part = despatched(trade, order)
    queries = trade.ledger.queries.shipments
    rows = queries.list("CarrierMSP", "carrier", UNDER_WAY)
    assert {(row.order_id, row.despatch_id) for row in rows} == {(whole_order, None), (order, part)}
    assert [row.due or "" for row in rows] == sorted(row.due or "" for row in rows)
    pages = [queries.list("CarrierMSP", "carrier", UNDER_WAY, limit=1, offset=place) for place in range(3)]
    assert [*pages[0], *pages[1]] == rows
    assert pages[2] == []
    assert queries.count("CarrierMSP", "carrier", UNDER_WAY) == 2
    trade.sdk("Carrier").orders.deliver(whole_order)
    rows = queries.list("CarrierMSP", "carrier", (*UNDER_WAY, "delivered"))
    assert [row.despatch_id for row in rows] == [part, None]


def test_the_next_step_of_a_despatch_stands_first(trade: Consortium) -> None:
    order = in_parts(trade)
    part = despatched(trade, order)
    here = f"/shipments/{order}/despatches/{part}"
    carrier = trade.browser("Carrier")
    page = carrier.get(here)
    for words in ("What comes next", "Secret Lane 7", "5.00", "to be delivered by", "No handover"):
        assert words in page, words
    assert f'<a class="button" href="{here}/handover">Picked up</a>' in page
    form = carrier.form(f"{here}/handover", f"{here}/handover")
    assert form.fields["step"] == ["picked_up"]
    assert form.fields["goods"] == [f"https://id.gs1.org/00/{SSCC}", SGTIN.format(0)]
    page = carrier.do(f"{here}/handover", {}, page=f"{here}/handover")
    assert "on the ledger" in page
    assert "collecting" in page
    assert f'<a class="button" href="{here}/handover">Delivered</a>' in page
    page = carrier.do(f"{here}/handover", {}, page=f"{here}/handover")
    assert "Delivery is reported" in page
    assert f"/orders/{order}/despatches/{part}/deliver" not in page
    found = trade.ledger.queries.deliveries.of(order)
    assert found is not None
    assert found.despatches[0].despatch.status == "delivered"
    events = trade.ledger.queries.goods.events(reporter="CarrierMSP")
    assert [(each.biz_step, each.status) for each in events] == [
        ("unloading", "accepted"),
        ("collecting", "accepted"),
    ]


def test_goods_without_identities_are_delivered_by_one_button(trade: Consortium) -> None:
    order = in_parts(trade)
    sent = trade.sdk("Producer").despatches.send(order, {0: 2}, carriage=0)
    part = sent.reply.despatch.id
    here, step = f"/shipments/{order}/despatches/{part}", f"/orders/{order}/despatches/{part}/deliver"
    carrier = trade.browser("Carrier")
    assert "nothing to scan" in carrier.get(here)
    assert "Delivery is reported" in carrier.do(step, {}, page=here)
    assert trade.ledger.queries.shipments.count("CarrierMSP", "carrier", ("delivered",)) == 1


def test_a_handover_can_be_reported_without_delivery(trade: Consortium) -> None:
    order = in_parts(trade)
    part = despatched(trade, order)
    page = f"/shipments/{order}/despatches/{part}/handover"
    trade.browser("Carrier").submit(page, {"step": "delivered", "report_delivery": []}, page=page)
    assert trade.ledger.queries.shipments.count("CarrierMSP", "carrier", ("despatched",)) == 1


@pytest.mark.parametrize("name", ["Producer", "Retailer", "Rail", "Regulator"])
def test_a_despatch_is_carried_by_nobody_but_its_carrier(trade: Consortium, name: str) -> None:
    order = in_parts(trade)
    part = despatched(trade, order)
    here = f"/shipments/{order}/despatches/{part}"
    browser = trade.browser(name)
    for path in (here, f"{here}/handover", f"/shipments/{order}", f"/shipments/{order}/handover"):
        browser.get(path, 403)
    token = browser.form("/", "/sign-out").fields["csrf_token"]
    blocks = len(trade.ledger.blocks)
    data = {"csrf_token": token, "step": "delivered", "goods": SGTIN.format(0), "time": "2026-03-02T09:00"}
    assert browser.client.post(f"{here}/handover", data=data).status_code == 403
    assert len(trade.ledger.blocks) == blocks


def test_another_carrier_of_the_same_order_has_his_own_despatch(trade: Consortium) -> None:
    order = in_parts(trade)
    mine, rails = despatched(trade, order), despatched(trade, order, 1, 1)
    for name, own, other in (("Carrier", mine, rails), ("Rail", rails, mine)):
        browser = trade.browser(name)
        browser.get(f"/shipments/{order}/despatches/{own}")
        browser.get(f"/shipments/{order}/despatches/{other}", 403)
        assert own in browser.get("/")
        assert other not in browser.get("/")


def test_what_is_no_shipment_is_not_found(trade: Consortium) -> None:
    order, carrier = in_parts(trade), trade.browser("Carrier")
    carrier.get(f"/shipments/{order}/despatches/none", 404)
    carrier.get("/shipments/none", 404)
    carrier.get(f"/shipments/{order}", 403)  # it goes in parts


def test_nothing_is_delivered_while_a_dispute_is_open(trade: Consortium) -> None:
    order = in_parts(trade)
    part = despatched(trade, order)
    command = OpenDispute(id=ulid("dispute"), order=order, reason="late")
    operation = BY_ARGUMENT[OpenDispute]
    trade.sdk("Retailer").submitter.submit(operation.name, command, operation.reply)
    carrier = trade.browser("Carrier")
    page = carrier.get(f"/shipments/{order}/despatches/{part}")
    assert "In dispute" in page
    assert [form.action for form in forms(page)] == ["/sign-out"]
    assert "in dispute" in carrier.get("/shipments")
    for name in ("Carrier", "Retailer"):
        actions = {
            form.action.rpartition("/")[2] for form in forms(trade.browser(name).get(f"/orders/{order}"))
        }
        assert not actions & {"deliver", "receive"}


def titles(trade: Consortium, name: str) -> dict[str, str]:
    """The sections of a member's first page by title, without the count."""
    page = trade.browser(name).get("/")
    return {part.partition(" <span")[0]: part.partition("</section>")[0] for part in page.split("<h2>")[1:]}


def test_the_first_page_says_whose_turn_each_part_is(trade: Consortium) -> None:
    order = in_parts(trade)
    assert "Ship" in titles(trade, "Producer")
    assert "Carry and report delivery" not in titles(trade, "Carrier")
    part = despatched(trade, order)
    assert f"/despatches/{part}" in titles(trade, "Carrier")["Carry and report delivery"]
    assert "Despatch the rest" in titles(trade, "Producer")
    assert "Waiting for the carrier" in titles(trade, "Producer")
    assert f"/orders/{order}#despatch-1" in titles(trade, "Retailer")["On its way to us"]
    trade.sdk("Carrier").despatches.deliver(part)
    assert "Carry and report delivery" not in titles(trade, "Carrier")
    assert "Delivered, waiting for the buyer" in titles(trade, "Carrier")
    assert f"/orders/{order}/despatches/{part}/receipt" in titles(trade, "Retailer")["Inspect and confirm"]
    trade.sdk("Retailer").receipts.report(part)
    assert "Invoice, and have it paid" in titles(trade, "Producer")
    assert "Received, to be invoiced and paid" in titles(trade, "Carrier")
    own = despatched(trade, order, None, 2)
    page = titles(trade, "Producer")
    assert f"/orders/{order}#despatch-2" in page["Carry and report delivery"]
    assert "Waiting for the carrier" not in page
    trade.sdk("Producer").despatches.deliver(own)
    assert "Despatch the rest" in titles(trade, "Producer")
    trade.sdk("Producer").despatches.send(order, {0: 4})
    assert "Despatch the rest" not in titles(trade, "Producer")


def test_the_orders_page_leads_a_carrier_to_his_despatch(trade: Consortium) -> None:
    order = in_parts(trade)
    part = despatched(trade, order)
    link = f"/shipments/{order}/despatches/{part}"
    assert link in trade.browser("Carrier").get(f"/orders/{order}")
    assert link not in trade.browser("Producer").get(f"/orders/{order}")


def test_the_keeper_of_a_carrier_calls_what_is_due_of_a_part_he_carries(trade: Consortium) -> None:
    order = in_parts(trade)
    part = despatched(trade, order)
    found = trade.ledger.queries.deliveries.of(order)
    assert found is not None
    due = found.despatches[0].despatch.due
    assert due is not None
    trade.ledger.world.now = milliseconds(due)
    now = rfc3339(trade.ledger.world.now)
    page = trade.browser("Carrier").get(f"/shipments/{order}/despatches/{part}")
    assert "was to be delivered by" in page
    office = MemoryOffice(trade.ledger, "CarrierMSP")
    keeper = Keeper(office, trade.ledger.queries, 1, lambda: now)
    while keeper.look():
        pass
    found = trade.ledger.queries.deliveries.of(order)
    assert found is not None
    assert (found.despatches[0].despatch.status, found.despatches[0].despatch.cause) == (
        "refunded",
        "not_delivered",
    )
    assert part in trade.browser("Carrier").get("/shipments?ended=1")

"""A seller accepts a part of an order and despatches it: who may, what goes, and what is refused where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa.settling import Settling
from hansa_domain.disputes.commands import OpenDispute
from hansa_domain.operation import BY_ARGUMENT
from hansa_readmodel.queries import OrderDeliveries
from tests.support.browser import forms
from tests.support.domain import ulid
from tests.support.parts import GTIN, RAIL, SGTIN, SSCC, TWO_CARRIERS, oil_market
from tests.support.portal import Consortium


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return oil_market(tmp_path, RAIL)


def placed(trade: Consortium) -> str:
    """An order of six in parts."""
    made = trade.sdk("Producer").listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
    order = trade.sdk("Retailer").orders.place(
        made.reply.listing.id, 6, settling=Settling(deliveries=TWO_CARRIERS)
    )
    return str(order.reply.order.id)


def accepted(trade: Consortium) -> str:
    order = placed(trade)
    trade.sdk("Producer").orders.accept(order)
    return order


def whole(trade: Consortium) -> str:
    made = trade.sdk("Producer").listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
    order = str(trade.sdk("Retailer").orders.place(made.reply.listing.id, 1).reply.order.id)
    trade.sdk("Producer").orders.accept(order)
    return order


def parts_of(trade: Consortium, order: str) -> OrderDeliveries:
    found = trade.ledger.queries.deliveries.of(order)
    assert found is not None
    return found


def test_some_goes_with_the_first_carriage_and_the_rest_with_the_next(trade: Consortium) -> None:
    order = accepted(trade)
    producer, here = trade.browser("Producer"), f"/orders/{order}/despatch"
    form = producer.form(here, here)
    assert (form.fields["send-0"], form.fields["carriage"]) == (["6"], ["0"])
    values = {
        "send-0": "4",
        "sscc": f"(00) {SSCC}",
        "epcs": SGTIN.format(0),
        "expected": "2",
        "expected_unit": "days",
    }
    page = producer.do(here, values, page=here)
    assert "on its way" in page
    first = parts_of(trade, order).despatches[0]
    assert [(line.line, line.quantity) for line in first.lines] == [(0, 4)]
    assert (first.despatch.carrier, first.despatch.sscc) == ("CarrierMSP", SSCC)
    assert first.despatch.epcs == [SGTIN.format(0)]
    assert first.despatch.expected_at is not None
    form = producer.form(here, here)
    assert (form.fields["send-0"], form.fields["carriage"]) == (["2"], ["1"])
    producer.do(here, {"send-0": "1", "carriage": ""}, page=here)
    assert parts_of(trade, order).despatches[1].despatch.carrier is None
    producer.do(here, {}, page=here)
    assert parts_of(trade, order).despatches[2].despatch.carrier == "RailMSP"
    producer.get(here, 403)  # nothing is left
    assert f'{here}"' not in producer.get(f"/orders/{order}")


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"send-0": "some"}, "send-0", "FIELD_INVALID"),
        ({"send-0": "0"}, "send-0", "FIELD_INVALID"),
        ({"send-0": ""}, "send-0", "FIELD_INVALID"),
        ({"send-0": "7"}, "send-0", "PART_LINES_INVALID"),
        ({"carriage": "x"}, "carriage", "FIELD_INVALID"),
        ({"carriage": "5"}, "carriage", "CARRIAGE_INVALID"),
        ({"sscc": "123"}, "sscc", "SSCC_INVALID"),
        ({"epcs": SGTIN.format(9)}, "epcs", "UNIT_NOT_FOUND"),
        ({"expected": "soon"}, "expected", "FIELD_INVALID"),
        ({"expected": "2", "expected_unit": "moons"}, "expected_unit", "FIELD_INVALID"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    trade: Consortium, values: dict[str, str], field: str, code: str
) -> None:
    order = accepted(trade)
    producer, here = trade.browser("Producer"), f"/orders/{order}/despatch"
    blocks = len(trade.ledger.blocks)
    answer = producer.submit(here, values, page=here)
    assert answer.status_code == 422
    _, found, problem = answer.text.partition(f'id="problem-{field}"')
    assert found, answer.text
    assert f"<code>{code}</code>" in problem.partition("</span>")[0]
    assert len(trade.ledger.blocks) == blocks


def test_a_carriage_that_served_is_refused_at_its_field(trade: Consortium) -> None:
    order = accepted(trade)
    trade.sdk("Producer").despatches.send(order, {0: 1}, carriage=0)
    producer, here = trade.browser("Producer"), f"/orders/{order}/despatch"
    answer = producer.submit(here, {"carriage": "0"}, page=here)
    assert answer.status_code == 422
    assert 'id="problem-carriage"' in answer.text


def test_a_despatch_sent_twice_is_one(trade: Consortium) -> None:
    order = accepted(trade)
    producer, here = trade.browser("Producer"), f"/orders/{order}/despatch"
    fields = {**producer.form(here, here).fields, "expected": "3"}
    answers = [producer.client.post(here, data=fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(parts_of(trade, order).despatches) == 1


@pytest.mark.parametrize("path", ["despatch", "accept-part"])
@pytest.mark.parametrize("name", ["Retailer", "Carrier", "Rail", "Regulator", "Bank"])
def test_nobody_but_the_seller_accepts_and_despatches(trade: Consortium, name: str, path: str) -> None:
    order = placed(trade) if path == "accept-part" else accepted(trade)
    browser, here = trade.browser(name), f"/orders/{order}/{path}"
    browser.get(here, 403)
    token = browser.form("/", "/sign-out").fields["csrf_token"]
    blocks = len(trade.ledger.blocks)
    data = {"csrf_token": token, "send-0": "1", "accepted-0": "1"}
    assert browser.client.post(here, data=data).status_code == 403
    assert len(trade.ledger.blocks) == blocks
    assert here not in browser.get(f"/orders/{order}")


@pytest.mark.parametrize("path", ["despatch", "accept-part"])
def test_what_is_not_in_parts_or_not_ours_is_not_found(trade: Consortium, path: str) -> None:
    producer = trade.browser("Producer")
    producer.get(f"/orders/{whole(trade)}/{path}", 404)
    producer.get(f"/orders/none/{path}", 404)
    producer.get(f"/orders/{accepted(trade) if path == 'accept-part' else placed(trade)}/{path}", 403)


def test_nothing_leaves_while_a_dispute_is_open(trade: Consortium) -> None:
    order = accepted(trade)
    command = OpenDispute(id=ulid("dispute"), order=order, reason="late")
    operation = BY_ARGUMENT[OpenDispute]
    trade.sdk("Retailer").submitter.submit(operation.name, command, operation.reply)
    producer, here = trade.browser("Producer"), f"/orders/{order}/despatch"
    producer.get(here, 403)
    assert here not in producer.get(f"/orders/{order}")
    assert here not in producer.get("/")


def test_what_waits_leads_to_the_form(trade: Consortium) -> None:
    order, other = accepted(trade), whole(trade)
    producer, here = trade.browser("Producer"), f"/orders/{order}/despatch"
    for page in (producer.get("/"), producer.get(f"/orders/{order}")):
        assert f'href="{here}"' in page
    assert f'href="/orders/{other}"' in producer.get("/")
    trade.sdk("Producer").despatches.send(order, {0: 1})
    assert f'href="{here}"' in producer.get("/")
    assert here not in trade.browser("Retailer").get("/")


def accept(trade: Consortium, order: str, values: dict[str, str]) -> Any:
    here = f"/orders/{order}/accept-part"
    return trade.browser("Producer").submit(here, values, page=here)


def test_a_part_is_accepted_and_the_buyer_answers_for_the_rest(trade: Consortium) -> None:
    order, other = placed(trade), placed(trade)
    assert f"/orders/{order}/accept-part" in trade.browser("Producer").get(f"/orders/{order}")
    values = {"accepted-0": "3", "later-0": "2", "promise": "4", "promise_unit": "days"}
    for each in (order, other):
        assert accept(trade, each, values).status_code == 303
    (line,) = parts_of(trade, order).lines
    assert (line.open, line.back, line.refunded) == (3, 2, 1)
    producer, retailer = trade.browser("Producer"), trade.browser("Retailer")
    here = f"/orders/{order}/despatch"
    assert producer.form(here, here).fields["send-0"] == ["3"]
    step = f"/orders/{order}/accept_back_order"
    assert step not in producer.get(f"/orders/{order}")
    assert "You wait for the rest" in retailer.do(step, {}, page=f"/orders/{order}")
    assert step not in retailer.get(f"/orders/{order}")
    assert producer.form(here, here).fields["send-0"] == ["5"]
    step = f"/orders/{other}/refuse_back_order"
    assert "yours again" in retailer.do(step, {}, page=f"/orders/{other}")
    assert parts_of(trade, other).lines[0].refunded == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"accepted-0": "7"}, "accepted-0"),
        ({"accepted-0": "0"}, "accepted-0"),
        ({"accepted-0": "three"}, "accepted-0"),
        ({"accepted-0": "3", "later-0": "2"}, "promise"),
        ({"promise": "2"}, "promise"),
        ({"accepted-0": "3", "later-0": "2", "promise": "5", "promise_unit": "seconds"}, "promise"),
    ],
)
def test_a_wrong_answer_is_told_at_its_field(trade: Consortium, values: dict[str, str], field: str) -> None:
    order = placed(trade)
    blocks = len(trade.ledger.blocks)
    answer = accept(trade, order, values)
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text
    here = f"/orders/{order}/accept-part"
    (form,) = [each for each in forms(answer.text) if each.action == here]
    assert all(form.fields[name] == [value] for name, value in values.items())
    assert len(trade.ledger.blocks) == blocks

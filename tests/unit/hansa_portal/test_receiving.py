"""What a warehouse clerk says of a despatch: who may, what it means in money, and what is refused where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa.settling import Settling
from hansa_domain.deliveries.commands import LineReport
from hansa_domain.disputes.commands import OpenDispute
from hansa_domain.gs1 import normal_form
from hansa_domain.operation import BY_ARGUMENT
from hansa_domain.orders.delivery_terms import Carriage, DeliveryTerms
from hansa_readmodel.queries import DespatchDetail
from tests.support.browser import Browser, forms
from tests.support.domain import ulid
from tests.support.parts import GTIN, SGTIN, oil_market
from tests.support.portal import Consortium

SPACE = "\N{NO-BREAK SPACE}"
TERMS = DeliveryTerms(
    answer_within=60,
    invoice_within=60,
    carriages=[Carriage(carrier="CarrierMSP", freight="500")],
    damage_discount=3000,
    return_fee=1500,
)
PLAIN = DeliveryTerms(answer_within=60, invoice_within=60)


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return oil_market(tmp_path)


def despatched(
    trade: Consortium, *, terms: DeliveryTerms = TERMS, carriage: int | None = 0, epcs: tuple[str, ...] = ()
) -> tuple[str, str]:
    """The order's id and that of a despatch of four units of six, at 12.50 each."""
    made = trade.sdk("Producer").listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
    placed = trade.sdk("Retailer").orders.place(made.reply.listing.id, 6, settling=Settling(deliveries=terms))
    order = str(placed.reply.order.id)
    trade.sdk("Producer").orders.accept(order)
    sent = trade.sdk("Producer").despatches.send(order, {0: 4}, carriage=carriage, epcs=epcs)
    return order, str(sent.reply.despatch.id)


def where(order: str, part: str) -> str:
    return f"/orders/{order}/despatches/{part}/receipt"


def part_of(trade: Consortium, order: str) -> DespatchDetail:
    found = trade.ledger.queries.deliveries.of(order)
    assert found is not None
    return found.despatches[0]


def review(browser: Browser, here: str, values: dict[str, Any]) -> dict[str, Any]:
    """The fields of the page that shows what it means, after the form was filled in so."""
    answer = browser.submit(here, values, page=here)
    assert answer.status_code == 200, answer.text
    (form,) = [each for each in forms(answer.text) if each.action == here]
    return {**form.fields, "said": answer.text}


def confirm(browser: Browser, here: str, values: dict[str, Any]) -> Any:
    fields = review(browser, here, values)
    fields.pop("said")
    return browser.client.post(here, data={**fields, "step": "report"})


def test_all_as_sent_is_one_tap(trade: Consortium) -> None:
    order, part = despatched(trade)
    retailer, here = trade.browser("Retailer"), where(order, part)
    form = retailer.form(here, here)
    assert (form.fields["accepted-0"], form.fields["damaged-0"]) == (["4"], ["0"])
    assert "receipt is reported" in retailer.do(here.replace("/receipt", "/receive"), {}, page=here)
    (line,) = part_of(trade, order).lines
    assert (line.accepted, line.short, line.damaged, line.reason) == (4, 0, 0, None)


def test_a_clerk_sees_the_money_before_he_confirms(trade: Consortium) -> None:
    order, part = despatched(trade)
    retailer, here = trade.browser("Retailer"), where(order, part)
    blocks = len(trade.ledger.blocks)
    values = {"accepted-0": "2", "damaged-0": "1", "damaged_kept-0": "1", "reason-0": "AF"}
    said = review(retailer, here, values)["said"]
    # Two at 12.50 and one at 30 % off; of 50.00 the rest comes back. The carrier brought what came.
    for words in ("2 accepted", "1 missing", "1 damaged", "delivered damaged", f"33.75{SPACE}EUR"):
        assert words in said, words
    assert f"16.25{SPACE}EUR" in said
    assert f"5.00{SPACE}EUR" in said
    assert len(trade.ledger.blocks) == blocks
    assert confirm(retailer, here, values).headers["Location"].endswith(f"/orders/{order}#despatch-1")
    (line,) = part_of(trade, order).lines
    assert (line.accepted, line.short, line.damaged, line.damaged_kept, line.reason) == (2, 1, 1, 1, "AF")
    invoice = trade.sdk("Producer").invoices.issue(part).reply.invoice
    trade.sdk("Retailer").invoices.pay(invoice.id)
    paid = part_of(trade, order).despatch
    assert paid.proceeds is not None
    assert (paid.proceeds + (paid.fee or 0), paid.freight, paid.refunded) == (3375, 500, 1625)


def test_nothing_came_earns_no_freight(trade: Consortium) -> None:
    order, part = despatched(trade)
    values = {"accepted-0": "0", "reason-0": "CP"}
    said = review(trade.browser("Retailer"), where(order, part), values)["said"]
    assert "4 missing" in said
    assert f"55.00{SPACE}EUR" in said


def test_more_came_and_some_of_it_stays(trade: Consortium) -> None:
    order, part = despatched(trade)
    retailer, here = trade.browser("Retailer"), where(order, part)
    values = {"over-0": "2", "over_accepted-0": "1", "reason-0": "AC"}
    assert f"62.50{SPACE}EUR" in review(retailer, here, values)["said"]
    assert confirm(retailer, here, values).status_code == 303
    (line,) = part_of(trade, order).lines
    assert (line.accepted, line.over, line.over_accepted) == (4, 2, 1)


def test_sound_goods_go_back_for_the_agreed_fee(trade: Consortium) -> None:
    order, part = despatched(trade)
    values = {"accepted-0": "2", "returned-0": "2", "reason-0": "ZZZ"}
    said = review(trade.browser("Retailer"), where(order, part), values)["said"]
    assert f"28.75{SPACE}EUR" in said  # two, and 15 % of two


def test_what_was_not_agreed_is_not_asked(trade: Consortium) -> None:
    order, part = despatched(trade, terms=PLAIN, carriage=None)
    form = trade.browser("Retailer").form(where(order, part), where(order, part))
    assert not form.offered & {"damaged_kept-0", "returned-0"}
    assert {"accepted-0", "damaged-0", "rejected-0", "over-0", "over_accepted-0", "reason-0"} <= form.offered


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"accepted-0": "many"}, "accepted-0", "FIELD_INVALID"),
        ({"damaged-0": "-1"}, "damaged-0", "FIELD_INVALID"),
        ({"accepted-0": "4", "damaged-0": "1", "reason-0": "AF"}, "accepted-0", "RECEIPT_QUANTITY"),
        ({"accepted-0": "3"}, "reason-0", "FIELD_INVALID"),
        ({"reason-0": "AF"}, "reason-0", "FIELD_INVALID"),
        (
            {"accepted-0": "3", "damaged-0": "1", "damaged_kept-0": "2", "reason-0": "AF"},
            "damaged_kept-0",
            "RECEIPT_QUANTITY",
        ),
        ({"over-0": "5", "over_accepted-0": "3", "reason-0": "AC"}, "over_accepted-0", "RECEIPT_QUANTITY"),
    ],
)
@pytest.mark.parametrize("step", ["", "report"])
def test_a_wrong_number_is_told_at_its_field(
    trade: Consortium, values: dict[str, str], field: str, code: str, step: str
) -> None:
    order, part = despatched(trade)
    browser, here = trade.browser("Retailer"), where(order, part)
    blocks = len(trade.ledger.blocks)
    fields = browser.form(here, here).fields
    answer = browser.client.post(here, data={**fields, **values, **({"step": step} if step else {})})
    assert answer.status_code == 422
    _, found, problem = answer.text.partition(f'id="problem-{field}"')
    assert found
    assert f"<code>{code}</code>" in problem.partition("</span>")[0]
    for name, value in values.items():
        (form,) = [each for each in forms(answer.text) if each.action == here]
        assert form.fields[name] == [value]
    assert len(trade.ledger.blocks) == blocks


def test_a_reason_nobody_knows_is_refused(trade: Consortium) -> None:
    order, part = despatched(trade)
    browser, here = trade.browser("Retailer"), where(order, part)
    answer = browser.submit(here, {"accepted-0": "3", "reason-0": "XX"}, page=here)
    assert answer.status_code == 422
    assert 'id="problem-reason-0"' in answer.text


def test_a_clerk_may_change_something(trade: Consortium) -> None:
    order, part = despatched(trade)
    browser, here = trade.browser("Retailer"), where(order, part)
    fields = review(browser, here, {"accepted-0": "3", "reason-0": "CP"})
    fields.pop("said")
    page = browser.client.post(here, data={**fields, "step": "change"})
    assert page.status_code == 200
    (form,) = [each for each in forms(page.text) if each.action == here]
    assert (form.fields["accepted-0"], form.fields["reason-0"]) == (["3"], ["CP"])


def test_a_receipt_sent_twice_is_one(trade: Consortium) -> None:
    order, part = despatched(trade)
    browser, here = trade.browser("Retailer"), where(order, part)
    fields = review(browser, here, {"accepted-0": "3", "reason-0": "CP"})
    fields.pop("said")
    first = browser.client.post(here, data={**fields, "step": "report"})
    blocks = len(trade.ledger.blocks)
    second = browser.client.post(here, data={**fields, "step": "report"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert len(trade.ledger.blocks) == blocks
    other = browser.client.post(here, data={**fields, "command_id": ulid("other"), "step": "report"})
    assert other.status_code == 422
    assert "DESPATCH_STATE" in other.text


def test_goods_with_identities_are_named_where_they_do_not_stay(trade: Consortium) -> None:
    epcs = tuple(SGTIN.format(each) for each in range(4))
    order, part = despatched(trade, epcs=epcs)
    browser, here = trade.browser("Retailer"), where(order, part)
    values = {"accepted-0": "3", "reason-0": "CP"}
    refused = confirm(browser, here, values)
    assert refused.status_code == 422
    assert 'id="problem-typed"' in refused.text
    assert confirm(browser, here, {**values, "not_taken": [epcs[3]]}).status_code == 303
    receipt = trade.sdk("Retailer").despatches.get(part).receipt
    assert receipt is not None
    assert receipt.not_taken == [normal_form(epcs[3])]


@pytest.mark.parametrize("name", ["Producer", "Carrier", "Regulator", "Bank"])
def test_nobody_but_the_buyer_says_what_came(trade: Consortium, name: str) -> None:
    order, part = despatched(trade)
    browser, here = trade.browser(name), where(order, part)
    browser.get(here, 403)
    token = browser.form("/", "/sign-out").fields["csrf_token"]
    blocks = len(trade.ledger.blocks)
    data = {"csrf_token": token, "accepted-0": "4", "step": "report"}
    assert browser.client.post(here, data=data).status_code == 403
    assert len(trade.ledger.blocks) == blocks
    assert here not in browser.get(f"/orders/{order}")


def test_orders_of_others_are_not_found(trade: Consortium) -> None:
    order, part = despatched(trade)
    retailer = trade.browser("Retailer")
    retailer.get(where(order, "none"), 404)
    retailer.get(where("none", part), 404)


def test_nothing_is_received_twice_or_in_a_dispute(trade: Consortium) -> None:
    order, part = despatched(trade)
    retailer, here = trade.browser("Retailer"), where(order, part)
    assert here in retailer.get(f"/orders/{order}")
    command = OpenDispute(id=ulid("dispute"), order=order, reason="late")
    operation = BY_ARGUMENT[OpenDispute]
    trade.sdk("Retailer").submitter.submit(operation.name, command, operation.reply)
    retailer.get(here, 403)
    other, received = despatched(trade, terms=PLAIN, carriage=None)
    trade.sdk("Retailer").receipts.report(received)
    retailer.get(where(other, received), 403)
    assert where(other, received) not in retailer.get(f"/orders/{other}")


def test_what_waits_leads_to_the_form(trade: Consortium) -> None:
    order, part = despatched(trade)
    retailer = trade.browser("Retailer")
    assert where(order, part) not in retailer.get("/")  # on its way to us: nobody's turn here
    trade.sdk("Carrier").despatches.deliver(part)
    assert f'href="{where(order, part)}"' in retailer.get("/")
    assert where(order, part) not in trade.browser("Producer").get("/")


def test_the_sdk_tells_what_a_receipt_would_make_due(trade: Consortium) -> None:
    _order, part = despatched(trade)
    receipts = trade.sdk("Retailer").receipts
    due = receipts.expected(part, [LineReport(line=0, accepted=3, rejected=1, reason="IS")])
    assert [(line.kept, line.lost, line.amount, line.price) for line in due.lines] == [(3, 1, 3750, 5000)]
    assert (due.freight, due.price) == (500, 5000)

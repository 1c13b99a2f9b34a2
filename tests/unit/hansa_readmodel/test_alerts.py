"""What the read model tells of alerts, corrections, dispositions and the cold chain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hansa import RefusedError
from hansa_domain.coldchain.records import Limit
from hansa_readmodel.queries import AlertFilter
from tests.support.epcis import object_event
from tests.support.portal import Consortium

GTIN = "09521321000018"
ITEM = "urn:epc:id:sgtin:9521321.000001.{}"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    """The producer has made two items."""
    found = Consortium(tmp_path)
    producer = found.sdk("Producer")
    producer.products.register(GTIN, "Coffee")
    capture(found, "Producer", made(1, 2))
    return found


def made(*serials: int, **changes: Any) -> dict[str, Any]:
    epcs = [ITEM.format(each) for each in serials]
    return object_event(**{"action": "ADD", "bizStep": "commissioning", "epcList": epcs} | changes)


def capture(trade: Consortium, name: str, *events: dict[str, Any]) -> Any:
    return trade.sdk(name).goods.capture(json.dumps(list(events)))


def test_alerts_are_listed_and_follow_their_life(trade: Consortium) -> None:
    queries = trade.ledger.queries.alerts
    early = object_event(epcList=[ITEM.format(1)], eventTime="2026-02-01T09:10:00Z")
    (alert,) = capture(trade, "Retailer", early).alerts
    (row,) = queries.list()
    assert (row.alert, row.code, row.severity, row.status) == (alert, "seen_before_made", "critical", "open")
    assert (row.owner, row.reporter, len(row.evidence)) == ("ProducerMSP", "RetailerMSP", 2)
    assert queries.find(alert) == row
    assert queries.find("none") is None
    assert queries.list(AlertFilter(epcs=[ITEM.format(1)], owner="ProducerMSP", code="seen_before_made")) == [
        row
    ]
    assert (
        queries.list(AlertFilter(severity="warning"))
        == queries.list(AlertFilter(epcs=[ITEM.format(2)]))
        == []
    )
    not_closed = AlertFilter(closed=False)
    assert queries.count(not_closed) == queries.count(AlertFilter(answers="ProducerMSP", closed=False)) == 1
    client = trade.sdk("Producer").alerts
    assert [each.id for each in client.list(status="open")] == [alert]
    client.acknowledge(alert)
    assert [each.acknowledged_by for each in queries.list(AlertFilter(status="acknowledged"))] == [
        "ProducerMSP"
    ]
    client.close(alert, "explained", "A wrong clock.")
    (closed,) = queries.list(AlertFilter(closed=True))
    assert (closed.outcome, closed.remark, closed.closed_by) == ("explained", "A wrong clock.", "ProducerMSP")
    assert client.get(alert).status == "closed"
    assert queries.count(not_closed) == 0


def test_a_report_taken_back_is_shown_as_such_and_leads_no_trail(trade: Consortium) -> None:
    producer, queries = trade.sdk("Producer"), trade.ledger.queries
    (first, *_) = queries.goods.events(epc=ITEM.format(1))
    with pytest.raises(RefusedError) as refused:
        trade.sdk("Retailer").goods.declare_error(first.event_id)
    assert refused.value.code == "EVENT_NOT_FOUND"
    captured = producer.goods.declare_error(first.event_id, corrective_event_ids=["urn:uuid:1"])
    assert captured.results[0].outcome == "undone"
    rows = queries.goods.events(epc=ITEM.format(1))
    assert {(row.error_declared, row.declared_in_error) for row in rows} == {(0, 1), (1, 0)}
    (correction,) = queries.alerts.corrections(first.event_id)
    assert (correction.outcome, correction.reason) == ("undone", "incorrect_data")
    assert correction.corrective_event_ids == ["urn:uuid:1"]
    assert queries.goods.unit(ITEM.format(1)) is None
    steps = producer.goods.trace(ITEM.format(1)).steps
    rows_of_trail = queries.goods.trace(ITEM.format(1)).steps
    ledger = {(step.relation, step.report.declared_in_error) for step in steps}
    model = {(row.relation, bool(row.declared_in_error)) for row in rows_of_trail}
    assert ledger == model == {("goods", True), ("goods", False)}


def test_dispositions_are_shown(trade: Consortium) -> None:
    queries = trade.ledger.queries.alerts
    damaged = object_event(epcList=[ITEM.format(1)], persistentDisposition={"set": ["damaged"]})
    capture(trade, "Producer", damaged)
    (row,) = queries.dispositions([ITEM.format(1), ITEM.format(2)])
    assert (row.dispositions, row.sellable) == (["damaged"], False)
    (condition, other) = trade.sdk("Retailer").goods.condition(ITEM.format(1), ITEM.format(2))
    assert (condition.sellable, other.sellable) == (False, True)
    unset = {"unset": ["damaged"]}
    time = "2026-03-05T09:10:00Z"
    whole = object_event(epcList=[ITEM.format(1)], eventTime=time, persistentDisposition=unset)
    capture(trade, "Producer", whole)
    (row,) = queries.dispositions([ITEM.format(1)])
    assert (row.dispositions, row.sellable) == ([], True)


def test_excursions_are_found_by_goods_product_and_holder(trade: Consortium) -> None:
    producer, queries = trade.sdk("Producer"), trade.ledger.queries.cold_chain
    limit = Limit(measures="Temperature", uom="CEL", maximum="8", allowed_seconds=60)
    producer.cold_chain.set_limits(GTIN, [limit])
    assert producer.cold_chain.limits(GTIN) == [limit]
    assert [(row.measures, row.maximum) for row in queries.limits(GTIN)] == [("Temperature", "8")]
    span = {"startTime": "2026-03-04T10:00:00Z", "endTime": "2026-03-04T10:20:00Z"}
    report = {"type": "Temperature", "minValue": 7, "maxValue": 9.5, "uom": "CEL"}
    warm = object_event(
        epcList=[ITEM.format(1)],
        eventTime="2026-03-04T10:21:00Z",
        sensorElementList=[{"sensorMetadata": span, "sensorReport": [report]}],
    )
    capture(trade, "Producer", warm)
    (row,) = queries.excursions()
    assert (row.seconds, row.worst, row.uom, row.holder) == (1200, "9.5", "CEL", "ProducerMSP")
    assert queries.excursions(epc=ITEM.format(1), gtin=GTIN, holder="ProducerMSP") == [row]
    assert queries.excursions(order="none") == queries.excursions(holder="RetailerMSP") == []
    exposure = producer.cold_chain.exposure(ITEM.format(1))
    assert exposure is not None
    assert exposure.kept[0].seconds == 1200
    (event, *_) = trade.ledger.queries.goods.events()
    producer.goods.declare_error(event.event_id)
    assert queries.excursions() == []
    producer.cold_chain.set_limits(GTIN, [])
    assert queries.limits(GTIN) == []

"""What the read model tells of recalls: the goods, who holds them now, what was secured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hansa import new_id
from hansa_domain.operation import BY_ARGUMENT
from hansa_domain.recalls.commands import AcknowledgeRecall, CloseRecall, OpenRecall
from tests.support.epcis import object_event, transformation_event
from tests.support.portal import Consortium

GTIN = "09521321000018"
OTHER_GTIN = "09521321000025"
BLEND = "https://id.gs1.org/01/09521321000025/21/5001"


def send(client: Any, command: Any) -> Any:
    """Carries out any command of a member; its reply."""
    operation = BY_ARGUMENT[type(command)]
    return client.submitter.submit(operation.name, command, operation.reply).reply


def test_a_recall_through_a_transformation_shows_every_unit_and_holder(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    producer, queries = trade.sdk("Producer"), trade.ledger.queries
    for gtin in (GTIN, OTHER_GTIN):
        producer.products.register(gtin, "Coffee")
    made = object_event(action="ADD", bizStep="commissioning", ilmd={"cbvmda:lotNumber": "L1"})
    producer.goods.capture(json.dumps(made))
    producer.goods.capture(json.dumps(transformation_event()))
    opened = send(producer, OpenRecall(id=new_id(), gtin=GTIN, reason="Glass.", lots=["L1"]))
    name = opened.recall.id
    found = queries.recalls.find(name)
    assert found is not None
    assert (found.status, found.followed, found.gtin) == ("open", 1, GTIN)
    held = {(row.uri, row.holder, row.secured) for row in queries.recalls.units(name)}
    assert (BLEND, "ProducerMSP", None) in held
    send(producer, AcknowledgeRecall(id=new_id(), recall=name, secured=1))
    assert {row.secured for row in queries.recalls.units(name, holder="ProducerMSP")} == {1}
    assert queries.recalls.units(name, holder="RetailerMSP") == []
    send(producer, CloseRecall(id=new_id(), recall=name, outcome="completed"))
    assert queries.recalls.list(status="open") == []
    assert [row.closed_by for row in queries.recalls.list()] == ["ProducerMSP"]
    whole = send(trade.sdk("Regulator"), OpenRecall(id=new_id(), gtin=OTHER_GTIN, reason="?"))
    assert [row.uri for row in queries.recalls.units(whole.recall.id)] == [BLEND]
    assert queries.recalls.units("none") == []

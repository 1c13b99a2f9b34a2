"""What the read model tells of handovers and of lots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hansa import new_id
from hansa_domain.goods.delegations import GrantDelegation, RevokeDelegation
from hansa_domain.goods.handovers import AcceptHandover, OfferHandover
from hansa_domain.goods.lot_operations import AgreeTolerance
from hansa_domain.operation import BY_ARGUMENT
from tests.support.epcis import object_event
from tests.support.portal import Consortium

GTIN = "09521321000018"
ITEM = "https://id.gs1.org/01/09521321000018/21/1001"
LOT = "urn:epc:class:lgtin:9521321.000001.L1"


def send(client: Any, command: Any) -> Any:
    """Carries out any command of a member; its reply."""
    operation = BY_ARGUMENT[type(command)]
    return client.submitter.submit(operation.name, command, operation.reply).reply


def test_offered_goods_are_seen_by_both_sides_and_pass(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    producer, queries = trade.sdk("Producer"), trade.ledger.queries
    producer.products.register(GTIN, "Coffee")
    producer.goods.capture(json.dumps(object_event(action="ADD", bizStep="commissioning")))
    offered = send(producer, OfferHandover(id=new_id(), taker="CarrierMSP", epcs=[ITEM])).handover
    (waiting,) = queries.handovers.list(party="CarrierMSP", status="offered")
    assert (waiting.handover, waiting.giver, waiting.epcs) == (offered.id, "ProducerMSP", [ITEM])
    assert queries.handovers.list(party="RetailerMSP") == []
    send(trade.sdk("Carrier"), AcceptHandover(id=new_id(), handover=offered.id))
    assert [row.status for row in queries.handovers.list()] == ["accepted"]
    assert [row.uri for row in queries.goods.held_by("CarrierMSP")] == [ITEM]


def test_lots_are_counted(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    producer, queries = trade.sdk("Producer"), trade.ledger.queries
    producer.products.register(GTIN, "Coffee")
    send(producer, AgreeTolerance(id=new_id(), gtin=GTIN, basis_points=5))
    made = [{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}]
    producer.goods.capture(json.dumps(object_event(action="ADD", epcList=None, quantityList=made)))
    (row,) = queries.lots.list(lot=LOT, member="ProducerMSP")
    assert (row.quantity, row.uom) == ("12.5", "KGM")


def test_delegations_are_seen_until_they_are_revoked(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    producer, queries = trade.sdk("Producer"), trade.ledger.queries
    leave = {"reporter": "CarrierMSP", "subject": ITEM}
    send(producer, GrantDelegation(id=new_id(), **leave, actions=["observe"], within=60))
    (row,) = queries.delegations.list(party="CarrierMSP")
    assert (row.grantor, row.uri, row.actions) == ("ProducerMSP", ITEM, ["observe"])
    send(producer, RevokeDelegation(id=new_id(), **leave))
    assert queries.delegations.list() == []

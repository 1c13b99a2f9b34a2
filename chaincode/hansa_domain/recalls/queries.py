"""What may be asked about recalls."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.goods.records import Unit, unit_key
from hansa_domain.gs1 import normal_form
from hansa_domain.operation import Context, Decision, Fetch, Scan, Steps, decode_record, operation
from hansa_domain.paging import scan_all
from hansa_domain.recalls.blocking import mark_keys, recalled, subjects_of
from hansa_domain.recalls.commands import (
    CheckRecall,
    GetRecall,
    ListRecalls,
    RecallCheckReply,
    RecallDetailReply,
    RecallsReply,
)
from hansa_domain.recalls.records import Recall, RecallAcknowledgement, RecallView


@operation("recalls:Get", GetRecall, RecallDetailReply)
def get(command: GetRecall, context: Context) -> Steps:
    """A recall with the acknowledgements in order of MSP id."""
    records = yield Fetch(keys=((Recall.NOUN, command.recall),))
    recall = records.get(Recall, command.recall, refuse=Code.RECALL_NOT_FOUND, where="recall")
    found = yield from scan_all((RecallAcknowledgement.NOUN, recall.id))
    said = [decode_record(value, RecallAcknowledgement) for _, value in found]
    view = RecallView(recall=recall, followed=recall.followed, acknowledgements=said)
    return Decision(reply=RecallDetailReply(recall=view))


@operation("recalls:List", ListRecalls, RecallsReply)
def list_recalls(command: ListRecalls, context: Context) -> Steps:
    """Recalls in order of id."""
    scan = Scan((Recall.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    recalls = [decode_record(value, Recall) for _, value in page.items]
    return Decision(reply=RecallsReply(recalls=recalls, bookmark=page.bookmark))


@operation("recalls:Check", CheckRecall, RecallCheckReply)
def check(command: CheckRecall, context: Context) -> Steps:
    """Looks at the marks of the goods, of their lot and of their product."""
    epc = normal_form(command.epc)
    key = unit_key(epc)
    unit = (yield Fetch(keys=(key,))).find(Unit, *key[1:])
    subjects = subjects_of(epc, unit)
    records = yield Fetch(keys=mark_keys(subjects))
    found = yield from recalled(subjects, records)
    return Decision(reply=RecallCheckReply(epc=epc, blocked_by=found.of(epc, unit)))

"""The life of a recall: opened, followed, acknowledged, closed."""

from __future__ import annotations

from collections.abc import Generator

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import RecallAcknowledged, RecallClosed, RecallOpened
from hansa_domain.gs1 import Gs1Key, gtin14
from hansa_domain.members import member_key, present_member
from hansa_domain.operation import Context, Decision, Fetch, Key, Records, Steps, operation
from hansa_domain.products.records import Product
from hansa_domain.recalls.blocking import product_class
from hansa_domain.recalls.commands import (
    AcknowledgementReply,
    AcknowledgeRecall,
    CloseRecall,
    ExtendRecall,
    OpenRecall,
    RecallReply,
)
from hansa_domain.recalls.following import Following
from hansa_domain.recalls.records import Recall, RecallAcknowledgement, RecallFront, front_key


@operation("recalls:Open", OpenRecall, RecallReply)
def open_recall(command: OpenRecall, context: Context) -> Steps:
    """Marks what is named, and follows it as far as one command goes."""
    gtin = gtin14(command.gtin, "gtin")
    caller = context.caller.msp_id
    records = yield Fetch(keys=((Product.NOUN, gtin), member_key(caller)))
    product = records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="gtin")
    if caller != product.owner and not _regulator(records, caller):
        says = f"Only {product.owner}, who owns the product, or a regulator may recall it."
        raise Refusal(Code.NOT_PERMITTED, says)
    lots = sorted({Gs1Key("01", gtin, ("10", lot)).uri for lot in command.lots})
    serials = sorted({Gs1Key("01", gtin, ("21", serial)).uri for serial in command.serials})
    recall = Recall(
        id=context.reference(command),
        opener=caller,
        owner=product.owner,
        gtin=gtin,
        lots=lots,
        serials=serials,
        reason=command.reason,
        status="open",
        marked=0,
        holders=[],
        first=0,
        next=0,
        opened_at=context.at,
    )
    work = Following(recall)
    named = [*lots, *serials] or [product_class(gtin)]
    yield from work.mark(named)
    yield from work.follow(named)
    events = work.finish(context)
    opened = RecallOpened(
        recall=recall.id,
        opener=caller,
        gtin=gtin,
        lots=lots,
        serials=serials,
        reason=recall.reason,
        at=context.at,
    )
    reply = RecallReply(recall=work.recall, followed=work.recall.followed)
    return Decision(reply=reply, writes=work.writes, events=(opened, *events))


@operation("recalls:Extend", ExtendRecall, RecallReply)
def extend(command: ExtendRecall, context: Context) -> Steps:
    """Takes up the goods that have waited longest. Where none wait, nothing is written."""
    recall = yield from _open(command.recall, "extend")
    if recall.followed:
        return Decision(reply=RecallReply(recall=recall, followed=True))
    key = front_key(recall.id, recall.first)
    records = yield Fetch(keys=(key,))
    front = records.get(RecallFront, *key[1:], refuse=Code.LEDGER_INCONSISTENT, where="recall")
    work = Following(replace(recall, first=recall.first + 1), writes={key: None})
    yield from work.follow(front.subjects)
    events = work.finish(context)
    reply = RecallReply(recall=work.recall, followed=work.recall.followed)
    return Decision(reply=reply, writes=work.writes, events=events)


@operation("recalls:Acknowledge", AcknowledgeRecall, AcknowledgementReply)
def acknowledge(command: AcknowledgeRecall, context: Context) -> Steps:
    """A holder's word, under a key of its own, so that holders do not conflict."""
    recall = yield from _open(command.recall, "acknowledge")
    said = RecallAcknowledgement(
        recall=recall.id,
        member=context.caller.msp_id,
        secured=command.secured,
        remark=command.remark,
        acknowledged_at=context.at,
    )
    event = RecallAcknowledged(recall=recall.id, member=said.member, secured=said.secured, at=context.at)
    return Decision(
        reply=AcknowledgementReply(acknowledgement=said),
        writes={acknowledgement_key(recall.id, said.member): said},
        events=(event,),
    )


@operation("recalls:Close", CloseRecall, RecallReply)
def close(command: CloseRecall, context: Context) -> Steps:
    """Ends a recall; a completed one has been followed and acknowledged."""
    recall = yield from _open(command.recall, "close")
    caller = context.caller.msp_id
    keys = [acknowledgement_key(recall.id, each.member) for each in recall.holders]
    records = yield Fetch(keys=(member_key(caller), *keys))
    if caller != recall.opener and not _regulator(records, caller):
        raise Refusal(Code.NOT_PERMITTED, f"Only {recall.opener} or a regulator may close this recall.")
    if command.outcome == "completed":
        _check_complete(recall, records, command.without)
    closed = replace(recall, status=command.outcome, closed_at=context.at, closed_by=caller)
    event = RecallClosed(recall=recall.id, outcome=command.outcome, by=caller, at=context.at)
    return Decision(
        reply=RecallReply(recall=closed, followed=closed.followed),
        writes={(Recall.NOUN, recall.id): closed},
        events=(event,),
    )


def acknowledgement_key(recall: str, member: str) -> Key:
    """Where a member's word on a recall stands."""
    return (RecallAcknowledgement.NOUN, recall, member)


def _check_complete(recall: Recall, records: Records, without: list[str]) -> None:
    if not recall.followed:
        raise Refusal(
            Code.RECALL_NOT_FOLLOWED, "What was made of the recalled goods is not yet all marked.", "recall"
        )
    silent = [
        each.member
        for each in recall.holders
        if each.member not in without and records.find(RecallAcknowledgement, recall.id, each.member) is None
    ]
    if silent:
        says = f"Not yet acknowledged by {', '.join(silent)}."
        raise Refusal(Code.RECALL_UNACKNOWLEDGED, says, "without")


def _open(name: str, act: str) -> Generator[Fetch, Records, Recall]:
    records = yield Fetch(keys=((Recall.NOUN, name),))
    recall = records.get(Recall, name, refuse=Code.RECALL_NOT_FOUND, where="recall")
    if recall.status != "open":
        says = f"The recall is {recall.status}; to {act} it, it must be open."
        raise Refusal(Code.RECALL_STATE, says, "recall")
    return recall


def _regulator(records: Records, msp_id: str) -> bool:
    member = present_member(records, msp_id)
    return member is not None and member.role == "regulator"

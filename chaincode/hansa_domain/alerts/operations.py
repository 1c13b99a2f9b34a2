"""The life of an alert after it was raised: acknowledged, closed; and what may be asked."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.alerts.records import Alert, AlertOfGoods, AlertStatus, Watch, watch_key
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events.alerts import AlertAcknowledged, AlertClosed, AlertCode, AlertSeverity
from hansa_domain.fields import AlertId, Bookmark, Epc, MspId, PageLimit, form
from hansa_domain.goods.records import key_part
from hansa_domain.gs1 import normal_form, parse
from hansa_domain.members import member_key, present_member
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.products.records import Product, product_key

_NOT_BLANK = r"[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"
Remark = Annotated[str, form(_NOT_BLANK, "text that is not blank, without control characters", 1000)]


class AcknowledgeAlert(Command["AlertReply"], frozen=True, kw_only=True):
    """``alerts:Acknowledge``, by the product's owner or a regulator: it is looked into."""

    alert: AlertId


class CloseAlert(Command["AlertReply"], frozen=True, kw_only=True):
    """``alerts:Close``, by the product's owner or a regulator.

    ``explained``: the reports are right after all, or wrong in a way that does no harm. ``confirmed``:
    something is wrong with the goods; recall them, or declare them not for sale. ``remark`` says why, in
    words for everybody.
    """

    alert: AlertId
    outcome: Literal["explained", "confirmed"]
    remark: Remark


class GetAlert(Query["AlertReply"], frozen=True, kw_only=True):
    """``alerts:Get``."""

    alert: AlertId


class ListAlerts(Query["AlertsReply"], frozen=True, kw_only=True):
    """``alerts:List``: of one thing, or all in order of id; the rest narrows each page.

    ``owner`` is the MSP id of whose products they are about.
    """

    epc: Epc | None = None
    owner: MspId | None = None
    status: AlertStatus | None = None
    code: AlertCode | None = None
    severity: AlertSeverity | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class AlertReply(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as it stands."""

    alert: Alert


class AlertsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of alerts; ``bookmark`` is empty on the last page."""

    alerts: list[Alert]
    bookmark: str


@operation("alerts:Acknowledge", AcknowledgeAlert, AlertReply)
def acknowledge(command: AcknowledgeAlert, context: Context) -> Steps:
    """Somebody who answers for the goods has seen it."""
    alert, _ = yield from _answered(command.alert, context, ("open",), "acknowledge")
    caller = context.caller.msp_id
    changed = replace(alert, status="acknowledged", acknowledged_at=context.at, acknowledged_by=caller)
    return Decision(
        reply=AlertReply(alert=changed),
        writes={(Alert.NOUN, alert.id): changed},
        events=(AlertAcknowledged(alert=alert.id, by=caller, at=context.at),),
    )


@operation("alerts:Close", CloseAlert, AlertReply)
def close(command: CloseAlert, context: Context) -> Steps:
    """From now on the same contradiction, reported anew, raises another alert."""
    alert, watch = yield from _answered(command.alert, context, ("open", "acknowledged"), "close")
    caller = context.caller.msp_id
    changed = replace(
        alert,
        status="closed",
        closed_at=context.at,
        closed_by=caller,
        outcome=command.outcome,
        remark=command.remark,
    )
    writes: dict[Key, Record | None] = {(Alert.NOUN, alert.id): changed}
    if watch is not None:
        doubts = {each.event for each in alert.evidence} if alert.code == "declared_in_error" else frozenset()
        writes[watch_key(alert.epc)] = replace(
            watch,
            alerts=[each for each in watch.alerts if each.alert != alert.id],
            doubted=[each for each in watch.doubted if each not in doubts or command.outcome == "confirmed"],
        )
    event = AlertClosed(
        alert=alert.id, outcome=command.outcome, by=caller, remark=command.remark, at=context.at
    )
    return Decision(reply=AlertReply(alert=changed), writes=writes, events=(event,))


def _answered(
    name: str, context: Context, allowed: tuple[AlertStatus, ...], act: str
) -> Generator[Fetch, Records, tuple[Alert, Watch | None]]:
    """The alert and the watch it stands on, where the caller may answer it."""
    records = yield Fetch(keys=((Alert.NOUN, name), member_key(context.caller.msp_id)))
    alert = records.get(Alert, name, refuse=Code.ALERT_NOT_FOUND, where="alert")
    key = parse(alert.epc)
    gtin = None if key is None else key.gtin
    wanted = () if gtin is None else (product_key(gtin),)
    found = yield Fetch(keys=(watch_key(alert.epc), *wanted))
    product = None if gtin is None else found.find(Product, gtin)
    owner = alert.owner if product is None else product.owner
    member = present_member(records, context.caller.msp_id)
    regulator = member is not None and member.role == "regulator"
    if context.caller.msp_id != owner and not regulator:
        who = "a regulator" if owner is None else f"{owner} or a regulator"
        raise Refusal(Code.NOT_PERMITTED, f"Only {who} may {act} this alert.")
    if alert.status not in allowed:
        raise Refusal(Code.ALERT_STATE, f"The alert is {alert.status} already.", "alert")
    return alert, found.find(Watch, *watch_key(alert.epc)[1:])


@operation("alerts:Get", GetAlert, AlertReply)
def get(command: GetAlert, context: Context) -> Steps:
    """One alert."""
    records = yield Fetch(keys=((Alert.NOUN, command.alert),))
    found = records.get(Alert, command.alert, refuse=Code.ALERT_NOT_FOUND, where="alert")
    return Decision(reply=AlertReply(alert=found))


@operation("alerts:List", ListAlerts, AlertsReply)
def list_alerts(command: ListAlerts, context: Context) -> Steps:
    """Alerts in order of id."""
    prefix: Key = (Alert.NOUN,)
    if command.epc is not None:
        prefix = (AlertOfGoods.NOUN, key_part(normal_form(command.epc)))
    scan = Scan(prefix, command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    if command.epc is None:
        alerts = [decode_record(value, Alert) for _, value in page.items]
    else:
        names = [decode_record(value, AlertOfGoods).alert for _, value in page.items]
        records = yield Fetch(keys=tuple((Alert.NOUN, name) for name in names))
        alerts = [records.get(Alert, name, refuse=Code.LEDGER_INCONSISTENT) for name in names]
    asked = {"owner": command.owner, "status": command.status, "code": command.code}
    asked["severity"] = command.severity
    wanted = {name: value for name, value in asked.items() if value is not None}
    found = [each for each in alerts if all(getattr(each, name) == value for name, value in wanted.items())]
    return Decision(reply=AlertsReply(alerts=found, bookmark=page.bookmark))

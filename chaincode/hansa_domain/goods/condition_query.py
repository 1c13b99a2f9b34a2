"""``goods:Condition``: all that a buyer should know of goods before he takes them, in one answer."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.alerts.records import OpenAlert, Watch, watch_key
from hansa_domain.coldchain.records import Exposure, Kept, exposure_key
from hansa_domain.fields import Epc
from hansa_domain.goods.records import Unit, unit_key
from hansa_domain.goods.sellable import unsellable
from hansa_domain.gs1 import normal_form
from hansa_domain.operation import Context, Decision, Fetch, Query, Steps, operation
from hansa_domain.recalls.blocking import mark_keys, recalled, subjects_of

MAX_ASKED = 200


class GetCondition(Query["ConditionReply"], frozen=True, kw_only=True):
    """``goods:Condition``: of units or lots; what is packed in them is asked for by its own EPC."""

    epcs: Annotated[list[Epc], msgspec.Meta(min_length=1, max_length=MAX_ASKED)]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one thing. ``sellable``: neither recalled, nor declared not for sale, nor ended.

    ``dispositions`` are those that hold, and who set each. ``alerts`` are open ones, ``doubted`` events that
    were taken back after others had built on them, ``excursions`` times outside the product's limits.
    """

    epc: str
    known: bool
    sellable: bool
    blocked_by: str | None
    dispositions: dict[str, str]
    alerts: list[OpenAlert]
    doubted: list[str]
    excursions: list[Kept]


class ConditionReply(msgspec.Struct, frozen=True, kw_only=True):
    """A condition for each EPC, in the order asked."""

    conditions: list[Condition]


@operation("goods:Condition", GetCondition, ConditionReply)
def get_condition(command: GetCondition, context: Context) -> Steps:
    """Reads the unit, its watch, its exposure and the marks of recalls."""
    epcs = [normal_form(epc) for epc in command.epcs]
    keys = [key for epc in epcs for key in (unit_key(epc), watch_key(epc), exposure_key(epc))]
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    units = {epc: records.find(Unit, *unit_key(epc)[1:]) for epc in epcs}
    subjects = {subject for epc, unit in units.items() for subject in subjects_of(epc, unit)}
    marks = yield Fetch(keys=mark_keys(subjects))
    recalls = yield from recalled(subjects, marks)
    found: list[Condition] = []
    for epc in epcs:
        unit = units[epc]
        watch = records.find(Watch, *watch_key(epc)[1:])
        exposure = records.find(Exposure, *exposure_key(epc)[1:])
        blocked_by = recalls.of(epc, unit)
        sound = unit is not None and unit.ended is None and unsellable(unit) is None
        found.append(
            Condition(
                epc=epc,
                known=unit is not None,
                sellable=sound and blocked_by is None,
                blocked_by=blocked_by,
                dispositions={} if unit is None else unit.dispositions,
                alerts=[] if watch is None else watch.alerts,
                doubted=[] if watch is None else watch.doubted,
                excursions=[] if exposure is None else exposure.excursions,
            )
        )
    return Decision(reply=ConditionReply(conditions=found))

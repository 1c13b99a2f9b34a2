"""Delegations: a member lets another report about its goods as if it did so itself; revocable at any time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import DelegationGranted, DelegationRevoked
from hansa_domain.fields import Epc, MspId, Seconds, Timestamp
from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.records import Unit, key_part
from hansa_domain.gs1 import normal_form, parse
from hansa_domain.members import known_member, member_key
from hansa_domain.operation import Command, Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.recalls.blocking import product_class
from hansa_domain.times import milliseconds, rfc3339

Action = Literal["make", "observe", "pack", "retire"]


class Delegation(Record, frozen=True, kw_only=True):
    """What one member may report for another; key ``("delegation", grantor, reporter, subject)``.

    ``subject`` is a product or a unit in normal form. It gives the reporter no right that the grantor lacks.
    """

    NOUN: ClassVar[str] = "delegation"
    grantor: str
    reporter: str
    subject: str
    actions: list[Action]
    until: Timestamp


class GrantDelegation(Command["DelegationReply"], frozen=True, kw_only=True):
    """``delegations:Grant``, by any member: the reporter's events on these goods count as the caller's own.

    ``subject`` is a product, or one unit, as EPC URI or Digital Link. ``make``: commissioning and
    transformation; ``pack``: aggregation and association; ``retire``: action DELETE; ``observe``: the rest.
    Granted again, it replaces what was granted before.
    """

    reporter: MspId
    subject: Epc
    actions: Annotated[list[Action], msgspec.Meta(min_length=1, max_length=4)]
    within: Seconds


class RevokeDelegation(Command["DelegationReply"], frozen=True, kw_only=True):
    """``delegations:Revoke``, by who granted it."""

    reporter: MspId
    subject: Epc


class DelegationReply(msgspec.Struct, frozen=True, kw_only=True):
    """The delegation granted, or the one that was revoked."""

    delegation: Delegation


def delegation_key(grantor: str, reporter: str, subject: str) -> Key:
    """Where a delegation stands; ``subject`` in normal form."""
    return (Delegation.NOUN, grantor, reporter, key_part(subject))


@operation("delegations:Grant", GrantDelegation, DelegationReply)
def grant(command: GrantDelegation, context: Context) -> Steps:
    """Holds until its time is over or it is revoked."""
    subject = normal_form(command.subject)
    if parse(subject) is None:
        raise Refusal(Code.EPC_INVALID, f"{command.subject} names no goods of GS1's.", "subject")
    if command.reporter == context.caller.msp_id:
        raise Refusal(Code.FIELD_INVALID, "Nobody needs leave to report for himself.", "reporter")
    records = yield Fetch(keys=(member_key(command.reporter),))
    known_member(records, command.reporter, "reporter")
    made = Delegation(
        grantor=context.caller.msp_id,
        reporter=command.reporter,
        subject=subject,
        actions=sorted(set(command.actions)),
        until=rfc3339(context.now + command.within * 1000),
    )
    event = DelegationGranted(
        grantor=made.grantor,
        reporter=made.reporter,
        subject=subject,
        actions=list(made.actions),
        until=made.until,
        at=context.at,
    )
    key = delegation_key(made.grantor, made.reporter, subject)
    return Decision(reply=DelegationReply(delegation=made), writes={key: made}, events=(event,))


@operation("delegations:Revoke", RevokeDelegation, DelegationReply)
def revoke(command: RevokeDelegation, context: Context) -> Steps:
    """What was reported before stays."""
    subject = normal_form(command.subject)
    key = delegation_key(context.caller.msp_id, command.reporter, subject)
    records = yield Fetch(keys=(key,))
    found = records.find(Delegation, *key[1:])
    if found is None:
        raise Refusal(Code.DELEGATION_NOT_FOUND, f"{command.reporter} has no such delegation.", "subject")
    event = DelegationRevoked(grantor=found.grantor, reporter=found.reporter, subject=subject, at=context.at)
    return Decision(reply=DelegationReply(delegation=found), writes={key: None}, events=(event,))


@dataclass(frozen=True)
class Delegations:
    """What was delegated to a reporter, by grantor and subject."""

    found: Mapping[tuple[str, str], Delegation] = field(default_factory=dict)

    def grantors(self, event: EpcisEvent, now: int) -> list[str]:
        """On whose behalf the event may be reported, in order: who delegated all that it names.

        Events that count quantities are the reporter's own, since lots are counted for who reports them.
        """
        if event.quantities or not event.named or event.error_digest is not None:
            return []
        action = _action(event)
        return [
            grantor
            for grantor in sorted({grantor for grantor, _ in self.found})
            if all(self._covers(grantor, epc, action, now) for epc in event.named)
        ]

    def _covers(self, grantor: str, epc: str, action: Action, now: int) -> bool:
        granted = (self.found.get((grantor, subject)) for subject in _subjects(epc))
        return any(
            each is not None and action in each.actions and now < milliseconds(each.until) for each in granted
        )


def _action(event: EpcisEvent) -> Action:
    if event.kind == "TransformationEvent" or (event.kind == "ObjectEvent" and event.action == "ADD"):
        return "make"
    if event.kind in ("AggregationEvent", "AssociationEvent"):
        return "pack"
    return "retire" if event.action == "DELETE" else "observe"


def _subjects(epc: str) -> tuple[str, ...]:
    key = parse(epc)
    return (epc,) if key is None or key.gtin is None else (epc, product_class(key.gtin))


def _wanted(
    events: list[EpcisEvent], units: Mapping[str, Unit], owners: Iterable[str], reporter: str
) -> list[tuple[str, str]]:
    grantors = {*owners, *(party for unit in units.values() for party in (unit.owner, unit.custodian))}
    subjects = {subject for event in events for epc in event.named for subject in _subjects(epc)}
    return [(grantor, subject) for grantor in sorted(grantors - {reporter}) for subject in sorted(subjects)]


def delegation_keys(
    events: list[EpcisEvent], units: Mapping[str, Unit], owners: Iterable[str], reporter: str
) -> tuple[Key, ...]:
    """What to fetch for ``read_delegations``."""
    wanted = _wanted(events, units, owners, reporter)
    return tuple(delegation_key(grantor, reporter, subject) for grantor, subject in wanted)


def read_delegations(
    events: list[EpcisEvent],
    units: Mapping[str, Unit],
    owners: Iterable[str],
    reporter: str,
    records: Records,
) -> Delegations:
    """The delegations from what ``delegation_keys`` named."""
    found: dict[tuple[str, str], Delegation] = {}
    for grantor, subject in _wanted(events, units, owners, reporter):
        record = records.find(Delegation, *delegation_key(grantor, reporter, subject)[1:])
        if record is not None:
            found[grantor, subject] = record
    return Delegations(found)

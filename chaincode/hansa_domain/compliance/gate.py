"""Where trade is let through or refused: every listing, order and shipment passes here.

Where no pack is in force nothing is read but the register, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from hansa_domain.compliance.deciding import decide
from hansa_domain.compliance.gathering import Subject, gather
from hansa_domain.compliance.packs import REGISTER, PackEntry, PacksInForce
from hansa_domain.compliance.records import ComplianceFlag, ComplianceRecord, flag_key, record_key
from hansa_domain.compliance.subjects import shipment_subject
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ComplianceChecked, Event, Occasion
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.orders.order import Order


@dataclass(frozen=True)
class Checked:
    """A check that was made: its record (None where no pack is in force), and what to write and tell."""

    record: ComplianceRecord | None = None
    writes: dict[Key, Record | None] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


Checking = Generator[Fetch, Records, Checked]


def let_through(subject: Subject, occasion: Occasion, check: str, context: Context) -> Checking:
    """Checks a subject before it comes about; ``yield from`` it, and write and tell what it returns.

    Args:
        subject: what comes about.
        occasion: by which step.
        check: the command's reference, which names the record.
        context: the transaction's.

    Raises:
        Refusal: COMPLIANCE_VIOLATED at ``<pack>/<rule>``.
    """
    register = (yield Fetch(keys=(REGISTER,))).find(PacksInForce)
    return (yield from let_through_by(register, subject, occasion, check, context))


def let_through_by(
    register: PacksInForce | None, subject: Subject, occasion: Occasion, check: str, context: Context
) -> Checking:
    """As ``let_through``, where the register was read already."""
    record = yield from examine(register, subject, occasion, check, context)
    if record is None:
        return Checked()
    for violation in record.violations:
        version = next(each.version for each in record.packs if each.pack == violation.pack)
        raise Refusal(
            Code.COMPLIANCE_VIOLATED,
            f"Rule {violation.rule} of {violation.pack}, version {version}: {violation.reason}",
            f"{violation.pack}/{violation.rule}",
        )
    return recorded(record, flagged=None)


def check_shipment(
    order: Order,
    shipped: str,
    lines: Sequence[tuple[str, int]],
    carrier: str | None,
    check: str,
    context: Context,
) -> Checking:
    """Checks goods before they leave, the order's papers among the facts; ``yield from`` it.

    Args:
        order: whose goods they are.
        shipped: id of what is shipped: the order's own where it goes as a whole, else the despatch's.
        lines: GTIN of 14 digits and pieces that leave now.
        carrier: MSP id of who carries them, if anybody but the seller.
        check: the command's reference, which names the record.
        context: the transaction's.

    Raises:
        Refusal: COMPLIANCE_VIOLATED at ``<pack>/<rule>``.
    """
    return (
        yield from let_through(shipment_subject(order, shipped, lines, carrier), "shipped", check, context)
    )


def examine(
    register: PacksInForce | None, subject: Subject, occasion: Occasion, check: str, context: Context
) -> Generator[Fetch, Records, ComplianceRecord | None]:
    """The record of a check as it would stand; None where no pack is in force."""
    entries = register.at(context.at) if register is not None else []
    if not entries:
        return None
    return (yield from judged(entries, subject, occasion, check, context))


def judged(
    entries: Sequence[PackEntry], subject: Subject, occasion: Occasion, check: str, context: Context
) -> Generator[Fetch, Records, ComplianceRecord]:
    """The record of a check by these versions; without any, everything passes."""
    packs, facts = yield from gather(subject, entries, context)
    outcomes = decide(packs, facts)
    return ComplianceRecord(
        id=check,
        subject_kind=subject.kind,
        subject=subject.id,
        order=subject.order,
        occasion=occasion,
        by=context.caller.msp_id,
        result="failed" if any(each.refuses for each in outcomes) else "passed",
        packs=[entry.checked for entry in entries],
        facts=facts,
        outcomes=outcomes,
        at=context.at,
    )


def recorded(record: ComplianceRecord, *, flagged: bool | None, suspended: bool = False) -> Checked:
    """A record as writes and event; ``flagged`` None leaves the flag of its subject as it is.

    ``suspended``: see ``ComplianceFlag``.
    """
    writes: dict[Key, Record | None] = {record_key(record.subject, record.id): record}
    if flagged is not None:
        flag = ComplianceFlag(check=record.id, at=record.at, suspended=suspended) if flagged else None
        writes[flag_key(record.subject)] = flag
    event = ComplianceChecked(
        check=record.id,
        subject_kind=record.subject_kind,
        subject=record.subject,
        order=record.order,
        occasion=record.occasion,
        by=record.by,
        result=record.result,
        packs=record.packs,
        facts=record.facts,
        outcomes=record.outcomes,
        flagged=flagged,
        at=record.at,
    )
    return Checked(record, writes, (event,))

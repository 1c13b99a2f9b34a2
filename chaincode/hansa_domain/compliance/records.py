"""What a check leaves on the ledger: its record for good, and a flag while its subject is held back."""

from __future__ import annotations

from typing import ClassVar

from hansa_domain.compliance.scope import Stage
from hansa_domain.events import CheckResult, Facts, Occasion, PackChecked, RuleOutcome
from hansa_domain.fields import Timestamp
from hansa_domain.operation import Key, Record


class ComplianceRecord(Record, frozen=True, kw_only=True):
    """What was checked, by which packs, on which facts, and the result; key ``("compliance", subject, id)``.

    ``id`` is the command's. Never rewritten: each check has a record of its own. ``order`` is the one that an
    order or a shipment belongs to.
    """

    NOUN: ClassVar[str] = "compliance"
    id: str
    subject_kind: Stage
    subject: str
    order: str | None
    occasion: Occasion
    by: str
    result: CheckResult
    packs: list[PackChecked]
    facts: Facts
    outcomes: list[RuleOutcome]
    at: Timestamp

    @property
    def violations(self) -> list[RuleOutcome]:
        """The outcomes that made it fail."""
        return [each for each in self.outcomes if each.refuses]


class ComplianceFlag(Record, frozen=True, kw_only=True):
    """A listing or order that its last check held back; key ``("compliance-flag", subject)``.

    ``suspended``: the listing was open before, and opens again when it is let go.
    """

    NOUN: ClassVar[str] = "compliance-flag"
    check: str
    at: Timestamp
    suspended: bool = False


def record_key(subject: str, check: str) -> Key:
    """Where the record of a check stands."""
    return (ComplianceRecord.NOUN, subject, check)


def flag_key(subject: str) -> Key:
    """Where the flag of a listing or order stands, while there is one."""
    return (ComplianceFlag.NOUN, subject)

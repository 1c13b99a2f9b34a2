"""What is wrong with a network, in words, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Args:
        code: stable upper-case code; ``docs/operate/status.md`` explains each.
        severity: ``error`` where something does not work now, ``warning`` where it soon may not.
        subject: the organisation, node or process concerned.
        message: what is wrong, in one sentence.
        remedy: what to do about it.
    """

    code: str
    severity: str
    subject: str
    message: str
    remedy: str

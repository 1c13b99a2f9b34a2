"""Times that a command names."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.times import milliseconds


def check_moment(moment: str, where: str) -> int:
    """Unix milliseconds of a time of the form ``Moment``. Refuses FIELD_INVALID for a day there is not."""
    try:
        return milliseconds(moment)
    except ValueError:
        raise Refusal(Code.FIELD_INVALID, f"{moment} is no time there is.", where) from None

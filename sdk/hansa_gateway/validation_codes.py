"""Names of the verdicts that committing peers give, also of those newer than this client."""

from __future__ import annotations

from hansa_fabric.validation_codes import ValidationCode

_NAMES: dict[int, str] = {code.value: code.name for code in ValidationCode}


def code_name(code: int) -> str:
    """The verdict's name, such as ``MVCC_READ_CONFLICT``; ``CODE_n`` for one this client does not know."""
    return _NAMES.get(code, f"CODE_{code}")

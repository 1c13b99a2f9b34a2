"""Old forms of a record, and how they are read as the present one (rule 10).

Nothing on the ledger is rewritten at once. A record of an earlier version is read forward whenever it is
fetched, and whoever writes it next writes the present version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

Old = TypeVar("Old", bound=msgspec.Struct)


@dataclass(frozen=True)
class Earlier(Generic[Old]):
    """The form that a record had in one version.

    Args:
        form: the struct of that version.
        forward: makes the next form of it: that of the next later entry, or the record itself. It must be as
            deterministic as any rule: every peer reads the same.
    """

    form: type[Old]
    forward: Callable[[Old], msgspec.Struct]


Forms = Mapping[int, Earlier[Any]]
"""Earlier forms by version. A version that differs from the next one only by fields with defaults, or not at
all, needs no entry."""


def read_forward(raw: bytes, version: int, forms: Forms, present: type[Old]) -> msgspec.Struct:
    """The record as the present form has it, whichever version its bytes are of.

    Args:
        raw: the record's bytes.
        version: the version they say they are of.
        forms: the record's earlier forms.
        present: the form of its present version.

    Returns:
        an instance of ``present``, unless the last step forward makes another.
    """
    steps = [forms[each] for each in sorted(forms) if each >= version]
    found: msgspec.Struct = msgspec.json.decode(raw, type=steps[0].form if steps else present)
    for step in steps:
        found = step.forward(found)
    return found

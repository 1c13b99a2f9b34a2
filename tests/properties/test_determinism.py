"""Two endorsers must agree on every byte, whatever their machines are set to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hansa_domain.catalogue import OPERATIONS
from hansa_domain.operation import canonical
from tests.support.domain_walk import walk

REPOSITORY = Path(__file__).parents[2]
SETTINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4242", "TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"},
)


def walked(settings: dict[str, str]) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.domain_walk"],
        cwd=REPOSITORY,
        env={**os.environ, **settings},
        capture_output=True,
        check=True,
    )
    return done.stdout


def test_every_operation_gives_the_same_bytes_everywhere() -> None:
    first, second = (walked(settings) for settings in SETTINGS)
    assert first.splitlines() == second.splitlines()
    assert len(first) > 10_000


def test_the_walk_takes_every_operation() -> None:
    assert walk().names == set(OPERATIONS)


# Names of what records hold are in the Basic Multilingual Plane; beyond it RFC 8785 sorts by UTF-16.
NAMES = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]))
WHOLE = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
SCALARS = st.none() | st.booleans() | WHOLE | st.text(st.characters(exclude_categories=["Cs"]))
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5)
)


@given(DOCUMENTS)
def test_canonical_json_is_rfc_8785(document: object) -> None:
    assert canonical(document) == rfc8785.dumps(document)  # type: ignore[arg-type]

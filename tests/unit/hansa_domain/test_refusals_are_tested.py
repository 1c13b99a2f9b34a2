"""No refusal without a test: every code is named in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hansa_domain.error_codes import Code

REPOSITORY = Path(__file__).parents[3]
TESTS = [path for path in (REPOSITORY / "tests").rglob("test_*.py") if path != Path(__file__)]
WORDS = {word for path in TESTS for word in re.findall(r"\b[A-Z][A-Z_]+\b", path.read_text("utf-8"))}
RULES = "\n".join(
    path.read_text("utf-8")
    for room in ("hansa_domain", "hansa_contract")
    for path in (REPOSITORY / "chaincode" / room).rglob("*.py")
    if path.name != "error_codes.py"
)


@pytest.mark.parametrize("code", list(Code), ids=lambda code: code.name)
def test_every_code_is_used_and_tested(code: Code) -> None:
    assert f"Code.{code.name}" in RULES, "no rule refuses with it"
    assert code.name in WORDS, "no test expects it"

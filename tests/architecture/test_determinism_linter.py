"""Domain and contract hold nothing that could differ between two executions; each rule has what breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.determinism_linter import Finding, lint

ROOT = Path(__file__).resolve().parents[2]
# Serving and measuring the process happens around transactions: nothing of it reaches what they write.
AROUND = {"hansa_contract/__main__.py", "hansa_contract/metrics.py"}
MODULES = sorted(
    path
    for room in ("hansa_domain", "hansa_contract")
    for path in (ROOT / "chaincode" / room).rglob("*.py")
    if str(path.relative_to(ROOT / "chaincode")) not in AROUND
)
# Filled while the modules are imported, by decorators; no transaction reaches them for writing.
ARGUED_FOR = {
    ("hansa_domain/operation.py", "OPERATIONS outlives the transaction"),
    ("hansa_domain/operation.py", "BY_ARGUMENT outlives the transaction"),
    ("hansa_domain/fields.py", "FORMS outlives the transaction"),
    # The description that tools ask for names the program's version; no transaction reads it.
    ("hansa_contract/metadata.py", "import importlib.metadata"),
}

BROKEN = {
    "the clock": ("clock", "import time\n"),
    "the clock of datetime": ("clock", "from datetime import datetime\nx = datetime.now()\n"),
    "the clock under another name": ("clock", "from datetime import datetime as d\nx = d.now()\n"),
    "the clock by its name": ("clock", "from datetime import date\nx = getattr(date, 'today')\n"),
    "the zones of this machine": ("clock", "import zoneinfo\n"),
    "random numbers": ("chance", "import random\n"),
    "fresh identifiers": ("chance", "from uuid import uuid4\n"),
    "hash seeds": ("chance", "def f(x: str) -> int:\n    return hash(x)\n"),
    "addresses of objects": ("chance", "def f(x: str) -> int:\n    return id(x)\n"),
    "a float": ("float", "FEE = 0.5\n"),
    "a division": ("float", "def f(a: int, b: int) -> int:\n    return int(a / b)\n"),
    "a division in place": ("float", "def f(a):\n    a /= 2\n    return a\n"),
    "a conversion": ("float", "def f(a: str) -> object:\n    return float(a)\n"),
    "rounding": ("float", "def f(a):\n    return round(a)\n"),
    "mathematics": ("float", "import math\n"),
    "a set in a loop": ("order", "def f():\n    for x in {1, 2}:\n        yield x\n"),
    "a set under a name": ("order", "def f(xs):\n    seen = set(xs)\n    return [x for x in seen]\n"),
    "a set as an argument": ("order", "def f(xs: set[str]) -> list[str]:\n    return list(xs)\n"),
    "a set joined": ("order", "def f(xs: frozenset[str]) -> str:\n    return ','.join(xs)\n"),
    "a set unpacked": ("order", "def f(xs):\n    return [*{x for x in xs}]\n"),
    "keys of two": ("order", "def f(a, b):\n    return tuple(a.keys() | b.keys())\n"),
    "a set into a dict": ("order", "def f(a):\n    return {x: 1 for x in set(a)}\n"),
    "any one of a set": ("order", "def f(a):\n    return set(a).pop()\n"),
    "a union": ("order", "def f(a, b):\n    return list(a.union(b))\n"),
    "a set in a coroutine": ("order", "async def f(xs):\n    return [x for x in set(xs)]\n"),
    "a file": ("io", "def f():\n    return open('x')\n"),
    "the console": ("io", "print('x')\n"),
    "the environment": ("io", "import os\n"),
    "the network": ("io", "import socket\n"),
    "code from data": ("io", "def f(x):\n    return eval(x)\n"),
    "the locale": ("state", "import locale\n"),
    "a global": ("state", "count = 0\ndef f():\n    global count\n    count += 1\n"),
    "a cache by hand": ("state", "SEEN = {}\ndef f(x):\n    SEEN[x] = 1\n"),
    "what another module keeps": (
        "state",
        "from hansa_domain.operation import OPERATIONS\ndef f(x):\n    OPERATIONS[x] = 1\n",
    ),
    "a field of what is shared": ("state", "class C: ...\nSEEN = C()\ndef f(x):\n    SEEN.last = x\n"),
    "the names of a module": ("state", "def f(x):\n    globals()[x] = 1\n"),
    "a cache in a coroutine": ("state", "SEEN = {}\nasync def f(x):\n    SEEN[x] = 1\n"),
    "a list that grows": ("state", "SEEN = []\ndef f(x):\n    SEEN.append(x)\n"),
}

SOUND = {
    "a set that is sorted": "def f(xs: set[str]) -> list[str]:\n    return sorted(xs)\n",
    "a set that is counted": "def f(xs):\n    return sum(x for x in set(xs))\n",
    "a set that is asked": "def f(xs: set[str], x: str) -> bool:\n    return x in xs\n",
    "a dict in its order": "def f(xs):\n    return list(dict.fromkeys(xs))\n",
    "a local list": "OUT = ()\ndef f(x):\n    out = []\n    out.append(x)\n    return out\n",
    "whole numbers": "def f(a: int, b: int) -> int:\n    return a * 50 // 10_000 + b % 3\n",
}


def here(path: Path) -> str:
    return str(path.relative_to(ROOT / "chaincode"))


@pytest.mark.parametrize("path", MODULES, ids=here)
def test_domain_and_contract_are_deterministic(path: Path) -> None:
    found = lint(path.read_text(encoding="utf-8"))
    assert [each for each in found if (here(path), each.what) not in ARGUED_FOR] == []


@pytest.mark.parametrize(("rule", "source"), BROKEN.values(), ids=BROKEN)
def test_what_breaks_a_rule_is_found(rule: str, source: str) -> None:
    assert {each.rule for each in lint(source)} == {rule}


@pytest.mark.parametrize("source", SOUND.values(), ids=SOUND)
def test_what_is_sound_passes(source: str) -> None:
    assert lint(source) == []


def test_a_finding_says_where() -> None:
    assert lint("X = 1\nY = 2.5\n") == [Finding("float", 2, "2.5")]

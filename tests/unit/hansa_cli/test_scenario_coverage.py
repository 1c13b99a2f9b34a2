"""Every command of the ledger is shown at work in a scenario of ``examples/``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hansa_cli.scenario import Scenario, Step, read_scenario
from hansa_cli.scenario_verbs import VERBS
from hansa_domain.catalogue import OPERATIONS

EXAMPLES = Path(__file__).parents[3] / "examples"
SCENARIOS: list[Scenario] = [read_scenario(path) for path in sorted(EXAMPLES.glob("*.yaml"))]
COMMANDS = {name for name, each in OPERATIONS.items() if not each.query}

# What a verb by hand sends under another name than its own, and what follows from an argument.
SENDS = {
    "money.transfer_all": "money:Transfer",
    "accounts.pay": "money:Transfer",
    "goods.declare_error": "goods:Capture",
    "iso20022.pay": "money:Transfer",
    "ubl.import": "orders:Place",  # among others: which one, the document says
    "money.merge": "money:Transfer",
    "money.split": "money:Transfer",
}
DISCLOSES = {
    "deliver_to": "orders:Disclose",
    "priced": "offers:Disclose",
    "said": "disputes:Disclose",
}
# Whatever a scenario runs on has carried these out, or would have to lie about its own network.
ELSEWHERE = {
    "members:Init": "hansa up sends it when a ledger begins",
    "configUpdates:Complete": "hansa join sends it for a block in which the network itself changed",
}


def commands(step: Step) -> Iterator[str]:
    """The commands of the ledger that a step carries out."""
    if step.refused is not None:
        return
    yield from (name for argument, name in DISCLOSES.items() if argument in step.args)
    if step.do not in VERBS:
        yield step.do
        return
    noun, _, verb = step.do.partition(".")
    yield SENDS.get(step.do, f"{_joined(noun)}:{_joined('_' + verb)}")


def _joined(name: str) -> str:
    """``payment_requests`` as ``paymentRequests``, ``_propose-refill`` as ``ProposeRefill``."""
    return re.sub(r"[_-]([a-z])", lambda found: found[1].upper(), name)


def test_every_command_is_carried_out_in_a_scenario() -> None:
    shown = {name for scenario in SCENARIOS for step in scenario.steps for name in commands(step)}
    assert shown <= COMMANDS, "a verb by hand is not told of in SENDS"
    missing = sorted(COMMANDS - shown - set(ELSEWHERE))
    assert not missing, f"add a step to a scenario of examples/ for {', '.join(missing)}"


def test_what_is_shown_elsewhere_exists() -> None:
    assert set(ELSEWHERE) <= COMMANDS

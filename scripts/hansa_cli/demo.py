"""``hansa demo``: brings the network up and carries out a scenario on it."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hansa import show_amount
from hansa_cli.answers import describe
from hansa_cli.running import Config, EngineName, hold, prepare, show_sign_ins, start
from hansa_cli.scenario import Run
from hansa_cli.session import Data, committed, out
from hansa_domain.orders.order import Order
from hansa_network.data_folder import remember, write_atomically
from hansa_network.network import Network


def register(app: typer.Typer) -> None:
    """Adds the verb to the command line."""
    app.command()(demo)


def demo(
    scenario: Annotated[Path | None, typer.Option(help="Scenario file; else the default trade.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop the network at the end.")] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write every step and the result here.")] = None,
    engine: EngineName = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Brings the network up, carries out a trade, shows how it ended; then serves the portals."""
    target = prepare(config, data, engine)
    was_up = target.running
    if was_up:
        remember(target.folder)
    else:
        start(target)
    try:
        result = play(target, scenario or default_scenario())
        if json is not None:
            write_atomically(json, json_text.dumps(result, indent=2, ensure_ascii=False) + "\n", mode=0o644)
    except BaseException:
        if not was_up:
            target.down()
        raise
    if was_up:
        return
    if once:
        target.down()
        return
    show_sign_ins(target)
    hold(target)


def default_scenario() -> Path:
    """The scenario that comes with Hansa: package data of an installed wheel, a folder of the clone."""
    packaged = Path(__file__).parent / "examples"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[2] / "examples"
    return folder / "one-trade.yaml"


def play(target: Network, path: Path) -> dict[str, Any]:
    """Carries out a scenario, says how it goes, and returns what the result file holds."""
    run = Run(path, target.folder.root)
    out.print(f"\n{run.scenario.name}", markup=False)
    steps = []
    for done in run.steps():
        steps.append(done.document())
        where = committed(done.receipts[-1]) if done.receipts else ""
        out.print(f"  {done.step.who:<22} {done.step.name} {where}", markup=False)
    result = run.result()
    _show_result(result)
    return {"scenario": run.scenario.name, "engine": target.engine.name, "steps": steps, **result}


def _show_result(result: dict[str, Any]) -> None:
    out.print()
    if "order" in result:
        out.print(describe(msgspec.convert(result["order"]["order"], Order)), markup=False)
    out.print("\nbalances", markup=False)
    for name, balances in result["balances"].items():
        shown = ", ".join(show_amount(b["amount"], b["currency"]) for b in balances) or "nothing"
        out.print(f"  {name:<24} {shown}", markup=False)
    if "trace" in result:
        _show_trace(result["trace"])


def _show_trace(trace: dict[str, Any]) -> None:
    out.print(f"\ntrace of {trace['epc']}", markup=False)
    for step in trace["steps"]:
        report = step["report"]
        event = json_text.loads(report["event"])
        what = str(event.get("bizStep") or event.get("type")).rpartition("/")[2].rpartition(":")[2]
        out.print(f"  {report['time']}  {report['reporter']:<14} {what} ({step['relation']})", markup=False)

"""The ``hansa`` command: its verbs, each in the module of its noun, imported only when it is asked for."""

from __future__ import annotations

import importlib
import sys

import typer

from hansa_cli.reporting import reporting

NETWORK = {
    "up": "Brings the network up.",
    "down": "Stops the network; what it holds stays.",
    "status": "What runs, and how far the ledger is.",
    "reset": "Stops the network and deletes everything it holds.",
    "env": "What Fabric's own clients need.",
    "profile": "An organisation's common connection profile.",
    "peer": "Silences an organisation's peer, or brings it back.",
}
"""Verbs of the network itself, in the module ``running``."""

NOUNS = {
    "demo": "A trade from beginning to end on a network of its own.",
    "members": "Who belongs to the consortium.",
    "products": "Trade items by GTIN.",
    "listings": "Goods on offer.",
    "orders": "From placing to settlement.",
    "money": "Notes: issue, pay, count.",
    "goods": "EPCIS events and the trail of goods.",
    "replay": "Files of past trade, carried out again.",
}
"""Modules with a command line of their own."""


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line.

    Exit status 0 only on success, 2 where the command line cannot be understood, 1 otherwise.

    Args:
        arguments: without the program's name; None takes those of the process.
    """
    words = sys.argv[1:] if arguments is None else arguments
    verb = words[0] if words else ""
    # What `demo --json` names is a file.
    with reporting(as_json="--json" in words and verb != "demo"):
        if verb in NOUNS:
            _app(verb)(words[1:], prog_name=f"hansa {verb}")
        elif verb in NETWORK:
            _app("running")(words, prog_name="hansa")
        else:
            _overview()(words, prog_name="hansa")


def _app(module: str) -> typer.Typer:
    found = importlib.import_module(f"hansa_cli.{module}")
    if hasattr(found, "app"):
        app: typer.Typer = found.app
    else:
        app = typer.Typer()
        found.register(app)
    # A failure is reported by us; a fault of the program shows the plain trace.
    app.pretty_exceptions_enable = False
    app._add_completion = False
    return app


def _overview() -> typer.Typer:
    """What ``hansa --help`` shows; it also answers a verb that there is not."""
    app = typer.Typer(
        help="Trade among companies that do not trust one another.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for name, text in (NETWORK | NOUNS).items():
        app.command(name, help=text)(lambda: None)
    return app


if __name__ == "__main__":
    main()

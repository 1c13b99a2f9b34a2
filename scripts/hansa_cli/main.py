"""The ``hansa`` command: its verbs, each in the module of its noun, imported only when it is asked for."""

from __future__ import annotations

import importlib
import importlib.util
import sys

import typer

from hansa_cli.reporting import reporting

NETWORK = {
    "up": "Brings the network up.",
    "down": "Stops the network; what it holds stays.",
    "status": "What runs, and how far the ledger is.",
    "logs": "What every program wrote about one transaction.",
    "backup": "Writes a sealed backup of a member's node.",
    "restore": "Puts a member's node back from its backup.",
    "reset": "Stops the network and deletes everything it holds.",
    "env": "What Fabric's own clients need.",
    "profile": "An organisation's common connection profile.",
    "peer": "Silences an organisation's peer, or brings it back.",
    "node": "Stops one process of an organisation, or starts it.",
    "demo": "A trade from beginning to end, with the network for it.",
}
"""Verbs of the network itself, in the module ``running`` but for these."""

ELSEWHERE = {"demo": "demo", "status": "status", "logs": "logs", "backup": "backup", "restore": "backup"}
"""Verb to the module that has it."""

NOUNS = {
    "join": "How an organisation comes in, and how members change their consortium.",
    "members": "Who belongs to the consortium.",
    "config-updates": "Changes of the consortium as the ledger keeps them; see join.",
    "products": "Trade items by GTIN.",
    "places": "Sites by GLN, with country and coordinates.",
    "listings": "Goods on offer.",
    "discounts": "What sellers take off, and on which conditions.",
    "coupons": "What sellers take off for who knows a code.",
    "taxes": "Taxes and duties by country of destination.",
    "delegations": "Who may report about goods on whose behalf.",
    "handovers": "Goods that pass by offer and acceptance, beside orders.",
    "lots": "How much of each lot members have.",
    "orders": "From placing to settlement.",
    "deliveries": "How far the parts of an order are.",
    "despatches": "Goods of an order that leave in parts.",
    "receipts": "What a buyer found of a despatch.",
    "invoices": "Asking for a part's price; paid where order and receipt agree.",
    "approvals": "Who may order how much alone, and a colleague's word.",
    "compliance": "Rule packs, and what was checked against them.",
    "licences": "Leave to deal in goods of a kind.",
    "papers": "Cross-border papers by hash and credential.",
    "returns": "Goods that go back for an agreed fee.",
    "milestones": "Steps that release a share of an order's escrow.",
    "settlements": "Splits of an order's escrow by consent, in part or whole.",
    "disputes": "An order before its arbitrator, from opening to decision.",
    "claims": "Claims under a warranty, after settlement.",
    "tenders": "Requests for offers.",
    "offers": "Negotiated, version by version, until taken.",
    "money": "Notes: issue, pay, count; statements, and whether everything adds up.",
    "ubl": "Purchase orders, despatch advices, invoices and others as UBL 2 documents, in and out.",
    "iso20022": "Payments as pain.001 and pacs.008.",
    "fees": "What orders, disputes and exchanges cost, and who agreed to it.",
    "obligations": "What members owe each other.",
    "netting": "Setting off what members owe each other.",
    "exchanges": "Firm quotes: one currency for another, at a price held for a while.",
    "facilities": "Standing offers to exchange at the oracles' rate, less a spread.",
    "rates": "Rates of exchange, and the oracles that quote them.",
    "receivables": "What orders owe their sellers, sold before it is paid.",
    "mandates": "Leave to collect money, up to so much in each period.",
    "payment-requests": "Asking another member for money.",
    "goods": "EPCIS events and the trail of goods.",
    "alerts": "Reports of goods that contradict one another, and what became of it.",
    "cold-chain": "What goods must be kept at, and how they were.",
    "recalls": "Goods called back: opened, followed, acknowledged, closed.",
    "guards": "Who must endorse changes of money and goods.",
    "currencies": "Who issues which money, what backs it, and frozen accounts.",
    "accounts": "Accounts with signers, limits, hot and cold.",
    "hashlocks": "Money that waits for a secret, for payments across chains.",
    "commands": "What became of a command.",
    "chaincode": "The version that runs, and going to another one.",
    "network": "The same consortium as files for Docker Compose or Kubernetes.",
    "hsm": "Users whose keys live in a hardware security module.",
    "replay": "Files of past trade, carried out again.",
}
"""Nouns: those of the chaincode's operations, and of files."""


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
        _app(verb)(words, prog_name="hansa")


def _app(verb: str) -> typer.Typer:
    """The command line with the one verb that is asked for; with none of them, all by name, for the help."""
    # A failure is reported by us; a fault of the program shows the plain trace.
    app = typer.Typer(
        help="Trade among companies that do not trust one another.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(lambda: None)
    if verb in NOUNS:
        app.add_typer(_noun(verb), name=verb, help=NOUNS[verb])
    elif verb in NETWORK:
        module = importlib.import_module(f"hansa_cli.{ELSEWHERE.get(verb, 'running')}")
        module.register(app)
    else:
        for name, text in (NETWORK | NOUNS).items():
            app.command(name, help=text)(lambda: None)
    return app


def _noun(name: str) -> typer.Typer:
    """A noun's verbs: those of its module, where it has one, and one for each other operation on it."""
    module = f"hansa_cli.{name.replace('-', '_')}"
    if importlib.util.find_spec(module) is not None:
        app: typer.Typer = importlib.import_module(module).app
    else:
        app = typer.Typer(no_args_is_help=True)
        app.callback()(lambda: None)
    importlib.import_module("hansa_cli.operations").add_verbs(app, name)
    return app


if __name__ == "__main__":
    main()

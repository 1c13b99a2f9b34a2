"""``hansa iso20022``."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hansa.client import Client
from hansa.iso20022 import pacs008
from hansa.iso20022_payments import Paid
from hansa.statements import Movement
from hansa_cli.documents import File, Out, read_file, show_document, write_file
from hansa_cli.session import As, CliError, Data, Json, acting, committed, document, show
from hansa_domain.events import MoneyMoved

app = typer.Typer(no_args_is_help=True)
app.callback()(lambda: None)


@app.command()
def pay(
    who: As,
    file: File,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Where to write the status report (pain.002); else nowhere."),
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Pays what a pain.001 asks for. Fails where anything was not paid; sent again, it pays only the rest."""
    raw = read_file(file)
    with acting(who, data) as client:
        paid = client.iso20022.pay(raw)
    if report is not None:
        write_file(paid.document, report)
    answer = {
        "status": paid.report.status,
        "message": paid.message.id,
        "outcomes": msgspec.to_builtins(paid.report.outcomes),
        "transactions": [document(receipt) for receipt in paid.receipts],
    }
    show(answer, json, describe(paid))
    if paid.error is not None:
        raise CliError(paid.error.code, paid.error.message, paid.error.hint)


@app.command("pacs008")
def transfer(
    who: As,
    block: Annotated[int, typer.Argument(help="The block that has the payment.")],
    position: Annotated[int, typer.Argument(help="Its transaction's place in the block, from 0.")] = 0,
    out: Out = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Writes a committed payment as pacs.008."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with acting(who, data) as client:
        raw = pacs008.write(client.iso20022.transfers(movement(client, block, position), now))
    show_document(raw, out, json)


def movement(client: Client, block: int, position: int) -> Movement:
    """The movement of money in a transaction. Raises CliError (PAYMENT_NOT_FOUND)."""
    if 0 <= block < client.ledger.height():
        for each in client.ledger.block(block).transactions:
            if each.index != position:
                continue
            for number, event in enumerate(each.events):
                if isinstance(event, MoneyMoved):
                    return Movement(event, block, position, number, each.transaction_id)
    raise CliError(
        "PAYMENT_NOT_FOUND",
        f"Transaction {position} of block {block} moved no money.",
        "hansa money statement shows where payments stand, as BLOCK-POSITION-NUMBER.",
    )


def describe(paid: Paid) -> str:
    """What became of a message, payment by payment."""
    lines = [f"{paid.message.id}: {paid.report.status}"]
    for outcome in paid.report.outcomes:
        why = f"  {outcome.reason} {outcome.info}" if outcome.reason else ""
        lines.append(f"  {outcome.status}  {outcome.batch}  {outcome.end_to_end_id}{why}")
    return "\n".join([*lines, *(f"  {committed(receipt)}" for receipt in paid.receipts)])

"""``hansa mandates``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import parse_amount, show_amount
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, acting, committed, show

app = typer.Typer(no_args_is_help=True)


@app.command(context_settings=NUMBERS)
def collect(
    who: As,
    mandate: Annotated[str, typer.Argument(help="The mandate's id.")],
    amount: Annotated[str, typer.Argument(help="In the main unit of the mandate's currency, such as 12.50.")],
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Collects money under a mandate; the payer's notes are chosen by themselves."""
    with acting(who, data) as client:
        currency = client.mandates.get(mandate).currency
        minor = parse_amount(amount, currency)
        receipt = client.mandates.collect(mandate, minor, command_id=command_id)
    payer = receipt.reply.mandate.payer
    show(receipt, json, f"{show_amount(minor, currency)} collected from {payer} {committed(receipt)}")

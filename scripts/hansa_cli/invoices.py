"""``hansa invoices``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from hansa import parse_amount
from hansa_cli.answers import lines_of
from hansa_cli.operations import read_json
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, acting, committed, invalid, show
from hansa_domain.deliveries.commands import AmountOfLine

app = typer.Typer(no_args_is_help=True)
app.callback()(lambda: None)


@app.command(context_settings=NUMBERS)
def issue(
    who: As,
    despatch: Annotated[str, typer.Argument(help="The despatch's id, such as ProducerMSP.01J...")],
    lines: Annotated[
        str | None,
        typer.Option(
            help="JSON, or @FILE with it: line, quantity, amount in minor units; else what is due of each."
        ),
    ] = None,
    freight: Annotated[
        str | None, typer.Option(help="That of this despatch, main unit; else what is due.")
    ] = None,
    number: Annotated[str | None, typer.Option(help="Your own number; public.")] = None,
    document: Annotated[str | None, typer.Option(help="SHA-256 of the full invoice, in hex.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """By the seller, for one despatch: what order and receipt make due, or what is named."""
    try:
        named = None if lines is None else msgspec.convert(read_json(lines, "lines"), list[AmountOfLine])
    except msgspec.ValidationError as error:
        raise invalid(error, prefix="lines") from error
    with acting(who, data) as client:
        order = client.orders.get(client.despatches.get(despatch).despatch.order).order
        receipt = client.invoices.issue(
            despatch,
            named,
            freight=None if freight is None else parse_amount(freight, order.currency, "freight"),
            number=number,
            document=document,
            command_id=command_id,
        )
    text = "\n".join(lines_of(receipt.reply, order.currency))
    show(receipt, json, f"{text}\n{committed(receipt)}")

"""``hansa payment-requests``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import show_amount
from hansa_cli.session import As, CommandId, Data, Json, account, acting, committed, show

app = typer.Typer(no_args_is_help=True)


@app.command()
def pay(
    who: As,
    payment_request: Annotated[str, typer.Argument(help="The request's id.")],
    source: Annotated[str | None, typer.Option("--from", help="Account that pays: MEMBER/name.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Pays what was asked for; notes are chosen by themselves."""
    with acting(who, data) as client:
        receipt = client.payment_requests.pay(
            payment_request,
            account=None if source is None else account(client, source),
            command_id=command_id,
        )
    asked = receipt.reply.payment_request
    show(receipt, json, f"{show_amount(asked.amount, asked.currency)} to {asked.payee} {committed(receipt)}")

"""``hansa netting``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import show_amount
from hansa_cli.session import As, CommandId, Data, Json, account, acting, committed, show

app = typer.Typer(no_args_is_help=True)
app.callback()(lambda: None)


@app.command()
def fund(
    who: As,
    cycle: Annotated[str, typer.Argument(help="Its id.")],
    source: Annotated[str | None, typer.Option("--from", help="Account that pays: MEMBER/name.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Pays into a cycle what one owes on balance; notes are chosen by themselves."""
    with acting(who, data) as client:
        payer = None if source is None else account(client, source)
        receipt = client.netting.fund(cycle, account=payer, command_id=command_id)
    paid = receipt.reply.pot
    show(receipt, json, f"{show_amount(int(paid.amount), paid.currency)} paid in {committed(receipt)}")

"""``hansa receivables``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import show_amount
from hansa_cli.session import As, CommandId, Data, Json, account, acting, committed, show

app = typer.Typer(no_args_is_help=True)


@app.command()
def assign(
    who: As,
    order: Annotated[str, typer.Argument(help="The order's id.")],
    source: Annotated[
        str | None, typer.Option("--from", help="Account that pays and gets the proceeds: MEMBER/name.")
    ] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Buys the proceeds of an order at the price offered; notes are chosen by themselves."""
    with acting(who, data) as client:
        receipt = client.receivables.assign(
            order, account=None if source is None else account(client, source), command_id=command_id
        )
    sold = receipt.reply.receivable
    price, proceeds = (show_amount(each, sold.currency) for each in (sold.price, sold.proceeds))
    show(receipt, json, f"{proceeds} of {order} bought for {price} {committed(receipt)}")

"""``hansa discounts``."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa_cli.pricing import read_concession
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, acting, committed, member, show

app = typer.Typer(no_args_is_help=True)

Percent = Annotated[str | None, typer.Option(help="Percent off, such as 5 or 2.5.")]
Off = Annotated[str | None, typer.Option("--amount", help="Amount off, once an order, such as 10.00EUR.")]
FromQuantity = Annotated[int | None, typer.Option(help="Only lines of at least so many units.")]
OnListing = Annotated[list[str] | None, typer.Option(help="Only this listing; may be repeated.")]
ForBuyer = Annotated[list[str] | None, typer.Option(help="Only this member; may be repeated.")]
Until = Annotated[str | None, typer.Option(help="Until when, such as 2027-06-01T00:00:00.000Z.")]


@app.command(context_settings=NUMBERS)
def create(
    who: As,
    name: Annotated[str, typer.Argument(help="What people call it.")],
    percent: Percent = None,
    amount: Off = None,
    from_quantity: FromQuantity = None,
    listing: OnListing = None,
    buyer: ForBuyer = None,
    until: Until = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Takes something off for whoever meets the conditions."""
    with acting(who, data) as client:
        conditions = {
            "from_quantity": from_quantity,
            "listings": listing,
            "buyers": [member(client, each) for each in buyer or ()],
            "valid_until": until,
        }
        receipt = client.discounts.create(
            name, read_concession(percent, amount, conditions), command_id=command_id
        )
    show(receipt, json, f"{receipt.reply.discount.id}  {name} {committed(receipt)}")

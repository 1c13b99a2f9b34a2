"""``hansa coupons``."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa_cli.discounts import ForBuyer, FromQuantity, Off, OnListing, Percent, Until
from hansa_cli.pricing import read_concession
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, acting, committed, member, show

app = typer.Typer(no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="The coupon's code.")]


@app.command(context_settings=NUMBERS)
def issue(
    who: As,
    name: Annotated[str, typer.Argument(help="What people call it; everybody reads it.")],
    uses: Annotated[int, typer.Argument(help="How many orders may use it in all.")],
    per_buyer: Annotated[int, typer.Option(help="How many of each buyer.")] = 1,
    code: Annotated[str | None, typer.Option(help="What buyers type; made here without it.")] = None,
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
    """Takes something off for who knows a code. Keep the code: the ledger has only its hash."""
    with acting(who, data) as client:
        conditions = {
            "from_quantity": from_quantity,
            "listings": listing,
            "buyers": [member(client, each) for each in buyer or ()],
            "valid_until": until,
        }
        issued = client.coupons.issue(
            name,
            read_concession(percent, amount, conditions),
            uses=uses,
            per_buyer=per_buyer,
            code=code,
            command_id=command_id,
        )
    document = {"code": issued.code, "coupon": issued.receipt.reply.coupon}
    show(document, json, f"{issued.code}  {name}, {uses} uses {committed(issued.receipt)}")


@app.command()
def withdraw(
    who: As, code: Code, command_id: CommandId = None, data: Data = None, json: Json = False
) -> None:
    """Ends a coupon; orders already placed keep it."""
    with acting(who, data) as client:
        receipt = client.coupons.withdraw(code, command_id=command_id)
    show(receipt, json, f"{receipt.reply.coupon.name} withdrawn {committed(receipt)}")


@app.command("show")
def show_coupon(
    who: As,
    seller: Annotated[str, typer.Argument(help="Whose coupon it is.")],
    code: Code,
    data: Data = None,
    json: Json = False,
) -> None:
    """A coupon and how many uses are left."""
    with acting(who, data) as client:
        found = client.coupons.get(member(client, seller), code)
    coupon = found.coupon
    text = (
        f"{coupon.name}  {sum(found.left)} of {coupon.uses} uses left, {found.used} by you  {coupon.status}"
    )
    show(found, json, text)

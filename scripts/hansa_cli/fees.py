"""``hansa fees``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import parse_amount, show_amount
from hansa_cli.session import NUMBERS, As, Data, Json, acting, member, show

app = typer.Typer(no_args_is_help=True)
app.callback()(lambda: None)


@app.command(context_settings=NUMBERS)
def quote(
    who: As,
    currency: Annotated[str, typer.Argument(help="ISO 4217 code.")],
    amount: Annotated[str, typer.Argument(help="In the main unit, such as 1200.00.")],
    arbitrator: Annotated[
        str | None, typer.Option(help="Who would decide a dispute; else the consortium's.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """What an order, a dispute and an exchange of an amount cost now, and who receives it."""
    with acting(who, data) as client:
        reply = client.fees.quote(
            currency,
            parse_amount(amount, currency),
            arbitrator=None if arbitrator is None else member(client, arbitrator),
        )
    fees = (("order", reply.order), ("dispute", reply.arbitration), ("exchange", reply.exchange))
    lines = [f"{name:<9} {show_amount(int(fee.fee), currency):>16}  to {fee.recipient}" for name, fee in fees]
    lines += [f"changes at {each.in_force_from}: see fees show {each.id}" for each in reply.coming]
    show(reply, json, "\n".join(lines))

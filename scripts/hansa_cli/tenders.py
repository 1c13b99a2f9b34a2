"""``hansa tenders``; the other verbs come from the operations themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hansa_cli.offers import OfferId, Version, show_taken
from hansa_cli.orders import read_address
from hansa_cli.session import As, CommandId, Data, Json, account, acting, member

app = typer.Typer(no_args_is_help=True)
app.callback()(lambda: None)


@app.command()
def award(
    who: As,
    tender: Annotated[str, typer.Argument(help="The tender's id, such as RetailerMSP.01J...")],
    offer: OfferId,
    version: Version,
    arbitrator: Annotated[str | None, typer.Option(help="Who decides a dispute.")] = None,
    deliver_to: Annotated[Path | None, typer.Option(help="YAML file with the delivery address.")] = None,
    reference: Annotated[str | None, typer.Option(help="Your reference; public, so never a name.")] = None,
    change: Annotated[str | None, typer.Option("--from", help="Account that pays: MEMBER/name.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """The buyer takes one of the tender's offers, which becomes an order; the tender ends."""
    with acting(who, data) as client:
        receipt = client.tenders.award(
            tender,
            offer,
            version,
            arbitrator=None if arbitrator is None else member(client, arbitrator),
            deliver_to=None if deliver_to is None else read_address(deliver_to, command_id is not None),
            reference=reference,
            account=None if change is None else account(client, change),
            command_id=command_id,
        )
    show_taken(receipt, json)

"""``hansa hashlocks``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import parse_amount, show_amount
from hansa.hashlocks import new_secret
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, account, acting, committed, show

app = typer.Typer(no_args_is_help=True)


@app.command(context_settings=NUMBERS)
def lock(
    who: As,
    currency: Annotated[str, typer.Argument(help="ISO 4217 code.")],
    amount: Annotated[str, typer.Argument(help="In the main unit, such as 12.50.")],
    to: Annotated[str, typer.Option(help="Account that may claim it: MEMBER or MEMBER/name.")],
    hash_: Annotated[str, typer.Option("--hash", help="SHA-256 of the secret, hexadecimal.")],
    expires_within: Annotated[int, typer.Option(help="Seconds until it can only be refunded.")],
    source: Annotated[str | None, typer.Option("--from", help="Account that pays: MEMBER/name.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Locks money for who shows the secret behind a hash; notes are chosen by themselves."""
    minor = parse_amount(amount, currency)
    with acting(who, data) as client:
        receipt = client.hashlocks.lock(
            account(client, to),
            currency,
            minor,
            hash_=hash_,
            expires_within=expires_within,
            account=None if source is None else account(client, source),
            command_id=command_id,
        )
    made = receipt.reply.hashlock
    said = f"{show_amount(minor, currency)} for {to} until {made.expires_at}: {made.id} {committed(receipt)}"
    show(receipt, json, said)


@app.command()
def secret(json: Json = False) -> None:
    """Makes a secret and its hash. Keep the secret until the other side's money is locked."""
    preimage, hash_ = new_secret()
    show({"preimage": preimage, "hash": hash_}, json, f"preimage  {preimage}\nhash      {hash_}")

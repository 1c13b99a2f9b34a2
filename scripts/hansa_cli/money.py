"""``hansa money``."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import parse_amount, show_amount
from hansa_cli.money_books import reconcile, statement
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, account, acting, committed, document, show

app = typer.Typer(no_args_is_help=True)
app.command()(statement)
app.command()(reconcile)

Currency = Annotated[str, typer.Argument(help="ISO 4217 code.")]
Amount = Annotated[str, typer.Argument(help="In the main unit, such as 12.50.")]


@app.command(context_settings=NUMBERS)
def mint(
    who: As,
    currency: Currency,
    amount: Amount,
    to: Annotated[str, typer.Option(help="Account that receives it: MEMBER or MEMBER/name.")],
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Issues money; a bank's first issue of a currency makes it the issuer."""
    minor = parse_amount(amount, currency)
    with acting(who, data) as client:
        receipt = client.money.mint(currency, minor, account(client, to), command_id=command_id)
    show(receipt, json, f"{show_amount(minor, currency)} issued to {to} {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def transfer(
    who: As,
    currency: Currency,
    amount: Amount,
    to: Annotated[str, typer.Option(help="Account that receives it: MEMBER or MEMBER/name.")],
    source: Annotated[str | None, typer.Option("--from", help="Account that pays: MEMBER/name.")] = None,
    reference: Annotated[
        str | None, typer.Option(help="For the payee's books; public, so never a name.")
    ] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Pays another account."""
    minor = parse_amount(amount, currency)
    with acting(who, data) as client:
        receipt = client.money.transfer(
            account(client, to),
            currency,
            minor,
            account=None if source is None else account(client, source),
            reference=reference,
            command_id=command_id,
        )
    show(receipt, json, f"{show_amount(minor, currency)} paid to {to} {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def merge(
    who: As,
    currency: Currency,
    of: Annotated[str | None, typer.Option(help="Account: MEMBER/name; else the main one.")] = None,
    below: Annotated[str | None, typer.Option(help="Only notes below this amount, in the main unit.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Makes an account's many small notes one, 16 in a transaction."""
    with acting(who, data) as client:
        receipts = client.money.merge(
            currency,
            account=None if of is None else account(client, of),
            below=None if below is None else parse_amount(below, currency, "below"),
            command_id=command_id,
        )
    said = [
        f"{show_amount(int(each.reply.notes[0].amount), currency)} {committed(each)}" for each in receipts
    ]
    show({"transactions": [document(each) for each in receipts]}, json, "\n".join(said) or "nothing to merge")


@app.command(context_settings=NUMBERS)
def split(
    who: As,
    currency: Currency,
    amount: Annotated[str, typer.Argument(help="Of each note, in the main unit.")],
    count: Annotated[int, typer.Argument(help="How many notes, at most 63.", min=1, max=63)],
    of: Annotated[str | None, typer.Option(help="Account: MEMBER/name; else the main one.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Makes notes of one size, so that as many payments can go out at once."""
    with acting(who, data) as client:
        receipt = client.money.split(
            currency,
            parse_amount(amount, currency),
            count,
            account=None if of is None else account(client, of),
            command_id=command_id,
        )
    show(receipt, json, f"{len(receipt.reply.notes)} notes {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def burn(
    who: As,
    currency: Currency,
    amount: Amount,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """The issuing bank takes its own money out of the world."""
    minor = parse_amount(amount, currency)
    with acting(who, data) as client:
        receipt = client.money.burn(currency, minor, command_id=command_id)
    show(receipt, json, f"{show_amount(minor, currency)} burned {committed(receipt)}")


@app.command()
def balance(
    who: As,
    of: Annotated[str | None, typer.Option(help="Account, MEMBER or MEMBER/name; else one's own.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """What an account holds, summed from its notes on the ledger."""
    with acting(who, data) as client:
        reply = client.money.balance(None if of is None else account(client, of))
    lines = [f"{show_amount(b.amount, b.currency)} in {b.notes} notes" for b in reply.balances]
    show(reply, json, "\n".join(lines) or f"{reply.owner} holds nothing")

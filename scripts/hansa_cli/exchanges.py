"""``hansa exchanges``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import parse_amount, show_amount
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, account, acting, committed, member, show

app = typer.Typer(no_args_is_help=True)

Source = Annotated[str | None, typer.Option("--from", help="Account that pays: MEMBER/name.")]
Currency = Annotated[str, typer.Argument(help="ISO 4217 code of what is given.")]
Amount = Annotated[str, typer.Argument(help="In the main unit, such as 12.50.")]
MaxFee = Annotated[str | None, typer.Option(help="The most the fee may be; else what it is now.")]


@app.command(context_settings=NUMBERS)
def offer(
    who: As,
    currency: Currency,
    amount: Amount,
    price_currency: Annotated[str, typer.Argument(help="ISO 4217 code of the price.")],
    price: Annotated[str, typer.Argument(help="In the main unit.")],
    to: Annotated[str, typer.Option(help="The member that may take it.")],
    valid_for: Annotated[int, typer.Option(help="Seconds for which the price is held.")],
    source: Source = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Holds money for a member at a price; notes are chosen by themselves."""
    with acting(who, data) as client:
        receipt = client.exchanges.offer(
            member(client, to),
            currency,
            parse_amount(amount, currency),
            price_currency,
            parse_amount(price, price_currency, "price"),
            valid_for=valid_for,
            account=None if source is None else account(client, source),
            command_id=command_id,
        )
    made = receipt.reply.exchange
    given, asked = show_amount(int(made.amount), currency), show_amount(int(made.price), price_currency)
    show(receipt, json, f"{given} for {asked} until {made.expires_at}: {made.id} {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def accept(
    who: As,
    exchange: Annotated[str, typer.Argument(help="The quote's id.")],
    source: Source = None,
    max_fee: MaxFee = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Pays the price and the fee, and gets what was held; notes are chosen by themselves."""
    with acting(who, data) as client:
        currency = client.exchanges.get(exchange).price_currency
        receipt = client.exchanges.accept(
            exchange,
            account=None if source is None else account(client, source),
            max_fee=None if max_fee is None else parse_amount(max_fee, currency, "max_fee"),
            command_id=command_id,
        )
    bought = receipt.reply.bought
    fee = show_amount(int(receipt.reply.fee), currency)
    got = show_amount(int(bought.amount), bought.currency)
    show(receipt, json, f"{got}, fee {fee} {committed(receipt)}")

"""``hansa facilities``; the other verbs come from the operations themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa import parse_amount, show_amount
from hansa_cli.session import NUMBERS, As, CommandId, Data, Json, account, acting, committed, show
from hansa_domain.rates.records import MAX_AGE

app = typer.Typer(no_args_is_help=True)

Source = Annotated[str | None, typer.Option("--from", help="Account that pays: MEMBER/name.")]
Currency = Annotated[str, typer.Argument(help="ISO 4217 code of what is given.")]
Amount = Annotated[str, typer.Argument(help="In the main unit, such as 12.50.")]
FacilityId = Annotated[str, typer.Argument(help="The facility's id.")]


@app.command("open", context_settings=NUMBERS)
def open_(
    who: As,
    base: Annotated[str, typer.Argument(help="Base currency of the pair, as oracles quote it.")],
    quote: Annotated[str, typer.Argument(help="The pair's other currency.")],
    currency: Currency,
    amount: Amount,
    spread: Annotated[int, typer.Option(help="Basis points that customers get less.")],
    parts: Annotated[int, typer.Option(help="How many customers are served at once, 1 to 16.")] = 4,
    max_age: Annotated[int, typer.Option(help="Seconds that an oracle's quote may be old.")] = 3600,
    source: Source = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Puts money into a new facility; notes are chosen by themselves."""
    with acting(who, data) as client:
        receipt = client.facilities.open(
            base,
            quote,
            currency,
            parse_amount(amount, currency),
            spread=spread,
            parts=parts,
            max_age=max_age,
            account=None if source is None else account(client, source),
            command_id=command_id,
        )
    show(receipt, json, f"{receipt.reply.facility.id} {committed(receipt)}")


@app.command("top-up", context_settings=NUMBERS)
def top_up(
    who: As,
    facility: FacilityId,
    amount: Amount,
    part: Annotated[int | None, typer.Option(help="Which part; else the emptiest.")] = None,
    source: Source = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Puts more money into a facility; notes are chosen by themselves."""
    with acting(who, data) as client:
        currency = client.facilities.get(facility).facility.gives
        receipt = client.facilities.top_up(
            facility,
            parse_amount(amount, currency),
            part=part,
            account=None if source is None else account(client, source),
            command_id=command_id,
        )
    (filled,) = receipt.reply.parts
    held = show_amount(int(filled.amount), currency)
    show(receipt, json, f"part {filled.part} holds {held} {committed(receipt)}")


@app.command("exchange", context_settings=NUMBERS)
def exchange_(
    who: As,
    facility: FacilityId,
    amount: Annotated[str, typer.Argument(help="What is given, in the main unit.")],
    least: Annotated[str, typer.Option(help="The least to be received, in the main unit.")],
    max_age: Annotated[int, typer.Option(help="Seconds that an oracle's quote may be old.")] = MAX_AGE,
    max_fee: Annotated[str | None, typer.Option(help="The most the fee may be; else what it is now.")] = None,
    source: Source = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Gives money at the rate of the moment; notes and the facility's part are chosen by themselves."""
    with acting(who, data) as client:
        found = client.facilities.get(facility).facility
        receipt = client.facilities.exchange(
            facility,
            found.takes,
            parse_amount(amount, found.takes),
            least=parse_amount(least, found.gives, "least"),
            max_age=max_age,
            max_fee=None if max_fee is None else parse_amount(max_fee, found.takes, "max_fee"),
            account=None if source is None else account(client, source),
            command_id=command_id,
        )
    bought = receipt.reply.bought
    fee = show_amount(int(receipt.reply.fee), found.takes)
    got = show_amount(int(bought.amount), bought.currency)
    show(receipt, json, f"{got}, fee {fee} {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def quote(
    who: As,
    facility: FacilityId,
    amount: Annotated[str, typer.Argument(help="What would be given, in the main unit.")],
    max_age: Annotated[int, typer.Option(help="Seconds that an oracle's quote may be old.")] = MAX_AGE,
    data: Data = None,
    json: Json = False,
) -> None:
    """What an amount would bring now, and what it would cost."""
    with acting(who, data) as client:
        takes = client.facilities.get(facility).facility.takes
        reply = client.facilities.quote(facility, takes, parse_amount(amount, takes), max_age=max_age)
    got = show_amount(int(reply.receives), reply.receives_currency)
    fee = show_amount(int(reply.fee), takes)
    quoted = ", ".join(f"{rate.oracle} of {rate.observed_at}" for rate in reply.rates)
    served = "" if reply.parts else "; no part of the facility holds as much"
    show(reply, json, f"{got} for {amount} {takes} and a fee of {fee}{served}\nby the quotes of {quoted}")

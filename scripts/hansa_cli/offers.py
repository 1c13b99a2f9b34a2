"""``hansa offers``; the other verbs come from the operations themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hansa import parse_amount, show_amount
from hansa.client import Client
from hansa.offers import proposal
from hansa.orders import salt
from hansa.submission import Receipt
from hansa_cli.answers import describe
from hansa_cli.orders import Arbitrator, read_address
from hansa_cli.scenario_escrow import OFFERED, read_terms, settled_offer
from hansa_cli.session import (
    NUMBERS,
    As,
    CliError,
    CommandId,
    Data,
    Json,
    account,
    acting,
    committed,
    member,
    show,
)
from hansa_cli.yaml_files import read_yaml
from hansa_domain.offers.commands import OfferAcceptedReply, OfferReply
from hansa_domain.offers.records import PricedLines

app = typer.Typer(no_args_is_help=True)

OfferId = Annotated[str, typer.Argument(help="The offer's id, such as ProducerMSP.01J...")]
Version = Annotated[int, typer.Argument(help="The present version, which you have seen.")]
Priced = Annotated[
    Path, typer.Argument(help="YAML file: lines (gtin, quantity, unit_price in the main unit), text, salt.")
]
Currency = Annotated[str, typer.Argument(help="ISO 4217 code.")]
LeadTime = Annotated[int, typer.Option(help="Seconds from the order to the goods' arrival.")]
ValidFor = Annotated[int, typer.Option(help="Seconds during which it may be taken.")]
Freight = Annotated[str, typer.Option(help="The carrier's part of the total.")]
Carrier = Annotated[str | None, typer.Option(help="Who carries.")]
SettledBy = Annotated[
    Path | None,
    typer.Option(help="YAML file: deliveries or milestones, second_arbitrator, warranty."),
]
DAY = 86_400


@app.command(context_settings=NUMBERS)
def propose(
    who: As,
    priced: Priced,
    currency: Currency,
    buyer: Annotated[str | None, typer.Option(help="Who buys; else you do.")] = None,
    seller: Annotated[str | None, typer.Option(help="Who sells; else you do.")] = None,
    tender: Annotated[str | None, typer.Option(help="The tender that it answers.")] = None,
    freight: Freight = "0",
    carrier: Carrier = None,
    arbitrator: Arbitrator = None,
    settled_by: SettledBy = None,
    lead_time: LeadTime = 14 * DAY,
    valid_for: ValidFor = 7 * DAY,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Makes the first version of an offer; what each line costs is told to the other side alone."""
    with acting(who, data) as client:
        lines = read_priced(priced, currency, command_id is not None)
        more = _agreed(client, currency, freight, carrier, arbitrator, settled_by)
        made = proposal(lines, currency, lead_time=lead_time, valid_for=valid_for, **more)
        receipt = client.offers.propose(
            made,
            lines,
            buyer=None if buyer is None else member(client, buyer),
            seller=None if seller is None else member(client, seller),
            tender=tender,
            command_id=command_id,
        )
    _show(receipt, json)


@app.command(context_settings=NUMBERS)
def counter(
    who: As,
    offer: OfferId,
    version: Version,
    priced: Priced,
    currency: Currency,
    freight: Freight = "0",
    carrier: Carrier = None,
    arbitrator: Arbitrator = None,
    settled_by: SettledBy = None,
    lead_time: LeadTime = 14 * DAY,
    valid_for: ValidFor = 7 * DAY,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Answers the present version with the next one."""
    with acting(who, data) as client:
        lines = read_priced(priced, currency, command_id is not None)
        more = _agreed(client, currency, freight, carrier, arbitrator, settled_by)
        made = proposal(lines, currency, lead_time=lead_time, valid_for=valid_for, **more)
        receipt = client.offers.counter(offer, version, made, lines, command_id=command_id)
    _show(receipt, json)


@app.command()
def accept(
    who: As,
    offer: OfferId,
    version: Version,
    arbitrator: Annotated[str | None, typer.Option(help="Who decides a dispute.")] = None,
    deliver_to: Annotated[Path | None, typer.Option(help="YAML file with the delivery address.")] = None,
    reference: Annotated[str | None, typer.Option(help="Your reference; public, so never a name.")] = None,
    change: Annotated[str | None, typer.Option("--from", help="Account that pays: MEMBER/name.")] = None,
    max_fee: Annotated[str | None, typer.Option(help="The most the fee may be; see fees quote.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """The buyer takes the offer: it becomes an order, and its price goes into escrow."""
    with acting(who, data) as client:
        most = None
        if max_fee is not None:
            most = parse_amount(max_fee, client.offers.get(offer).present.currency, "max_fee")
        receipt = client.offers.accept(
            offer,
            version,
            arbitrator=None if arbitrator is None else member(client, arbitrator),
            deliver_to=None if deliver_to is None else read_address(deliver_to, command_id is not None),
            reference=reference,
            account=None if change is None else account(client, change),
            max_fee=most,
            command_id=command_id,
        )
    show_taken(receipt, json)


def read_priced(file: Path, currency: str, repeatable: bool) -> PricedLines:
    """Priced lines from their file, with a fresh salt where it has none.

    Raises:
        CliError: it cannot be read (FILE_UNREADABLE), lacks or misspells something (PRICES_INVALID), or has
            no salt although a repetition would need the same one (SALT_MISSING).
    """
    found = read_yaml(file)
    if "salt" not in found:
        if repeatable:
            raise CliError(
                "SALT_MISSING",
                f"{file} has no salt, and the offer could not be repeated without it.",
                f"Add a line of your own, such as: salt: {salt()}",
            )
        found = {**found, "salt": salt()}
    try:
        lines = [_in_minor_units(line, currency) for line in found["lines"]]
        return msgspec.convert({**found, "lines": lines}, PricedLines)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise CliError(
            "PRICES_INVALID",
            f"{file}: {error}",
            "It has lines, a list of gtin, quantity, unit_price (as text), and may have text and salt.",
        ) from error


def _in_minor_units(line: dict[str, Any], currency: str) -> dict[str, Any]:
    return {**line, "unit_price": str(parse_amount(line["unit_price"], currency, "unit_price"))}


def _agreed(
    client: Client,
    currency: str,
    freight: str,
    carrier: str | None,
    arbitrator: str | None,
    settled_by: Path | None,
) -> dict[str, Any]:
    """Who carries and decides, and how the order is settled, as ``proposal`` takes it."""
    return {
        "freight": parse_amount(freight, currency, "freight"),
        "carrier": None if carrier is None else member(client, carrier),
        "arbitrator": None if arbitrator is None else member(client, arbitrator),
        **settled_offer(client, read_terms(settled_by, OFFERED), currency),
    }


def _show(receipt: Receipt[OfferReply], json: bool) -> None:
    offer, present = receipt.reply.offer, receipt.reply.present
    total = show_amount(present.amount, present.currency)
    text = (
        f"offer {offer.id}: {offer.status}, version {offer.version} by {offer.by}\n"
        f"  {offer.buyer} from {offer.seller}, total {total}, valid until {offer.due}\n"
    )
    if present.milestones is not None:
        text += f"  paid by milestones: {', '.join(each.name for each in present.milestones)}\n"
    show(receipt, json, f"{text}  {committed(receipt)}")


def show_taken(receipt: Receipt[OfferAcceptedReply], json: bool) -> None:
    """The order that an offer became."""
    show(receipt, json, f"{describe(receipt.reply.order)}\n  {committed(receipt)}")

"""``hansa orders``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hansa import DEFAULT_TERMS, Delivery, Terms, parse_amount, salt, show_amount
from hansa.submission import Receipt
from hansa_cli.answers import describe
from hansa_cli.pricing import Coupon, Currency, Destination, DiscountIds, Sample, quote_lines
from hansa_cli.scenario_escrow import read_terms, settling
from hansa_cli.session import NUMBERS, As, CliError, CommandId, Data, Json, acting, committed, member, show
from hansa_cli.yaml_files import read_yaml
from hansa_domain.orders.order import Order

app = typer.Typer(no_args_is_help=True)

OrderId = Annotated[str, typer.Argument(help="The order's id, such as RetailerMSP.01J...")]
Seconds = Annotated[int, typer.Option(help="Seconds.")]
Arbitrator = Annotated[str | None, typer.Option(help="Who decides a dispute; else the consortium's.")]
AddressFile = Annotated[
    Path | None, typer.Option(help="YAML file with the delivery address; told to seller and carrier alone.")
]

SettledBy = Annotated[
    Path | None,
    typer.Option(help="YAML file: deliveries or milestones, second_arbitrator, warranty, replaces."),
]


@app.command(context_settings=NUMBERS)
def place(
    who: As,
    listing: Annotated[str, typer.Argument(help="The listing's id.")],
    quantity: Annotated[int, typer.Argument(help="Units wanted.")],
    amount: Annotated[
        str | None, typer.Option(help="Total, freight included, for a listing without a price.")
    ] = None,
    freight: Annotated[str, typer.Option(help="The carrier's part of the total.")] = "0",
    carrier: Annotated[str | None, typer.Option(help="Who carries.")] = None,
    arbitrator: Arbitrator = None,
    deliver_to: AddressFile = None,
    reference: Annotated[str | None, typer.Option(help="Your reference; public, so never a name.")] = None,
    max_fee: Annotated[str | None, typer.Option(help="The most the fee may be; see fees quote.")] = None,
    currency: Currency = None,
    destination: Destination = None,
    discount: DiscountIds = None,
    coupon: Coupon = None,
    sample: Sample = False,
    at_most: Annotated[
        str | None, typer.Option(help="The total you saw; if it costs more now, nothing is ordered.")
    ] = None,
    settled_by: SettledBy = None,
    accept_within: Seconds = DEFAULT_TERMS.accept_within,
    ship_within: Seconds = DEFAULT_TERMS.ship_within,
    deliver_within: Seconds = DEFAULT_TERMS.deliver_within,
    inspect_within: Seconds = DEFAULT_TERMS.inspect_within,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Orders goods; the price moves into escrow in the same transaction."""
    with acting(who, data) as client:
        paid = currency or client.listings.get(listing).currency
        receipt = client.orders.place(
            listing,
            quantity,
            amount=None if amount is None else parse_amount(amount, paid),
            freight=parse_amount(freight, paid, "freight"),
            carrier=None if carrier is None else member(client, carrier),
            arbitrator=None if arbitrator is None else member(client, arbitrator),
            terms=_terms(accept_within, ship_within, deliver_within, inspect_within),
            deliver_to=None if deliver_to is None else read_address(deliver_to, command_id is not None),
            reference=reference,
            max_fee=None if max_fee is None else parse_amount(max_fee, paid, "max_fee"),
            currency=currency,
            destination=destination,
            discounts=discount,
            coupon=coupon,
            sample=sample,
            at_most=None if at_most is None else parse_amount(at_most, paid, "at_most"),
            settling=settling(client, read_terms(settled_by), paid),
            command_id=command_id,
        )
    _show(receipt, json)


def _terms(accept: int, ship: int, deliver: int, inspect: int) -> Terms:
    return Terms(accept_within=accept, ship_within=ship, deliver_within=deliver, inspect_within=inspect)


@app.command(context_settings=NUMBERS)
def quote(
    who: As,
    listing: Annotated[str, typer.Argument(help="The listing's id.")],
    quantity: Annotated[int, typer.Argument(help="Units wanted.")],
    freight: Annotated[str, typer.Option(help="The carrier's part of the total.")] = "0",
    currency: Currency = None,
    destination: Destination = None,
    discount: DiscountIds = None,
    coupon: Coupon = None,
    sample: Sample = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """What an order would cost now: price, discounts, tax, duty, freight and fee."""
    with acting(who, data) as client:
        paid = currency or client.listings.get(listing).currency
        found = client.orders.quote(
            listing,
            quantity,
            freight=parse_amount(freight, paid, "freight"),
            currency=currency,
            destination=destination,
            discounts=discount,
            coupon=coupon,
            sample=sample,
        )
    show(found, json, quote_lines(found))


@app.command()
def accept(
    who: As, order: OrderId, command_id: CommandId = None, data: Data = None, json: Json = False
) -> None:
    """The seller agrees."""
    with acting(who, data) as client:
        _show(client.orders.accept(order, command_id=command_id), json)


@app.command()
def ship(
    who: As,
    order: OrderId,
    epc: Annotated[
        list[str] | None, typer.Option(help="Identity of what is shipped; may be repeated.")
    ] = None,
    sscc: Annotated[str | None, typer.Option(help="SSCC of the logistic unit, 18 digits.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """The seller hands the goods over."""
    with acting(who, data) as client:
        _show(client.orders.ship(order, epcs=epc or [], sscc=sscc, command_id=command_id), json)


@app.command()
def deliver(
    who: As, order: OrderId, command_id: CommandId = None, data: Data = None, json: Json = False
) -> None:
    """The carrier reports delivery."""
    with acting(who, data) as client:
        _show(client.orders.deliver(order, command_id=command_id), json)


@app.command()
def confirm(
    who: As, order: OrderId, command_id: CommandId = None, data: Data = None, json: Json = False
) -> None:
    """The buyer took the goods: escrow pays seller, carrier and fee."""
    with acting(who, data) as client:
        _show(client.orders.confirm(order, command_id=command_id), json)


@app.command()
def cancel(
    who: As, order: OrderId, command_id: CommandId = None, data: Data = None, json: Json = False
) -> None:
    """Buyer or seller withdraws in time; the buyer gets the money back."""
    with acting(who, data) as client:
        _show(client.orders.cancel(order, command_id=command_id), json)


@app.command("default")
def call_default(
    who: As, order: OrderId, command_id: CommandId = None, data: Data = None, json: Json = False
) -> None:
    """Calls the outcome of a deadline that has passed; any member may."""
    with acting(who, data) as client:
        _show(client.orders.default(order, command_id=command_id), json)


@app.command("show")
def show_order(who: As, order: OrderId, data: Data = None, json: Json = False) -> None:
    """One order and its shipment."""
    with acting(who, data) as client:
        reply = client.orders.get(order)
    text = describe(reply.order)
    if reply.shipment is not None:
        sscc = f" in SSCC {reply.shipment.sscc}" if reply.shipment.sscc else ""
        text += f"\nshipped: {', '.join(reply.shipment.epcs) or 'goods without identities'}{sscc}"
    show(reply, json, text)


@app.command("list")
def list_orders(
    who: As,
    party: Annotated[str | None, typer.Option(help="Whose; else one's own.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """The orders of a member."""
    with acting(who, data) as client:
        chosen = None if party is None else member(client, party)
        orders: list[Order] = []
        bookmark = ""
        while True:
            page = client.orders.list(party=chosen, limit=1000, bookmark=bookmark)
            orders += page.orders
            bookmark = page.bookmark
            if not bookmark:
                break
    lines = [f"{o.id}  {o.status:<9}  {show_amount(o.amount, o.currency):>16}  {o.seller}" for o in orders]
    show(orders, json, "\n".join(lines) or "no orders")


def read_address(file: Path, repeatable: bool) -> Delivery:
    """A delivery address from its file, with a fresh salt where it has none.

    Raises:
        CliError: it cannot be read (FILE_UNREADABLE), lacks or misspells something (ADDRESS_INVALID), or has
            no salt although a repetition would need the same one (SALT_MISSING).
    """
    found = read_yaml(file)
    if "salt" not in found:
        if repeatable:
            raise CliError(
                "SALT_MISSING",
                f"{file} has no salt, and the order could not be repeated without it.",
                f"Add a line of your own, such as: salt: {salt()}",
            )
        found = {**found, "salt": salt()}
    try:
        return msgspec.convert(found, Delivery)
    except msgspec.ValidationError as error:
        raise CliError(
            "ADDRESS_INVALID",
            f"{file}: {error}",
            "It has name, street (a list), city, country, and may have postal_code, region, contact, phone, "
            "email, instructions, salt.",
        ) from error


def _show(receipt: Receipt[Any], json: bool) -> None:
    show(receipt, json, f"{describe(receipt.reply.order)}\n  {committed(receipt)}")

"""``hansa replay``: files of past trade, carried through the whole life of an order each."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from hansa import connect, derived_id, parse_amount, show_amount
from hansa.client import Client
from hansa.errors import RefusedError
from hansa_cli.session import As, CliError, Data, Json, err, find_member, show
from hansa_domain.members import Member
from hansa_domain.orders.order import Order

app = typer.Typer(no_args_is_help=True)

CURRENCY = "USD"
COLUMNS = ("customer_id", "date", "quantity", "amount_usd")
# A GTIN-14 of GS1's demonstration prefix, for goods whose file names none.
GTIN = "09521321999992"
FREIGHT_PER_CENT = 5


@dataclass(frozen=True)
class Row:
    """One purchase. ``number`` is its line in the file; ``amount``, in minor units, is authoritative."""

    number: int
    customer: str
    quantity: int
    amount: int


@dataclass(frozen=True)
class Parties:
    """Who takes part, each with a connection of his own."""

    buyer: Client
    seller: Client
    carrier: Client
    bank: Client


@app.command()
def orders(
    who: As,
    file: Annotated[Path, typer.Argument(help=f"CSV with columns {', '.join(COLUMNS)}.")],
    seller: Annotated[str, typer.Option(help="Who sells.")],
    limit: Annotated[int | None, typer.Option(help="Only the first rows.", min=1)] = None,
    in_flight: Annotated[int, typer.Option(help="Orders under way at once.", min=1, max=200)] = 32,
    data: Data = None,
    json: Json = False,
) -> None:
    """Carries each purchase of a file through the whole life of an order.

    The currency is minted and the goods are listed as needed. A second run changes nothing. Customers are
    references, not identities.
    """
    content = _read(file)
    fingerprint = hashlib.sha256(content).hexdigest()
    rows = list(_rows(content, file))[:limit]
    with ExitStack() as stack:
        parties = _parties(stack, who, seller, data)
        listing = _prepare(parties, fingerprint, rows)
        settled = _run(parties, fingerprint, listing, rows, in_flight)
    totals = {
        "proceeds": str(sum(int(order.proceeds) for order in settled)),
        "freight": str(sum(int(order.freight) for order in settled)),
        "fee": str(sum(int(order.fee) for order in settled)),
        "amount": str(sum(int(order.amount) for order in settled)),
    }
    text = (
        f"{len(settled)} orders settled, {show_amount(totals['amount'], CURRENCY)} in all: "
        f"seller {show_amount(totals['proceeds'], CURRENCY)}, "
        f"carrier {show_amount(totals['freight'], CURRENCY)}, fee {show_amount(totals['fee'], CURRENCY)}"
    )
    show({"orders": len(settled), "currency": CURRENCY, **totals}, json, text)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CliError("FILE_UNREADABLE", f"{file}: {error}", "Give a CSV file.") from error


def _decode(content: bytes) -> str:
    # Spreadsheets in China save CSV as GB18030: a byte order mark, then strict UTF-8, then that.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CliError("FILE_UNREADABLE", "The file is neither UTF-8 nor GB18030.", "Save it as CSV in UTF-8.")


def _rows(content: bytes, file: Path) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(_decode(content)))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise CliError(
            "FILE_INVALID", f"{file} has no column {', '.join(missing)}.", f"It needs {', '.join(COLUMNS)}."
        )
    for number, row in enumerate(reader, start=2):
        try:
            quantity = int(row["quantity"])
            if quantity < 1:
                raise ValueError("quantity is below 1")
            amount = parse_amount(row["amount_usd"], CURRENCY, "amount_usd")
        except (ValueError, TypeError, RefusedError) as error:
            raise CliError("FILE_INVALID", f"{file}, line {number}: {error}", "Correct the line.") from error
        yield Row(number, row["customer_id"], quantity, amount)


def _parties(stack: ExitStack, who: str, seller: str, data: Path | None) -> Parties:
    organization, _, user = who.partition("/")
    buyer = stack.enter_context(connect(organization, user or "admin", data=data))
    members = buyer.members.list().members

    def with_role(role: str) -> Member:
        found = next((one for one in members if one.role == role), None)
        if found is None:
            raise CliError(
                "MEMBER_UNKNOWN", f"No member is a {role}.", "The replay needs a carrier and a bank."
            )
        return found

    def client(name: str) -> Client:
        return stack.enter_context(connect(name, "admin", data=data))

    return Parties(
        buyer=buyer,
        seller=client(find_member(members, seller)),
        carrier=client(with_role("carrier").msp_id),
        bank=client(with_role("bank").msp_id),
    )


def _prepare(parties: Parties, fingerprint: str, rows: list[Row]) -> str:
    """Mints what the rows cost and lists what they need; returns the listing. Again: the same one."""
    extent = f"{fingerprint} {len(rows)}"
    total = sum(row.amount for row in rows)
    buyer = parties.buyer.profile.msp_id
    if total:
        parties.bank.money.mint(CURRENCY, total, buyer, command_id=derived_id("replay mint", extent))
    try:
        parties.seller.products.register(
            GTIN, "Goods of a replayed file", command_id=derived_id("replay", GTIN)
        )
    except RefusedError as error:
        if error.code != "PRODUCT_ALREADY_REGISTERED":
            raise
    created = parties.seller.listings.create(
        GTIN,
        unit_price=None,
        currency=CURRENCY,
        quantity=sum(row.quantity for row in rows),
        command_id=derived_id("replay listing", extent),
    )
    return created.reply.listing.id


def _run(parties: Parties, fingerprint: str, listing: str, rows: list[Row], in_flight: int) -> list[Order]:
    with Progress(console=err, transient=True) as progress, ThreadPoolExecutor(in_flight) as pool:
        bar = progress.add_task("orders", total=len(rows))

        def one(row: Row) -> Order:
            order = _carry_through(parties, fingerprint, listing, row)
            progress.advance(bar)
            return order

        futures = [pool.submit(one, row) for row in rows]
        _, waiting = wait(futures, return_when=FIRST_EXCEPTION)
        for future in waiting:
            future.cancel()
        return [future.result() for future in futures if not future.cancelled()]


def _carry_through(parties: Parties, fingerprint: str, listing: str, row: Row) -> Order:
    """Takes an order up where it is; what was done before is not done again."""

    def step(name: str) -> str:
        return derived_id(fingerprint, str(row.number), name)

    order_id = f"{parties.buyer.profile.msp_id}.{step('place')}"
    order = _find(parties.buyer, order_id)
    if order is None:
        freight = row.amount * FREIGHT_PER_CENT // 100
        order = parties.buyer.orders.place(
            listing,
            row.quantity,
            amount=row.amount,
            freight=freight,
            carrier=parties.carrier.profile.msp_id,
            reference=f"customer {row.customer}",
            command_id=step("place"),
        ).reply.order
    if order.status == "placed":
        order = parties.seller.orders.accept(order_id, command_id=step("accept")).reply.order
    if order.status == "accepted":
        order = parties.seller.orders.ship(order_id, command_id=step("ship")).reply.order
    if order.status == "shipped":
        order = parties.carrier.orders.deliver(order_id, command_id=step("deliver")).reply.order
    if order.status == "delivered":
        order = parties.buyer.orders.confirm(order_id, command_id=step("confirm")).reply.order
    if order.status != "settled":
        raise CliError("ORDER_NOT_SETTLED", f"Line {row.number}: order {order_id} is {order.status}.", "")
    return order


def _find(buyer: Client, order: str) -> Order | None:
    try:
        return buyer.orders.get(order).order
    except RefusedError as error:
        if error.code == "ORDER_NOT_FOUND":
            return None
        raise

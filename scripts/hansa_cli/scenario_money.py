"""Steps of a scenario that move money: notes are chosen for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hansa import parse_amount
from hansa.client import Client
from hansa.submission import Receipt
from hansa_cli.session import account, member

Args = dict[str, Any]
Made = tuple[tuple[Receipt[Any], ...], str]


def source(client: Client, args: Args) -> str | None:
    """The account that pays, where one is named."""
    return account(client, args["from"]) if "from" in args else None


def _offer(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.exchanges.offer(
        member(client, args["to"]),
        args["currency"],
        parse_amount(args["amount"], args["currency"]),
        args["price_currency"],
        parse_amount(args["price"], args["price_currency"], "price"),
        valid_for=args["valid_for"],
        account=source(client, args),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.exchange.id


def _accept(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = client.exchanges.get(args["exchange"]).price_currency
    receipt = client.exchanges.accept(
        args["exchange"],
        account=source(client, args),
        max_fee=_fee(args, currency),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.exchange.id


def _open(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.facilities.open(
        args["base"],
        args["quote"],
        args["currency"],
        parse_amount(args["amount"], args["currency"]),
        spread=args["spread"],
        parts=args.get("parts", 4),
        max_age=args.get("max_age", 3600),
        account=source(client, args),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.facility.id


def _top_up(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = client.facilities.get(args["facility"]).facility.gives
    receipt = client.facilities.top_up(
        args["facility"],
        parse_amount(args["amount"], currency),
        part=args.get("part"),
        account=source(client, args),
        command_id=command_id,
    )
    return (receipt,), args["facility"]


def _exchange(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    found = client.facilities.get(args["facility"]).facility
    more = {"max_age": args["max_age"]} if "max_age" in args else {}
    receipt = client.facilities.exchange(
        args["facility"],
        found.takes,
        parse_amount(args["amount"], found.takes),
        least=parse_amount(args["least"], found.gives, "least"),
        max_fee=_fee(args, found.takes),
        account=source(client, args),
        command_id=command_id,
        **more,
    )
    return (receipt,), receipt.reply.bought.id


def _fund(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.netting.fund(args["cycle"], account=source(client, args), command_id=command_id)
    return (receipt,), args["cycle"]


def _pay(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.obligations.pay(args["obligation"], account=source(client, args), command_id=command_id)
    return (receipt,), args["obligation"]


def _merge(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    below = parse_amount(args["below"], args["currency"], "below") if "below" in args else None
    receipts = client.money.merge(
        args["currency"], account=source(client, args), below=below, command_id=command_id
    )
    return tuple(receipts), receipts[-1].reply.notes[0].id if receipts else ""


def _split(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    amount = parse_amount(args["amount"], args["currency"])
    receipt = client.money.split(
        args["currency"], amount, args["count"], account=source(client, args), command_id=command_id
    )
    return (receipt,), receipt.reply.notes[0].id


def _fee(args: Args, currency: str) -> int | None:
    return parse_amount(args["max_fee"], currency, "max_fee") if "max_fee" in args else None


VERBS: dict[str, Callable[[Client, Args, str, Path], Made]] = {
    "exchanges.offer": _offer,
    "exchanges.accept": _accept,
    "facilities.open": _open,
    "facilities.top_up": _top_up,
    "facilities.exchange": _exchange,
    "netting.fund": _fund,
    "obligations.pay": _pay,
    "money.merge": _merge,
    "money.split": _split,
}

"""What a step of a scenario can do about orders in parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from hansa import parse_amount
from hansa.client import Client
from hansa.submission import Receipt
from hansa_cli.session import CliError, member
from hansa_domain.deliveries.commands import AmountOfLine
from hansa_domain.orders.delivery_terms import DeliveryTerms

Args = dict[str, Any]
Made = tuple[tuple[Receipt[Any], ...], str]


def delivery_terms(client: Client, given: Mapping[str, Any], currency: str) -> DeliveryTerms:
    """Terms for an order in parts: carriers by name, freight in the main unit.

    Raises:
        CliError: TERMS_INVALID: they lack something, or say what such terms do not have.
    """
    try:
        carriages = [
            {
                "carrier": member(client, each["carrier"]),
                "freight": str(parse_amount(each["freight"], currency, "freight")),
            }
            for each in given.get("carriages", [])
        ]
        return msgspec.convert({**given, "carriages": carriages}, DeliveryTerms)
    except (msgspec.ValidationError, KeyError, TypeError) as error:
        known = ", ".join(DeliveryTerms.__struct_fields__)
        raise CliError("TERMS_INVALID", f"deliveries: {error}", f"They may have {known}.") from error


def _invoice(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    despatch = client.despatches.get(args["despatch"]).despatch
    currency = client.orders.get(despatch.order).order.currency
    receipt = client.invoices.issue(
        args["despatch"],
        _amounts(args["lines"], currency) if "lines" in args else None,
        freight=None if "freight" not in args else parse_amount(args["freight"], currency, "freight"),
        number=args.get("number"),
        document=args.get("document"),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.invoice.id


def _credit(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = client.orders.get(client.invoices.get(args["invoice"]).invoice.order).order.currency
    receipt = client.invoices.credit(
        args["invoice"],
        _amounts(args["lines"], currency) if "lines" in args else None,
        freight=parse_amount(args.get("freight", "0"), currency, "freight"),
        number=args.get("number"),
        document=args.get("document"),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.invoice.id


def _amounts(lines: list[Args], currency: str) -> list[AmountOfLine]:
    return [
        AmountOfLine(
            line=each["line"],
            quantity=each["quantity"],
            amount=str(parse_amount(each["amount"], currency)),
        )
        for each in lines
    ]


VERBS: dict[str, Callable[[Client, Args, str, Path], Made]] = {
    "invoices.issue": _invoice,
    "invoices.credit": _credit,
}
"""Verbs about a part's invoices: they know the order's currency, and what is due."""

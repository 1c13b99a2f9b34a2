"""Steps of a scenario about escrow: disputes with their private texts, and how an order is settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hansa import parse_amount
from hansa.client import Client
from hansa.disputes import read_statement
from hansa.settling import Settling
from hansa.submission import Receipt
from hansa_cli.scenario_deliveries import delivery_terms
from hansa_cli.session import CliError, member
from hansa_cli.yaml_files import read_yaml
from hansa_domain.claims.commands import DiscloseClaim, GetClaim
from hansa_domain.operation import canonical
from hansa_domain.orders.disclosure import TRANSIENT
from hansa_domain.orders.milestone_plan import Milestone

Args = dict[str, Any]
Made = tuple[tuple[Receipt[Any], ...], str]


def settling(client: Client, args: Mapping[str, Any], currency: str) -> Settling:
    """What a step says of parts, milestones, second arbitrator, warranty; amounts in the main unit."""
    milestones = _milestones(client, args["milestones"], currency) if "milestones" in args else None
    second = args.get("second_arbitrator")
    parts = args.get("deliveries")
    return Settling(
        deliveries=None if parts is None else delivery_terms(client, parts, currency),
        milestones=milestones,
        second_arbitrator=None if second is None else member(client, second),
        warranty=args.get("warranty"),
        replaces=args.get("replaces"),
    )


def _milestones(client: Client, given: Any, currency: str) -> list[Milestone]:
    found: list[Milestone] = []
    try:
        for place, each in enumerate(given):
            fields = dict(each)
            if "amount" in fields:
                where = f"milestones[{place}].amount"
                fields["amount"] = str(parse_amount(str(fields["amount"]), currency, where))
            if "inspector" in fields:
                fields["inspector"] = member(client, fields["inspector"])
            found.append(msgspec.convert(fields, Milestone))
    except (msgspec.ValidationError, AttributeError, TypeError, ValueError) as error:
        known = ", ".join(Milestone.__struct_fields__)
        raise CliError(
            "TERMS_INVALID", f"milestones[{len(found)}]: {error}", f"Each may have {known}."
        ) from error
    return found


def settled_offer(client: Client, args: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The same of a version of an offer, as ``hansa.offers.proposal`` takes it."""
    found = settling(client, args, currency)
    return {name: getattr(found, name) for name in OFFERED}


OFFERED = ("deliveries", "milestones", "second_arbitrator", "warranty")
"""What a version of an offer says of how the order is settled; it replaces no other."""


def read_terms(path: Path | None, known: Sequence[str] = (*OFFERED, "replaces")) -> dict[str, Any]:
    """What ``settling`` understands, from a YAML file; nothing where there is none.

    Args:
        path: the file.
        known: what it may have.

    Raises:
        CliError: FILE_UNREADABLE, or TERMS_INVALID: it says something else.
    """
    if path is None:
        return {}
    found = read_yaml(path)
    if not set(found) <= set(known):
        raise CliError("TERMS_INVALID", f"{path} says something else.", f"It may have {', '.join(known)}.")
    return found


def _open(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.disputes.open(
        args["order"],
        args["reason"],
        said=read_statement(args["said"]) if "said" in args else None,
        evidence=args.get("evidence", ()),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.dispute.order


def _answer(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.disputes.answer(
        args["order"],
        read_statement(args["said"]),
        evidence=args.get("evidence", ()),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.dispute.order


def _decide(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = client.orders.get(args["order"]).order.currency
    to_buyer, to_seller, to_carrier = (
        parse_amount(str(args.get(part, "0")), currency, part)
        for part in ("to_buyer", "to_seller", "to_carrier")
    )
    receipt = client.disputes.decide(
        args["order"],
        to_buyer=to_buyer,
        to_seller=to_seller,
        to_carrier=to_carrier,
        goods=args["goods"],
        said=read_statement(args["said"]) if "said" in args else None,
        command_id=command_id,
    )
    return (receipt,), receipt.reply.order.id


def _pay_claim(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = client.ask(GetClaim(claim=args["claim"])).claim.currency
    amount = parse_amount(str(args["amount"]), currency)
    receipt = client.claims.pay(args["claim"], amount, command_id=command_id)
    return (receipt,), receipt.reply.claim.id


def _tell_claim(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    recipient = member(client, args["recipient"])
    receipt = client.send(
        DiscloseClaim(id=command_id, claim=args["claim"], recipient=recipient),
        transient={TRANSIENT: canonical(read_statement(args["said"]))},
        endorsing_organizations=[recipient],
    )
    return (receipt,), args["claim"]


VERBS: dict[str, Callable[[Client, Args, str, Path], Made]] = {
    "disputes.open": _open,
    "disputes.answer": _answer,
    "disputes.decide": _decide,
    "claims.pay": _pay_claim,
    "claims.disclose": _tell_claim,
}

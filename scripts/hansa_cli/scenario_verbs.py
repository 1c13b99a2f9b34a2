"""What a step of a scenario can do: verbs by hand, and every operation of the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from hansa import Delivery, Terms, parse_amount
from hansa.client import Client
from hansa.offers import proposal
from hansa.orders import Item
from hansa.pack_files import read_pack
from hansa.repetition import submit_once
from hansa.submission import Receipt
from hansa_cli.goods import read_document
from hansa_cli.operations import fields_of
from hansa_cli.scenario_accounts import VERBS as ACCOUNT_VERBS
from hansa_cli.scenario_deliveries import VERBS as DELIVERY_VERBS
from hansa_cli.scenario_documents import VERBS as DOCUMENT_VERBS
from hansa_cli.scenario_escrow import VERBS as ESCROW_VERBS
from hansa_cli.scenario_escrow import settled_offer, settling
from hansa_cli.scenario_money import VERBS as MONEY_VERBS
from hansa_cli.scenario_money import source
from hansa_cli.scenario_offering import VERBS as OFFERING_VERBS
from hansa_cli.scenario_offering import price_of
from hansa_cli.session import CliError, account, find_member, member
from hansa_domain.catalogue import OPERATIONS
from hansa_domain.offers.commands import Proposal
from hansa_domain.offers.records import PricedLines

Args = dict[str, Any]
Made = tuple[tuple[Receipt[Any], ...], str]
Verb = Callable[[Client, Args, str, Path], Made]


def _mint(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = args["currency"]
    receipt = client.money.mint(
        currency, parse_amount(args["amount"], currency), account(client, args["to"]), command_id=command_id
    )
    return (receipt,), receipt.reply.notes[0].id


def _transfer(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = args["currency"]
    receipt = client.money.transfer(
        account(client, args["to"]),
        currency,
        parse_amount(args["amount"], currency),
        account=source(client, args),
        reference=args.get("reference"),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.notes[0].id


def _lock(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = args["currency"]
    receipt = client.hashlocks.lock(
        account(client, args["to"]),
        currency,
        parse_amount(args["amount"], currency),
        hash_=args["hash"],
        expires_within=args["expires_within"],
        account=source(client, args),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.hashlock.id


def _collect(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = client.mandates.get(args["mandate"]).currency
    amount = parse_amount(args["amount"], currency)
    receipt = client.mandates.collect(args["mandate"], amount, command_id=command_id)
    return (receipt,), receipt.reply.paid.id


def _pay_request(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.payment_requests.pay(
        args["payment_request"], account=source(client, args), command_id=command_id
    )
    return (receipt,), receipt.reply.paid.id


def _assign(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.receivables.assign(args["order"], account=source(client, args), command_id=command_id)
    return (receipt,), receipt.reply.receivable.order


def _transfer_all(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = args["currency"]
    payees = [
        (account(client, each["to"]), parse_amount(each["amount"], currency)) for each in args["payees"]
    ]
    receipt = client.money.transfer_all(payees, currency, account=source(client, args), command_id=command_id)
    return (receipt,), receipt.reply.notes[0].id


def _register(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.products.register(
        args["gtin"], args["name"], brand=args.get("brand"), command_id=command_id
    )
    return (receipt,), receipt.reply.product.gtin


def _place(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = args.get("currency") or client.listings.get(args["listing"]).currency
    deliver_to = args.get("deliver_to")
    if deliver_to is not None:
        deliver_to = msgspec.convert(deliver_to, Delivery)
    more = price_of(args, currency)
    if "terms" in args:
        more["terms"] = msgspec.convert(args["terms"], Terms)
    receipt = client.orders.place(
        args["listing"],
        args["quantity"],
        more=[Item(each["listing"], each["quantity"]) for each in args.get("more", [])],
        freight=parse_amount(args.get("freight", "0"), currency, "freight"),
        carrier=None if "carrier" not in args else member(client, args["carrier"]),
        deliver_to=deliver_to,
        reference=args.get("reference"),
        account=source(client, args),
        settling=settling(client, args, currency),
        command_id=command_id,
        **more,
    )
    return (receipt,), receipt.reply.order.id


def _capture(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    captured = client.goods.capture(read_document(folder / args["document"]), command_id=command_id)
    refused = [result for result in captured.results if result.status == "refused"]
    if refused:
        first = refused[0]
        raise CliError(
            first.code or "EVENT_REFUSED", f"{args['document']}: {first.message}", first.field or ""
        )
    if args.get("saves") == "alert":
        return captured.receipts, next(iter(captured.alerts), "")
    return captured.receipts, captured.results[0].event_id or ""


def _declare_error(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    captured = client.goods.declare_error(
        args["event"],
        reason=args.get("reason", "incorrect_data"),
        corrective_event_ids=args.get("corrective", []),
        declared_at=args["at"],
        command_id=command_id,
    )
    return captured.receipts, captured.results[0].outcome or ""


def _ship(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.orders.ship(
        args["order"], epcs=args.get("epcs", []), sscc=args.get("sscc"), command_id=command_id
    )
    return (receipt,), receipt.reply.order.id


def _proposed(client: Client, args: Args) -> tuple[Proposal, PricedLines]:
    """What a step proposes; the lines' prices under ``priced``, in the main unit."""
    currency = args["currency"]
    lines = [
        {**line, "unit_price": str(parse_amount(line["unit_price"], currency, "unit_price"))}
        for line in args["priced"]["lines"]
    ]
    priced = msgspec.convert({**args["priced"], "lines": lines}, PricedLines)
    more: Args = {"terms": msgspec.convert(args["terms"], Terms)} if "terms" in args else {}
    if "arbitrator" in args:
        more["arbitrator"] = member(client, args["arbitrator"])
    proposed = proposal(
        priced,
        currency,
        lead_time=args["lead_time"],
        valid_for=args["valid_for"],
        freight=parse_amount(args.get("freight", "0"), currency, "freight"),
        carrier=None if "carrier" not in args else member(client, args["carrier"]),
        **settled_offer(client, args, currency),
        **more,
    )
    return proposed, priced


def _propose(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    proposed, priced = _proposed(client, args)
    sides = {side: member(client, args[side]) for side in ("buyer", "seller") if side in args}
    receipt = client.offers.propose(
        proposed, priced, tender=args.get("tender"), command_id=command_id, **sides
    )
    return (receipt,), receipt.reply.offer.id


def _counter(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    proposed, priced = _proposed(client, args)
    receipt = client.offers.counter(args["offer"], args["version"], proposed, priced, command_id=command_id)
    return (receipt,), receipt.reply.offer.id


def _accept(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    deliver_to = args.get("deliver_to")
    if deliver_to is not None:
        deliver_to = msgspec.convert(deliver_to, Delivery)
    receipt = client.offers.accept(
        args["offer"],
        args["version"],
        tender=args.get("tender"),
        deliver_to=deliver_to,
        reference=args.get("reference"),
        account=source(client, args),
        command_id=command_id,
    )
    return (receipt,), receipt.reply.order.id


def _publish(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    members = client.members.list().members
    pack = read_pack(
        folder / args["file"], member=lambda name: find_member(members, name), command_id=command_id
    )
    receipt = client.compliance.publish(pack)
    return (receipt,), receipt.reply.pack.pack


def _step(name: str) -> Verb:
    def carry_out(client: Client, args: Args, command_id: str, folder: Path) -> Made:
        receipt = getattr(client.orders, name)(args["order"], command_id=command_id)
        return (receipt,), receipt.reply.order.id

    return carry_out


def _default(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    # A deadline of a scenario is a few seconds: wait for it rather than fail.
    order = client.orders.get(args["order"]).order
    time.sleep(float(args.get("after_seconds", 0)))
    receipt = client.orders.default(order.id, command_id=command_id)
    return (receipt,), order.id


VERBS: dict[str, Verb] = {
    **ACCOUNT_VERBS,
    **ESCROW_VERBS,
    **DELIVERY_VERBS,
    **DOCUMENT_VERBS,
    **MONEY_VERBS,
    **OFFERING_VERBS,
    "hashlocks.lock": _lock,
    "mandates.collect": _collect,
    "money.mint": _mint,
    "money.transfer": _transfer,
    "money.transfer_all": _transfer_all,
    "payment_requests.pay": _pay_request,
    "receivables.assign": _assign,
    "products.register": _register,
    "offers.propose": _propose,
    "offers.counter": _counter,
    "offers.accept": _accept,
    "tenders.award": _accept,
    "orders.place": _place,
    "orders.accept": _step("accept"),
    "orders.ship": _ship,
    "orders.deliver": _step("deliver"),
    "orders.confirm": _step("confirm"),
    "orders.cancel": _step("cancel"),
    "orders.default": _default,
    "goods.capture": _capture,
    "goods.declare_error": _declare_error,
    "compliance.publish": _publish,
}
"""Verbs that do more than send one command: they choose notes and stock, or read a file."""


def operation_verb(name: str) -> Verb | None:
    """The verb of any operation of the ledger, such as ``hashlocks:Claim``; None where there is none.

    Its arguments are the operation's fields, with amounts in the main unit and members by name.
    """
    operation = OPERATIONS.get(name)
    if operation is None or operation.query or operation.private:
        return None

    def carry_out(client: Client, args: Args, command_id: str, folder: Path) -> Made:
        fields = {field.name: field for field in fields_of(operation)}
        unknown = sorted(set(args) - set(fields))
        if unknown:
            raise CliError("SCENARIO_INVALID", f"{name} has no {unknown[0]}.", f"It has {', '.join(fields)}.")
        document = {
            key: given if fields[key].kind is None else fields[key].value(given, args.get("currency"), client)
            for key, given in args.items()
        }
        try:
            command = msgspec.convert({"id": command_id, **document}, operation.command)
        except msgspec.ValidationError as error:
            raise CliError("SCENARIO_INVALID", f"{name}: {error}", "") from error
        receipt = submit_once(client.submitter, name, command, operation.reply, command_id)
        return (receipt,), _made(msgspec.to_builtins(receipt.reply))

    return carry_out


def _made(reply: Args) -> str:
    """The id of what a command made or changed: of the first entity that its reply shows."""
    for value in reply.values():
        entity = value[0] if isinstance(value, list) and value else value
        if isinstance(entity, dict) and "id" in entity:
            return str(entity["id"])
    return ""

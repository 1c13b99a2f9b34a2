"""A scenario: a trade written down as data, and carried out step by step."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import yaml

from hansa import Delivery, Terms, connect, derived_id, parse_amount
from hansa.client import Client
from hansa.submission import Receipt
from hansa_cli.goods import read_document
from hansa_cli.session import CliError, account, document, member
from hansa_domain.goods.capture import CaptureReply
from hansa_network.data_folder import write_atomically


class Step(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"who": "as", "args": "with"},
):
    """One step: who does what with which arguments. ``save`` names what it made, for ``$name`` further on."""

    name: str
    who: str
    do: str
    args: dict[str, Any] = {}
    save: str | None = None


class Show(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to show at the end: an order, the balances of accounts, the trail of an EPC seen by a member."""

    order: str
    accounts: list[str]
    trace: str
    who: str = msgspec.field(name="as")


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of ``examples/``."""

    name: str
    steps: list[Step]
    show: Show


@dataclass(frozen=True)
class Done:
    """A step that was carried out, with the transactions it took."""

    step: Step
    receipts: tuple[Receipt[Any], ...]

    def document(self) -> dict[str, Any]:
        """The step as the result file has it."""
        return {
            "name": self.step.name,
            "as": self.step.who,
            "do": self.step.do,
            "transactions": [document(receipt) for receipt in self.receipts],
        }


def read_scenario(path: Path) -> Scenario:
    """A scenario from its file. Raises CliError (SCENARIO_INVALID)."""
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Scenario)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise CliError(
            "SCENARIO_INVALID", f"{path}: {error}", "See examples/ for how one is written."
        ) from error


@dataclass
class Run:
    """A scenario under way on a network.

    Command ids follow from the file and the step's number, so a second run on the same ledger has no second
    effect and gives the same answers.

    Args:
        path: the scenario's file; documents are found beside it.
        data: the network's folder.
    """

    path: Path
    data: Path
    saved: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scenario = read_scenario(self.path)
        self._fingerprint = hashlib.sha256(self.path.read_bytes()).hexdigest()
        self._clients: dict[str, Client] = {}

    def steps(self) -> Iterator[Done]:
        """Carries out one step after the other. Raises HansaError or CliError where one fails."""
        with ExitStack() as stack:
            for number, step in enumerate(self.scenario.steps):
                yield Done(step, self._carry_out(stack, number, step))

    def result(self) -> dict[str, Any]:
        """The order, the balances and the trail that the scenario wants shown."""
        shown = self.scenario.show
        organization, _, user = shown.who.partition("/")
        with connect(organization, user or "admin", data=self.data) as client:
            client.catch_up()  # the last step may have been another member's
            order = client.orders.get(self._resolve(shown.order))
            balances = {
                name: msgspec.to_builtins(client.money.balance(account(client, name)).balances)
                for name in shown.accounts
            }
            trail = client.goods.trace(self._resolve(shown.trace))
        return {
            "order": msgspec.to_builtins(order),
            "balances": balances,
            "trace": {
                "epc": trail.epc,
                "unit": msgspec.to_builtins(trail.unit),
                "steps": msgspec.to_builtins(trail.steps),
                "truncated": trail.truncated,
            },
        }

    def _carry_out(self, stack: ExitStack, number: int, step: Step) -> tuple[Receipt[Any], ...]:
        verb = _VERBS.get(step.do)
        if verb is None:
            raise CliError(
                "SCENARIO_INVALID",
                f"{step.name}: there is no verb {step.do!r}.",
                f"Known are: {', '.join(_VERBS)}.",
            )
        client = self._client(stack, step.who)
        command_id = derived_id(self._fingerprint, str(number))
        args = self._resolve(step.args)
        if "deliver_to" in args:
            args["deliver_to"] = {"salt": self._salt(command_id), **args["deliver_to"]}
        try:
            receipts, made = verb(client, args, command_id, self.path.parent)
        except KeyError as error:
            raise CliError("SCENARIO_INVALID", f"{step.name}: {step.do} needs {error}.", "") from error
        if step.save is not None:
            self.saved[step.save] = made
        return receipts

    def _salt(self, command_id: str) -> str:
        """The same for the same command, so that a repetition commits to the same. It needs a secret of this
        network, since the command's id is public and an address can be guessed.
        """
        path = self.data / "scenario-secret"
        if not path.exists():
            write_atomically(path, secrets.token_hex(32))
        return hmac.digest(path.read_bytes(), command_id.encode(), "sha256").hex()

    def _client(self, stack: ExitStack, who: str) -> Client:
        if who not in self._clients:
            organization, _, user = who.partition("/")
            client = connect(organization, user or "admin", data=self.data)
            self._clients[who] = stack.enter_context(client)
        return self._clients[who]

    def _resolve(self, value: Any) -> Any:
        """Puts in what earlier steps saved wherever a text is ``$name``."""
        if isinstance(value, dict):
            return {key: self._resolve(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._resolve(each) for each in value]
        if isinstance(value, str) and value.startswith("$"):
            if value[1:] not in self.saved:
                raise CliError(
                    "SCENARIO_INVALID", f"Nothing was saved as {value}.", "Save it in an earlier step."
                )
            return self.saved[value[1:]]
        return value


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
        account(client, args["to"]), currency, parse_amount(args["amount"], currency), command_id=command_id
    )
    return (receipt,), receipt.reply.notes[0].id


def _register(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.products.register(
        args["gtin"], args["name"], brand=args.get("brand"), command_id=command_id
    )
    return (receipt,), receipt.reply.product.gtin


def _create(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = args["currency"]
    price = args.get("price")
    receipt = client.listings.create(
        args["gtin"],
        unit_price=None if price is None else parse_amount(price, currency, "price"),
        currency=currency,
        quantity=args["quantity"],
        command_id=command_id,
    )
    return (receipt,), receipt.reply.listing.id


def _place(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    currency = client.listings.get(args["listing"]).currency
    deliver_to = args.get("deliver_to")
    if deliver_to is not None:
        deliver_to = msgspec.convert(deliver_to, Delivery)
    more: dict[str, Any] = {}
    if "terms" in args:
        more["terms"] = msgspec.convert(args["terms"], Terms)
    receipt = client.orders.place(
        args["listing"],
        args["quantity"],
        amount=None if "amount" not in args else parse_amount(args["amount"], currency),
        freight=parse_amount(args.get("freight", "0"), currency, "freight"),
        carrier=None if "carrier" not in args else member(client, args["carrier"]),
        deliver_to=deliver_to,
        reference=args.get("reference"),
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
    receipts: tuple[Receipt[CaptureReply], ...] = captured.receipts
    return receipts, captured.results[0].event_id or ""


def _ship(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    receipt = client.orders.ship(
        args["order"], epcs=args.get("epcs", []), sscc=args.get("sscc"), command_id=command_id
    )
    return (receipt,), receipt.reply.order.id


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


_VERBS: dict[str, Verb] = {
    "money.mint": _mint,
    "money.transfer": _transfer,
    "products.register": _register,
    "listings.create": _create,
    "orders.place": _place,
    "orders.accept": _step("accept"),
    "orders.ship": _ship,
    "orders.deliver": _step("deliver"),
    "orders.confirm": _step("confirm"),
    "orders.cancel": _step("cancel"),
    "orders.default": _default,
    "goods.capture": _capture,
}

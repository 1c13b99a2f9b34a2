"""Verbs made from the chaincode's own operations, where those need no words beyond what the operation says.

``orders:DeliveryAddress`` becomes ``hansa orders delivery-address``: its fields become options, its docstring
the help. A verb written by hand goes before the one made here; where an operation needs more (notes to be
chosen, a file to be read), there is one.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import typer

from hansa import new_id, parse_amount
from hansa.client import Client
from hansa.errors import HansaError
from hansa.submission import Receipt
from hansa_cli.answers import currency_of, lines_of, order_of
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
    invalid,
    member,
    show,
)
from hansa_domain.accounts.authority import SubAccount
from hansa_domain.catalogue import OPERATIONS
from hansa_domain.fields import Amount, EntityId, MspId, Owner
from hansa_domain.operation import Operation

RENAMED = {"Get": "show", "GetRefill": "show-refill", "GetRecovery": "show-recovery"}
"""Operations that the command line calls otherwise: what is looked at is shown."""

_SCALARS = (str, int, bool)

Endorsers = Annotated[
    list[str] | None,
    typer.Option(help="An organisation that endorses: the one that is told. May be repeated."),
]
Private = Annotated[str, typer.Option(help="The private document: JSON, or @FILE with it.")]


def nouns() -> dict[str, str]:
    """Every noun of the catalogue as the command line writes it, to the noun of its operations."""
    return {kebab(name.partition(":")[0]): name.partition(":")[0] for name in OPERATIONS}


def kebab(name: str) -> str:
    """``DeliveryAddress`` as ``delivery-address``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def add_verbs(app: typer.Typer, noun: str) -> None:
    """Adds a verb for each operation of a noun (as the command line writes it) that has none by hand."""
    by_hand = {each.name or getattr(each.callback, "__name__", "") for each in app.registered_commands}
    known = nouns().get(noun)
    for name, each in OPERATIONS.items():
        if name.partition(":")[0] == known and verb_name(each) not in by_hand:
            app.command(verb_name(each), help=_help(each), context_settings=NUMBERS)(_verb(each))


def verb_name(operation: Operation[Any]) -> str:
    """What the command line calls an operation of its noun."""
    name = operation.name.partition(":")[2]
    return RENAMED.get(name, kebab(name))


def _help(operation: Operation[Any]) -> str:
    text = (operation.command.__doc__ or "").replace("``", "")
    text = re.sub(r"(?<=\S)\n(?=\S)", " ", inspect.cleandoc(text))
    said = re.sub(rf"^{operation.name}(, |: )?", "", text)
    if said[:1] in (";", "."):
        # What it does stands with the rule then: "Licences in order of id; holder narrows each page."
        first = (operation.decide.__doc__ or "").partition("\n")[0].replace("``", "")
        said = first.rstrip(".") + said
    return said[:1].upper() + said[1:]


def _verb(operation: Operation[Any]) -> Callable[..., None]:
    """A function whose signature has the operation's fields, for Typer to read."""
    fields = fields_of(operation)
    parameters = [_parameter("who", As), *(field.parameter for field in fields), *_shared(operation)]

    def run(**given: Any) -> None:
        _run(operation, fields, given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def fields_of(operation: Operation[Any]) -> list[_Field]:
    """The fields of an operation's command or query, without the id."""
    hints = get_type_hints(operation.command, include_extras=True)
    return [
        _Field(field, hints[field.name])
        for field in msgspec.structs.fields(operation.command)
        if field.name != "id"
    ]


def _parameter(name: str, hint: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=default)


class _Field:
    """One field of a command or query, and the parameter that gives it."""

    def __init__(self, field: msgspec.structs.FieldInfo, hint: Any) -> None:
        self.name = field.name
        self.kind, self.many = _kind(hint)
        self.meta = _metadata(hint)
        self.required = field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT

    @property
    def parameter(self) -> inspect.Parameter:
        """Required single values are arguments in their order; everything else is an option."""
        # The parser takes one choice, not many: a list's are checked with the command as a whole.
        kind = str if self.kind is None or (self.many and self.kind not in _SCALARS) else self.kind
        if self.required and not self.many and self.kind in (str, int):
            return _parameter(self.name, Annotated[kind, typer.Argument(help=self.meaning)])
        option = typer.Option(help=self.meaning)
        if self.many:
            return _parameter(self.name, Annotated[list[kind] | None, option], None)  # type: ignore[valid-type]
        if self.required:
            return _parameter(self.name, Annotated[kind, option])
        return _parameter(self.name, Annotated[kind | None, option], None)

    @property
    def meaning(self) -> str:
        """What the field must look like, in words."""
        said = next((meta.description for meta in self.meta if meta.description), "")
        if self.kind is None:
            said = "A JSON document, or @FILE with one; amounts in minor units."
        elif self.is_a(Amount):
            said = "In the main unit, such as 12.50; without a currency beside it, 12.50EUR."
        elif self.is_a(EntityId):
            said = f"The {self.name.replace('_', ' ')}'s id, such as RetailerMSP.01J..."
        if not said:
            return "May be repeated." if self.many else ""
        said = said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")
        return said + (" May be repeated." if self.many else "")

    def is_a(self, form: Any) -> bool:
        """Whether the field has one of the forms of ``hansa_domain.fields``."""
        return form.__metadata__[0] in self.meta

    def value(self, given: Any, currency: str | None, client: Client) -> Any:
        """What goes into the document for what was given on the command line."""
        if self.many:
            return [self._one(each, currency, client) for each in given]
        return self._one(given, currency, client)

    def _one(self, given: Any, currency: str | None, client: Client) -> Any:
        if self.kind is None:
            return read_json(given, self.name)
        if self.is_a(Amount):
            return str(_minor(given, currency, self.name))
        if self.is_a(MspId):
            return member(client, given)
        if self.is_a(Owner) or self.is_a(SubAccount):
            return account(client, given)
        return given


def _shared(operation: Operation[Any]) -> list[inspect.Parameter]:
    shared = [_parameter("data", Data, None), _parameter("json", Json, False)]
    if not operation.query:
        shared.append(_parameter("command_id", CommandId, None))
    if operation.private:
        shared.append(_parameter("endorsed_by", Endorsers, None))
        shared.append(_parameter("private", Private))
    return shared


def _run(operation: Operation[Any], fields: Sequence[_Field], given: dict[str, Any]) -> None:
    with acting(given["who"], given["data"]) as client:
        document: dict[str, Any] = {
            field.name: field.value(given[field.name], given.get("currency"), client)
            for field in fields
            if given[field.name] not in (None, ())
        }
        if not operation.query:
            document["id"] = given["command_id"] or new_id()
        try:
            command = msgspec.convert(document, operation.command)
        except msgspec.ValidationError as error:
            raise invalid(error) from error
        answer = client.ask(command) if operation.query else _send(operation, client, command, given)
        text = "" if given["json"] else _text(answer, client)
    show(answer, given["json"], text)


def _send(operation: Operation[Any], client: Client, command: Any, given: dict[str, Any]) -> Receipt[Any]:
    if not operation.private:
        return client.send(command)
    private = json.dumps(read_json(given["private"], "private")).encode()
    endorsers = [member(client, name) for name in given["endorsed_by"] or ()]
    return client.send(command, transient={"private": private}, endorsing_organizations=endorsers)


def _text(answer: Any, client: Client) -> str:
    """An answer for people: its fields as lines, and where it stands on the ledger."""
    reply = answer.reply if isinstance(answer, Receipt) else answer
    lines = lines_of(reply, currency_of(reply) or _currency_of_order(reply, client))
    if isinstance(answer, Receipt):
        return "\n".join([*lines, committed(answer)])
    return "\n".join(lines) or "none"


def _currency_of_order(reply: Any, client: Client) -> str | None:
    """The currency of the order that a reply is about; None where that cannot be told."""
    order = order_of(reply)
    if order is None:
        return None
    try:
        return client.orders.get(order).order.currency
    except HansaError:
        return None  # what was done is done: its amounts are shown in minor units then


def _kind(hint: Any) -> tuple[Any, bool]:
    """The scalar type or Literal behind a field's type, None for a document; and whether there are many."""
    bare = _bare(hint)
    if get_origin(bare) in (list, tuple):
        inner = _bare(get_args(bare)[0])
        if inner in _SCALARS or get_origin(inner) is Literal:
            return inner, True
        return None, False
    return (bare if bare in _SCALARS or get_origin(bare) is Literal else None), False


def _bare(hint: Any) -> Any:
    while get_origin(hint) in (Annotated, Union, types.UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    return hint


def _metadata(hint: Any) -> tuple[msgspec.Meta, ...]:
    """What annotations say of a field, or of the members of its list."""
    found: tuple[msgspec.Meta, ...] = ()
    while get_origin(hint) in (Annotated, Union, types.UnionType, list, tuple):
        if get_origin(hint) is Annotated:
            found = (*found, *(each for each in hint.__metadata__ if isinstance(each, msgspec.Meta)))
        hint = next(each for each in get_args(hint) if each is not type(None))
    return found


def _minor(text: str, currency: str | None, field: str) -> int:
    written = re.fullmatch(r"(?P<number>.*?) ?(?P<currency>[A-Z]{3})", text)
    if written is not None:
        return parse_amount(written["number"], written["currency"], field)
    if currency is None:
        raise CliError("CURRENCY_MISSING", f"{text} of which currency?", "Write it like 12.50EUR.", field)
    return parse_amount(text, currency, field)


def read_json(text: str, field: str) -> Any:
    """What an option with a document says: JSON, ``@FILE`` or ``-``. Raises CliError (MALFORMED_DOCUMENT)."""
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError as error:
        raise CliError(
            "MALFORMED_DOCUMENT", f"{field}: {error}", "Give JSON, or @FILE with it.", field
        ) from error

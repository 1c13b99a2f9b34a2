"""Any command of the catalogue, drawn from its schema and the ledger's present state, with some lies.

What a field wants is told by its name and form: an id is one of a record of that noun, notes are the
caller's, a GTIN is registered. Fields of the same name as one of the record that the command is about mostly
take that one's value, so that prices, versions and fees often fit.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Any, get_args

import msgspec
from msgspec import inspect

from hansa_domain import fields
from hansa_domain.accounts import authority
from hansa_domain.gs1.check_digit import check_digit
from hansa_domain.hashlocks import Preimage
from hansa_domain.operation import Caller, Operation
from tests.support.domain import GTIN, MEMBERS, ulid
from tests.support.whole_domain.view import View

MSPS = [member["msp_id"] for member in MEMBERS]
CURRENCIES = ("EUR", "EUR", "CNY")
ACCOUNTS = ("till", "vault", "fees")
SECRETS = ("5e", "5e" * 32)
GTINS = (GTIN, "09521321000018", "09521321000025")
EPCS = [
    *(f"urn:epc:id:sgtin:9506000.013435.{serial}" for serial in range(12)),
    *(f"urn:epc:id:sgtin:9521321.000001.{serial}" for serial in range(6)),
]
LOTS = [f"urn:epc:class:lgtin:9521321.000002.L{lot}" for lot in range(4)]
SSCCS = [f"urn:epc:id:sscc:9521321.000000000{number}" for number in range(3)]
PARTIES = ("buyer", "seller", "carrier", "owner", "payer", "payee", "taker", "giver", "recipient", "by")


def _pattern(form: Any) -> str:
    return next(meta.pattern for meta in get_args(form)[1:] if isinstance(meta, msgspec.Meta))


AMOUNT, ENTITY, NOTE, MSP = (
    _pattern(each) for each in (fields.Amount, fields.EntityId, fields.NoteId, fields.MspId)
)
OWNER, SUB_ACCOUNT = _pattern(fields.Owner), _pattern(authority.SubAccount)
PLAIN: dict[str, tuple[str, ...]] = {
    _pattern(fields.CurrencyCode): CURRENCIES,
    _pattern(fields.CountryCode): ("DE", "NL", "FR", "XX"),
    _pattern(fields.Sha256Hex): tuple(sha256(bytes.fromhex(each)).hexdigest() for each in SECRETS),
    _pattern(Preimage): SECRETS,
    _pattern(fields.Salt): ("ab" * 16,),
    _pattern(fields.Ulid): tuple(ulid(("drawn", number)) for number in range(40)),
    _pattern(fields.Moment): ("2027-03-01T00:00:00.000Z",),
    _pattern(authority.Base64): (base64.b64encode(b"signed").decode(),),
}
GLNS = ("9521321000018", "9521321000025", "9521321000032")
BY_NAME = {"gtin": GTINS, "gln": GLNS, "sscc": ("095213210000000018",)}
ALIASES = {"gtin": "product", "gln": "place", "schedule": "fee-schedule", "cycle": "netting"}
"""Fields that refer to a record of another name."""
SAMPLES = ("words", "2027-12-31", "2027-03-01T00:00:00.000Z", "0203", "3", "aa", "EA", "-", "1.5", "A1")
"""For forms that nothing else is known of."""


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    found = inspect.type_info(kind)
    assert isinstance(found, inspect.StructType)
    return found.fields


class Draw:
    """One draw: who calls, and about what. ``random`` decides all of it, so that a seed repeats it."""

    def __init__(self, view: View, seed: int, about: Any = None) -> None:
        self.view = view
        self.focus = about
        self.random = random.Random(seed)
        self.seed = seed
        self.echo: dict[str, Any] = {}
        self.caller = self.anyone()

    @property
    def members(self) -> set[str]:
        """Who is a member now."""
        return {each.msp_id for each in self.view.all("member") if each.left_at is None}

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def pick(self, choices: Iterable[Any]) -> Any:
        return self.random.choice(list(choices))

    def anyone(self) -> str:
        return str(self.pick(MSPS))

    def recent(self, records: list[Any]) -> Any:
        """One of them, mostly of the latest, so that what was begun also ends; None where there is none."""
        if not records:
            return None
        near = [each for each in records if _identity(each) == _identity(self.focus)] if self.focus else []
        if near and self.chance(90):
            return near[-1]
        return self.pick(records[-4:] if self.chance(70) else records)

    def who(self, admin: bool | None = None) -> Caller:
        """The caller, half the time as an administrator unless that is told."""
        return Caller(self.caller, "user", admin=self.chance(50) if admin is None else admin)

    def command(self, operation: Operation[Any]) -> dict[str, Any]:
        """The fields of a command, without its id; sets who is likely to be its caller."""
        known = [each for each in _fields(operation.command) if each.name != "id"]
        self._about(known)
        # Notes come first: what they hold is what amounts are drawn from.
        known.sort(key=lambda each: each.name != "notes")
        return {
            each.encode_name: self.value(each.type, each.name)
            for each in known
            if each.required or self.chance(35)
        }

    def _about(self, known: Iterable[inspect.Field]) -> None:
        """Chooses the record that the command is about; its parties are likely callers."""
        parties: list[str] = []
        for each in known:
            found = self.recent(self._records(each.name)) if _refers(each) else None
            if found is None:
                continue
            identity = _identity(found)
            for record in (*self.view.about(identity), found):
                told = msgspec.to_builtins(record)
                self.echo.update({name: value for name, value in told.items() if name != "id" and value})
                parties += [str(told[name]).partition("/")[0] for name in PARTIES if told.get(name)]
            parties.append(str(identity).partition(".")[0])
            self.echo[each.name] = identity
        members = sorted({party for party in parties if party in MSPS})
        if members and self.chance(85):
            self.caller = str(self.pick(members))

    def _records(self, name: str) -> list[Any]:
        noun = noun_of(name, self.view.kinds)
        return [] if noun is None else self.view.all(noun)

    def value(self, kind: inspect.Type, name: str) -> Any:
        """A value of a type for a field of that name."""
        kind = _bare(kind)
        if name == "notes":
            return self.notes()
        if name in self.echo and not isinstance(kind, inspect.ListType) and self.chance(80):
            return self.echo[name]
        match kind:
            case inspect.UnionType():
                choices = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
                return (
                    None if kind.includes_none and self.chance(60) else self.value(self.pick(choices), name)
                )
            case inspect.StructType():
                return {
                    each.encode_name: self.value(each.type, each.name)
                    for each in kind.fields
                    if each.required or self.chance(35)
                }
            case inspect.ListType():
                count = max(kind.min_length or 0, self.pick((1, 1, 2)))
                return [self.value(kind.item_type, name.removesuffix("s")) for _ in range(count)]
            case inspect.LiteralType():
                return self.pick(kind.values)
            case inspect.IntType():
                low, high = kind.ge if kind.ge is not None else 0, kind.le or 300
                return min(high, max(low, self.pick((low, 1, 2, 5, 60, 240))))
            case inspect.BoolType():
                return self.chance(50)
            case inspect.BytesType():
                return base64.b64encode(b"some bytes").decode()
            case inspect.StrType():
                return self.text(kind.pattern, name)
            case _:
                return None

    def text(self, pattern: str | None, name: str) -> str:
        """A string of a form."""
        if name in BY_NAME:
            return str(self.pick(BY_NAME[name]))
        if name in ("epc", "subject") or name.startswith("epc"):
            return self.epc()
        if pattern == AMOUNT:
            return str(self.amount())
        if pattern == ENTITY:
            found = self.recent(self._records(name))
            return str(_identity(found) or self._nothing())
        if pattern == NOTE:
            return str(self.pick([note.id for note in self.view.all("note")] or [self._nothing() + ".0"]))
        if pattern == MSP:
            return self.anyone()
        if pattern in (OWNER, SUB_ACCOUNT):
            return self.account(pattern == SUB_ACCOUNT or self.chance(30))
        return str(self.pick(PLAIN.get(str(pattern)) or _samples(pattern)))

    def _nothing(self) -> str:
        return f"{self.anyone()}.{ulid(('nothing', self.random.randrange(9)))}"

    def account(self, named: bool) -> str:
        owner = self.anyone() if self.chance(60) else self.caller
        return f"{owner}/{self.pick(ACCOUNTS)}" if named else owner

    def amount(self) -> int:
        return int(self.pick((0, 1, self.random.randrange(300), self.random.randrange(20_000))))

    def epc(self) -> str:
        """A unit's EPC, mostly one that the ledger knows."""
        known = self.view.all("unit")
        return str(self.recent(known).epc if known and self.chance(80) else self.pick((*EPCS, *SSCCS)))

    def held(self, owner: str | None = None, currency: str | None = None) -> list[Any]:
        """Notes of the caller's organisation, or of one account."""
        return [
            note
            for note in self.view.all("note")
            if (note.owner == owner if owner else note.owner.partition("/")[0] == self.caller)
            and currency in (None, note.currency)
        ]

    def notes(self, owner: str | None = None, currency: str | None = None, total: int = 0) -> list[str]:
        """Notes to spend, of one account and currency as these must be; their sum is echoed as ``amount``."""
        held = self.held(owner, currency or self.echo.get("currency"))
        if self.chance(5):
            held = self.view.all("note")
        if not held:
            return [f"{self._nothing()}.0"]
        first = self.pick(held)
        chosen = [first]
        for note in held:
            enough = sum(int(each.amount) for each in chosen) >= total
            same = (note.owner, note.currency) == (first.owner, first.currency)
            if note is not first and same and len(chosen) < 16 and (not enough or self.chance(10)):
                chosen.append(note)
        self.echo.setdefault("amount", str(self.random.randint(1, sum(int(each.amount) for each in chosen))))
        self.echo.setdefault("currency", first.currency)
        return [note.id for note in chosen]


@cache
def _samples(pattern: str | None) -> tuple[str, ...]:
    fitting = tuple(each for each in SAMPLES if pattern is None or re.search(pattern, each))
    return fitting or ("words",)


def _identity(record: Any) -> Any:
    names = ("id", "order", "gtin", "gln")
    return next((value for name in names if isinstance(value := getattr(record, name, None), str)), None)


def _refers(field: inspect.Field) -> bool:
    return field.name in ALIASES or _holds(field.type, ENTITY)


def noun_of(name: str, kinds: Iterable[str]) -> str | None:
    """The noun of the record that a field of that name refers to."""
    for spelled in (
        ALIASES.get(name, name),
        name.removesuffix("s"),
        name.removesuffix("s").replace("_", "-"),
    ):
        if spelled in kinds:
            return spelled
    return None


def about(operation: Operation[Any], kinds: Iterable[str]) -> set[str]:
    """Nouns of the records that a command refers to by id."""
    names = (each.name for each in _fields(operation.command) if _refers(each))
    return {noun for name in names if (noun := noun_of(name, kinds)) is not None}


def _bare(kind: inspect.Type) -> inspect.Type:
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return kind


def _holds(kind: inspect.Type, pattern: str) -> bool:
    kind = _bare(kind)
    return isinstance(kind, inspect.StrType) and kind.pattern == pattern


def fresh_gtin(number: int) -> str:
    """A GTIN-13 of its own for each number, filled up to 14 digits."""
    digits = f"09521321{number % 100_000:05d}"
    return digits + str(check_digit(digits))

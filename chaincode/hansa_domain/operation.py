"""What an operation is: it asks for the records it needs, then decides. Nothing here touches a ledger."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event
from hansa_domain.fields import Ulid
from hansa_domain.record_versions import Forms, read_forward
from hansa_domain.times import rfc3339

Key = tuple[str, ...]
"""A ledger key before Fabric's composite form: the noun, then the id's parts."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """A document on the ledger; NOUN is the first part of its key.

    ``v`` is its schema version: VERSION, the latest one that this program knows, also where it was written
    in an earlier one. EARLIER has the forms of those versions.
    """

    NOUN: ClassVar[str]
    VERSION: ClassVar[int] = 1
    EARLIER: ClassVar[Forms] = {}
    v: int = 1

    @property
    def guardian(self) -> str | None:
        """MSP id of the member with a say of his own in its changes (see ``guards``); mostly none."""
        return None

    @property
    def holding(self) -> tuple[str, int] | None:
        """Currency and minor units of the money that is in this record and nowhere else; mostly none.

        Over all records, these sums are what was minted less what was burned (rule 3).
        """
        return None


Reply = TypeVar("Reply", bound=msgspec.Struct)
"""What an operation answers."""


class Command(
    msgspec.Struct,
    Generic[Reply],
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """What a member asks for. ``id`` is a ULID made by the client; with the caller's MSP it is unique.

    What has its default value is left out of the document, so that its digest stays the same when a later
    version has more optional fields.
    """

    id: Ulid


class Query(msgspec.Struct, Generic[Reply], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question; it writes nothing."""


@dataclass(frozen=True)
class Caller:
    """Who signed the proposal, as the certificate says.

    ``attributes`` are those the CA wrote into it; ``key`` is SHA-256 over its SubjectPublicKeyInfo, in hex.
    """

    msp_id: str
    name: str
    admin: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class Context:
    """The transaction's surroundings; ``now`` is its timestamp in Unix milliseconds, the only clock."""

    caller: Caller
    now: int
    tx_id: str
    transient: Mapping[str, bytes] = field(default_factory=dict)

    def reference(self, command: Command[Any]) -> str:
        """``<MSP>.<ULID>``: the id of the command, and of the entity that it creates."""
        return f"{self.caller.msp_id}.{command.id}"

    @property
    def at(self) -> str:
        """``now`` as documents write it."""
        return rfc3339(self.now)


@dataclass(frozen=True)
class Scan:
    """Records under a key prefix, in key order, at most ``limit``; only a query may ask for one (rule 12)."""

    prefix: Key
    limit: int = 100
    bookmark: str = ""


@dataclass(frozen=True)
class PrivateKey:
    """A key in the implicit collection of one organisation."""

    msp_id: str
    key: Key


@dataclass(frozen=True)
class Fetch:
    """One batch of reads, fetched in one message where the peer allows it.

    ``ranges`` are key prefixes of which every record is wanted. A command may ask for one where it decides
    about all of them, such as all members: a newcomer in between makes the transaction invalid. Never where
    it pays (rule 12).
    """

    keys: tuple[Key, ...] = ()
    scans: tuple[Scan, ...] = ()
    private: tuple[PrivateKey, ...] = ()
    ranges: tuple[Key, ...] = ()


@dataclass(frozen=True)
class ScanPage:
    """What a scan found: (key, value) pairs in key order, and the next page's bookmark, empty at the end."""

    items: tuple[tuple[Key, bytes], ...]
    bookmark: str = ""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Records:
    """The answer to a Fetch. An absent key maps to None; a range to its (key, value) pairs in key order."""

    values: Mapping[Key, bytes | None] = field(default_factory=dict)
    pages: Mapping[Scan, ScanPage] = field(default_factory=dict)
    private: Mapping[PrivateKey, bytes | None] = field(default_factory=dict)
    ranges: Mapping[Key, tuple[tuple[Key, bytes], ...]] = field(default_factory=dict)

    def find(self, kind: type[R], *parts: str) -> R | None:
        """The record of ``kind`` with that id, or None where the ledger has none.

        Raises:
            KeyError: the key was not part of the Fetch (a fault of the operation).
        """
        raw = self.values[(kind.NOUN, *parts)]
        return None if raw is None else decode_record(raw, kind)

    def get(self, kind: type[R], *parts: str, refuse: Code, where: str | None = None) -> R:
        """As ``find``, but an absent record is refused with the code given."""
        found = self.find(kind, *parts)
        if found is None:
            raise Refusal(refuse, f"There is no {kind.NOUN} {' '.join(parts)} on the ledger.", where)
        return found


@dataclass(frozen=True)
class Decision:
    """What a command does: exactly these writes (None deletes), these events, this reply.

    ``payees`` says for whom money is meant that goes from notes into something else, such as an escrow: MSP
    id or account, and minor units. ``released`` are accounts whose own operations let this money out of them;
    all other spending of an account with rules is judged by them (``accounts.spending``).
    """

    reply: msgspec.Struct
    writes: Mapping[Key, Record | None] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    private_writes: Mapping[PrivateKey, Record | None] = field(default_factory=dict)
    payees: tuple[tuple[str, int], ...] = ()
    released: tuple[str, ...] = ()


MAX_ARGUMENT_BYTES = 64 * 1024
"""How large a command or query may be where its operation names no other bound."""

Steps = Generator[Fetch, Records, Decision]
"""An operation at work: it yields Fetch, is sent Records, and returns its Decision."""

C = TypeVar("C", bound=msgspec.Struct)
C_contra = TypeVar("C_contra", bound=msgspec.Struct, contravariant=True)


class Decide(Protocol[C_contra]):
    """The function behind an operation."""

    def __call__(self, command: C_contra, context: Context) -> Steps: ...


@dataclass(frozen=True)
class Operation(Generic[C]):
    """One function of the chaincode: its name (``orders:Place``), its argument's and reply's types, its rule.

    ``private`` marks an operation that writes only to private collections (a disclosure): it keeps no command
    record on the public ledger, since it is endorsed by one organisation alone and is idempotent by content.
    ``max_bytes`` bounds the argument; ``members_only`` is off for the one command that makes members.
    """

    name: str
    command: type[C]
    reply: type[msgspec.Struct]
    decide: Decide[C]
    private: bool = False
    max_bytes: int = MAX_ARGUMENT_BYTES
    members_only: bool = True

    @property
    def query(self) -> bool:
        """Whether it only reads."""
        return issubclass(self.command, Query)


OPERATIONS: dict[str, Operation[Any]] = {}
"""Every operation by name; filled by the nouns' modules when ``hansa_domain.catalogue`` is imported."""

BY_ARGUMENT: dict[type[msgspec.Struct], Operation[Any]] = {}
"""The same by the type of its command or query: each belongs to one operation."""


def operation(
    name: str,
    command: type[C],
    reply: type[msgspec.Struct],
    *,
    private: bool = False,
    max_bytes: int = MAX_ARGUMENT_BYTES,
    members_only: bool = True,
) -> Callable[[Decide[C]], Decide[C]]:
    """Registers the function below as the operation ``name``."""

    def register(decide: Decide[C]) -> Decide[C]:
        if name in OPERATIONS:
            raise ValueError(f"operation {name} is registered twice")
        if command in BY_ARGUMENT:
            raise ValueError(f"{command.__name__} is the argument of {BY_ARGUMENT[command].name} already")
        made = Operation(name, command, reply, decide, private, max_bytes, members_only)
        OPERATIONS[name] = BY_ARGUMENT[command] = made
        return decide

    return register


def canonical(value: object) -> bytes:
    """Canonical JSON: RFC 8785, given no fractions and names in the Basic Multilingual Plane."""
    return msgspec.json.encode(value, order="sorted")


class _Versioned(msgspec.Struct):
    v: int


def decode_record(raw: bytes, kind: type[R]) -> R:
    """A record from its bytes; every version ever written is read as the present one (rule 10).

    Raises:
        Refusal: RECORD_TOO_NEW: it was written by a later program. Fields unknown here would be lost when it
            is written again, so that nothing is decided on it.
    """
    version = msgspec.json.decode(raw, type=_Versioned).v
    if version > kind.VERSION:
        raise Refusal(
            Code.RECORD_TOO_NEW, f"This {kind.NOUN} was written by a later version of the chaincode."
        )
    if version == kind.VERSION:
        return msgspec.json.decode(raw, type=kind)
    found = read_forward(raw, version, kind.EARLIER, kind)
    assert isinstance(found, kind)
    return msgspec.structs.replace(found, v=kind.VERSION)

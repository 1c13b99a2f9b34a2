"""``guards:Renew``: once somebody joined or left, records get the policy of today's members."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from hansa_domain.accounts.authority import SubAccount
from hansa_domain.accounts.records import Account
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import GuardsRenewed
from hansa_domain.exchanges.facilities import Facility, FacilityPart, PartId, part_key
from hansa_domain.exchanges.quotes import Exchange
from hansa_domain.fields import Bookmark, EntityId, Epc, NoteId, PageLimit
from hansa_domain.goods.records import Unit, unit_key
from hansa_domain.guards import ROSTER, Roster
from hansa_domain.hashlocks import Hashlock
from hansa_domain.mandates import Mandate
from hansa_domain.netting.records import NettingPot, PotId, pot_key
from hansa_domain.notes import Note
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.orders.order import Escrow

MAX_RENEWED = 100
"""How many records of each kind one command renews."""

Guarded = Literal[
    "note", "escrow", "unit", "hashlock", "account", "exchange", "facility", "part", "pot", "mandate"
]
_Record = (
    Note | Escrow | Unit | Hashlock | Account | Exchange | Facility | FacilityPart | NettingPot | Mandate
)
_KINDS: dict[Guarded, type[_Record]] = {
    "note": Note,
    "escrow": Escrow,
    "unit": Unit,
    "hashlock": Hashlock,
    "account": Account,
    "exchange": Exchange,
    "facility": Facility,
    "part": FacilityPart,
    "pot": NettingPot,
    "mandate": Mandate,
}


_HELD = (Exchange.NOUN, Facility.NOUN, FacilityPart.NOUN, NettingPot.NOUN, Mandate.NOUN)


class RenewGuards(Command["GuardsRenewedReply"], frozen=True, kw_only=True):
    """``guards:Renew``, by any member: these records are written again as they are, with today's policy.

    Records that are gone by now are passed over.
    """

    notes: Annotated[list[NoteId], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(default_factory=list)
    escrows: Annotated[list[EntityId], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(
        default_factory=list
    )
    units: Annotated[list[Epc], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(default_factory=list)
    hashlocks: Annotated[list[EntityId], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(
        default_factory=list
    )
    accounts: Annotated[list[SubAccount], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(
        default_factory=list
    )
    exchanges: Annotated[list[EntityId], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(
        default_factory=list
    )
    facilities: Annotated[list[EntityId], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(
        default_factory=list
    )
    parts: Annotated[list[PartId], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(default_factory=list)
    pots: Annotated[list[PotId], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(default_factory=list)
    mandates: Annotated[list[EntityId], msgspec.Meta(max_length=MAX_RENEWED)] = msgspec.field(
        default_factory=list
    )


class ListGuarded(Query["GuardedReply"], frozen=True, kw_only=True):
    """``guards:List``: the ids of all records of a kind that carry a policy of their own, for renewal."""

    kind: Guarded
    limit: PageLimit = MAX_RENEWED
    bookmark: Bookmark = ""


class GuardsRenewedReply(msgspec.Struct, frozen=True, kw_only=True):
    """How many records were written, and the members the policies count."""

    renewed: int
    members: list[str]


class GuardedReply(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of notes, of orders with an escrow, of hash time-locks, firm quotes, facilities and their parts,
    what was paid into netting cycles, mandates; accounts with rules; or EPCs of goods.

    ``bookmark`` is empty on the last page.
    """

    ids: list[str]
    bookmark: str


@operation("guards:Renew", RenewGuards, GuardsRenewedReply)
def renew(command: RenewGuards, context: Context) -> Steps:
    """Reads and writes the records as they are; the policy is set with every write."""
    wanted = _wanted(command)
    records = yield Fetch(keys=(ROSTER, *wanted))
    roster = records.get(Roster, refuse=Code.CONSORTIUM_NOT_INITIALIZED)
    writes = _found(wanted, records)
    event = GuardsRenewed(
        notes=[key[1] for key in writes if key[0] == Note.NOUN],
        escrows=[key[1] for key in writes if key[0] == Escrow.NOUN],
        units=[record.epc for record in writes.values() if isinstance(record, Unit)],
        hashlocks=[key[1] for key in writes if key[0] == Hashlock.NOUN],
        accounts=[key[1] for key in writes if key[0] == Account.NOUN],
        held=["/".join(key[1:]) for key in writes if key[0] in _HELD],
        members=roster.members,
        at=context.at,
    )
    return Decision(
        reply=GuardsRenewedReply(renewed=len(writes), members=roster.members),
        writes=writes,
        events=(event,) if writes else (),
    )


def _wanted(command: RenewGuards) -> tuple[Key, ...]:
    keys: tuple[Key, ...] = (
        *((Note.NOUN, note) for note in command.notes),
        *((Escrow.NOUN, order) for order in command.escrows),
        *(unit_key(epc) for epc in command.units),
        *((Hashlock.NOUN, hashlock) for hashlock in command.hashlocks),
        *((Account.NOUN, account) for account in command.accounts),
        *((Exchange.NOUN, exchange) for exchange in command.exchanges),
        *((Facility.NOUN, facility) for facility in command.facilities),
        *((FacilityPart.NOUN, *part.split("/")) for part in command.parts),
        *((NettingPot.NOUN, *pot.split("/")) for pot in command.pots),
        *((Mandate.NOUN, mandate) for mandate in command.mandates),
    )
    if not keys:
        raise Refusal(Code.FIELD_INVALID, "Name at least one record to renew.", "notes")
    return tuple(dict.fromkeys(keys))


def _found(wanted: tuple[Key, ...], records: Records) -> dict[Key, Record | None]:
    found: dict[Key, Record | None] = {}
    for kind in _KINDS.values():
        for key in wanted:
            record = records.find(kind, *key[1:]) if key[0] == kind.NOUN else None
            if record is not None and record.guardian is not None:
                found[key] = record
    return found


@operation("guards:List", ListGuarded, GuardedReply)
def list_guarded(command: ListGuarded, context: Context) -> Steps:
    """Ids in order of key."""
    kind = _KINDS[command.kind]
    scan = Scan((kind.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    records = [decode_record(value, kind) for _, value in page.items]
    ids = [_id(record) for record in records if record.guardian is not None]
    return Decision(reply=GuardedReply(ids=ids, bookmark=page.bookmark))


def _id(record: _Record) -> str:
    if isinstance(record, Account):
        return record.owner
    if isinstance(record, Note | Hashlock | Exchange | Facility | Mandate):
        return record.id
    if isinstance(record, NettingPot):
        return "/".join(pot_key(record.cycle, record.guardian)[1:])
    if isinstance(record, FacilityPart):
        return "/".join(part_key(record.facility, record.part)[1:])
    return record.order if isinstance(record, Escrow) else record.epc

"""Members: who belongs to the consortium, in which role, and on which terms it works."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ConsortiumInitialized, MemberJoined
from hansa_domain.fields import BasisPoints, CountryCode, Gln, MspId, Name, Owner, Role, Timestamp
from hansa_domain.gs1 import gln13
from hansa_domain.guards import ROSTER, Roster
from hansa_domain.iso3166 import check_country
from hansa_domain.notes import organisation
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.paging import scan_all


class Member(Record, frozen=True, kw_only=True):
    """An organisation of the consortium; key ``("member", msp_id)``.

    Version 2 has ``left_at``: since then it is a member no longer, and nothing it sends is carried out.
    """

    NOUN: ClassVar[str] = "member"
    VERSION: ClassVar[int] = 2
    v: int = 2
    msp_id: str
    name: str
    role: Role
    gln: str | None
    country: str
    joined_at: Timestamp
    left_at: Timestamp | None = None


class Consortium(Record, frozen=True, kw_only=True):
    """The terms all members share; key ``("consortium",)``, written once.

    ``basis_points`` of an order's amount go to ``fee_account``; ``arbitrator`` serves orders that name none.
    """

    NOUN: ClassVar[str] = "consortium"
    basis_points: int
    fee_account: str
    arbitrator: str
    initialized_at: Timestamp


class MemberEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member as ``members:Init`` names it."""

    msp_id: MspId
    name: Name
    role: Role
    country: CountryCode
    gln: Gln | None = None


class Fee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The consortium's fee: hundredths of a percent of an order's amount, and the account that gets it."""

    basis_points: BasisPoints
    account: Owner


class InitMembers(Command["MembersReply"], frozen=True, kw_only=True):
    """``members:Init``: the consortium begins. By an administrator of a listed member, once."""

    members: Annotated[list[MemberEntry], msgspec.Meta(min_length=1, max_length=100)]
    fee: Fee
    arbitrator: MspId | None = None


class ListMembers(Query["MembersReply"], frozen=True, kw_only=True):
    """``members:List``: all members, those that left too, and the consortium's terms."""


class MembersReply(msgspec.Struct, frozen=True, kw_only=True):
    """Members in order of MSP id."""

    members: list[Member]
    consortium: Consortium


def member_key(msp_id: str) -> Key:
    """Where a member's record stands."""
    return (Member.NOUN, msp_id)


def present_member(records: Records, msp_id: str) -> Member | None:
    """The member, whose key was fetched; None where it never was one, or has left."""
    member = records.find(Member, msp_id)
    return None if member is None or member.left_at is not None else member


def known_member(records: Records, msp_id: str, where: str) -> Member:
    """The member, whose key was fetched. Refuses MEMBER_NOT_FOUND at ``where``."""
    member = present_member(records, msp_id)
    if member is None:
        raise Refusal(Code.MEMBER_NOT_FOUND, f"{msp_id} is not a member of the consortium.", where)
    return member


def require_role(records: Records, context: Context, roles: tuple[Role, ...], act: str) -> Member:
    """The caller's membership, in one of these roles; ``act`` completes "only a ... may ...".

    Raises:
        Refusal: NOT_A_MEMBER or NOT_PERMITTED.
    """
    member = present_member(records, context.caller.msp_id)
    if member is None:
        raise Refusal(Code.NOT_A_MEMBER, f"{context.caller.msp_id} is not a member of the consortium.")
    if member.role not in roles:
        raise Refusal(Code.NOT_PERMITTED, f"Only a {' or '.join(roles)} may {act}.")
    return member


@operation("members:Init", InitMembers, MembersReply, members_only=False)
def initialize(command: InitMembers, context: Context) -> Steps:
    """Writes the members and the consortium's terms, once for all time."""
    records = yield Fetch(keys=((Consortium.NOUN,),))
    if records.find(Consortium) is not None:
        raise Refusal(Code.CONSORTIUM_ALREADY_INITIALIZED, "The consortium has been initialised before.")
    if not context.caller.admin:
        raise Refusal(Code.NOT_PERMITTED, "Only an administrator may initialise the consortium.")
    members = _members(command, context)
    consortium = _terms(command, members, context)
    joined = [members[msp_id] for msp_id in sorted(members)]
    began = ConsortiumInitialized(
        basis_points=consortium.basis_points,
        fee_account=consortium.fee_account,
        arbitrator=consortium.arbitrator,
        at=context.at,
    )
    return Decision(
        reply=MembersReply(members=joined, consortium=consortium),
        writes={
            (Consortium.NOUN,): consortium,
            ROSTER: Roster(members=[member.msp_id for member in joined]),
            **{member_key(member.msp_id): member for member in joined},
        },
        events=(began, *(joined_event(member) for member in joined)),
    )


def _members(command: InitMembers, context: Context) -> dict[str, Member]:
    members: dict[str, Member] = {}
    for place, entry in enumerate(command.members):
        where = f"members[{place}]"
        if entry.msp_id in members:
            raise Refusal(Code.MEMBER_REPEATED, f"{entry.msp_id} is named twice.", f"{where}.msp_id")
        members[entry.msp_id] = new_member(entry, context, where)
    if context.caller.msp_id not in members:
        raise Refusal(
            Code.NOT_A_MEMBER, f"{context.caller.msp_id} is not among the members it names.", "members"
        )
    return members


def _terms(command: InitMembers, members: dict[str, Member], context: Context) -> Consortium:
    collector = organisation(command.fee.account)
    if collector not in members:
        raise Refusal(Code.MEMBER_NOT_FOUND, f"{collector} is not among the members.", "fee.account")
    banks = [entry.msp_id for entry in command.members if entry.role == "bank"]
    arbitrator = command.arbitrator or (banks[0] if banks else None)
    if arbitrator is None:
        raise Refusal(
            Code.ARBITRATOR_INVALID, "Without a bank among the members, name the arbitrator.", "arbitrator"
        )
    if arbitrator not in members:
        raise Refusal(Code.MEMBER_NOT_FOUND, f"{arbitrator} is not among the members.", "arbitrator")
    return Consortium(
        basis_points=command.fee.basis_points,
        fee_account=command.fee.account,
        arbitrator=arbitrator,
        initialized_at=context.at,
    )


def new_member(entry: MemberEntry, context: Context, where: str) -> Member:
    """The record of one who joins now. Refuses COUNTRY_UNKNOWN and GLN_INVALID below ``where``."""
    check_country(entry.country, f"{where}.country")
    return Member(
        msp_id=entry.msp_id,
        name=entry.name,
        role=entry.role,
        gln=None if entry.gln is None else gln13(entry.gln, f"{where}.gln"),
        country=entry.country,
        joined_at=context.at,
    )


def joined_event(member: Member) -> MemberJoined:
    """The event that tells of a new member."""
    return MemberJoined(
        msp_id=member.msp_id,
        name=member.name,
        role=member.role,
        gln=member.gln,
        country=member.country,
        at=member.joined_at,
    )


@operation("members:List", ListMembers, MembersReply)
def list_members(command: ListMembers, context: Context) -> Steps:
    """Members and terms."""
    records = yield Fetch(keys=((Consortium.NOUN,),))
    consortium = records.find(Consortium)
    if consortium is None:
        raise Refusal(Code.CONSORTIUM_NOT_INITIALIZED, "The consortium has not been initialised yet.")
    found = yield from scan_all((Member.NOUN,))
    members = [decode_record(value, Member) for _, value in found]
    return Decision(reply=MembersReply(members=members, consortium=consortium))

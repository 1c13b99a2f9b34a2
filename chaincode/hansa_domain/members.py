"""Members: who belongs to the consortium, in which role, and on which terms it works."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from hansa_domain.fields import BasisPoints, CountryCode, Gln, MspId, Name, Owner, Role, Timestamp
from hansa_domain.operation import Command, Query, Record


class Member(Record, frozen=True, kw_only=True):
    """An organisation of the consortium; key ``("member", msp_id)``."""

    NOUN: ClassVar[str] = "member"
    msp_id: str
    name: str
    role: Role
    gln: str | None
    country: str
    joined_at: Timestamp


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


class InitMembers(Command, frozen=True, kw_only=True):
    """``members:Init``: the consortium begins. By an administrator of a listed member, once."""

    members: Annotated[list[MemberEntry], msgspec.Meta(min_length=1, max_length=100)]
    fee: Fee
    arbitrator: MspId | None = None


class ListMembers(Query, frozen=True, kw_only=True):
    """``members:List``: all members and the consortium's terms."""


class MembersReply(msgspec.Struct, frozen=True, kw_only=True):
    """Members in order of MSP id."""

    members: list[Member]
    consortium: Consortium

"""Whether a bank may be the first to issue a currency.

Whoever issues a currency first issues it for good. Banks that founded the consortium are agreed on with it; a
bank that joined later needs a majority's approval for each currency before its first mint.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.majority import MemberApproval, tally
from hansa_domain.members import Consortium, Member
from hansa_domain.operation import Fetch, Key, Records


class IssuerApproval(MemberApproval, frozen=True, kw_only=True):
    """A member lets a bank issue a currency; key ``("issuer-approval", currency, bank, member)``."""

    NOUN: ClassVar[str] = "issuer-approval"
    currency: str
    bank: str


def approval_key(currency: str, bank: str, member: str) -> Key:
    """Where a member's approval stands."""
    return (IssuerApproval.NOUN, currency, bank, member)


def require_approved(bank: Member, currency: str) -> Generator[Fetch, Records, None]:
    """Refuses CURRENCY_NOT_APPROVED unless the bank founded the consortium or a majority approved it."""
    records = yield Fetch(keys=((Consortium.NOUN,),))
    consortium = records.get(Consortium, refuse=Code.CONSORTIUM_NOT_INITIALIZED)
    if bank.joined_at == consortium.initialized_at:
        return
    found = yield from tally((IssuerApproval.NOUN, currency, bank.msp_id))
    if not found.reached:
        raise Refusal(
            Code.CURRENCY_NOT_APPROVED,
            f"{len(found.approved)} of {found.members} members approved {bank.msp_id} for it; "
            f"it takes {found.needed}.",
            "currency",
        )

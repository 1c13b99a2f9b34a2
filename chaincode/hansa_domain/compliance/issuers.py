"""Who may take back what was issued: the issuer; once that member has left, any regulator."""

from __future__ import annotations

from collections.abc import Generator

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.members import member_key, present_member
from hansa_domain.operation import Context, Fetch, Records


def require_issuer(issuer: str, what: str, context: Context) -> Generator[Fetch, Records, None]:
    """Refuses NOT_PERMITTED for anybody else; ``yield from`` it."""
    caller = context.caller.msp_id
    if caller == issuer:
        return
    records = yield Fetch(keys=(member_key(issuer), member_key(caller)))
    member = present_member(records, caller)
    if present_member(records, issuer) is not None or member is None or member.role != "regulator":
        raise Refusal(Code.NOT_PERMITTED, f"Only {issuer}, who issued it, may revoke this {what}.", what)

"""Frozen accounts: by order of a regulator, or of a court, nothing is paid out of them."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import AccountFrozen, AccountUnfrozen
from hansa_domain.fields import Name, Owner, Reference, Sha256Hex, Timestamp
from hansa_domain.frozen import FROZEN, MAX_FROZEN, FrozenAccounts
from hansa_domain.members import known_member, member_key, require_role
from hansa_domain.notes import organisation
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.paging import scan_all


class Freeze(Record, frozen=True, kw_only=True):
    """Why an account is frozen; key ``("freeze", account)``. Gone once it is unfrozen."""

    NOUN: ClassVar[str] = "freeze"
    account: str
    by: str
    reason: str
    court_order: str | None
    order_hash: str | None
    frozen_at: Timestamp


class CourtOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A court's order: its reference, and the SHA-256 of its text."""

    reference: Reference
    document: Sha256Hex


class FreezeAccount(Command["FreezeReply"], frozen=True, kw_only=True):
    """``currencies:Freeze``: nothing is paid out of an account from now on; what comes in stays in it.

    By a regulator; by a bank, with a court's order.
    """

    account: Owner
    reason: Name
    court_order: CourtOrder | None = None


class UnfreezeAccount(Command["UnfrozenReply"], frozen=True, kw_only=True):
    """``currencies:Unfreeze``: the account pays again. By a regulator, or by who froze it."""

    account: Owner
    reason: Name


class ListFrozen(Query["FreezesReply"], frozen=True, kw_only=True):
    """``currencies:Frozen``: the frozen accounts, with who froze them and why."""


class FreezeReply(msgspec.Struct, frozen=True, kw_only=True):
    """The freeze as it stands."""

    freeze: Freeze


class UnfrozenReply(msgspec.Struct, frozen=True, kw_only=True):
    """The account that pays again."""

    account: str


class FreezesReply(msgspec.Struct, frozen=True, kw_only=True):
    """Freezes in order of account."""

    freezes: list[Freeze]


@operation("currencies:Freeze", FreezeAccount, FreezeReply)
def freeze(command: FreezeAccount, context: Context) -> Steps:
    """Puts the account on the list that every payment reads."""
    holder = organisation(command.account)
    key: Key = (Freeze.NOUN, command.account)
    records = yield Fetch(keys=(FROZEN, key, member_key(context.caller.msp_id), member_key(holder)))
    by = require_role(records, context, ("regulator", "bank"), "freeze an account")
    known_member(records, holder, "account")
    if by.role == "bank" and command.court_order is None:
        raise Refusal(Code.NOT_PERMITTED, "A bank freezes by a court's order alone.", "court_order")
    if records.find(Freeze, command.account) is not None:
        raise Refusal(Code.ACCOUNT_FROZEN, f"{command.account} is frozen already.", "account")
    listed = records.find(FrozenAccounts)
    accounts = {*(() if listed is None else listed.accounts), command.account}
    if len(accounts) > MAX_FROZEN:
        raise Refusal(Code.TOO_MANY_FROZEN, f"At most {MAX_FROZEN} accounts are frozen at once.", "account")
    order = command.court_order
    made = Freeze(
        account=command.account,
        by=context.caller.msp_id,
        reason=command.reason,
        court_order=None if order is None else order.reference,
        order_hash=None if order is None else order.document,
        frozen_at=context.at,
    )
    event = AccountFrozen(
        account=made.account,
        by=made.by,
        reason=made.reason,
        court_order=made.court_order,
        order_hash=made.order_hash,
        at=context.at,
    )
    return Decision(
        reply=FreezeReply(freeze=made),
        writes={key: made, FROZEN: FrozenAccounts(accounts=sorted(accounts))},
        events=(event,),
    )


@operation("currencies:Unfreeze", UnfreezeAccount, UnfrozenReply)
def unfreeze(command: UnfreezeAccount, context: Context) -> Steps:
    """Takes the account off the list."""
    key: Key = (Freeze.NOUN, command.account)
    records = yield Fetch(keys=(FROZEN, key, member_key(context.caller.msp_id)))
    by = require_role(records, context, ("regulator", "bank"), "unfreeze an account")
    found = records.get(Freeze, command.account, refuse=Code.ACCOUNT_NOT_FROZEN, where="account")
    if by.role != "regulator" and found.by != by.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"{found.by} froze it: that member or a regulator unfreezes it.")
    listed = records.get(FrozenAccounts, refuse=Code.LEDGER_INCONSISTENT)
    rest = [account for account in listed.accounts if account != command.account]
    event = AccountUnfrozen(
        account=command.account, by=context.caller.msp_id, reason=command.reason, at=context.at
    )
    return Decision(
        reply=UnfrozenReply(account=command.account),
        writes={key: None, FROZEN: FrozenAccounts(accounts=rest)},
        events=(event,),
    )


@operation("currencies:Frozen", ListFrozen, FreezesReply)
def list_frozen(command: ListFrozen, context: Context) -> Steps:
    """All freezes."""
    found = yield from scan_all((Freeze.NOUN,))
    return Decision(reply=FreezesReply(freezes=[decode_record(value, Freeze) for _, value in found]))

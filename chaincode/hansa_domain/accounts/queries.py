"""Questions about accounts with rules."""

from __future__ import annotations

import msgspec

from hansa_domain.accounts.authority import SubAccount
from hansa_domain.accounts.records import Account, Allowance, Recovery, Refill, account_key, ruled, today
from hansa_domain.accounts.recoveries import RecoveryReply
from hansa_domain.accounts.refills import RefillReply
from hansa_domain.accounts.rules import AccountReply
from hansa_domain.error_codes import Code
from hansa_domain.fields import Bookmark, CurrencyCode, EntityId, MspId, PageLimit
from hansa_domain.operation import Context, Decision, Fetch, Query, Scan, Steps, decode_record, operation


class GetAccount(Query["AccountReply"], frozen=True, kw_only=True):
    """``accounts:Get``: an account's rules."""

    account: SubAccount


class ListAccounts(Query["AccountsReply"], frozen=True, kw_only=True):
    """``accounts:List``: accounts with rules, of one organisation where it is named; a page may be empty."""

    organization: MspId | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class GetAllowance(Query["AllowanceReply"], frozen=True, kw_only=True):
    """``accounts:Allowance``: what is left today (UTC) of what one user may pay alone, slice by slice."""

    account: SubAccount
    currency: CurrencyCode


class GetRefill(Query["RefillReply"], frozen=True, kw_only=True):
    """``accounts:GetRefill``: a refill, and until when it can be stopped."""

    refill: EntityId


class GetRecovery(Query["RecoveryReply"], frozen=True, kw_only=True):
    """``accounts:GetRecovery``: a recovery, and until when it can be stopped."""

    recovery: EntityId


class AccountsReply(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts in order of owner; ``bookmark`` is empty on the last page."""

    accounts: list[Account]
    bookmark: str


class SliceLeft(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of one slice, in minor units."""

    slice: int
    left: str


class AllowanceReply(msgspec.Struct, frozen=True, kw_only=True):
    """Minor units left of ``day``: in all, at once, and by slice."""

    account: str
    currency: str
    day: str
    per_payment: str
    left: str
    slices: list[SliceLeft]


@operation("accounts:Get", GetAccount, AccountReply)
def get_account(command: GetAccount, context: Context) -> Steps:
    """One account."""
    records = yield Fetch(keys=(account_key(command.account),))
    return Decision(reply=AccountReply(account=ruled(records, command.account, "account")))


@operation("accounts:List", ListAccounts, AccountsReply)
def list_accounts(command: ListAccounts, context: Context) -> Steps:
    """A page of accounts."""
    scan = Scan((Account.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, Account) for _, value in page.items]
    wanted = [
        account
        for account in found
        if command.organization is None or account.owner.partition("/")[0] == command.organization
    ]
    return Decision(reply=AccountsReply(accounts=wanted, bookmark=page.bookmark))


@operation("accounts:Allowance", GetAllowance, AllowanceReply)
def allowance(command: GetAllowance, context: Context) -> Steps:
    """What the slices have left, by the time of the question."""
    records = yield Fetch(keys=(account_key(command.account),))
    account = ruled(records, command.account, "account")
    day = today(context)
    ids = [(account.owner, command.currency, day, f"{number:02d}") for number in range(account.slices)]
    records = yield Fetch(keys=tuple((Allowance.NOUN, *each) for each in ids))
    left = []
    for number, each in enumerate(ids):
        drawn = records.find(Allowance, *each)
        share = account.share(command.currency, number)
        left.append(max(0, share - (0 if drawn is None else int(drawn.drawn))))
    limit = account.limit(command.currency)
    reply = AllowanceReply(
        account=account.owner,
        currency=command.currency,
        day=day,
        per_payment="0" if limit is None else limit.per_payment,
        left=str(sum(left)),
        slices=[SliceLeft(slice=number, left=str(amount)) for number, amount in enumerate(left)],
    )
    return Decision(reply=reply)


@operation("accounts:GetRefill", GetRefill, RefillReply)
def get_refill(command: GetRefill, context: Context) -> Steps:
    """One refill."""
    records = yield Fetch(keys=((Refill.NOUN, command.refill),))
    found = records.get(Refill, command.refill, refuse=Code.REFILL_NOT_FOUND, where="refill")
    return Decision(reply=RefillReply(refill=found))


@operation("accounts:GetRecovery", GetRecovery, RecoveryReply)
def get_recovery(command: GetRecovery, context: Context) -> Steps:
    """One recovery."""
    records = yield Fetch(keys=((Recovery.NOUN, command.recovery),))
    found = records.get(Recovery, command.recovery, refuse=Code.RECOVERY_NOT_FOUND, where="recovery")
    return Decision(reply=RecoveryReply(recovery=found))

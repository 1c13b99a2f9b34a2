"""What the ledger keeps of accounts with rules."""

from __future__ import annotations

from typing import ClassVar, Literal

from hansa_domain.accounts.authority import Limit, Rules, Signer
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Timestamp
from hansa_domain.notes import organisation
from hansa_domain.operation import Context, Key, Record, Records
from hansa_domain.times import milliseconds

Kind = Literal["hot", "cold"]
Waiting = Literal["waiting", "stopped", "completed"]


class Account(Record, frozen=True, kw_only=True):
    """An account with rules; key ``("account", owner)``. An account without a record has none.

    Every change raises ``revision``. ``slices`` is in how many parts a day's allowance is split, for good.
    """

    NOUN: ClassVar[str] = "account"
    owner: str
    kind: Kind
    rules: Rules
    slices: int
    revision: int
    opened_at: Timestamp
    changed_at: Timestamp

    @property
    def guardian(self) -> str:
        """Its organisation: nobody else's peers change what lets its money out."""
        return organisation(self.owner)

    def limit(self, currency: str) -> Limit | None:
        """What its users may pay alone in that currency; None: nothing."""
        return next((each for each in self.rules.limits if each.currency == currency), None)

    def cap(self, currency: str) -> int:
        """How much refilled money it may hold, in minor units."""
        return next((int(each.amount) for each in self.rules.caps if each.currency == currency), 0)

    def share(self, currency: str, number: int) -> int:
        """How much of a day's allowance is in one slice, in minor units."""
        limit = self.limit(currency)
        if limit is None or number >= self.slices:
            return 0
        whole, rest = divmod(int(limit.per_day), self.slices)
        return whole + (1 if number < rest else 0)


class Allowance(Record, frozen=True, kw_only=True):
    """What was drawn from a slice of a day's allowance; key ``("allowance", account, currency, day, slice)``.

    ``slice`` is "00" to "63"; payments with signatures are counted beside it, in "s00" to "s63".
    """

    NOUN: ClassVar[str] = "allowance"
    account: str
    currency: str
    day: str
    slice: str
    drawn: str


class UsedInstruction(Record, frozen=True, kw_only=True):
    """An instruction that was carried out, by the command named; key ``("instruction", account, id)``."""

    NOUN: ClassVar[str] = "instruction"
    account: str
    id: str
    command: str
    signed_by: list[str]
    at: Timestamp


class Refill(Record, frozen=True, kw_only=True):
    """Money on its way from a cold account to a hot one; key ``("refill", id)``.

    It stays in the cold account's notes until it is completed, at ``due`` or later.
    """

    NOUN: ClassVar[str] = "refill"
    id: str
    hot: str
    cold: str
    currency: str
    amount: str
    status: Waiting
    signed_by: list[str]
    due: Timestamp
    proposed_at: Timestamp
    closed_at: Timestamp | None = None
    stopped_by: str | None = None


class Refilled(Record, frozen=True, kw_only=True):
    """Refilled money that was not seen to leave the hot account; key ``("refilled", account, currency)``.

    What left it on days before ``counted_to`` is taken off already (decision 0011).
    """

    NOUN: ClassVar[str] = "refilled"
    account: str
    currency: str
    amount: str
    counted_to: str


class Recovery(Record, frozen=True, kw_only=True):
    """Other signers for an account that has lost keys, from ``due`` on; key ``("recovery", id)``."""

    NOUN: ClassVar[str] = "recovery"
    id: str
    account: str
    revision: int
    signers: list[Signer]
    threshold: int
    status: Waiting
    proposer: str
    due: Timestamp
    proposed_at: Timestamp
    closed_at: Timestamp | None = None
    stopped_by: str | None = None


def account_key(owner: str) -> Key:
    """Where the rules of an account stand."""
    return (Account.NOUN, owner)


def ruled(records: Records, owner: str, where: str) -> Account:
    """The account, whose key was fetched. Refuses ACCOUNT_NOT_FOUND."""
    found = records.find(Account, owner)
    if found is None:
        raise Refusal(Code.ACCOUNT_NOT_FOUND, f"The account {owner} has no rules.", where)
    return found


def today(context: Context) -> str:
    """The transaction's day in UTC, like 2027-01-15."""
    return context.at[:10]


def check_due(record: Refill | Recovery, context: Context, code: Code, what: str) -> None:
    """Refuses ``code`` where it is closed, DELAY_NOT_OVER while it can still be stopped."""
    if record.status != "waiting":
        raise Refusal(code, f"The {what} is {record.status}.", what)
    if context.now < milliseconds(record.due):
        raise Refusal(Code.DELAY_NOT_OVER, f"The {what} can be stopped until {record.due}.", what)

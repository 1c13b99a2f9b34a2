"""Which slices of a day's allowance a payment draws on: chosen so that payments in flight do not conflict."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from hansa.amounts import show_amount
from hansa.errors import HansaError, OutcomeUnknownError, RefusedError, hint
from hansa.reservations import Part, Pool
from hansa.signing import Signed
from hansa.submission import Submitter
from hansa_domain.accounts.authority import Authority, Draw
from hansa_domain.accounts.queries import AllowanceReply, GetAccount, GetAllowance
from hansa_domain.accounts.records import Account
from hansa_domain.accounts.rules import AccountReply
from hansa_domain.error_codes import Code

WAIT_SECONDS = 60.0


class Allowances:
    """The day's allowances of accounts, as far as this process may draw on them.

    Args:
        submitter: for asking what is left.
        beside: another user's, whose reservations count for these too.
    """

    def __init__(self, submitter: Submitter, beside: Allowances | None = None) -> None:
        self._submitter = submitter
        self._pools: dict[tuple[str, str, str], Pool] = defaultdict(Pool) if beside is None else beside._pools
        self._lock: threading.Lock = threading.Lock() if beside is None else beside._lock
        self._known: dict[str, Account | None] = {} if beside is None else beside._known

    @contextmanager
    def authority(
        self, account: str, currency: str, amount: int, signed: Signed | None
    ) -> Iterator[Authority | None]:
        """What lets a payment out of an account: what signers signed, or draws on its allowance.

        None for an account without rules, and for what is beyond its limits: then the ledger says so.
        """
        if signed is not None:
            yield Authority(instruction=signed.instruction, signatures=list(signed.signatures))
            return
        try:
            if amount > 0 and self._within(account, currency, amount):
                with self.drawing(account, currency, amount) as draws:
                    yield Authority(draws=draws)
            else:
                yield None
        except RefusedError:
            # Its rules may be others than are known here.
            with self._lock:
                self._known.pop(account, None)
            raise

    def _within(self, account: str, currency: str, amount: int) -> bool:
        """Whether the account has rules that let a user pay that much alone."""
        if "/" not in account:
            return False
        with self._lock:
            found, known = account in self._known, self._known.get(account)
        if not found:
            known = self._rules(account)
            with self._lock:
                self._known[account] = known
        limit = None if known is None else known.limit(currency)
        return limit is not None and amount <= int(limit.per_payment)

    def _rules(self, account: str) -> Account | None:
        try:
            query = GetAccount(account=account)
            return self._submitter.evaluate("accounts:Get", query, AccountReply).account
        except RefusedError as error:
            if error.code == Code.ACCOUNT_NOT_FOUND.value:
                return None
            raise

    @contextmanager
    def drawing(self, account: str, currency: str, amount: int) -> Iterator[list[Draw]]:
        """Holds slices with ``amount`` minor units left while a payment that draws on them is under way.

        Raises:
            RefusedError: not that much is left today (ALLOWANCE_EXCEEDED).
        """
        day = datetime.now(UTC).strftime("%Y-%m-%d")
        with self._lock:
            pool = self._pools[account, currency, day]
        parts = pool.take(
            lambda free: _choose(free, amount),
            lambda: self._load(account, currency),
            lambda total: _exceeded(account, currency, amount, total),
            WAIT_SECONDS,
        )
        draws = _draws(parts, amount)
        try:
            yield draws
        except BaseException as error:
            # Only the SDK's own errors say that nothing was written; an interrupt says nothing.
            unsure = not isinstance(error, HansaError) or isinstance(error, OutcomeUnknownError)
            if unsure or (isinstance(error, RefusedError) and error.code == Code.ALLOWANCE_EXCEEDED.value):
                pool.forget(parts)
            else:
                pool.give(parts, {part.id: part.amount for part in parts})
            raise
        drawn = {f"{draw.slice:02d}": int(draw.amount) for draw in draws}
        pool.give(parts, {part.id: part.amount - drawn[part.id] for part in parts})

    def _load(self, account: str, currency: str) -> dict[str, int]:
        query = GetAllowance(account=account, currency=currency)
        reply = self._submitter.evaluate("accounts:Allowance", query, AllowanceReply)
        return {f"{part.slice:02d}": int(part.left) for part in reply.slices}


def _choose(free: Mapping[str, int], amount: int) -> list[str] | None:
    """The fullest slices, as few as suffice, so that payments in flight find some each."""
    chosen: list[str] = []
    total = 0
    for name, left in sorted(free.items(), key=lambda item: (-item[1], item[0])):
        chosen.append(name)
        total += left
        if total >= amount:
            return chosen
    return None


def _draws(parts: list[Part], amount: int) -> list[Draw]:
    draws = []
    for part in parts:
        used = min(part.amount, amount)
        amount -= used
        draws.append(Draw(slice=int(part.id), amount=str(used)))
    return draws


def _exceeded(account: str, currency: str, amount: int, total: int) -> RefusedError:
    code = Code.ALLOWANCE_EXCEEDED.value
    return RefusedError(
        code,
        f"{account} may pay {show_amount(total, currency)} more today, not {show_amount(amount, currency)}.",
        hint(code),
        field="amount",
    )

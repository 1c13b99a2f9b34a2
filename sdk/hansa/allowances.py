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
from hansa.submission import Submitter
from hansa_domain.accounts.authority import Draw
from hansa_domain.accounts.queries import AllowanceReply, GetAllowance
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

"""Fees: what things cost, before one commits to them."""

from __future__ import annotations

from hansa.submission import Submitter
from hansa_domain.fees.commands import FeeQuoteReply, FeeScheduleReply, GetFees, QuoteFees


class Fees:
    """``client.fees``; publishing and approving need no more than ``client.send``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def quote(self, currency: str, amount: int, *, arbitrator: str | None = None) -> FeeQuoteReply:
        """What an order, a dispute and an exchange of an amount cost now, and who receives it.

        Args:
            currency: ISO 4217 code.
            amount: minor units.
            arbitrator: MSP id of who would decide the dispute; None takes the consortium's.
        """
        query = QuoteFees(currency=currency, amount=str(amount), arbitrator=arbitrator)
        return self._submitter.evaluate("fees:Quote", query, FeeQuoteReply)

    def get(self, schedule: str | None = None) -> FeeScheduleReply:
        """A schedule, by default the one in force. Raises RefusedError (FEE_SCHEDULE_NOT_FOUND)."""
        return self._submitter.evaluate("fees:Get", GetFees(schedule=schedule), FeeScheduleReply)

"""Standing facilities: money given at the oracles' rate less a spread. Amounts are in minor units."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hansa.errors import RefusedError, hint
from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once
from hansa.submission import Receipt, Submitter
from hansa_domain.error_codes import Code
from hansa_domain.exchanges.facilities import (
    FacilityFundedReply,
    FacilityQuoteReply,
    FacilityReply,
    FacilityUsedReply,
    GetFacility,
    OpenFacility,
    QuoteFacility,
    TopUpFacility,
    UseFacility,
)
from hansa_domain.rates.records import MAX_AGE


class Facilities:
    """``client.facilities``; revising, withdrawing and closing need no more than ``client.send``."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id

    def open(
        self,
        base: str,
        quote: str,
        currency: str,
        amount: int,
        *,
        spread: int,
        parts: int = 4,
        max_age: int = 3600,
        account: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[FacilityFundedReply]:
        """Puts money into a new facility, split over its parts.

        Args:
            base: base currency of the pair, as oracles quote it.
            quote: the pair's other currency.
            currency: which of the two is given.
            amount: minor units.
            spread: basis points that customers get less than the rate gives.
            parts: how many customers are served at once, 1 to 16.
            max_age: seconds that a quote may be old.
            account: pays, and gets what customers pay; None takes the organisation's main account.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """
        wanted = OpenFacility(
            id=command_id or new_id(),
            base=base,
            quote=quote,
            currency=currency,
            amount=str(amount),
            spread=spread,
            notes=[],
            parts=parts,
            max_age=max_age,
            change=account,
        )
        payer = account or self._msp_id
        terms = (payer, base, quote, currency, spread, parts, max_age)
        return self._fund(
            lambda: wanted, payer, command_id, "facilities:Open", lambda made: _terms(made) == terms
        )

    def top_up(
        self,
        facility: str,
        amount: int,
        *,
        part: int | None = None,
        account: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[FacilityFundedReply]:
        """Puts more money into a part, by default the emptiest; ``account`` pays, by default the main one."""

        def wanted() -> TopUpFacility:
            found = self.get(facility)
            if part is None and not found.parts:
                code = Code.FACILITY_STATE.value
                raise RefusedError(code, "This facility is closed.", hint(code), field="facility")
            emptiest = min(found.parts, key=lambda each: int(each.amount), default=None)
            return TopUpFacility(
                id=command_id or new_id(),
                facility=facility,
                part=emptiest.part if part is None and emptiest is not None else part or 0,
                currency=found.facility.gives,
                amount=str(amount),
                notes=[],
                change=account,
            )

        return self._fund(
            wanted,
            account or self._msp_id,
            command_id,
            "facilities:TopUp",
            lambda made: made.facility.id == facility,
        )

    def _fund(
        self,
        make: Callable[[], OpenFacility | TopUpFacility],
        payer: str,
        given: str | None,
        function: str,
        same: Callable[[FacilityFundedReply], bool],
    ) -> Receipt[FacilityFundedReply]:
        def send() -> Receipt[FacilityFundedReply]:
            wanted = make()
            with self._purse.paying(payer, wanted.currency, int(wanted.amount)) as payment:
                command = msgspec.structs.replace(wanted, notes=payment.notes, authority=payment.authority)
                receipt = self._submitter.submit(function, command, FacilityFundedReply)
                payment.settled([receipt.reply.change] if receipt.reply.change else [])
            return receipt

        return once(
            self._submitter,
            function,
            given,
            FacilityFundedReply,
            lambda found: same(msgspec.json.decode(found.reply, type=FacilityFundedReply)),
            send,
        )

    def quote(
        self, facility: str, currency: str, amount: int, *, max_age: int = MAX_AGE
    ) -> FacilityQuoteReply:
        """What an amount would bring now, and the fee. Raises RefusedError (among others RATE_STALE)."""
        query = QuoteFacility(facility=facility, currency=currency, amount=str(amount), max_age=max_age)
        return self._submitter.evaluate("facilities:Quote", query, FacilityQuoteReply)

    def exchange(
        self,
        facility: str,
        currency: str,
        amount: int,
        *,
        least: int,
        max_age: int = MAX_AGE,
        max_fee: int | None = None,
        account: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[FacilityUsedReply]:
        """Gives an amount at the rate of the moment; the part that holds most serves.

        Args:
            facility: its id.
            currency: what is given: what the facility takes.
            amount: minor units; the fee comes on top.
            least: the least to be received, minor units of the other currency; see ``quote``.
            max_age: seconds that an oracle's quote may be old.
            max_fee: the most the fee may be, minor units; None takes what it is when asked for here.
            account: pays and receives; None takes the organisation's main account.

        Raises:
            RefusedError: among others RATE_BELOW_LEAST, RATE_STALE, FACILITY_INSUFFICIENT, FEE_CHANGED.
            HansaError: see ``Submitter.submit``.
        """

        wanted = UseFacility(
            id=command_id or new_id(),
            facility=facility,
            part=0,
            currency=currency,
            amount=str(amount),
            least=str(least),
            notes=[],
            max_age=max_age,
            change=account,
            max_fee=None if max_fee is None else str(max_fee),
        )
        return once(
            self._submitter,
            "facilities:Exchange",
            command_id,
            FacilityUsedReply,
            lambda found: msgspec.json.decode(found.reply, type=FacilityUsedReply).facility == facility,
            lambda: self._exchange(wanted),
        )

    def _exchange(self, wanted: UseFacility) -> Receipt[FacilityUsedReply]:
        """Chooses the part and the notes, the fee of the moment among what they must cover."""
        amount = int(wanted.amount)
        quoted = self.quote(wanted.facility, wanted.currency, amount, max_age=wanted.max_age)
        if not quoted.parts:
            code = Code.FACILITY_INSUFFICIENT.value
            raise RefusedError(code, f"No part holds {quoted.receives}.", hint(code), field="amount")
        before = self._purse.moment()
        payer = wanted.change or self._msp_id
        with self._purse.paying(payer, wanted.currency, amount + int(quoted.fee)) as payment:
            command = msgspec.structs.replace(
                wanted,
                part=quoted.parts[0],
                notes=payment.notes,
                authority=payment.authority,
                max_fee=quoted.fee if wanted.max_fee is None else wanted.max_fee,
            )
            receipt = self._submitter.submit("facilities:Exchange", command, FacilityUsedReply)
            payment.settled([receipt.reply.change] if receipt.reply.change else [])
        self._purse.received([receipt.reply.bought], before)
        return receipt

    def get(self, facility: str) -> FacilityReply:
        """A facility and its parts. Raises RefusedError (FACILITY_NOT_FOUND)."""
        return self._submitter.evaluate("facilities:Get", GetFacility(facility=facility), FacilityReply)


def _terms(made: FacilityFundedReply) -> tuple[str, str, str, str, int, int, int]:
    found = made.facility
    return (
        found.account,
        found.base,
        found.quote,
        found.gives,
        found.spread,
        found.parts,
        found.max_age,
    )

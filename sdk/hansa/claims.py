"""Claims under a warranty: paid with notes that are chosen here; their other steps go by ``client.send``."""

from __future__ import annotations

import msgspec

from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once
from hansa.submission import Receipt, Submitter
from hansa_domain.claims.commands import (
    ClaimPaidReply,
    ClaimReply,
    ClaimsReply,
    GetClaim,
    ListClaims,
    PayClaim,
)
from hansa_domain.claims.records import Claim


class Claims:
    """``client.claims``."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id

    def pay(
        self, claim: str, amount: int, *, account: str | None = None, command_id: str | None = None
    ) -> Receipt[ClaimPaidReply]:
        """Meets a claim by money, as the seller; the change comes back.

        Args:
            claim: its id.
            amount: minor units: what was claimed or, once it was judged, no less than what is owed.
            account: the account that pays; None takes the organisation's main account.

        Raises:
            RefusedError: among others CLAIM_AMOUNT, CLAIM_STATE, FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """
        return once(
            self._submitter,
            "claims:Pay",
            command_id,
            ClaimPaidReply,
            lambda found: msgspec.json.decode(found.reply, type=ClaimPaidReply).claim.id == claim,
            lambda: self._pay(claim, amount, account or self._msp_id, command_id),
        )

    def _pay(self, claim: str, amount: int, account: str, command_id: str | None) -> Receipt[ClaimPaidReply]:
        currency = self.get(claim).currency
        with self._purse.paying(account, currency, amount) as payment:
            command = PayClaim(
                id=command_id or new_id(),
                claim=claim,
                amount=str(amount),
                notes=payment.notes,
                change=account,
                authority=payment.authority,
            )
            receipt = self._submitter.submit("claims:Pay", command, ClaimPaidReply)
            payment.settled([receipt.reply.change] if receipt.reply.change else [])
        return receipt

    def get(self, claim: str) -> Claim:
        """One claim. Raises RefusedError (CLAIM_NOT_FOUND)."""
        return self._submitter.evaluate("claims:Get", GetClaim(claim=claim), ClaimReply).claim

    def list(self, *, limit: int = 100, bookmark: str = "") -> ClaimsReply:
        """A page of claims."""
        query = ListClaims(limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("claims:List", query, ClaimsReply)

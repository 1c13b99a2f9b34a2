"""Tenders: asking sellers for offers, and awarding one."""

from __future__ import annotations

from collections.abc import Sequence

from hansa.ids import new_id
from hansa.offers import Offers
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.offers.commands import OfferAcceptedReply
from hansa_domain.orders.commands import Delivery
from hansa_domain.tenders import (
    GetTender,
    OpenTender,
    Tender,
    TenderLine,
    TenderReply,
    WithdrawTender,
)


class Tenders:
    """``client.tenders``."""

    def __init__(self, submitter: Submitter, offers: Offers) -> None:
        self._submitter = submitter
        self._offers = offers

    def open(
        self,
        lines: Sequence[tuple[str, int]],
        *,
        country: str,
        wanted_within: int,
        closes_within: int,
        invited: Sequence[str] = (),
        reference: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[TenderReply]:
        """Asks for offers.

        Args:
            lines: GTIN and quantity of what is wanted.
            country: where the goods go, ISO 3166-1 alpha-2.
            wanted_within: seconds until they are wanted there.
            closes_within: seconds during which offers are taken.
            invited: MSP ids of the sellers that may answer; empty: all.
            reference: the buyer's own, up to 64 characters; it is public.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = OpenTender(
            id=command_id or new_id(),
            lines=[TenderLine(gtin=gtin, quantity=quantity) for gtin, quantity in lines],
            country=country,
            wanted_within=wanted_within,
            closes_within=closes_within,
            invited=list(invited),
            reference=reference,
        )
        return submit_once(self._submitter, "tenders:Open", command, TenderReply, command_id)

    def withdraw(self, tender: str, *, command_id: str | None = None) -> Receipt[TenderReply]:
        """Takes no offer of it."""
        command = WithdrawTender(id=command_id or new_id(), tender=tender)
        return submit_once(self._submitter, "tenders:Withdraw", command, TenderReply, command_id)

    def award(
        self,
        tender: str,
        offer: str,
        version: int,
        *,
        arbitrator: str | None = None,
        deliver_to: Delivery | None = None,
        reference: str | None = None,
        account: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[OfferAcceptedReply]:
        """Takes one of its offers, which becomes an order; arguments and errors as in ``Offers.accept``."""
        return self._offers.accept(
            offer,
            version,
            tender=tender,
            arbitrator=arbitrator,
            deliver_to=deliver_to,
            reference=reference,
            account=account,
            command_id=command_id,
        )

    def get(self, tender: str) -> Tender:
        """One tender. Raises RefusedError (TENDER_NOT_FOUND)."""
        return self._submitter.evaluate("tenders:Get", GetTender(tender=tender), TenderReply).tender

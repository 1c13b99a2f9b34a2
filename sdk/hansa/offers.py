"""Offers: made, answered and taken; prices of lines go to the other side alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from hansa.errors import HansaError, RefusedError, hint
from hansa.ids import new_id
from hansa.notes import Purse
from hansa.orders import DEFAULT_TERMS, Orders
from hansa.repetition import once, submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.commands import CommandReply
from hansa_domain.error_codes import Code
from hansa_domain.offers.commands import (
    AcceptOffer,
    AgreeOffer,
    AwardTender,
    CounterOffer,
    DisclosePrices,
    ExpireOffer,
    GetOffer,
    GetPrices,
    ListOffers,
    OfferAcceptedReply,
    OfferLine,
    OfferReply,
    OffersReply,
    PricesDisclosedReply,
    PricesReply,
    Proposal,
    ProposeOffer,
    RejectOffer,
    WithdrawOffer,
)
from hansa_domain.offers.disclosure import lines_commitment
from hansa_domain.offers.records import Offer, OfferStatus, PricedLines
from hansa_domain.operation import canonical
from hansa_domain.orders.commands import Delivery
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.disclosure import TRANSIENT, commitment
from hansa_domain.orders.milestone_plan import Milestone
from hansa_domain.orders.order import Terms

Taking = TypeVar("Taking", AcceptOffer, AwardTender)


class PricesDisclosureError(HansaError):
    """The version stands, but not both sides got its priced lines.

    Args:
        receipt: the offer with its new version.
        missing: MSP ids of those who did not get them; ``offers.disclose`` gives them to them.
        cause: what the last one said.
    """

    def __init__(self, receipt: Receipt[OfferReply], missing: Sequence[str], cause: HansaError) -> None:
        offer = receipt.reply.offer
        super().__init__(
            "DISCLOSURE_INCOMPLETE",
            f"Version {receipt.reply.present.version} of offer {offer.id} stands, but "
            f"{', '.join(missing)} did not get its lines: {cause.message}",
            "Disclose them again once their peers answer: client.offers.disclose(...)",
            transaction_id=receipt.transaction_id,
        )
        self.receipt = receipt
        self.missing = tuple(missing)


def proposal(
    priced: PricedLines,
    currency: str,
    *,
    lead_time: int,
    valid_for: int,
    freight: int = 0,
    carrier: str | None = None,
    terms: Terms = DEFAULT_TERMS,
    deliveries: DeliveryTerms | None = None,
    arbitrator: str | None = None,
    second_arbitrator: str | None = None,
    milestones: Sequence[Milestone] | None = None,
    warranty: int | None = None,
) -> Proposal:
    """What one side proposes: goods and total in public, the prices as a hash.

    Args:
        priced: the lines with their prices, in minor units, and the salt (see ``hansa.orders.salt``).
        currency: ISO 4217 code.
        lead_time: seconds from the order to the goods' arrival.
        valid_for: seconds during which the other side may take it.
        freight: the carrier's part, minor units; the total has it in it.
        carrier: MSP id of who carries.
        terms: deadlines of the order, in seconds.
        deliveries: terms for an order in parts, with a weight for each line; they say freight and carriers.
        arbitrator: MSP id of who decides a dispute; None takes the consortium's.
        second_arbitrator: MSP id of who decides where he is silent.
        milestones: what the order is paid by, one after the other; not with terms for deliveries.
        warranty: seconds from settlement in which the buyer may claim.
    """
    freight = freight if deliveries is None else deliveries.freight
    amount = freight + sum(int(line.unit_price) * line.quantity for line in priced.lines)
    return Proposal(
        lines=[OfferLine(gtin=line.gtin, quantity=line.quantity) for line in priced.lines],
        currency=currency,
        amount=str(amount),
        terms=terms,
        lead_time=lead_time,
        valid_for=valid_for,
        freight=str(freight),
        carrier=carrier,
        lines_commitment=lines_commitment(priced),
        deliveries=deliveries,
        arbitrator=arbitrator,
        second_arbitrator=second_arbitrator,
        milestones=None if milestones is None else list(milestones),
        warranty=warranty,
    )


class Offers:
    """``client.offers``; the other side of an offer is the buyer or the seller that one is not."""

    def __init__(self, submitter: Submitter, purse: Purse, orders: Orders, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._orders = orders
        self._msp_id = msp_id

    def propose(
        self,
        proposed: Proposal,
        priced: PricedLines,
        *,
        buyer: str | None = None,
        seller: str | None = None,
        tender: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[OfferReply]:
        """Makes the first version of an offer and tells the other side what its lines cost.

        Args:
            proposed: as ``proposal`` made it of the priced lines.
            priced: those lines.
            buyer: MSP id; None: oneself.
            seller: MSP id; None: oneself.
            tender: the id of the tender that it answers.

        Raises:
            RefusedError: among others TENDER_CLOSED.
            PricesDisclosureError: the offer stands, a side's peer did not take the lines.
            HansaError: see ``Submitter.submit``.
        """
        command = ProposeOffer(
            id=command_id or new_id(),
            buyer=buyer or self._msp_id,
            seller=seller or self._msp_id,
            proposal=proposed,
            tender=tender,
        )
        return self._told(
            submit_once(self._submitter, "offers:Propose", command, OfferReply, command_id), priced
        )

    def counter(
        self,
        offer: str,
        version: int,
        proposed: Proposal,
        priced: PricedLines,
        *,
        command_id: str | None = None,
    ) -> Receipt[OfferReply]:
        """Makes the next version, in answer to the present one, ``version``. Raises as ``propose``."""
        command = CounterOffer(id=command_id or new_id(), offer=offer, version=version, proposal=proposed)
        return self._told(
            submit_once(self._submitter, "offers:Counter", command, OfferReply, command_id), priced
        )

    def _told(self, receipt: Receipt[OfferReply], priced: PricedLines) -> Receipt[OfferReply]:
        """Gives the lines to the other side, then to oneself: one's own copy says that both have it."""
        offer, version = receipt.reply.offer, receipt.reply.present.version
        if receipt.repeated and self._have(offer, version):
            return receipt
        missing: list[str] = []
        cause: HansaError | None = None
        for side in sorted(offer.parties, key=lambda side: side == self._msp_id):
            try:
                if cause is None:
                    self.disclose(offer.id, version, priced, side)
                    continue
            except HansaError as error:
                cause = error
            missing.append(side)
        if cause is not None:
            raise PricesDisclosureError(receipt, missing, cause) from cause
        return receipt

    def _have(self, offer: Offer, version: int) -> bool:
        try:
            self.prices(offer.id, version)
        except RefusedError as error:
            if error.code == Code.PRICES_NOT_DISCLOSED.value:
                return False
            raise
        return True

    def disclose(
        self, offer: str, version: int, priced: PricedLines, recipient: str
    ) -> Receipt[PricesDisclosedReply]:
        """Gives the priced lines of one's own version to one side, into its own private collection."""
        return self._submitter.submit(
            "offers:Disclose",
            DisclosePrices(id=new_id(), offer=offer, version=version, recipient=recipient),
            PricesDisclosedReply,
            transient={TRANSIENT: canonical(priced)},
            endorsing_organizations=[recipient],
        )

    def prices(self, offer: str, version: int) -> PricedLines:
        """A version's priced lines, if they were disclosed to this organisation; else RefusedError."""
        query = GetPrices(offer=offer, version=version)
        return self._submitter.evaluate("offers:Prices", query, PricesReply).priced

    def agree(self, offer: str, version: int, *, command_id: str | None = None) -> Receipt[OfferReply]:
        """The seller consents to the buyer's version; the buyer may then accept it."""
        command = AgreeOffer(id=command_id or new_id(), offer=offer, version=version)
        return submit_once(self._submitter, "offers:Agree", command, OfferReply, command_id)

    def reject(self, offer: str, version: int, *, command_id: str | None = None) -> Receipt[OfferReply]:
        """No to the other side's version; the negotiation ends."""
        command = RejectOffer(id=command_id or new_id(), offer=offer, version=version)
        return submit_once(self._submitter, "offers:Reject", command, OfferReply, command_id)

    def withdraw(self, offer: str, *, command_id: str | None = None) -> Receipt[OfferReply]:
        """Takes back one's own version; the negotiation ends."""
        command = WithdrawOffer(id=command_id or new_id(), offer=offer)
        return submit_once(self._submitter, "offers:Withdraw", command, OfferReply, command_id)

    def expire(self, offer: str, *, command_id: str | None = None) -> Receipt[OfferReply]:
        """Ends an offer whose time is over; any member may."""
        command = ExpireOffer(id=command_id or new_id(), offer=offer)
        return submit_once(self._submitter, "offers:Expire", command, OfferReply, command_id)

    def accept(
        self,
        offer: str,
        version: int,
        *,
        tender: str | None = None,
        arbitrator: str | None = None,
        deliver_to: Delivery | None = None,
        reference: str | None = None,
        account: str | None = None,
        max_fee: int | None = None,
        command_id: str | None = None,
    ) -> Receipt[OfferAcceptedReply]:
        """The buyer takes the offer: it becomes an order, and its price goes into escrow.

        How the order is settled is what the version says: as a whole, in parts, or by milestones.

        Args:
            offer: the offer's id.
            version: the present version, which he has seen.
            tender: the tender that this awards; an offer of a tender awards it also without being told.
            arbitrator: MSP id of who decides a dispute, as the version says; None takes whom it names.
            deliver_to: where the goods go; disclosed to seller, carrier and oneself as private data.
            reference: the buyer's own, up to 64 characters; it is public, so never a name.
            account: the account that pays; None takes the organisation's main account.
            max_fee: the most the consortium's fee may be, minor units (see ``fees:Quote``); None: any.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            RefusedError: among others OFFER_EXPIRED, OFFER_VERSION, FUNDS_INSUFFICIENT.
            DisclosureError: the order is made, a party's peer did not take the address.
            HansaError: see ``Submitter.submit``.
        """
        taken = AcceptOffer(
            id=command_id or new_id(),
            offer=offer,
            version=version,
            notes=[],
            arbitrator=arbitrator,
            change=account,
            delivery_commitment=None if deliver_to is None else commitment(deliver_to),
            reference=reference,
            max_fee=None if max_fee is None else str(max_fee),
        )
        if tender is None:
            receipt = self._take("offers:Accept", taken, command_id)
        else:
            fields = msgspec.structs.asdict(taken)
            receipt = self._take("tenders:Award", AwardTender(tender=tender, **fields), command_id)
        if deliver_to is not None:
            self._orders.tell_parties(receipt, deliver_to)
        return receipt

    def _take(self, function: str, wanted: Taking, given: str | None) -> Receipt[OfferAcceptedReply]:
        return once(
            self._submitter,
            function,
            given,
            OfferAcceptedReply,
            lambda found: _is_taking(found, wanted),
            lambda: self._pay(function, wanted),
        )

    def _pay(self, function: str, wanted: Taking) -> Receipt[OfferAcceptedReply]:
        present = self.get(wanted.offer).present
        if present.version != wanted.version:
            code = Code.OFFER_VERSION.value
            raise RefusedError(
                code, f"Version {present.version} is the present one.", hint(code), field="version"
            )
        payer = wanted.change or self._msp_id
        with self._purse.paying(payer, present.currency, int(present.amount)) as payment:
            command = msgspec.structs.replace(wanted, notes=payment.notes, authority=payment.authority)
            receipt = self._submitter.submit(function, command, OfferAcceptedReply)
            payment.settled([receipt.reply.change] if receipt.reply.change else [])
        return receipt

    def get(self, offer: str) -> OfferReply:
        """One offer with its present version. Raises RefusedError (OFFER_NOT_FOUND)."""
        return self._submitter.evaluate("offers:Get", GetOffer(offer=offer), OfferReply)

    def list(
        self,
        *,
        party: str | None = None,
        tender: str | None = None,
        status: OfferStatus | None = None,
        limit: int = 100,
        bookmark: str = "",
    ) -> OffersReply:
        """A page of a party's offers (MSP id; None: one's own), or of those for a tender."""
        query = ListOffers(party=party, tender=tender, status=status, limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("offers:List", query, OffersReply)


def _is_taking(found: CommandReply, wanted: AcceptOffer | AwardTender) -> bool:
    """Whether a command took the same version in the same way, whichever notes were chosen for it."""
    reply = msgspec.json.decode(found.reply, type=OfferAcceptedReply)
    order = reply.order
    return (
        (reply.offer.id, reply.offer.version) == (wanted.offer, wanted.version)
        and wanted.arbitrator in (None, order.arbitrator)
        and order.refund_account == (wanted.change or order.buyer)
        and order.delivery_commitment == wanted.delivery_commitment
        and order.reference == wanted.reference
    )

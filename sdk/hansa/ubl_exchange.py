"""``client.ubl``: documents of trade carried out on the ledger, and made from it."""

from __future__ import annotations

from hansa import ubl
from hansa.listings import Listings
from hansa.members import Members
from hansa.offers import Offers
from hansa.orders import Orders
from hansa.products import Products
from hansa.submission import Submitter
from hansa.ubl_export import KINDS, Exporter, Kind
from hansa.ubl_import import CarriedOut, Importer, Salts
from hansa_domain.orders.order import Terms

__all__ = ["KINDS", "CarriedOut", "Kind", "Salts", "Ubl"]


class Ubl:
    """``client.ubl``."""

    def __init__(
        self,
        submitter: Submitter,
        members: Members,
        listings: Listings,
        products: Products,
        orders: Orders,
        offers: Offers,
        msp_id: str,
    ) -> None:
        self._importer = Importer(submitter, members, listings, orders, msp_id)
        self._exporter = Exporter(members, listings, products, orders, offers)

    def carry_out(
        self,
        raw: bytes,
        *,
        salts: Salts | None = None,
        account: str | None = None,
        terms: Terms | None = None,
    ) -> CarriedOut:
        """Does what a document of one's own says: places, accepts, cancels, ships or confirms an order.

        The same document has no second effect, however often it comes; another one with its id is refused.
        What of a document counts for that is what the ledger acts on: parties, goods, amounts, address.

        Args:
            raw: Order, OrderResponse, OrderResponseSimple, DespatchAdvice or ReceiptAdvice of UBL 2.x.
            salts: gives the salt of a delivery address for a command id; without it a fresh one is made, and
                an order whose address did not reach everybody cannot be completed by sending it again.
            account: the account that pays for an order; None takes the organisation's main account.
            terms: an order's deadlines in seconds; None takes the usual ones.

        Raises:
            DocumentError: the document is at fault; ``field`` is the XPath.
            RefusedError: the ledger says no; among others COMMAND_ID_REUSED, FUNDS_INSUFFICIENT.
            DisclosureError: see ``Orders.place``.
        """
        return self._importer.carry_out(ubl.read(raw), salts=salts, account=account, terms=terms)

    def document(self, kind: Kind, order: str) -> ubl.Document:
        """A document about an order, as this organisation may see it: with the delivery address and the
        prices that were disclosed to it.

        Args:
            kind: one of ``KINDS``.
            order: the ledger's id.

        Raises:
            DocumentError: DOCUMENT_NOT_AVAILABLE, where the order has not come so far.
            RefusedError: ORDER_NOT_FOUND.
        """
        return self._exporter.document(kind, order)

    def export(self, kind: Kind, order: str) -> bytes:
        """As ``document``, written as UBL 2.1; the same bytes while the order stays as it is."""
        return ubl.write(self.document(kind, order))

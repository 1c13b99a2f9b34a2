"""Products: trade items identified by GTIN."""

from __future__ import annotations

import msgspec

from hansa.ids import new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.products.commands import (
    AcceptProduct,
    AddCertificate,
    GetProduct,
    ListProducts,
    ListProductVersions,
    OfferProduct,
    ProductReply,
    ProductsReply,
    ProductVersionsReply,
    RegisterProduct,
    ReviseProduct,
    RevokeCertificate,
)
from hansa_domain.products.details import Certificate, DangerousGoods, ProductDetails
from hansa_domain.products.records import Product

__all__ = ["Certificate", "DangerousGoods", "ProductDetails", "Products"]


class Products:
    """``client.products``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def register(
        self,
        gtin: str,
        name: str,
        *,
        brand: str | None = None,
        description: str | None = None,
        details: ProductDetails | None = None,
        command_id: str | None = None,
    ) -> Receipt[ProductReply]:
        """Registers a trade item; its registrar answers for it.

        Args:
            gtin: GTIN-8, -12, -13 or -14 with its check digit.
            name: what people call it.
            details: HS code, origin, dangerous goods, images, weight, tracking, warranty.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = RegisterProduct(
            id=command_id or new_id(), gtin=gtin, name=name, brand=brand, description=description
        )
        if details is not None:
            command = msgspec.structs.replace(command, details=details)
        return submit_once(self._submitter, "products:Register", command, ProductReply, command_id)

    def revise(
        self,
        gtin: str,
        *,
        name: str | None = None,
        brand: str | None = None,
        description: str | None = None,
        details: ProductDetails | None = None,
        command_id: str | None = None,
    ) -> Receipt[ProductReply]:
        """Says something else of a product; what is not named stays as it is. The version before is kept.

        Raises:
            RefusedError: among others PRODUCT_VERSION, where somebody else revised it meanwhile.
            HansaError: see ``Submitter.submit``.
        """
        present = self.get(gtin)
        command = ReviseProduct(
            id=command_id or new_id(),
            gtin=gtin,
            version=present.version,
            name=present.name if name is None else name,
            brand=present.brand if brand is None else brand,
            description=present.description if description is None else description,
            details=present.details if details is None else details,
        )
        return submit_once(self._submitter, "products:Revise", command, ProductReply, command_id)

    def add_certificate(
        self, gtin: str, certificate: Certificate, *, command_id: str | None = None
    ) -> Receipt[ProductReply]:
        """Adds a paper about a product, by the hash of its document."""
        command = AddCertificate(id=command_id or new_id(), gtin=gtin, certificate=certificate)
        return submit_once(self._submitter, "products:AddCertificate", command, ProductReply, command_id)

    def revoke_certificate(
        self, gtin: str, kind: str, number: str, *, command_id: str | None = None
    ) -> Receipt[ProductReply]:
        """Takes a certificate back; that there was one stays on the ledger."""
        command = RevokeCertificate(id=command_id or new_id(), gtin=gtin, kind=kind, number=number)
        return submit_once(self._submitter, "products:RevokeCertificate", command, ProductReply, command_id)

    def offer_transfer(
        self, gtin: str, taker: str | None, *, command_id: str | None = None
    ) -> Receipt[ProductReply]:
        """Lets another member (MSP id) take the product over; None takes the offer back."""
        command = OfferProduct(id=command_id or new_id(), gtin=gtin, taker=taker)
        return submit_once(self._submitter, "products:OfferTransfer", command, ProductReply, command_id)

    def accept_transfer(self, gtin: str, *, command_id: str | None = None) -> Receipt[ProductReply]:
        """Takes a product over that its owner offered to this member."""
        command = AcceptProduct(id=command_id or new_id(), gtin=gtin)
        return submit_once(self._submitter, "products:AcceptTransfer", command, ProductReply, command_id)

    def get(self, gtin: str) -> Product:
        """One product. Raises RefusedError (PRODUCT_NOT_FOUND)."""
        return self._submitter.evaluate("products:Get", GetProduct(gtin=gtin), ProductReply).product

    def versions(self, gtin: str) -> list[Product]:
        """Every version of a product, the oldest first."""
        query = ListProductVersions(gtin=gtin)
        return self._submitter.evaluate("products:Versions", query, ProductVersionsReply).versions

    def list(self, *, limit: int = 100, bookmark: str = "") -> ProductsReply:
        """A page of products by GTIN."""
        return self._submitter.evaluate(
            "products:List", ListProducts(limit=limit, bookmark=bookmark), ProductsReply
        )

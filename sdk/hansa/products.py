"""Products: trade items identified by GTIN."""

from __future__ import annotations

from hansa.ids import new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.products import (
    GetProduct,
    ListProducts,
    Product,
    ProductReply,
    ProductsReply,
    RegisterProduct,
)


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
        command_id: str | None = None,
    ) -> Receipt[ProductReply]:
        """Registers a trade item; its registrar answers for it.

        Args:
            gtin: GTIN-8, -12, -13 or -14 with its check digit.
            name: what people call it.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = RegisterProduct(
            id=command_id or new_id(), gtin=gtin, name=name, brand=brand, description=description
        )
        return submit_once(self._submitter, "products:Register", command, ProductReply, command_id)

    def get(self, gtin: str) -> Product:
        """One product. Raises RefusedError (PRODUCT_NOT_FOUND)."""
        return self._submitter.evaluate("products:Get", GetProduct(gtin=gtin), ProductReply).product

    def list(self, *, limit: int = 100, bookmark: str = "") -> ProductsReply:
        """A page of products by GTIN."""
        return self._submitter.evaluate(
            "products:List", ListProducts(limit=limit, bookmark=bookmark), ProductsReply
        )

"""Rule packs, licences and papers for tests, on the ledger in memory."""

from __future__ import annotations

from typing import Any

from hansa_domain.operation import Caller
from tests.support.domain import World, mint, order_fields

REGULATOR = Caller("RegulatorMSP", "admin", admin=True)
SOURCE = "5a" * 32
LATER = "2027-06-01T00:00:00.000Z"


def rule(kind: str, **fields: Any) -> dict[str, Any]:
    """A rule named after its kind."""
    return {"kind": kind, "id": kind, "title": f"The rule {kind}.", **fields}


def publish(world: World, *rules: dict[str, Any], pack: str = "eu", version: int = 1, **more: Any) -> Any:
    """Publishes a version of a pack; its reply."""
    fields = {"pack": pack, "version": version, "title": "EU rules", "document": SOURCE, **more}
    return world.do(REGULATOR, "compliance:Publish", **fields, rules=list(rules)).reply


def licensed(world: World, holder: str, kind: str = "food", **more: Any) -> str:
    """A fresh licence's id."""
    fields = {"holder": holder, "kind": kind, "valid_until": LATER, "document": "1c" * 32, **more}
    return str(world.do(REGULATOR, "licences:Issue", **fields).reply["licence"]["id"])


def place(world: World, listing: str, **more: Any) -> str:
    """A fresh order's id: four at 250, freight 100."""
    fields = order_fields(listing, [mint(world, "1500")], **more)
    return str(world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])


def refused_order(world: World, listing: str, **more: Any) -> tuple[str, str | None]:
    """Code and field with which such an order is refused."""
    fields = order_fields(listing, [mint(world, "1500")], **more)
    return world.refused("RetailerMSP", "orders:Place", **fields)

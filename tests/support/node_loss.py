"""A trade with a private address, and what must be true of a member's node before and after it was lost."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from hansa import Client, Delivery, Policy, connect
from hansa_network.network import Network
from hansa_readmodel.projector import Projector
from hansa_readmodel.queries import Queries
from hansa_readmodel.store import digest, open_database
from tests.support.network import GTIN

PATIENT = Policy(attempts=12)
ADDRESS = Delivery(salt="0f" * 16, name="Buyer & Co", street=["Harbour 1"], city="Bremen", country="DE")


@dataclass(frozen=True)
class Parties:
    """A seller, a buyer, and the bank that gives him money."""

    seller: Client
    buyer: Client
    bank: Client

    def order(self) -> str:
        """An order whose address both keep in their private collections; returns its id."""
        if GTIN not in [product.gtin for product in self.seller.products.list().products]:
            self.seller.products.register(GTIN, "Test goods")
        listing = self.seller.listings.create(GTIN, unit_price=100, currency="EUR", quantity=5).reply.listing
        self.bank.money.mint("EUR", 500, self.buyer.profile.msp_id)
        placed = self.buyer.orders.place(listing.id, 2, deliver_to=ADDRESS)
        return placed.reply.order.id

    def close(self) -> None:
        self.seller.close()
        self.buyer.close()
        self.bank.close()


def parties(network: Network) -> Parties:
    """The producer sells to the retailer."""
    return Parties(
        connect("Producer", "admin", data=network.folder.root, policy=PATIENT),
        connect("Retailer", "admin", data=network.folder.root, policy=PATIENT),
        connect("Bank", "admin", data=network.folder.root, policy=PATIENT),
    )


def destroy(network: Network, *names: str) -> None:
    """Deletes folders and files of a network's data folder."""
    for name in names:
        path = network.folder.root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def read_model_equals_a_rebuild(network: Network, client: Client, place: Path) -> bool:
    """Waits for the network's projector to catch up with a peer, and compares with a read model made anew."""
    known = open_database(network.folder.database_url)
    anew = open_database(f"sqlite:///{place / 'anew.sqlite'}")
    height = Projector(client, anew).catch_up()
    assert Queries(known).ledger.wait_for(height - 1, 60), "the projector does not catch up"
    return digest(known) == digest(anew)

"""A whole network for tests, on the engine that is asked for: with portals where wanted, on free ports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hansa import Client, Policy, connect
from hansa_cli.running import begin, choose_database, start
from hansa_network.consortium import load, with_free_ports
from hansa_network.data_folder import DataFolder
from hansa_network.network import Network
from tests.support.engine import engine

SHARED_DATA = Path(
    os.environ.get("HANSA_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
)
GTIN = "09521321999985"


@dataclass(frozen=True)
class Trade:
    """A running network and its members' administrators."""

    network: Network
    producer: Client
    retailer: Client
    carrier: Client
    bank: Client
    regulator: Client

    def offer(self, quantity: int, price: int = 100) -> str:
        """A listing of the producer's in euros; returns its id."""
        known = [product.gtin for product in self.producer.products.list().products]
        if GTIN not in known:
            self.producer.products.register(GTIN, "Test goods")
        made = self.producer.listings.create(GTIN, unit_price=price, currency="EUR", quantity=quantity)
        return made.reply.listing.id

    def balance(self, owner: str, currency: str = "EUR") -> int:
        """What an account holds, in minor units."""
        found = self.bank.money.balance(owner, currency).balances
        return int(found[0].amount) if found else 0


def connect_all(network: Network, policy: Policy | None = None) -> Trade:
    """A client for the administrator of each member, as patient as the engine needs unless told otherwise."""
    policy = policy or engine().policy

    def client(name: str) -> Client:
        return connect(name, "admin", data=network.folder.root, policy=policy)

    return Trade(
        network,
        client("Producer"),
        client("Retailer"),
        client("Carrier"),
        client("Bank"),
        client("Regulator"),
    )


@contextmanager
def running_network(
    folder: Path, *, services: bool = False, database: str | None = None
) -> Iterator[Network]:
    """A network in a folder, taken down at the end.

    Args:
        services: with projector and portals.
        database: of the read model; None: a file in the folder.
    """
    network = Network(DataFolder(folder), with_free_ports(load()), engine().name)
    if database is not None:
        choose_database(network, database)
    try:
        if services:
            start(network)
        else:
            network.up()
            begin(network)
        yield network
    finally:
        network.down()


@contextmanager
def running_trade(folder: Path, *, policy: Policy | None = None) -> Iterator[Trade]:
    """A network without portals, with everybody connected."""
    with running_network(folder) as network:
        trade = connect_all(network, policy)
        try:
            yield trade
        finally:
            for client in (trade.producer, trade.retailer, trade.carrier, trade.bank, trade.regulator):
                client.close()

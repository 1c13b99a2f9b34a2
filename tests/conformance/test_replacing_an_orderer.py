"""An ordering node takes the place of another: it follows the channel first, then one change lets it in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hansa import Policy, connect
from hansa_cli.running import begin
from hansa_network.consortium import Organization
from hansa_network.data_folder import DataFolder
from hansa_network.engine import FABRIC
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.participation import Participation
from hansa_network.network import Network
from tests.support.engine import eventually, on_fabric
from tests.support.joining import Words, newcomer, three_members, write_description

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not on_fabric(), reason="the embedded engine orders by itself: nobody to replace"),
]
PATIENT = Policy(attempts=20)


@dataclass
class Place:
    """Four members that order with BFT, and where the newcomer's folder is."""

    network: Network
    hansa: Words
    shop: Path
    organization: Organization


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Everybody runs an ordering node, the newcomer will."""
    root = tmp_path_factory.mktemp("ordering")
    network = Network(DataFolder(root / "net"), three_members(ordering=4), FABRIC)
    found = Place(network, Words(root / "net"), root / "shop", newcomer("Shop", orders=True))
    try:
        network.up()
        begin(network)
        yield found
    finally:
        if (found.shop / "consortium.yaml").exists():
            Network.at(found.shop).down()
        network.down()


def relation(place: Place) -> str:
    """What the newcomer's ordering node is to the channel: follower or consenter."""
    node = place.organization.orderer
    assert node is not None
    own = FabricOrganization(
        place.organization, place.shop / "engine" / "organizations" / place.organization.domain
    )
    found = Participation("shop", node.admin, own.orderer / "tls").channel("trade")
    return "" if found is None else str(found["consensusRelation"])


def test_a_follower_takes_the_place_of_an_ordering_node_that_is_lost(place: Place, tmp_path: Path) -> None:
    hansa = place.hansa
    description = write_description(place.organization, tmp_path / "shop.yaml")
    request, kit = str(tmp_path / "request.json"), str(tmp_path / "kit.zip")
    hansa("join", "request", "--config", str(description), "--engine", FABRIC, "-o", request, data=place.shop)
    change = hansa.propose("propose", request, "--as", "Producer")
    hansa.agree(change, "Producer", "Retailer", "Bank")
    hansa("join", "submit", change, "--as", "Bank")
    hansa("join", "kit", change, "--as", "Bank", "-o", kit)
    hansa("join", "up", kit, "--detach", data=place.shop)
    assert relation(place) == "follower"

    carrier = place.network.consortium.organization("Carrier")
    assert carrier.orderer is not None
    leaving = f"127.0.0.1:{carrier.orderer.port}"
    change = hansa.propose("propose-orderer", request, "--replaces", leaving, "--as", "Producer")
    told = hansa.ask("join", "status", change, "--as", "Bank")["explanation"]
    assert f"The ordering node {leaving} (CarrierMSP) leaves." in told
    hansa.agree(change, "Producer", "Retailer", "Bank")
    hansa("join", "submit", change, "--as", "Bank")
    assert eventually(lambda: relation(place), lambda found: found == "consenter") == "consenter"

    # With one more node gone, nothing is ordered unless the newcomer takes part.
    place.network.engine.control("orderer stop", carrier)
    place.network.engine.control("orderer stop", place.network.consortium.organization("Retailer"))
    with connect("Bank", "admin", data=place.network.folder.root, policy=PATIENT) as bank:
        bank.money.mint("EUR", 5, "ShopMSP")
    with connect("Shop", "admin", data=place.shop, policy=PATIENT) as shop:
        eventually(lambda: bool(shop.money.balance("ShopMSP", "EUR").balances))
        assert shop.money.balance("ShopMSP", "EUR").balances[0].amount == "5"

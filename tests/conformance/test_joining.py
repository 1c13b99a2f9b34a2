"""An organisation comes to a network that runs, trades, changes its certificates, leaves; on either engine.

The tests are one story on one network, told in order.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hansa import Client, Policy, connect
from hansa.client import sign_in
from hansa.consortium import ChannelConfiguration
from hansa.errors import HansaError
from hansa.profile import Profile
from hansa_cli.running import begin
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, new_key
from hansa_fabric.identity import Identity, KeySigner
from hansa_network.data_folder import DataFolder
from hansa_network.engine import DEVNODE
from hansa_network.network import Network
from tests.support.engine import engine, eventually
from tests.support.joining import Words, newcomer, three_members, write_description
from tests.support.network import GTIN

pytestmark = pytest.mark.slow
PATIENT = Policy(attempts=20)


@dataclass
class Story:
    """What the tests tell each other.

    Args:
        network: of three members.
        hansa: the command line on it.
        folder: for files that people pass on.
        shop: the newcomer's own folder.
        change: the change that lets it in.
    """

    network: Network
    hansa: Words
    folder: Path
    shop: Path
    change: str = ""

    def client(self, name: str) -> Client:
        return connect(name, "admin", data=self.network.folder.root, policy=PATIENT)

    def part(self) -> Network:
        return Network.at(self.shop)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Three members trade already."""
    root = tmp_path_factory.mktemp("joining")
    network = Network(DataFolder(root / "net"), three_members(), engine().name)
    found = Story(network, Words(root / "net"), root, root / "shop")
    try:
        network.up()
        begin(network)
        yield found
    finally:
        if (found.shop / "consortium.yaml").exists():
            found.part().down()
        network.down()


def test_a_newcomer_makes_its_own_keys_and_asks_to_come_in(story: Story) -> None:
    description = write_description(newcomer("Shop"), story.folder / "shop.yaml")
    words = ("join", "request", "--config", str(description), "--engine", engine().name)
    file = story.folder / "request.json"
    story.hansa(*words, "-o", str(file), data=story.shop)
    first = file.read_text(encoding="utf-8")
    story.hansa(*words, "-o", str(file), data=story.shop)
    assert file.read_text(encoding="utf-8") == first, "asking again makes no other keys"
    assert "PRIVATE" not in first
    story.change = story.hansa.propose("propose", str(file), "--as", "Producer")


def test_administrators_sign_each_where_his_key_is(story: Story) -> None:
    story.hansa.agree(story.change, "Producer")
    standing = story.hansa.ask("join", "status", story.change, "--as", "Bank")
    assert (standing["signed"], standing["enough"]) == (["ProducerMSP"], False)
    assert standing["missing"] == ["BankMSP", "RetailerMSP"]
    assert standing["explanation"][0] == "ShopMSP becomes one of the members."
    assert (
        story.hansa.refused("join", "submit", story.change, "--as", "Bank")["code"] == "CONFIG_UNAUTHORIZED"
    )


def test_a_change_that_another_overtook_is_computed_and_signed_anew(story: Story) -> None:
    policy = story.hansa.propose(
        "propose-policy", "/Channel/Application/Auditors", "ANY Readers", "--as", "Bank"
    )
    story.hansa.agree(policy, "Producer", "Bank")
    story.hansa("join", "submit", policy, "--as", "Bank")
    assert story.hansa.ask("join", "status", story.change, "--as", "Producer")["overtaken"]
    refused = story.hansa.refused("join", "submit", story.change, "--as", "Producer")
    assert refused["code"] == "CONFIG_OVERTAKEN"
    story.hansa("join", "renew", story.change, "--as", "Producer")
    standing = story.hansa.ask("join", "status", story.change, "--as", "Producer")
    assert (standing["signed"], standing["overtaken"], standing["revision"]) == ([], False, 2)


def test_a_key_that_is_on_no_network_signs_a_file(story: Story) -> None:
    story.hansa.agree(story.change, "Bank")
    update, signature = story.folder / "update.json", story.folder / "signature.json"
    story.hansa("join", "export", story.change, "--as", "Retailer", "-o", str(update))
    retailer = story.network.consortium.organization("Retailer")
    secret = json.loads(story.network.folder.sign_ins(retailer).read_text(encoding="utf-8"))["admin"]
    wallet = story.network.folder.wallet(retailer, "admin")
    words = ("join", "sign", str(update), "--wallet", str(wallet), "--passphrase", secret, "--yes")
    story.hansa(*words, "-o", str(signature), data=story.folder / "nowhere")
    refused = story.hansa.refused("join", "record", str(signature), "--as", "Bank")
    assert refused["code"] == "SIGNATURE_OF_ANOTHER"
    story.hansa("join", "record", str(signature), "--as", "Retailer")
    assert story.hansa.ask("join", "status", story.change, "--as", "Bank")["enough"]


def test_it_is_let_in_and_its_node_comes_up_from_the_kit(story: Story) -> None:
    kit = story.folder / "kit.zip"
    early = story.hansa.refused("join", "kit", story.change, "--as", "Bank", "-o", str(kit))
    assert early["code"] == "NOT_ON_CHANNEL"
    story.hansa("join", "submit", story.change, "--as", "Bank")
    story.hansa("join", "kit", story.change, "--as", "Bank", "-o", str(kit))
    story.hansa("join", "up", str(kit), "--detach", data=story.shop)
    with story.client("Bank") as bank:
        assert "ShopMSP" in {one.msp_id for one in bank.members.list().members}
        assert "ShopMSP" in ChannelConfiguration.current(bank).msp_ids


def test_it_trades_and_its_peer_endorses(story: Story) -> None:
    with (
        story.client("Producer") as producer,
        story.client("Bank") as bank,
        connect("Shop", "admin", data=story.shop, policy=PATIENT) as shop,
    ):
        bank.money.mint("EUR", 100_00, "ShopMSP")
        producer.products.register(GTIN, "Test goods")
        offer = producer.listings.create(GTIN, unit_price=500, currency="EUR", quantity=10).reply.listing.id
        eventually(lambda: shop.ledger.height() >= bank.ledger.height())
        order = shop.orders.place(offer, 2).reply.order.id
        producer.orders.accept(order)
        producer.orders.ship(order)
        producer.orders.deliver(order)
        closed = shop.orders.confirm(order)
        assert closed.reply.order.status == "settled"
        own = closed.block_number
    with story.client("Producer") as producer:
        block = next(iter(producer.channel.block_events(start_block=own, stop_block=own)))
        signers = {
            Identity.deserialize(one.endorser).msp_id
            for one in block.transactions[0].transaction.endorsements
        }
    assert "ShopMSP" in signers


def test_a_restart_of_either_side_keeps_it(story: Story) -> None:
    story.part().down()
    story.network.down()
    story.network.up()
    story.part().up()
    with connect("Shop", "admin", data=story.shop, policy=PATIENT) as shop:
        assert shop.money.balance("ShopMSP", "EUR").balances[0].amount == "9000"


def test_the_limits_of_blocks_change(story: Story) -> None:
    change = story.hansa.propose("propose-batch", "--max-message-count", "400", "--as", "Bank")
    story.hansa.agree(change, "Producer", "Bank")
    besides: tuple[str, ...] = ()
    if engine().name == DEVNODE:
        # Its ordering organisation is nobody's: what it signs goes along as a file.
        besides = ("--with", str(_signed_by_the_ordering(story, change)))
    early = story.hansa.refused("join", "submit", change, "--as", "Bank", *besides)
    assert early["code"] == "SIGNATURES_INSUFFICIENT"
    story.hansa("join", "sign", change, "--as", "Shop", "--yes", data=story.shop)
    story.hansa("join", "submit", change, "--as", "Bank", *besides)
    with story.client("Bank") as bank:
        assert ChannelConfiguration.current(bank).batch.max_message_count == 400
    story.hansa("join", "submit", change, "--as", "Bank")  # once more: nothing happens


def _signed_by_the_ordering(story: Story, change: str) -> Path:
    update, signature = story.folder / "batch.json", story.folder / "ordering.json"
    story.hansa("join", "export", change, "--as", "Bank", "-o", str(update))
    msp = story.network.folder.engine / "organizations/orderer.localhost/users/Admin@orderer.localhost/msp"
    (certificate,) = (msp / "signcerts").iterdir()
    words = ("--certificate", str(certificate), "--key", str(msp / "keystore" / "priv_sk"))
    story.hansa("join", "sign", str(update), *words, "--msp-id", "OrdererMSP", "--yes", "-o", str(signature))
    return signature


def test_its_certificates_rotate_while_the_old_ones_still_count(story: Story) -> None:
    shop = story.part().consortium.organizations[0]
    msp = story.folder / "msp"
    shutil.copytree(story.shop / "engine" / "organizations" / shop.domain / "msp", msp)
    authority = CertificateAuthority.create("ca2.shop.example", "Shop")
    (msp / "cacerts" / "second.pem").write_bytes(authority.certificate)
    change = story.hansa.propose("propose-certificates", str(msp), "--organization", "Shop", "--as", "Bank")
    told = story.hansa.ask("join", "status", change, "--as", "Bank")
    assert "one more authority for identities: ca2.shop.example" in "\n".join(told["explanation"])
    # Its own administrators decide about its certificates.
    story.hansa("join", "sign", change, "--as", "Shop", "--yes", data=story.shop)
    story.hansa("join", "submit", change, "--as", "Shop", data=story.shop)
    key = new_key()
    certificate = authority.issue(CertificateProfile("clerk", ("client",)), key.public_key())
    clerk = KeySigner(Identity(shop.msp_id, certificate), key)
    member = story.shop / "organizations" / shop.domain
    profile = Profile.read(member / "profile.json")
    with (
        Client(profile, clerk, policy=PATIENT) as new,
        Client(profile, sign_in(member, "admin"), policy=PATIENT) as old,
    ):
        assert new.members.list() == old.members.list()
        old.money.transfer("BankMSP", "EUR", 1)


def test_who_is_removed_may_do_nothing_more(story: Story) -> None:
    change = story.hansa.propose("propose-removal", "Shop", "--as", "Producer")
    story.hansa.agree(change, "Producer", "Bank", "Retailer")
    with connect("Shop", "admin", data=story.shop, policy=Policy(attempts=2)) as shop:
        story.hansa("join", "submit", change, "--as", "Producer")
        eventually(lambda: _refused(shop))
        assert _refused(shop)
    with story.client("Bank") as bank:
        assert "ShopMSP" not in ChannelConfiguration.current(bank).msp_ids
        bank.money.mint("EUR", 1, "RetailerMSP")


def _refused(shop: Client) -> bool:
    try:
        shop.money.transfer("BankMSP", "EUR", 1)
    except HansaError:
        return True
    return False

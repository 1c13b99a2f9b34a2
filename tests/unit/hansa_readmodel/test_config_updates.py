"""Changes of the consortium as the read model tells them; a rebuild tells the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa.errors import RefusedError
from hansa_domain.members import MemberEntry
from hansa_readmodel.queries import ConfigSignatureRow
from hansa_readmodel.store import ReadModel, digest, open_database
from tests.support.databases import database_url
from tests.support.portal import GENESIS, Consortium, MemoryClient

FARM = MemberEntry(msp_id="FarmMSP", name="Farm", role="producer", country="NL")
NAMES = ("Producer", "Retailer", "Carrier")


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


def admin(trade: Consortium, name: str) -> MemoryClient:
    return trade.sdk(name, "admin")


def propose(trade: Consortium) -> str:
    receipt = admin(trade, "Producer").config_updates.propose(
        "add-organization",
        "Farm joins.",
        base_sequence=1,
        update=b"first",
        organization="FarmMSP",
        newcomer=FARM,
    )
    return str(receipt.reply.config_update.id)


def agree(trade: Consortium, change: str, update: bytes, *names: str) -> None:
    for name in names:
        admin(trade, name).config_updates.sign(change, update, f"by {name}".encode())


def rebuilt(trade: Consortium, folder: Path) -> str:
    engine = open_database(database_url(folder / "again"))
    model = ReadModel(engine, GENESIS)
    model.prepare()
    for block in trade.ledger.blocks:
        model.apply(block)
    return digest(engine)


def test_a_change_is_followed_from_proposal_to_membership(trade: Consortium, tmp_path: Path) -> None:
    change = propose(trade)
    queries = trade.ledger.queries.config_updates
    row = queries.find(change)
    assert row is not None
    assert (row.status, row.kind, row.name, row.role) == ("proposed", "add-organization", "Farm", "producer")
    assert (row.proposer, row.revision, row.organization) == ("ProducerMSP", 1, "FarmMSP")
    agree(trade, change, b"first", *NAMES)
    assert [one.msp_id for one in queries.signatures(change)] == ["CarrierMSP", "ProducerMSP", "RetailerMSP"]
    admin(trade, "Bank").config_updates.complete(change, 7)
    row = queries.find(change)
    assert row is not None
    assert (row.status, row.closed_by, row.config_block) == ("carried_out", "BankMSP", 7)
    assert "FarmMSP" in {member.msp_id for member in trade.ledger.queries.members.present()}
    steps = [step.type for step in trade.ledger.queries.ledger.history(change)]
    assert steps == ["config_update.proposed", *["config_update.signed"] * 3, "config_update.carried_out"]
    assert rebuilt(trade, tmp_path) == digest(trade.ledger.engine)


def test_signatures_of_an_earlier_revision_are_not_shown(trade: Consortium, tmp_path: Path) -> None:
    change = propose(trade)
    agree(trade, change, b"first", "Bank")
    admin(trade, "Producer").config_updates.renew(change, base_sequence=2, update=b"second")
    queries = trade.ledger.queries.config_updates
    assert queries.signatures(change) == []
    agree(trade, change, b"second", "Retailer")
    (signed,) = queries.signatures(change)
    assert signed == ConfigSignatureRow("RetailerMSP", "admin", signed.signed_at)
    with pytest.raises(RefusedError, match="CONFIG_UPDATE_REVISION"):
        agree(trade, change, b"first", "Carrier")
    row = queries.find(change)
    assert row is not None
    assert (row.revision, row.base_sequence) == (2, 2)
    assert rebuilt(trade, tmp_path) == digest(trade.ledger.engine)


def test_who_left_is_told_apart(trade: Consortium, tmp_path: Path) -> None:
    client = admin(trade, "Producer").config_updates
    change = client.propose(
        "remove-organization", "It closed.", base_sequence=1, update=b"x", organization="CarrierMSP"
    ).reply.config_update.id
    agree(trade, change, b"x", "Producer", "Retailer", "Bank")
    client.complete(change, 8)
    members = trade.ledger.queries.members
    carrier = members.find("CarrierMSP")
    assert carrier is not None
    assert carrier.left_at is not None
    assert "CarrierMSP" not in {member.msp_id for member in members.present()}
    assert "CarrierMSP" in {member.msp_id for member in members.all()}
    assert rebuilt(trade, tmp_path) == digest(trade.ledger.engine)


def test_open_and_past_changes_are_listed_apart_the_newest_first(trade: Consortium) -> None:
    first, second, third = propose(trade), propose(trade), propose(trade)
    admin(trade, "Producer").config_updates.withdraw(second)
    queries = trade.ledger.queries.config_updates
    assert [one.config_update for one in queries.list(opened=True)] == [third, first]
    assert [one.status for one in queries.list(opened=False)] == ["withdrawn"]
    assert [one.config_update for one in queries.list(limit=1, offset=1)] == [second]
    agree(trade, first, b"first", "Bank")
    assert [one.config_update for one in queries.unsigned_by("BankMSP")] == [third]
    assert {one.id for one in admin(trade, "Bank").config_updates.all()} == {first, second, third}

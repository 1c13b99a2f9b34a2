"""A process that acts for several members: none is asked before its peer has what another's told of."""

from __future__ import annotations

from typing import Any

import pytest

from hansa import UnreachableError, new_id
from hansa.heights import Heights
from hansa.told import Told
from hansa_gateway.errors import GatewayClosedError
from tests.support.scripted import ScriptedNetwork


def member(
    msp_id: str, genesis: bytes | Exception, **heights: list[int | Exception]
) -> tuple[ScriptedNetwork, Told]:
    ledger = ScriptedNetwork(heights=heights, genesis=genesis)
    network: Any = ledger
    return ledger, Told(network, msp_id, Heights(network, msp_id), patience=0.05)


@pytest.fixture
def ledger() -> bytes:
    """The hash of a first block that no other test has."""
    return new_id().encode()


def test_a_member_waits_for_what_another_was_told_of(ledger: bytes) -> None:
    buyer, seller = member("AMSP", ledger), member("BMSP", ledger, BMSP=[6, 7, 8])
    buyer[1].of(7)
    seller[1].catch_up()
    assert seller[0].asked.count("GetChainInfo") == 3
    seller[1].catch_up()
    assert seller[0].asked.count("GetChainInfo") == 3, "what is known is not asked again"
    buyer[1].catch_up()
    assert "GetChainInfo" not in buyer[0].asked, "who was told himself has nothing to wait for"


def test_clients_of_one_member_have_one_peer(ledger: bytes) -> None:
    first, second = member("AMSP", ledger), member("AMSP", ledger)
    first[1].of(7)
    second[1].catch_up()
    assert "GetChainInfo" not in second[0].asked


@pytest.mark.parametrize("genesis", [b"another", GatewayClosedError("closed")])
def test_another_ledger_is_none_of_its_business(ledger: bytes, genesis: bytes | Exception) -> None:
    elsewhere, here = member("AMSP", genesis), member("BMSP", ledger, BMSP=[1])
    elsewhere[1].of(7)
    here[1].catch_up()
    assert "GetChainInfo" not in here[0].asked


def test_a_peer_that_stays_behind_is_told_of(ledger: bytes) -> None:
    buyer, seller = member("AMSP", ledger), member("BMSP", ledger, BMSP=[6])
    buyer[1].of(7)
    with pytest.raises(UnreachableError, match="BMSP has 6"):
        seller[1].catch_up()


def test_a_peer_that_does_not_answer_is_not_waited_for(ledger: bytes) -> None:
    buyer, seller = member("AMSP", ledger), member("BMSP", ledger, BMSP=[GatewayClosedError("closed")])
    buyer[1].of(7)
    seller[1].catch_up()
    assert seller[0].asked.count("GetChainInfo") == 1

"""The description of a network: what it may leave out, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hansa_network.consortium import DEFAULT, dump, load, with_free_ports
from hansa_network.errors import NetworkError


def written(tmp_path: Path, document: dict[str, Any]) -> Path:
    path = tmp_path / "consortium.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(DEFAULT.read_text())
    return found


def test_four_members_of_the_default_order() -> None:
    consortium = load()
    assert consortium.ordering.consensus == "bft"
    nodes = [o.msp_id for o in consortium.organizations if o.orderer is not None]
    assert nodes == ["ProducerMSP", "RetailerMSP", "CarrierMSP", "BankMSP"]


def test_a_description_for_the_embedded_engine_alone_is_valid(tmp_path: Path) -> None:
    plain = document()
    del plain["ordering"]["consensus"]
    for organization in plain["organizations"]:
        organization.pop("orderer", None)
        for name in ("chaincode", "chaincode_standby", "operations"):
            del organization["ports"][name]
    del plain["chaincode"]["standby_port"]
    consortium = load(written(tmp_path, plain))
    assert all(o.orderer is None and o.ports.chaincode is None for o in consortium.organizations)
    assert len(consortium.ports()) == 2 + 3 * 5


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    moved = with_free_ports(load())
    path = tmp_path / "consortium.yaml"
    path.write_text(dump(moved))
    assert load(path) == moved


def test_free_ports_replace_every_port() -> None:
    before, after = load(), with_free_ports(load())
    assert len(set(after.ports())) == len(before.ports())
    assert not set(before.ports()) & set(after.ports())


def test_two_services_on_one_port_are_refused(tmp_path: Path) -> None:
    wrong = document()
    wrong["organizations"][0]["orderer"]["admin"] = wrong["organizations"][1]["ports"]["peer"]
    with pytest.raises(NetworkError) as caught:
        load(written(tmp_path, wrong))
    assert caught.value.code == "CONFIG_INVALID"
    assert "7151" in caught.value.message


def test_an_unknown_consensus_is_refused(tmp_path: Path) -> None:
    wrong = document()
    wrong["ordering"]["consensus"] = "solo"
    with pytest.raises(NetworkError) as caught:
        load(written(tmp_path, wrong))
    assert "consensus" in caught.value.message

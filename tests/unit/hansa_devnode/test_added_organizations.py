"""Organisations that bring their own keys and their own chaincode process."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from hansa_devnode.added_organizations import remember, with_added, with_organizations
from hansa_devnode.bootstrap import bootstrap, make_organization, new_organization
from hansa_devnode.config import (
    ChaincodeConfig,
    ChaincodeServer,
    ChaincodeTls,
    ConfigError,
    OrganizationConfig,
)
from tests.support.devnode_config import devnode_config, free_addresses


def newcomer(folder: Path | None) -> OrganizationConfig:
    peer, ca = free_addresses(2)
    return OrganizationConfig(
        msp_id="DMSP",
        name="D",
        domain="d.example",
        peer_address=peer,
        ca_address=ca,
        registrar_secret="secret",
        folder=None if folder is None else str(folder),
        chaincodes={"all": ChaincodeServer("127.0.0.1:1", ChaincodeTls("root.pem", "localhost"))},
    )


def test_its_keys_are_read_where_they_are(tmp_path: Path) -> None:
    own = newcomer(tmp_path / "own")
    make_organization(own, tmp_path / "own")
    before = (tmp_path / "own" / "ca" / "priv_sk").read_bytes()
    make_organization(own, tmp_path / "own")
    assert (tmp_path / "own" / "ca" / "priv_sk").read_bytes() == before
    config = with_organizations(devnode_config(tmp_path / "node"), own)
    material = new_organization(config, own)
    assert material.folder.root == tmp_path / "own"
    assert not (tmp_path / "node" / "organizations" / "d.example").exists()


def test_keys_that_are_not_there_are_refused(tmp_path: Path) -> None:
    own = newcomer(tmp_path / "own")
    with pytest.raises(ConfigError, match="does not hold the keys of DMSP"):
        new_organization(with_organizations(devnode_config(tmp_path / "node"), own), own)


def test_one_that_took_its_keys_away_does_not_stop_the_others(tmp_path: Path) -> None:
    config, own = devnode_config(tmp_path / "node"), newcomer(tmp_path / "own")
    bootstrap(config)
    make_organization(own, tmp_path / "own")
    remember(config, own)
    assert "DMSP" in with_added(config).msp_ids
    assert "DMSP" in bootstrap(with_added(config)).organizations
    shutil.rmtree(tmp_path / "own")
    assert "DMSP" not in with_added(config).msp_ids


def test_its_peer_dials_its_own_chaincode_process(tmp_path: Path) -> None:
    chaincodes = (ChaincodeConfig("all", "127.0.0.1:2"), ChaincodeConfig("other", "127.0.0.1:3"))
    config = with_organizations(devnode_config(tmp_path, chaincodes=chaincodes), newcomer(None))
    assert config.chaincodes_of("AMSP") == chaincodes
    own, other = config.chaincodes_of("DMSP")
    assert (own.address_for("DMSP"), own.tls) == ("127.0.0.1:1", ChaincodeTls("root.pem", "localhost"))
    assert own.package_id == chaincodes[0].package_id
    assert other == chaincodes[1]


def test_it_is_remembered_as_it_was_told(tmp_path: Path) -> None:
    config, own = devnode_config(tmp_path / "node"), newcomer(None)
    (tmp_path / "node").mkdir()
    remember(config, own)
    assert with_added(config).organization("DMSP") == own
    assert msgspec.json.decode(msgspec.json.encode(own), type=OrganizationConfig) == own

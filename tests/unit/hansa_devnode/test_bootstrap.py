"""What the first start makes, and what later starts leave as it is."""

from pathlib import Path

import msgspec
import pytest
import yaml
from cryptography import x509

from hansa_devnode.bootstrap import BootstrapError, bootstrap
from hansa_devnode.config import OrganizationConfig
from hansa_fabric.blocks import Block
from hansa_fabric.bundle import Bundle
from hansa_fabric.identity import parse_certificate
from hansa_fabric.policy_expression import role_principal
from tests.support.devnode_config import devnode_config


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_every_organisation_gets_identities_that_the_channel_accepts_in_their_roles(tmp_path: Path) -> None:
    material = bootstrap(devnode_config(tmp_path))
    bundle = Bundle.from_block(Block(material.genesis))
    assert bundle.msp_ids == ("AMSP", "BMSP", "CMSP")
    for msp_id, each in material.organizations.items():
        for signer, role in ((each.signer, "peer"), (each.admin, "admin")):
            identity = bundle.manager.deserialize(signer.identity.serialized)
            assert identity.satisfies(role_principal(msp_id, role))
            identity.verify(b"message", signer.sign(b"message"))
    orderer = bundle.manager.deserialize(material.orderer.signer.identity.serialized)
    assert orderer.satisfies(role_principal("OrdererMSP", "orderer"))
    assert not orderer.satisfies(role_principal("AMSP", "member"))


def test_folders_are_laid_out_as_fabrics_tools_expect(tmp_path: Path) -> None:
    bootstrap(devnode_config(tmp_path))
    root = tmp_path / "organizations" / "a.example"
    peer = root / "peers" / "peer0.a.example"
    for folder in (peer / "msp", root / "users" / "Admin@a.example" / "msp"):
        assert {each.name for each in folder.iterdir()} == {
            "cacerts",
            "config.yaml",
            "keystore",
            "signcerts",
            "tlscacerts",
        }
        config = yaml.safe_load((folder / "config.yaml").read_text())
        assert config["NodeOUs"]["Enable"] is True
        assert (folder / config["NodeOUs"]["PeerOUIdentifier"]["Certificate"]).is_file()
    assert {each.name for each in (peer / "tls").iterdir()} == {"ca.crt", "server.crt", "server.key"}


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    bootstrap(devnode_config(tmp_path))
    keys = [each for each in tmp_path.rglob("*") if each.name in ("priv_sk", "server.key", "client.key")]
    assert len(keys) == 4 * 6  # two authorities, a node and an administrator with two keys each
    assert {each.stat().st_mode & 0o777 for each in keys} == {0o600}


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    config = devnode_config(tmp_path)
    first = bootstrap(config)
    before = contents(tmp_path)
    second = bootstrap(config)
    assert contents(tmp_path) == before
    assert second.genesis == first.genesis
    assert second.orderer.signer.identity == first.orderer.signer.identity


def test_a_start_that_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    half = tmp_path / ".organizations.unfinished" / "a.example" / "ca"
    half.mkdir(parents=True)
    (half / "priv_sk").write_bytes(b"half a key")
    material = bootstrap(devnode_config(tmp_path))
    assert set(material.organizations) == {"AMSP", "BMSP", "CMSP"}
    assert not (tmp_path / ".organizations.unfinished").exists()


def test_another_host_gets_a_new_server_certificate_of_the_same_authority(tmp_path: Path) -> None:
    config = devnode_config(tmp_path)
    before = bootstrap(config).organizations["AMSP"]
    old = (before.tls / "server.crt").read_bytes()
    moved = msgspec.structs.replace(config.organizations[0], peer_address="trade.example:7051")
    after = bootstrap(msgspec.structs.replace(config, organizations=(moved, *config.organizations[1:])))
    certificate = (after.organizations["AMSP"].tls / "server.crt").read_bytes()
    assert certificate != old
    parsed = parse_certificate(certificate)
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "trade.example" in names.get_values_for_type(x509.DNSName)
    parsed.verify_directly_issued_by(before.tls_ca.x509)
    assert after.organizations["AMSP"].signer.identity == before.signer.identity


def test_an_organisation_the_channel_was_made_without_is_refused(tmp_path: Path) -> None:
    config = devnode_config(tmp_path)
    bootstrap(config)
    newcomer = OrganizationConfig("DMSP", "D", "d.example", "127.0.0.1:1", "127.0.0.1:2")
    with pytest.raises(BootstrapError, match="made without DMSP"):
        bootstrap(msgspec.structs.replace(config, organizations=(*config.organizations, newcomer)))

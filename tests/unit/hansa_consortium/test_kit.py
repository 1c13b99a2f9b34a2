"""Join kits and MSP folders: read as they were written, and refused where they do not fit."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa.consortium import ConsortiumError, JoinKit, KitParts, RotateCertificates, propose, read_msp_folder
from hansa.consortium.kit import Definition, Node, Terms
from hansa_fabric.certificates import CertificateAuthority
from hansa_fabric.channel_config import genesis_block
from hansa_fabric.channel_description import ChannelDescription, OrdererDescription
from tests.support.config_changes import NAMES, consenter, described
from tests.support.consortium import carried_out, in_force
from tests.support.fabric_organizations import organization


def block(channel: str = "trade") -> bytes:
    """A channel's block 0 with five members."""
    members = tuple(described(name, number, ordering=number < 4) for number, name in enumerate(NAMES))
    nodes = tuple(consenter(name, 7050 + number) for number, name in enumerate(NAMES[:4]))
    made = genesis_block(ChannelDescription(channel, members, OrdererDescription("BFT", nodes)))
    found: bytes = made.SerializeToString()
    return found


def kit(**changes: Any) -> JoinKit:
    made = JoinKit(
        consortium="demo",
        engine="fabric",
        channel="trade",
        msp_id="RetailerMSP",
        genesis_block=block(),
        config_block=block(),
        orderers=(Node(msp_id="BankMSP", address="bank.example:7050", tls_roots="roots"),),
        peers=(),
        chaincode=Definition(
            name="hansa",
            version="1",
            sequence=2,
            label="hansa_1",
            validation_parameter=b"policy",
            collections=b"",
            init_required=False,
            endorsement_plugin="escc",
            validation_plugin="vscc",
        ),
        package=b"package",
        terms=Terms(basis_points=50, fee_account="BankMSP", arbitrator="BankMSP"),
    )
    return msgspec.structs.replace(made, **changes)


def test_a_kit_is_read_as_it_was_written() -> None:
    made = kit()
    assert JoinKit.from_bytes(made.to_bytes()) == made
    assert made.to_bytes() == made.to_bytes()
    assert "RetailerMSP" in made.config.msp_ids
    made.check(organization("RetailerMSP").definition().to_config().SerializeToString())


@pytest.mark.parametrize(
    "changes",
    [
        {"msp_id": "NobodyMSP"},
        {"channel": "other"},
        {"genesis_block": block("other")},
        {"genesis_block": b"nonsense"},
        {"config_block": b""},
        {"orderers": ()},
    ],
)
def test_a_kit_that_does_not_fit_together_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConsortiumError):
        JoinKit.from_bytes(kit(**changes).to_bytes())


def test_a_kit_for_other_keys_is_refused() -> None:
    other = organization("StrangerMSP").definition(msp_id="RetailerMSP").to_config().SerializeToString()
    with pytest.raises(ConsortiumError, match="other keys"):
        kit().check(other)


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as content:
        for name, one in files.items():
            content.writestr(name, one)
    return packed.getvalue()


NAMED = {"kit.json": b"{}", "genesis.block": b"", "config.block": b"", "chaincode.tar.gz": b""}


@pytest.mark.parametrize(
    "content", [b"", b"PK", archive({}), archive({"../kit.json": b"{}"}), archive(NAMED)]
)
def test_what_is_no_kit_is_refused(content: bytes) -> None:
    with pytest.raises(ConsortiumError) as caught:
        JoinKit.from_bytes(content)
    assert caught.value.code == "JOIN_KIT_INVALID"


def test_a_member_s_folder_tells_how_newcomers_come_in(tmp_path: Path) -> None:
    with pytest.raises(ConsortiumError) as caught:
        KitParts.read(tmp_path)
    assert caught.value.code == "KIT_PARTS_MISSING"
    parts = KitParts(consortium="demo", engine="fabric", label="hansa_1", package=b"\x00\x01")
    (tmp_path / "join-kit.json").write_bytes(msgspec.json.encode(parts))
    assert KitParts.read(tmp_path) == parts


def test_an_msp_folder_with_two_authorities_lets_both_count(tmp_path: Path) -> None:
    bank = organization("BankMSP")
    for name, content in (
        ("cacerts", bank.authority.certificate),
        ("tlscacerts", bank.tls_authority.certificate),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "first.pem").write_bytes(content)
    second = CertificateAuthority.create("ca2.bank.example", "Bank")
    (tmp_path / "cacerts" / "second.pem").write_bytes(second.certificate)
    config = in_force()
    change = RotateCertificates("BankMSP", read_msp_folder(tmp_path, "BankMSP"))
    after = carried_out(config, propose(change, config).update)
    assert set(after.organizations["BankMSP"].msp.root_certificates) == {
        bank.authority.certificate,
        second.certificate,
    }


def test_a_folder_that_names_no_authority_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConsortiumError) as caught:
        read_msp_folder(tmp_path, "BankMSP")
    assert caught.value.code == "MSP_FOLDER_INVALID"
    (tmp_path / "cacerts").mkdir()
    (tmp_path / "cacerts" / "a.pem").write_text("nonsense", encoding="ascii")
    with pytest.raises(ConsortiumError) as caught:
        read_msp_folder(tmp_path, "BankMSP")
    assert caught.value.code == "CONFIG_INVALID"

"""The genesis block on Fabric: every member with its MSP, and ordering nodes of several."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.smartbft import configuration_pb2 as smartbft_pb2

from hansa_devnode.msp_folders import write_authority, write_signer, write_tls
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, key_pem, new_key
from hansa_network.consortium import Consortium, load
from hansa_network.data_folder import DataFolder
from hansa_network.errors import NetworkError
from hansa_network.fabric.engine import FabricEngine
from hansa_network.fabric.genesis import genesis_block
from hansa_network.fabric.organization import FabricOrganization


@pytest.fixture
def organizations(tmp_path: Path) -> list[FabricOrganization]:
    """The default members, with certificates as their authorities would issue them."""
    found = [FabricOrganization(o, tmp_path / o.domain) for o in load().organizations]
    for one in found:
        folder = one.folder
        ca, tls_ca = (CertificateAuthority.create(f"{kind}.{one.domain}", "x") for kind in ("ca", "tlsca"))
        write_authority(folder.ca_certificate, folder.ca_key, ca)
        write_authority(folder.tls_ca_certificate, folder.tls_ca_key, tls_ca)
        key = new_key()
        issued = ca.issue(CertificateProfile("orderer0", ("orderer",)), key.public_key())
        write_signer(one.orderer / "msp", "orderer0", issued, key_pem(key))
        server = tls_ca.issue(
            CertificateProfile("orderer0", hosts=("localhost",), server=True), key.public_key()
        )
        write_tls(one.orderer / "tls", "server", server, key_pem(key), tls_ca.certificate)
    return found


def channel_group(
    consortium: Consortium, organizations: list[FabricOrganization]
) -> configtx_pb2.ConfigGroup:
    block = common_pb2.Block.FromString(genesis_block(consortium, organizations))
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(block.data.data[0]).payload)
    return configtx_pb2.ConfigEnvelope.FromString(payload.data).config.channel_group


def test_bft_among_four_members(organizations: list[FabricOrganization]) -> None:
    group = channel_group(load(), organizations)
    orderer = group.groups["Orderer"]
    kind = orderer_pb2.ConsensusType.FromString(orderer.values["ConsensusType"].value)
    assert kind.type == "BFT"
    options = smartbft_pb2.Options.FromString(kind.metadata)
    assert options.request_batch_max_interval == "100ms"
    mapping = configuration_pb2.Orderers.FromString(orderer.values["Orderers"].value).consenter_mapping
    assert [(one.msp_id, one.port) for one in mapping] == [
        ("ProducerMSP", 7055),
        ("RetailerMSP", 7155),
        ("CarrierMSP", 7255),
        ("BankMSP", 7355),
    ]
    assert all(one.identity != one.server_tls_cert for one in mapping)
    assert set(orderer.groups) == {"ProducerMSP", "RetailerMSP", "CarrierMSP", "BankMSP"}


def test_every_member_is_on_the_application_with_its_anchor_peer(
    organizations: list[FabricOrganization],
) -> None:
    application = channel_group(load(), organizations).groups["Application"]
    assert set(application.groups) == {o.msp_id for o in load().organizations}
    assert all("AnchorPeers" in group.values for group in application.groups.values())


def test_raft_where_it_is_chosen(organizations: list[FabricOrganization]) -> None:
    consortium = load()
    raft = msgspec.structs.replace(
        consortium, ordering=msgspec.structs.replace(consortium.ordering, consensus="etcdraft")
    )
    orderer = channel_group(raft, organizations).groups["Orderer"]
    assert orderer_pb2.ConsensusType.FromString(orderer.values["ConsensusType"].value).type == "etcdraft"


def test_three_nodes_are_too_few_for_bft(tmp_path: Path) -> None:
    consortium = load()
    few = msgspec.structs.replace(
        consortium,
        organizations=tuple(
            msgspec.structs.replace(o, orderer=None) if o.name == "Bank" else o
            for o in consortium.organizations
        ),
    )
    with pytest.raises(NetworkError) as caught:
        FabricEngine(DataFolder(tmp_path), few).start(lambda program: pytest.fail(program.name), print)
    assert caught.value.code == "CONFIG_INVALID"

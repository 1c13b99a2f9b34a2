"""A network whose peers and orderer demand TLS certificates of their clients."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import msgspec
import pytest

from hansa_devnode.config import OrganizationConfig
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, key_pem, new_key
from hansa_gateway import EvaluateError, Gateway
from hansa_gateway.core.block_events import WHOLE
from hansa_gateway.errors import EventStreamError
from tests.support.devnode import RunningDevnode, running_devnode
from tests.support.devnode_config import devnode_config, free_addresses


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDevnode]:
    config = devnode_config(tmp_path_factory.mktemp("strict") / "devnode", names=("A", "B"))
    with running_devnode(msgspec.structs.replace(config, client_certificates=True)) as running:
        yield running


def client_tls(network: RunningDevnode, msp_id: str) -> Path:
    return network.node.material.organizations[msp_id].folder.admin / "tls"


def connect(network: RunningDevnode, tls: Path | None) -> Gateway:
    return Gateway.connect(
        network.address("AMSP"),
        network.admin("AMSP"),
        tls_root=network.tls_root("AMSP").read_bytes(),
        client_certificate=(tls / "client.crt").read_bytes() if tls else None,
        client_key=(tls / "client.key").read_bytes() if tls else None,
    )


def test_a_client_with_a_certificate_is_served(strict: RunningDevnode) -> None:
    for msp_id in ("AMSP", "BMSP"):
        with connect(strict, client_tls(strict, msp_id)) as gateway:
            channel = gateway.network("trade")
            assert channel.chain_info().height == 1
            with channel.block_events(start_block=0, stop_block=0) as blocks:
                assert [each.number for each in blocks] == [0]


def test_a_client_without_one_is_not_connected(strict: RunningDevnode) -> None:
    with connect(strict, None) as gateway, pytest.raises(EvaluateError) as caught:
        gateway.network("trade").chain_info(timeout=5)
    assert caught.value.status in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def test_a_request_for_blocks_must_name_the_connections_certificate(strict: RunningDevnode) -> None:
    with connect(strict, client_tls(strict, "AMSP")) as first:
        request = first.network("trade").new_block_events_request(WHOLE, start_block=0, stop_block=0)
        signature = strict.admin("AMSP").sign_digest(request.digest)
        with connect(strict, client_tls(strict, "BMSP")) as second:
            stolen = second.new_signed_block_events_request(WHOLE, request.bytes, signature)
            with pytest.raises(EventStreamError) as caught, stolen.events() as blocks:
                next(blocks)
    assert caught.value.status is grpc.StatusCode.INVALID_ARGUMENT


def test_a_newcomers_clients_are_let_in_without_a_restart(strict: RunningDevnode) -> None:
    peer, ca = free_addresses(2)
    newcomer = OrganizationConfig("DMSP", "D", "d.example", peer, ca)
    with pytest.raises(EvaluateError), connect(strict, _stranger(strict)) as gateway:
        gateway.network("trade").chain_info(timeout=5)
    strict.call(strict.node.add_organization(newcomer))
    with connect(strict, client_tls(strict, "DMSP")) as gateway:
        assert gateway.network("trade").chain_info().height == 1


def _stranger(network: RunningDevnode) -> Path:
    """The folder of a client certificate that no organisation's authority issued."""
    folder = network.config.data_folder / "stranger"
    folder.mkdir()
    authority, key = CertificateAuthority.create("tlsca.stranger", "stranger"), new_key()
    certificate = authority.issue(CertificateProfile("client", client=True), key.public_key())
    (folder / "client.crt").write_bytes(certificate)
    (folder / "client.key").write_bytes(key_pem(key))
    return folder

"""A network whose peers and orderer demand TLS certificates of their clients."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from hansa_devnode.config import OrganizationConfig
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, key_pem, new_key
from hansa_gateway import EvaluateError, Gateway
from hansa_gateway.core.block_events import WHOLE
from hansa_gateway.errors import EventStreamError
from tests.support.client_certificates import StrictNetwork, TlsPair, strict_devnode, strict_fabric
from tests.support.devnode import RunningDevnode
from tests.support.devnode_config import free_addresses
from tests.support.engine import on_fabric


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StrictNetwork]:
    folder = tmp_path_factory.mktemp("strict") / "data"
    with (strict_fabric if on_fabric() else strict_devnode)(folder) as running:
        yield running


def connect(network: StrictNetwork, tls: TlsPair | None) -> Gateway:
    return Gateway.connect(
        network.address("AMSP"),
        network.admin("AMSP"),
        tls_root=network.tls_root("AMSP").read_bytes(),
        client_certificate=tls.certificate if tls else None,
        client_key=tls.key if tls else None,
    )


def test_a_client_with_a_certificate_is_served(strict: StrictNetwork) -> None:
    for msp_id in ("AMSP", "BMSP"):
        with connect(strict, strict.client_tls(msp_id)) as gateway:
            channel = gateway.network("trade")
            assert channel.chain_info().height >= 1
            with channel.block_events(start_block=0, stop_block=0) as blocks:
                assert [each.number for each in blocks] == [0]


def test_a_client_without_one_is_not_connected(strict: StrictNetwork) -> None:
    with connect(strict, None) as gateway, pytest.raises(EvaluateError) as caught:
        gateway.network("trade").chain_info(timeout=5)
    assert caught.value.status in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def test_a_request_for_blocks_must_name_the_connections_certificate(strict: StrictNetwork) -> None:
    with connect(strict, strict.client_tls("AMSP")) as first:
        request = first.network("trade").new_block_events_request(WHOLE, start_block=0, stop_block=0)
        signature = strict.admin("AMSP").sign_digest(request.digest)
        with connect(strict, strict.client_tls("BMSP")) as second:
            stolen = second.new_signed_block_events_request(WHOLE, request.bytes, signature)
            with pytest.raises(EventStreamError) as caught, stolen.events() as blocks:
                next(blocks)
    assert caught.value.status is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.devnode("its own way of adding an organisation")
def test_a_newcomers_clients_are_let_in_without_a_restart(tmp_path: Path) -> None:
    peer, ca = free_addresses(2)
    newcomer = OrganizationConfig("DMSP", "D", "d.example", peer, ca)
    with strict_devnode(tmp_path / "data") as strict:
        with pytest.raises(EvaluateError), connect(strict, _stranger()) as gateway:
            gateway.network("trade").chain_info(timeout=5)
        assert isinstance(strict.network, RunningDevnode)
        strict.network.call(strict.network.node.add_organization(newcomer))
        with connect(strict, strict.client_tls("DMSP")) as gateway:
            assert gateway.network("trade").chain_info().height == 1


def _stranger() -> TlsPair:
    """A client certificate that no organisation's authority issued."""
    authority, key = CertificateAuthority.create("tlsca.stranger", "stranger"), new_key()
    return TlsPair(authority.issue(CertificateProfile("client", client=True), key.public_key()), key_pem(key))

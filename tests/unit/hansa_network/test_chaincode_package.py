"""The chaincode's package: the same for everybody, every time, and without a secret."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import msgspec
import pytest

from hansa_network.consortium import load
from hansa_network.errors import NetworkError
from hansa_network.fabric.chaincode_package import (
    builder_values,
    chaincode_port,
    label_of,
    package,
    package_id,
)
from hansa_network.fabric.organization import FabricOrganization

CHAINCODE = load().chaincode


def files(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        found = {entry.name: archive.extractfile(entry) for entry in archive}
        return {name: stream.read() for name, stream in found.items() if stream is not None}


def test_it_is_the_same_every_time() -> None:
    # Written out: another hash is another package, which every member would have to install and approve anew.
    assert package_id(CHAINCODE, package(CHAINCODE)) == package_id(CHAINCODE, package(CHAINCODE))
    assert package(CHAINCODE)[4:8] == b"\0\0\0\0", "no time in gzip's header"
    assert package_id(CHAINCODE, package(CHAINCODE)).startswith("hansa_0.1.0:")


def test_it_is_laid_out_as_peers_expect() -> None:
    outer = files(package(CHAINCODE))
    assert json.loads(outer["metadata.json"]) == {"type": "ccaas", "label": "hansa_0.1.0"}
    connection = json.loads(files(outer["code.tar.gz"])["connection.json"])
    assert connection["tls_required"] is True
    assert connection["client_auth_required"] is True


def test_its_label_is_read_from_it() -> None:
    assert label_of(package(CHAINCODE)) == "hansa_0.1.0"
    for content in (b"", b"nonsense", package(CHAINCODE)[:40]):
        with pytest.raises(NetworkError) as caught:
            label_of(content)
        assert caught.value.code == "PACKAGE_INVALID"


def test_what_differs_between_members_is_filled_in_on_their_peers(tmp_path: Path) -> None:
    organization = FabricOrganization(load().organizations[0], tmp_path)
    organization.chaincode.mkdir()
    for name in ("client.key", "client.crt", "ca.crt"):
        (organization.chaincode / name).write_text(f"content of {name}")
    values = builder_values(organization)
    following = msgspec.structs.replace(CHAINCODE, sequence=2)
    wanted = set()
    for chaincode in (CHAINCODE, following):
        connection = json.loads(files(files(package(chaincode))["code.tar.gz"])["connection.json"])
        wanted |= {
            text.strip("{}.") for text in connection.values() if isinstance(text, str) and "{{" in text
        }
    assert wanted == set(values)
    assert values["client_key"] == "content of client.key"
    assert values["address"] == "127.0.0.1:7052"
    assert values["standby_address"] == "127.0.0.1:7058"


def test_a_member_needs_a_port_for_its_chaincode() -> None:
    described = load().organizations[0]
    without = msgspec.structs.replace(
        described, ports=msgspec.structs.replace(described.ports, chaincode=None)
    )
    with pytest.raises(NetworkError) as caught:
        chaincode_port(without, CHAINCODE)
    assert caught.value.code == "CONFIG_INVALID"

"""The consortium as Docker Compose files: valid, agreeing with the description, without a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from hansa_network.consortium import Consortium, load
from hansa_network.errors import NetworkError
from hansa_network.render import images
from hansa_network.render.compose import compose_files
from hansa_network.render.rendering import render

CONSORTIUM = load()
FILES = compose_files(CONSORTIUM, CONSORTIUM.organizations)
PROJECTS = [name for name in FILES if name.endswith("/compose.yaml")]


def project(domain: str, consortium: Consortium = CONSORTIUM) -> dict[str, Any]:
    files = compose_files(consortium, consortium.organizations)
    found: dict[str, Any] = yaml.safe_load(files[f"{domain}/compose.yaml"])
    return found


@pytest.mark.parametrize("name", [*PROJECTS, "compose.yaml"])
def test_it_follows_the_compose_specification(name: str) -> None:
    compose_spec = pytest.importorskip(
        "compose_spec", reason="compose-spec, which checks against the specification, is not installed"
    )
    compose_spec.PyCompose.from_yaml(FILES[name])
    with pytest.raises(ValueError, match="healthchek"):
        compose_spec.PyCompose.from_yaml(FILES[PROJECTS[0]].replace("healthcheck:", "healthchek:", 1))


def test_what_is_referred_to_is_there() -> None:
    for name in PROJECTS:
        document = yaml.safe_load(FILES[name])
        for service in document["services"].values():
            assert set(service["networks"]) <= set(document["networks"])
            assert set(service.get("secrets", [])) <= set(document["secrets"])
            for volume in service["volumes"]:
                source = volume.split(":")[0]
                assert source.startswith("./") or source in document["volumes"]
            context = service.get("build", {}).get("context")
            assert (
                context is None
                or (Path(name).parent / context / "Dockerfile")
                .as_posix()
                .replace(f"{Path(name).parent}/../", "")
                in FILES
            )
    included = [each["path"] for each in yaml.safe_load(FILES["compose.yaml"])["include"]]
    assert included == PROJECTS


@pytest.mark.parametrize("one", CONSORTIUM.organizations, ids=lambda one: one.name)
def test_ports_images_and_msp_ids_are_those_of_the_description(one: Any) -> None:
    services = project(one.domain)["services"]
    published = {port for each in services.values() for port in each.get("ports", [])}
    wanted = [one.ports.ca, one.ports.peer, one.ports.operations]
    if one.orderer is not None:
        wanted += [one.orderer.port, one.orderer.admin, one.orderer.operations]
    assert published == {f"{port}:{port}" for port in wanted}
    peer = services[f"peer0.{one.domain}"]
    assert peer["image"] == images.PEER == "hyperledger/fabric-peer:3.1"
    environment = peer["environment"]
    assert environment["CORE_PEER_LOCALMSPID"] == one.msp_id
    assert environment["CORE_PEER_LISTENADDRESS"] == f"0.0.0.0:{one.ports.peer}"
    assert environment["CORE_PEER_GOSSIP_EXTERNALENDPOINT"] == f"peer0.{one.domain}:{one.ports.peer}"
    assert environment["CORE_OPERATIONS_LISTENADDRESS"] == f"0.0.0.0:{one.ports.operations}"
    assert services[f"ca.{one.domain}"]["environment"]["FABRIC_CA_SERVER_PORT"] == str(one.ports.ca)
    chaincode = services[f"chaincode.{one.domain}"]
    assert chaincode["image"] == f"hansa-chaincode:{CONSORTIUM.chaincode.version}"
    assert chaincode["environment"]["CHAINCODE_SERVER_ADDRESS"] == f"0.0.0.0:{one.ports.chaincode}"
    orderer = services.get(f"orderer0.{one.domain}")
    assert (orderer is None) == (one.orderer is None)
    if orderer is not None:
        assert orderer["image"] == images.ORDERER == "hyperledger/fabric-orderer:3.1"
        assert orderer["environment"]["ORDERER_GENERAL_LOCALMSPID"] == one.msp_id
        assert orderer["environment"]["ORDERER_GENERAL_LISTENPORT"] == str(one.orderer.port)
        assert orderer["environment"]["ORDERER_ADMIN_LISTENADDRESS"] == f"0.0.0.0:{one.orderer.admin}"


def test_the_peer_is_configured_as_the_native_one() -> None:
    environment = project("producer.example")["services"]["peer0.producer.example"]["environment"]
    assert environment["CORE_PEER_GATEWAY_ENABLED"] == "true"
    assert environment["CORE_CHAINCODE_RUNTIMEPARAMS_USEWRITEBATCH"] == "true"
    assert environment["CORE_LEDGER_STATE_STATEDATABASE"] == "goleveldb"
    assert environment["CORE_PEER_LIMITS_CONCURRENCY_GATEWAYSERVICE"] == "5000"
    assert environment["CORE_PEER_TLS_CERT_FILE"].startswith("/material/peers/peer0.producer.example/tls/")
    assert all(isinstance(value, str) for value in environment.values())


def test_the_next_version_listens_on_the_standby_port() -> None:
    chaincode = msgspec.structs.replace(CONSORTIUM.chaincode, version="0.2.0", sequence=2)
    service = project("bank.example", msgspec.structs.replace(CONSORTIUM, chaincode=chaincode))["services"][
        "chaincode.bank.example"
    ]
    assert service["environment"]["CHAINCODE_SERVER_ADDRESS"] == "0.0.0.0:7358"
    assert service["image"] == "hansa-chaincode:0.2.0"


def test_no_secret_and_no_address_of_this_machine_is_in_them() -> None:
    for name, content in FILES.items():
        assert "PRIVATE KEY" not in content
        assert "adminpw" not in content
        for line in content.splitlines():
            # A service probes itself; nothing else is at home here.
            assert "127.0.0.1" not in line or "/dev/tcp" in line or "create_connection" in line, (name, line)
    for document in (yaml.safe_load(FILES[name]) for name in PROJECTS):
        assert all(each["file"].startswith("./secrets/") for each in document["secrets"].values())


def test_one_member_gets_its_own_part_alone(tmp_path: Path) -> None:
    written = render(CONSORTIUM, "compose", tmp_path, "Retailer")
    names = [path.relative_to(tmp_path).as_posix() for path in written]
    assert names == ["chaincode/Dockerfile", "retailer.example/compose.yaml"]
    assert "producer.example" not in written[1].read_text("utf-8")
    assert render(CONSORTIUM, "compose", tmp_path, "RetailerMSP") == written, "again is the same"


def test_what_cannot_be_rendered_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        render(CONSORTIUM, "nomad", tmp_path)
    assert caught.value.code == "TARGET_UNKNOWN"
    with pytest.raises(NetworkError) as caught:
        render(CONSORTIUM, "compose", tmp_path, "Nobody")
    assert caught.value.code == "UNKNOWN_ORGANIZATION"
    assert not list(tmp_path.iterdir())

"""The consortium as Docker Compose files: a folder per organisation, and a file that takes them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from hansa_network.consortium import Consortium, OrderingNode, Organization
from hansa_network.fabric.chaincode_package import BUILDER_VARIABLE, chaincode_port
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.render import images
from hansa_network.render.environment import (
    EVERYWHERE,
    LEDGER,
    MATERIAL,
    orderer_environment,
    peer_environment,
)

AUTHORITY_HOME = "/etc/hyperledger/fabric-ca-server"
_BUILDER_SECRET, _REGISTRAR_SECRET = "chaincode-builder", "registrar"
_HEADER = (
    "# Made by: hansa network render --target compose. See docs/how-to/deploy.md; nothing here is secret.\n"
)


def compose_files(consortium: Consortium, organizations: Sequence[Organization]) -> dict[str, str]:
    """Relative path to content, for these organisations.

    Raises:
        NetworkError: an organisation has no port for its chaincode (CONFIG_INVALID).
    """
    files = {"chaincode/Dockerfile": images.DOCKERFILE}
    for one in organizations:
        files[f"{one.domain}/compose.yaml"] = _text(_project(consortium, one))
    if len(organizations) > 1:
        include = [{"path": f"{one.domain}/compose.yaml"} for one in organizations]
        files["compose.yaml"] = _text({"name": consortium.name, "include": include, "services": {}})
    return files


def _project(consortium: Consortium, organization: Organization) -> dict[str, Any]:
    own = FabricOrganization(organization, MATERIAL)
    domain = organization.domain
    services = {
        f"ca.{domain}": _authority(own),
        f"peer0.{domain}": _peer(own, consortium.log_level),
        f"chaincode.{domain}": _chaincode(consortium, own),
    }
    volumes: dict[str, Any] = {f"ca.{domain}": {}, f"peer0.{domain}": {}}
    if organization.orderer is not None:
        services[f"orderer0.{domain}"] = _orderer(own, organization.orderer, consortium.log_level)
        volumes[f"orderer0.{domain}"] = {}
    return {
        "name": domain.replace(".", "-"),
        "services": services,
        # One name for all: on one machine the members' projects meet in one network.
        "networks": {"consortium": {"name": consortium.name}},
        "volumes": volumes,
        "secrets": {
            _secret(domain, name): {"file": f"./secrets/{name}"}
            for name in (_REGISTRAR_SECRET, _BUILDER_SECRET)
        },
    }


def _secret(domain: str, name: str) -> str:
    return f"{domain}.{name}"


def _service(image: str, name: str, ports: Sequence[int], probe: int) -> dict[str, Any]:
    return {
        "image": image,
        "container_name": name,
        "hostname": name,
        "restart": "unless-stopped",
        "networks": ["consortium"],
        "ports": [f"{port}:{port}" for port in ports],
        "healthcheck": {
            # The images have a shell, and no client of HTTP.
            "test": ["CMD", "bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{probe}"],
            "interval": "10s",
            "timeout": "5s",
            "retries": 12,
        },
    }


def _authority(own: FabricOrganization) -> dict[str, Any]:
    domain, port = own.domain, own.described.ports.ca
    secret = _secret(domain, _REGISTRAR_SECRET)
    start = f'exec fabric-ca-server start -b "registrar:$$(cat /run/secrets/{secret})"'
    return _service(images.CA, f"ca.{domain}", [port], port) | {
        "command": ["bash", "-c", start],
        "environment": {
            "FABRIC_CA_HOME": AUTHORITY_HOME,
            "FABRIC_CA_SERVER_ADDRESS": EVERYWHERE,
            "FABRIC_CA_SERVER_CA_NAME": f"ca.{domain}",
            "FABRIC_CA_SERVER_CSR_CN": f"ca.{domain}",
            "FABRIC_CA_SERVER_CSR_HOSTS": f"ca.{domain},localhost",
            "FABRIC_CA_SERVER_PORT": str(port),
            "FABRIC_CA_SERVER_TLS_ENABLED": "true",
        },
        "secrets": [secret],
        "volumes": [f"ca.{domain}:{AUTHORITY_HOME}"],
    }


def _peer(own: FabricOrganization, log_level: str) -> dict[str, Any]:
    domain, ports = own.domain, own.described.ports
    secret = _secret(domain, _BUILDER_SECRET)
    published = [port for port in (ports.peer, ports.operations) if port is not None]
    start = f'{BUILDER_VARIABLE}="$$(cat /run/secrets/{secret})" exec peer node start'
    return _service(images.PEER, own.peer.name, published, ports.peer) | {
        "command": ["bash", "-c", start],
        "environment": peer_environment(own, log_level),
        "secrets": [secret],
        "volumes": [f"./material:{MATERIAL}:ro", f"{own.peer.name}:{LEDGER}"],
    }


def _orderer(own: FabricOrganization, node: OrderingNode, log_level: str) -> dict[str, Any]:
    ports = [node.port, node.admin, node.operations]
    return _service(images.ORDERER, own.orderer.name, ports, node.port) | {
        "environment": orderer_environment(own, node, log_level),
        "volumes": [f"./material:{MATERIAL}:ro", f"{own.orderer.name}:{LEDGER}"],
    }


def _chaincode(consortium: Consortium, own: FabricOrganization) -> dict[str, Any]:
    chaincode, place = consortium.chaincode, own.chaincode
    port = chaincode_port(own.described, chaincode)
    image = images.chaincode_image(chaincode.name, chaincode.version)
    made = _service(image, f"chaincode.{own.domain}", [], port)
    del made["ports"]  # only the member's own peer calls it, inside the network
    return made | {
        "build": {"context": "../chaincode", "dockerfile": "Dockerfile"},
        "environment": {
            "CHAINCODE_SERVER_ADDRESS": f"{EVERYWHERE}:{port}",
            # Known once the package is made: peers call an installed package LABEL:HASH.
            "CHAINCODE_ID": "${CHAINCODE_ID:?the package id that peer lifecycle chaincode install told}",
            "CHAINCODE_TLS_DISABLED": "false",
            "CHAINCODE_TLS_KEY": str(place / "server.key"),
            "CHAINCODE_TLS_CERT": str(place / "server.crt"),
            "CHAINCODE_CLIENT_CA_CERT": str(place / "ca.crt"),
        },
        "healthcheck": made["healthcheck"]
        | {
            "test": [
                "CMD",
                "python",
                "-c",
                f"import socket; socket.create_connection(('127.0.0.1', {port}))",
            ],
        },
        "volumes": [f"./material:{MATERIAL}:ro"],
    }


def _text(document: dict[str, Any]) -> str:
    return _HEADER + yaml.safe_dump(document, sort_keys=False, width=110)

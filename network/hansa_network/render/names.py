"""How rendered resources are called, and what they have in common."""

from __future__ import annotations

import re
from typing import Any

from hansa_network.consortium import Consortium, Organization
from hansa_network.render.operator import Istio, SecretKey

GATEWAY = "ingressgateway"


def namespace(one: Organization) -> str:
    """A namespace for each organisation."""
    return one.domain.replace(".", "-")


def peer_name(one: Organization) -> str:
    """The organisation's FabricPeer."""
    return f"peer0-{namespace(one)}"


def orderer_name(one: Organization) -> str:
    """Its FabricOrdererNode."""
    return f"orderer0-{namespace(one)}"


def chaincode_name(consortium: Consortium, one: Organization) -> str:
    """Its FabricChaincode."""
    return f"{consortium.chaincode.name}-{namespace(one)}"


def peer_host(one: Organization) -> str:
    """Where other members find its peer."""
    return f"peer0.{one.domain}"


def identity(one: Organization) -> SecretKey:
    """Its administrator's identity, in a secret that the member made."""
    return SecretKey(
        secret_key="user.yaml",  # noqa: S106 - the name of a key of it
        secret_name="administrator",  # noqa: S106 - its name
        secret_namespace=namespace(one),
    )


def istio(host: str, port: int) -> Istio:
    """Traffic for a host, let in by the mesh's gateway on a port."""
    return Istio(ingress_gateway=GATEWAY, hosts=(host,), port=port)


def resources(cpu: str, memory: str) -> dict[str, Any]:
    """Requests and limits of a container."""
    return {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"cpu": cpu, "memory": memory}}


def variable(one: Organization, what: str) -> str:
    """``${PRODUCER_EXAMPLE_WHAT}``: filled in when the file is applied."""
    return "${" + re.sub(r"[^A-Z0-9]", "_", one.domain.upper()) + f"_{what}}}"

"""A consortium whose members change it: join requests, and signatures of its administrators."""

from __future__ import annotations

from typing import Any

from fabric_protos.common import configtx_pb2

from hansa.consortium import JoinRequest, OrderingNode, sign
from hansa_fabric.bundle import Bundle
from hansa_fabric.config_authorization import outcome
from tests.support.config_changes import NEWCOMER, admin, configuration, consenter
from tests.support.fabric_organizations import organization


def in_force(kind: str = "BFT", sequence: int = 0) -> Bundle:
    """The configuration of five members, four of which order."""
    config = configtx_pb2.Config()
    config.CopyFrom(configuration(kind))
    config.sequence = sequence
    return Bundle("trade", config)


def request(msp_id: str = NEWCOMER, **changes: Any) -> JoinRequest:
    """What a newcomer says of itself, and whatever is to differ."""
    given: dict[str, Any] = {
        "msp_id": msp_id,
        "name": "Auditor",
        "role": "retailer",
        "country": "NL",
        "gln": "9521321000001",
        "domain": "auditor.example",
        "msp": organization(msp_id).definition().to_config().SerializeToString(),
        "anchor_peers": ("peer0.auditor.example:7051",),
    }
    return JoinRequest(**(given | changes))


def ordering_node(msp_id: str, port: int) -> OrderingNode:
    """An ordering node of an organisation."""
    made = consenter(msp_id, port)
    return OrderingNode(
        endpoint=str(made.endpoint),
        client_tls_certificate=made.client_tls_certificate.decode(),
        server_tls_certificate=made.server_tls_certificate.decode(),
        identity=made.identity.decode(),
    )


def signed(update: bytes, *msp_ids: str) -> list[bytes]:
    """Signatures of these organisations' administrators."""
    return [sign(update, admin(one)) for one in msp_ids]


def carried_out(config: Bundle, update: bytes) -> Bundle:
    """The configuration after an update."""
    changed = outcome(config, update)
    return Bundle(config.channel, changed)

"""The common connection profile of one organisation, and the environment Fabric's own programs read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa_network.consortium import Consortium, Organization

HOST = "127.0.0.1"


@dataclass(frozen=True)
class OrganizationFiles:
    """Where the engine keeps what an organisation's clients need: PEM files, an MSP folder, and ``orderer``,
    the address of the ordering node it sends to.
    """

    peer_tls_root: Path
    ca_tls_root: Path
    orderer_tls_root: Path
    admin_msp: Path
    orderer: str


def connection_profile(
    consortium: Consortium, organization: Organization, files: OrganizationFiles
) -> dict[str, Any]:
    """The profile as a JSON document, self-contained: certificates stand in it as PEM, keys do not.

    Follows the common connection profile 1.0; ``x-hansa`` names channel, chaincode and domain.
    """
    peer = f"peer0.{organization.domain}"
    ca = f"ca.{organization.domain}"
    return {
        "name": f"{consortium.name}-{organization.name}",
        "version": "1.0.0",
        "x-hansa": {
            "channel": consortium.channel,
            "chaincode": consortium.chaincode.name,
            "domain": organization.domain,
        },
        "client": {
            "organization": organization.name,
            "connection": {"timeout": {"peer": {"endorser": "300"}, "orderer": "300"}},
        },
        "organizations": {
            organization.name: {
                "mspid": organization.msp_id,
                "peers": [peer],
                "certificateAuthorities": [ca],
            }
        },
        "channels": {consortium.channel: {"orderers": ["orderer"], "peers": {peer: {}}}},
        "orderers": {"orderer": _node(files.orderer, files.orderer_tls_root)},
        "peers": {peer: _node(f"{HOST}:{organization.ports.peer}", files.peer_tls_root)},
        "certificateAuthorities": {
            ca: {
                "url": f"https://{HOST}:{organization.ports.ca}",
                "caName": ca,
                "tlsCACerts": {"pem": [files.ca_tls_root.read_text(encoding="ascii")]},
                "httpOptions": {"verify": True},
            }
        },
    }


def peer_environment(
    consortium: Consortium, organization: Organization, files: OrganizationFiles, profile: Path
) -> Mapping[str, str]:
    """What ``peer`` and other clients of Fabric read to act as the organisation's administrator."""
    return {
        "CORE_PEER_TLS_ENABLED": "true",
        "CORE_PEER_LOCALMSPID": organization.msp_id,
        "CORE_PEER_ADDRESS": f"{HOST}:{organization.ports.peer}",
        "CORE_PEER_TLS_ROOTCERT_FILE": str(files.peer_tls_root),
        "CORE_PEER_MSPCONFIGPATH": str(files.admin_msp),
        "ORDERER_ADDRESS": files.orderer,
        "ORDERER_CA": str(files.orderer_tls_root),
        "CHANNEL_NAME": consortium.channel,
        "CHAINCODE_NAME": consortium.chaincode.name,
        "HANSA_PROFILE": str(profile),
    }


def profile_text(profile: dict[str, Any]) -> str:
    """A connection profile as its file has it."""
    return json.dumps(profile, indent=2) + "\n"


def _node(address: str, tls_root: Path) -> dict[str, Any]:
    return {
        "url": f"grpcs://{address}",
        "tlsCACerts": {"pem": tls_root.read_text(encoding="ascii")},
        "grpcOptions": {"ssl-target-name-override": "localhost", "hostnameOverride": "localhost"},
    }

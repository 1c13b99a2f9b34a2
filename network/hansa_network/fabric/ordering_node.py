"""One organisation's ordering node: its configuration, and how it is started."""

from __future__ import annotations

from typing import Any

import yaml

from hansa_network.connection_profile import HOST
from hansa_network.consortium import OrderingNode
from hansa_network.data_folder import write_atomically
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.programs import Programs, logging_environment
from hansa_network.processes import Program


def ordering_program(
    organization: FabricOrganization, node: OrderingNode, programs: Programs, log_level: str
) -> Program:
    """Writes ``orderer.yaml`` and says how to start the node."""
    home = organization.orderer
    write_atomically(
        home / "orderer.yaml", yaml.safe_dump(orderer_config(organization, node), sort_keys=False)
    )
    environment = {"FABRIC_CFG_PATH": str(home), **logging_environment(log_level)}
    return Program(f"orderer-{organization.domain}", (str(programs.orderer),), environment)


def orderer_config(organization: FabricOrganization, node: OrderingNode) -> dict[str, Any]:
    """What ``orderer.yaml`` says."""
    home, tls = organization.orderer, organization.orderer / "tls"
    certificate, key = str(tls / "server.crt"), str(tls / "server.key")
    own_root = str(organization.folder.tls_ca_certificate)
    return {
        "General": {
            "ListenAddress": HOST,
            "ListenPort": node.port,
            "LocalMSPDir": str(home / "msp"),
            "LocalMSPID": organization.msp_id,
            "TLS": {
                "Enabled": True,
                "PrivateKey": key,
                "Certificate": certificate,
                "RootCAs": [own_root],
                "ClientAuthRequired": False,
            },
            # Peers' gateways ping every ten seconds; with Fabric's 60 they are sent away for it.
            "Keepalive": {"ServerMinInterval": "5s", "ServerInterval": "7200s", "ServerTimeout": "20s"},
            "Cluster": {"ClientCertificate": certificate, "ClientPrivateKey": key, "SendBufferSize": 100},
        },
        "FileLedger": {"Location": str(home / "ledger")},
        "Consensus": {"WALDir": str(home / "consensus" / "wal"), "SnapDir": str(home / "consensus" / "snap")},
        "ChannelParticipation": {"Enabled": True, "MaxRequestBodySize": "1 MB"},
        "Admin": {
            "ListenAddress": f"{HOST}:{node.admin}",
            "TLS": {
                "Enabled": True,
                "PrivateKey": key,
                "Certificate": certificate,
                "ClientAuthRequired": True,
                "ClientRootCAs": [own_root],
            },
        },
        "Operations": {"ListenAddress": f"{HOST}:{node.operations}"},
        "Metrics": {"Provider": "prometheus"},
    }

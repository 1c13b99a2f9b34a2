"""One organisation's peer: its configuration, and how it is started."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from hansa_network.connection_profile import HOST
from hansa_network.data_folder import write_atomically
from hansa_network.fabric.chaincode_package import BUILDER_VARIABLE, builder_values
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.programs import Programs, logging_environment
from hansa_network.processes import Program

# The gateway refuses what exceeds it at once, rather than letting it wait.
_CONCURRENCY = 5_000


def peer_program(organization: FabricOrganization, programs: Programs, log_level: str) -> Program:
    """Writes ``core.yaml`` and says how to start the peer."""
    home = organization.peer
    write_atomically(
        home / "core.yaml", yaml.safe_dump(peer_config(organization, programs.builder), sort_keys=False)
    )
    environment = {
        "FABRIC_CFG_PATH": str(home),
        **logging_environment(log_specification(log_level)),
        BUILDER_VARIABLE: json.dumps(builder_values(organization)),
    }
    return Program(f"peer-{organization.domain}", (str(programs.peer), "node", "start"), environment)


def log_specification(level: str) -> str:
    """What a peer logs from which level on, without what transactions read, write and answer.

    Where endorsers come to different results, Fabric warns with all that differs: values written, events, the
    chaincode's whole answers. When debugging, it shows each record that a query finds, private ones too.
    """
    quiet = f"{level}:gateway.responsechecker=error"
    return f"{quiet}:lockbasedtxmgr,validation=info" if level == "debug" else quiet


def peer_config(organization: FabricOrganization, builder: Path) -> dict[str, Any]:
    """What ``core.yaml`` says.

    Args:
        organization: whose peer it is.
        builder: folder of the builder for chaincode as a service.
    """
    home = organization.peer
    operations = organization.described.ports.operations or 0
    return {
        "peer": _peer(organization),
        # No Docker: chaincode runs as a service of its own.
        "vm": {"endpoint": ""},
        "chaincode": {
            "mode": "net",
            "keepalive": 0,
            "installTimeout": "300s",
            "startuptimeout": "300s",
            "executetimeout": "30s",
            "externalBuilders": [
                {"name": "ccaas", "path": str(builder), "propagateEnvironment": [BUILDER_VARIABLE]}
            ],
            "system": dict.fromkeys(("_lifecycle", "cscc", "lscc", "qscc"), "enable"),
            "logging": {"level": "info", "shim": "warning"},
            "runtimeParams": {
                "useWriteBatch": True,
                "maxSizeWriteBatch": 1000,
                "useGetMultipleKeys": True,
                "maxSizeGetMultipleKeys": 1000,
            },
        },
        "ledger": {
            "state": {"stateDatabase": "goleveldb", "totalQueryLimit": 100_000},
            "history": {"enableHistoryDatabase": True},
            "pvtdataStore": {"purgeInterval": 100, "purgedKeyAuditLogging": True},
            "snapshots": {"rootDir": str(home / "snapshots")},
        },
        "operations": {"listenAddress": f"{HOST}:{operations}"},
        "metrics": {"provider": "prometheus"},
    }


def _peer(organization: FabricOrganization) -> dict[str, Any]:
    home, tls = organization.peer, organization.peer / "tls"
    address = f"{HOST}:{organization.described.ports.peer}"
    return {
        "id": home.name,
        "networkId": "hansa",
        "listenAddress": address,
        "address": address,
        # Chaincode is dialled by the peer; this listener is for chaincode that dials in, and there is none.
        "chaincodeListenAddress": f"{HOST}:0",
        "chaincodeAddress": f"{HOST}:0",
        "localMspId": organization.msp_id,
        "localMspType": "bccsp",
        "mspConfigPath": str(home / "msp"),
        "fileSystemPath": str(home / "ledger"),
        "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
        "tls": {
            "enabled": True,
            "clientAuthRequired": False,
            "cert": {"file": str(tls / "server.crt")},
            "key": {"file": str(tls / "server.key")},
            "rootcert": {"file": str(tls / "ca.crt")},
        },
        "gossip": _gossip(address),
        "keepalive": {
            # Gateways of other peers ping every ten seconds; with Fabric's 60 they are sent away for it.
            "minInterval": "5s",
            "client": {"interval": "60s", "timeout": "20s"},
            "deliveryClient": {"interval": "60s", "timeout": "20s"},
        },
        "authentication": {"timewindow": "15m"},
        "client": {"connTimeout": "3s"},
        "deliveryclient": {
            "blockGossipEnabled": False,
            "policy": "cluster",
            "connTimeout": "3s",
            "reConnectBackoffThreshold": "5s",
            "reconnectTotalTimeThreshold": "87600h",
        },
        "handlers": _handlers(),
        "gateway": {
            "enabled": True,
            "endorsementTimeout": "30s",
            "broadcastTimeout": "30s",
            "dialTimeout": "2m",
        },
        "discovery": {"enabled": True, "authCacheEnabled": True, "authCacheMaxSize": 1000},
        "limits": {
            "concurrency": {
                "endorserService": _CONCURRENCY,
                "deliverService": _CONCURRENCY,
                "gatewayService": _CONCURRENCY,
            }
        },
    }


def _gossip(address: str) -> dict[str, Any]:
    return {
        "bootstrap": address,
        "externalEndpoint": address,
        "useLeaderElection": False,
        "orgLeader": True,
        "state": {"enabled": False},
        # A peer that was away is found again within seconds rather than half a minute.
        "reconnectInterval": "5s",
        "pvtData": _private_data(),
    }


def _private_data() -> dict[str, Any]:
    # What stands here has no default in the peer: left out, data that others have would never be asked for.
    return {
        "pullRetryThreshold": "60s",
        "pushAckTimeout": "3s",
        "btlPullMargin": 10,
        "transientstoreMaxBlockRetention": 1000,
        "reconciliationEnabled": True,
        "reconcileBatchSize": 10,
        "reconcileSleepInterval": "10s",
        "skipPullingInvalidTransactionsDuringCommit": True,
        "implicitCollectionDisseminationPolicy": {"requiredPeerCount": 0, "maxPeerCount": 1},
    }


def _handlers() -> dict[str, Any]:
    return {
        "authFilters": [
            {"name": "DefaultAuth"},
            {"name": "ExpirationCheck"},
            {"name": "TimeWindowCheck"},
        ],
        "decorators": [{"name": "DefaultDecorator"}],
        "endorsers": {"escc": {"name": "DefaultEndorsement"}},
        "validators": {"vscc": {"name": "DefaultValidation"}},
    }

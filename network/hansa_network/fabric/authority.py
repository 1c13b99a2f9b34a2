"""An organisation's certificate authorities: one fabric-ca-server with two, for identities and for TLS."""

from __future__ import annotations

from typing import Any

import yaml

from hansa_gateway.ca.client import CaClient
from hansa_network import sign_ins
from hansa_network.connection_profile import HOST
from hansa_network.data_folder import write_atomically
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.programs import Programs
from hansa_network.processes import Program

REGISTRAR = "registrar"
LOCAL_HOSTS = ["localhost", HOST]
CONFIG = "fabric-ca-server-config.yaml"
# Consenters' certificates stand in the channel's configuration, so they must not end with the year.
_CERTIFICATES_LAST = "43800h"
_AUTHORITIES_LAST = "131400h"


def authority_program(organization: FabricOrganization, programs: Programs, log_level: str) -> Program:
    """Writes the server's configuration and says how to start it."""
    secret = registrar(organization)[1]
    identity = _authority(organization, "ca", secret)
    identity |= {
        "address": HOST,
        "port": organization.described.ports.ca,
        "tls": {"enabled": True, "certfile": "tls-cert.pem"},
        "cafiles": [str(organization.root / "tlsca" / CONFIG)],
        "operations": {"listenAddress": f"{HOST}:0"},
        "metrics": {"provider": "disabled"},
    }
    home = organization.root / "ca"
    _write(organization, "tlsca", _authority(organization, "tlsca", secret))
    _write(organization, "ca", identity)
    command = (str(programs.ca), "start", "--home", str(home), "--loglevel", log_level)
    return Program(f"ca-{organization.domain}", command, {})


def registrar(organization: FabricOrganization) -> tuple[str, str]:
    """Name and secret of the first identity of both authorities."""
    return REGISTRAR, sign_ins.complete(organization.secrets, [REGISTRAR])[REGISTRAR]


def authority_client(organization: FabricOrganization, kind: str = "ca") -> CaClient:
    """A client of one authority: ``ca`` issues identities, ``tlsca`` TLS certificates."""
    return CaClient(
        f"https://{HOST}:{organization.described.ports.ca}",
        organization.msp_id,
        # The server's own TLS certificate comes from the first authority: the second is not there before it.
        tls_root=organization.folder.ca_certificate.read_bytes(),
        ca_name=f"{kind}.{organization.domain}",
    )


def _write(organization: FabricOrganization, kind: str, config: dict[str, Any]) -> None:
    path = organization.root / kind / CONFIG
    write_atomically(path, yaml.safe_dump(config, sort_keys=False))


def _authority(organization: FabricOrganization, kind: str, secret: str) -> dict[str, Any]:
    name = f"{kind}.{organization.domain}"
    may = {
        "hf.Registrar.Roles": "*",
        "hf.Registrar.DelegateRoles": "*",
        "hf.Registrar.Attributes": "*",
        "hf.Revoker": True,
        "hf.GenCRL": True,
        "hf.AffiliationMgr": True,
    }
    return {
        "version": "1.5.0",
        "crlsizelimit": 512_000,
        "ca": {"name": name, "certfile": f"{name}-cert.pem"},
        "crl": {"expiry": "720h"},
        "registry": {
            "maxenrollments": -1,
            "identities": [
                {"name": REGISTRAR, "pass": secret, "type": "client", "affiliation": "", "attrs": may}
            ],
        },
        "db": {"type": "sqlite3", "datasource": "fabric-ca-server.db"},
        "signing": {
            "default": {"usage": ["digital signature"], "expiry": _CERTIFICATES_LAST},
            "profiles": {
                "tls": {
                    "usage": ["digital signature", "key encipherment", "server auth", "client auth"],
                    "expiry": _CERTIFICATES_LAST,
                }
            },
        },
        "csr": {
            "cn": name,
            "keyrequest": {"algo": "ecdsa", "size": 256},
            "names": [{"O": organization.described.name}],
            "hosts": LOCAL_HOSTS,
            "ca": {"expiry": _AUTHORITIES_LAST, "pathlength": 0},
        },
        "bccsp": {
            "default": "SW",
            "sw": {"hash": "SHA2", "security": 256, "filekeystore": {"keystore": "msp/keystore"}},
        },
    }

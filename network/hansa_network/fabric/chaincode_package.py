"""The chaincode's package: one for all organisations, and the same bytes each time it is made.

It holds no address and no key. The builder for chaincode as a service fills those in on each peer, from the
environment the peer was started with.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Mapping

from hansa_network.connection_profile import HOST
from hansa_network.consortium import Chaincode, Organization
from hansa_network.errors import NetworkError
from hansa_network.fabric.organization import FabricOrganization

BUILDER_VARIABLE = "CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG"


def package(chaincode: Chaincode, connection: Mapping[str, object] | None = None) -> bytes:
    """The package (``tar.gz``), as ``peer lifecycle chaincode package`` would lay it out.

    Args:
        chaincode: names and version.
        connection: how peers reach its service; unless given, each peer fills in what is its own.
    """
    connection = connection or {
        # Two names, since a peer's values are fixed while it runs: a definition and its successor differ.
        "address": "{{.standby_address}}" if chaincode.standby else "{{.address}}",
        "dial_timeout": "10s",
        "tls_required": True,
        "client_auth_required": True,
        "client_key": "{{.client_key}}",
        "client_cert": "{{.client_cert}}",
        "root_cert": "{{.root_cert}}",
    }
    metadata = {"type": "ccaas", "label": chaincode.label}
    code = _archive({"connection.json": _json(connection)})
    return _archive({"metadata.json": _json(metadata), "code.tar.gz": code})


def package_id(chaincode: Chaincode, content: bytes) -> str:
    """``LABEL:HASH``, what peers call an installed package and the process registers with."""
    return f"{chaincode.label}:{hashlib.sha256(content).hexdigest()}"


def label_of(content: bytes) -> str:
    """The label in a package. Raises NetworkError (PACKAGE_INVALID)."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            metadata = archive.extractfile("metadata.json")
            return str(json.loads(metadata.read() if metadata else b"")["label"])
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError, TypeError, zlib.error) as error:
        raise NetworkError(
            "PACKAGE_INVALID", f"The chaincode's package cannot be read: {error}", "Ask for another join kit."
        ) from error


def builder_values(organization: FabricOrganization) -> dict[str, str]:
    """What the organisation's peer fills into the package: where its chaincode serves, and TLS."""
    place = organization.chaincode

    def text(name: str) -> str:
        return (place / name).read_text(encoding="ascii")

    ports = organization.described.ports
    addresses = {"address": ports.chaincode, "standby_address": ports.chaincode_standby}
    return {
        **{name: f"{HOST}:{port}" for name, port in addresses.items() if port is not None},
        "client_key": text("client.key"),
        "client_cert": text("client.crt"),
        "root_cert": text("ca.crt"),
    }


def chaincode_port(organization: Organization, chaincode: Chaincode) -> int:
    """Where the organisation's process of that definition serves. Raises NetworkError (CONFIG_INVALID)."""
    ports = organization.ports
    port = ports.chaincode_standby if chaincode.standby else ports.chaincode
    if port is None:
        field = "ports.chaincode_standby" if chaincode.standby else "ports.chaincode"
        raise NetworkError(
            "CONFIG_INVALID",
            f"{organization.name} has no port for sequence {chaincode.sequence} of its chaincode.",
            f"On Fabric each organisation needs {field} in the description; its peer learns it as it starts.",
        )
    return port


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    # Neither name nor time in the header, or the same content would have another hash each time.
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()

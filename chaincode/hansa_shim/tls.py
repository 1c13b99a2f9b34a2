"""Keys and certificates of a chaincode service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from hansa_shim.errors import ConfigurationError


@dataclass(frozen=True)
class TlsCredentials:
    """PEM bytes. Where ``client_ca`` is given, peers must show a certificate that it issued."""

    key: bytes = field(repr=False)
    certificate: bytes
    client_ca: bytes | None = None

    @classmethod
    def from_files(cls, key: str, certificate: str, client_ca: str = "") -> TlsCredentials:
        """From PEM files.

        Raises:
            ConfigurationError: one of them cannot be read.
        """
        return cls(read_file(key), read_file(certificate), read_file(client_ca) if client_ca else None)

    def for_server(self) -> grpc.ServerCredentials:
        """What a gRPC server listens with."""
        return grpc.ssl_server_credentials(
            [(self.key, self.certificate)],
            root_certificates=self.client_ca,
            require_client_auth=self.client_ca is not None,
        )


def server_tls(environment: Mapping[str, str]) -> TlsCredentials | None:
    """The TLS settings of a chaincode service, under the names that Fabric's samples use.

    ``CHAINCODE_TLS_DISABLED`` (true when absent), ``CHAINCODE_TLS_KEY``, ``CHAINCODE_TLS_CERT`` and
    ``CHAINCODE_CLIENT_CA_CERT`` (all three paths of PEM files; the last turns client authentication on).

    Raises:
        ConfigurationError: TLS is on, and a file is not named or cannot be read.
    """
    if flag(environment, "CHAINCODE_TLS_DISABLED", default=True):
        return None
    key, certificate = environment.get("CHAINCODE_TLS_KEY", ""), environment.get("CHAINCODE_TLS_CERT", "")
    if not key or not certificate:
        raise ConfigurationError("with TLS on, CHAINCODE_TLS_KEY and CHAINCODE_TLS_CERT name the PEM files")
    return TlsCredentials.from_files(key, certificate, environment.get("CHAINCODE_CLIENT_CA_CERT", ""))


def flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    """A yes or no from the environment, in the spellings that Go takes."""
    text = environment.get(name, "").strip().lower()
    if not text:
        return default
    if text in ("1", "t", "true"):
        return True
    if text in ("0", "f", "false"):
        return False
    raise ConfigurationError(f"{name} is true or false, not {text!r}")


def read_file(path: str) -> bytes:
    """The bytes of a file.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as failure:
        raise ConfigurationError(f"{path}: {failure.strerror}") from failure

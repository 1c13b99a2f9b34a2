"""Who signed the proposal: the MSP and the certificate, with the attributes that the CA wrote into it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cryptography import x509
from cryptography.x509.oid import NameOID
from fabric_protos.msp import identities_pb2

ATTRIBUTES_OID = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
"""The certificate extension in which Fabric CA stores attributes, as JSON ``{"attrs": {name: value}}``."""


@dataclass(frozen=True)
class Creator:
    """The identity behind a transaction. ``serialized`` is Fabric's SerializedIdentity as signed."""

    msp_id: str
    certificate: bytes
    serialized: bytes

    @classmethod
    def parse(cls, serialized: bytes) -> Creator:
        """From the bytes of a SerializedIdentity. Equal bytes give the same object, since callers repeat."""
        return _parse(serialized)

    @cached_property
    def x509(self) -> x509.Certificate:
        """The certificate.

        Raises:
            ValueError: the identity carries no PEM certificate.
        """
        return x509.load_pem_x509_certificate(self.certificate)

    @cached_property
    def common_name(self) -> str:
        """The subject's common name; empty where there is none."""
        names = self.x509.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""

    @cached_property
    def organizational_units(self) -> tuple[str, ...]:
        """The subject's organizational units; with NodeOUs they name the role (client, admin, ...)."""
        units = self.x509.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return tuple(str(unit.value) for unit in units)

    @cached_property
    def attributes(self) -> dict[str, str]:
        """The attributes that the CA vouches for; empty where the certificate has none."""
        try:
            extension = self.x509.extensions.get_extension_for_oid(ATTRIBUTES_OID)
        except x509.ExtensionNotFound:
            return {}
        value = extension.value
        if not isinstance(value, x509.UnrecognizedExtension):
            return {}
        attributes = json.loads(value.value).get("attrs") or {}
        return {str(name): str(text) for name, text in attributes.items()}

    def __getitem__(self, name: str) -> str | bytes:
        """``mspid`` and ``idBytes``, under the names the official shim's dictionary has."""
        parts: dict[str, str | bytes] = {"mspid": self.msp_id, "idBytes": self.certificate}
        return parts[name]


@lru_cache(maxsize=1024)
def _parse(serialized: bytes) -> Creator:
    identity = identities_pb2.SerializedIdentity.FromString(serialized)
    return Creator(identity.mspid, bytes(identity.id_bytes), serialized)

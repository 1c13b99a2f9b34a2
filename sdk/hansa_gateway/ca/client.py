"""Enrolling, registering and revoking with a Fabric CA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hansa_fabric.certificates import new_key, signing_request
from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Identity, Signer
from hansa_gateway.ca.errors import CaConnectionError
from hansa_gateway.ca.messages import CaInfo, Enrollment, Revocation, ca_info, octets, revocation, text
from hansa_gateway.ca.transport import Transport
from hansa_gateway.credentials import Credential
from hansa_gateway.errors import ConfigurationError


class CaClient:
    """A Fabric CA (1.4 and later) over its REST interface; blocking, and threads may share it.

    Args:
        url: ``https://host:port``.
        msp_id: the organisation whose members it issues.
        tls_root: PEM certificates that may vouch for the server.
        ca_name: which of the server's authorities; empty for its default.
        timeout: seconds for each step of a request.

    Raises:
        ConfigurationError: URL and TLS root do not make a connection.
    """

    def __init__(
        self,
        url: str,
        msp_id: str,
        *,
        tls_root: bytes | None = None,
        ca_name: str = "",
        timeout: float = 10.0,
    ) -> None:
        self._transport = Transport(url, tls_root, timeout)
        self._msp_id = msp_id
        self._ca = {"caname": ca_name} if ca_name else {}

    def cainfo(self) -> CaInfo:
        """Who the authority is. Raises CaError."""
        return ca_info(self._transport.anonymously("cainfo", self._ca))

    def enroll(
        self,
        enrollment_id: str,
        secret: str,
        *,
        hosts: Sequence[str] = (),
        attributes: Sequence[str] = (),
        profile: str = "",
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> Enrollment:
        """A first certificate for a registered identity; the private key never leaves this process.

        Args:
            enrollment_id: as registered; becomes the certificate's common name.
            secret: as registered.
            hosts: DNS names and addresses the certificate is for, such as a server's.
            attributes: the registered ones to put into the certificate, and no others; empty for those that
                were registered to be put there, and Fabric CA's own ``hf.`` three.
            profile: the authority's signing profile; ``tls`` for TLS certificates.
            key: ECDSA private key to certify; a new one on P-256 unless given.

        Raises:
            CaRefusedError: unknown id, wrong secret, no enrollments left, or an attribute not registered.
            CaConnectionError: it was not reached, or answered nonsense.
        """
        key = key or new_key()
        request = self._request(enrollment_id, key, hosts, attributes, profile)
        return self._enrolled(self._transport.with_secret("enroll", request, enrollment_id, secret), key)

    def reenroll(
        self,
        credential: Credential,
        *,
        hosts: Sequence[str] = (),
        attributes: Sequence[str] = (),
        profile: str = "",
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> Enrollment:
        """A new certificate, with a new key unless one is given, for who has one that is still valid.

        Arguments and errors as ``enroll``.
        """
        key = key or new_key()
        request = self._request(_common_name(credential.identity), key, hosts, attributes, profile)
        return self._enrolled(self._transport.with_certificate("reenroll", request, credential.signer), key)

    def register(
        self,
        registrar: Signer,
        enrollment_id: str,
        *,
        secret: str | None = None,
        type: str = "client",  # noqa: A002 - Fabric CA's name for it
        affiliation: str = "",
        attributes: Mapping[str, str] | None = None,
        max_enrollments: int | None = None,
    ) -> str:
        """Make an identity known, so that it can enroll.

        Args:
            registrar: who may register.
            enrollment_id: the new identity's name.
            secret: what it will enroll with; the authority draws one unless given.
            type: ``client``, ``peer``, ``orderer`` or ``admin``; becomes the certificate's OU.
            affiliation: its place in the authority's tree; empty for the registrar's own.
            attributes: by name; all of them go into its certificates.
            max_enrollments: how often the secret may be used; None for the authority's default.

        Returns:
            the secret.

        Raises:
            CaRefusedError: the registrar may not, or the name is taken.
            CaConnectionError: it was not reached (the identity may be registered), or answered nonsense.
        """
        request: dict[str, Any] = {
            "id": enrollment_id,
            "type": type,
            "affiliation": affiliation,
            "attrs": [
                {"name": name, "value": value, "ecert": True} for name, value in (attributes or {}).items()
            ],
            **self._ca,
        }
        if secret is not None:
            request["secret"] = secret
        if max_enrollments is not None:
            request["max_enrollments"] = max_enrollments
        return text(self._transport.with_certificate("register", request, registrar), "secret")

    def revoke(
        self,
        registrar: Signer,
        *,
        enrollment_id: str = "",
        serial: str = "",
        aki: str = "",
        reason: str = "",
        generate_crl: bool = False,
    ) -> Revocation:
        """Revoke an identity with all its certificates, or one certificate.

        Channels take no notice until the new revocation list stands in their configuration.

        Args:
            registrar: who may revoke.
            enrollment_id: the identity; it can never enroll again.
            serial: of one certificate, hex, together with ``aki``.
            aki: its authority key identifier, hex.
            reason: as RFC 5280 names it, such as ``keycompromise``; empty for unspecified.
            generate_crl: whether to answer with a new revocation list.

        Raises:
            ConfigurationError: neither an identity nor a certificate is named.
            CaRefusedError: the registrar may not, or there is no such thing.
            CaConnectionError: it was not reached, or answered nonsense.
        """
        if not enrollment_id and not (serial and aki):
            raise ConfigurationError("name the identity to revoke, or a certificate's serial and aki")
        named = {"id": enrollment_id, "serial": serial, "aki": aki, "reason": reason}
        request = {
            **{name: value for name, value in named.items() if value},
            "gencrl": generate_crl,
            **self._ca,
        }
        return revocation(self._transport.with_certificate("revoke", request, registrar))

    def _request(
        self,
        common_name: str,
        key: ec.EllipticCurvePrivateKey,
        hosts: Sequence[str],
        attributes: Sequence[str],
        profile: str,
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "certificate_request": signing_request(key, common_name, hosts).decode(),
            "hosts": list(hosts),
            "profile": profile,
            **self._ca,
        }
        if attributes:
            request["attr_reqs"] = [{"name": name} for name in attributes]
        return request

    def _enrolled(self, result: Any, key: ec.EllipticCurvePrivateKey) -> Enrollment:
        info = ca_info(result.get("ServerInfo") if isinstance(result, Mapping) else None)
        try:
            credential = Credential(Identity(self._msp_id, octets(result, "Cert")), key)
        except FabricDataError as error:
            raise CaConnectionError(f"the certificate that was issued is of no use: {error}") from error
        return Enrollment(credential, info)


def _common_name(identity: Identity) -> str:
    found = identity.x509.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not found:
        raise ConfigurationError("the certificate to renew has no common name")
    return str(found[0].value)

"""From a certificate up to its root, by the rules of Fabric's MSPs (those of Go's x509 verification)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from hansa_fabric.certificates import is_authority
from hansa_fabric.errors import InvalidIdentityError, MalformedDataError
from hansa_fabric.identity import parse_certificate

_HANDLED_EXTENSIONS = (
    x509.BasicConstraints,
    x509.KeyUsage,
    x509.ExtendedKeyUsage,
    x509.SubjectAlternativeName,
    x509.SubjectKeyIdentifier,
    x509.AuthorityKeyIdentifier,
)


class CertificateTree:
    """An organisation's authorities.

    Args:
        roots: PEM, at least one.
        intermediates: PEM.

    Raises:
        MalformedDataError: none, unreadable, not an authority, or without subject key identifier.
        InvalidIdentityError: an authority that does not lead to a root.
    """

    def __init__(self, roots: Iterable[bytes], intermediates: Iterable[bytes] = ()) -> None:
        # A certificate that is named twice is one, not a second chain.
        self.roots = tuple(dict.fromkeys(parse_certificate(pem) for pem in roots))
        self.intermediates = tuple(dict.fromkeys(parse_certificate(pem) for pem in intermediates))
        if not self.roots:
            raise MalformedDataError("an MSP needs at least one root certificate")
        self._parents: set[x509.Certificate] = set()
        for authority in (*self.roots, *self.intermediates):
            if not is_authority(authority):
                raise MalformedDataError(f"{_name(authority)} is not an authority's certificate")
            subject_key_identifier(authority)
            if any(isinstance(one.value, x509.NameConstraints) for one in authority.extensions):
                raise MalformedDataError(f"{_name(authority)} has name constraints, which are not supported")
        for authority in self.intermediates:
            self._parents.update(self.chain(authority)[1:])

    def identity_chain(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """The one chain of a member's certificate: itself, its issuer, …, the root.

        Raises:
            InvalidIdentityError: it is an authority itself, there is no chain or more than one, its key is
                not ECDSA, or its issuer is an authority that only issues authorities.
        """
        if is_authority(certificate):
            raise InvalidIdentityError("an authority's certificate cannot be an identity")
        if not isinstance(_public_key(certificate), ec.EllipticCurvePublicKey):
            raise InvalidIdentityError("the certificate's key is not ECDSA")
        chain = self.chain(certificate)
        if chain[1] in self._parents:
            raise InvalidIdentityError(f"{_name(chain[1])} has authorities below it, so it names no members")
        return chain

    def chain(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """The one chain from any certificate to a root. Raises InvalidIdentityError."""
        # Fabric looks at the moment after a certificate's begin, not at the clock, so that what was valid
        # stays valid when old blocks are read; expiry is checked where transactions enter.
        moment = certificate.not_valid_before_utc + timedelta(seconds=1)
        found = [chain for chain in self._chains((certificate,), moment) if all(map(_may_serve, chain))]
        if len(found) != 1:
            raise InvalidIdentityError(
                f"{_name(certificate)} has {len(found)} chains to the organisation's roots, not one"
            )
        return found[0]

    def _chains(
        self, chain: tuple[x509.Certificate, ...], moment: datetime
    ) -> list[tuple[x509.Certificate, ...]]:
        last = chain[-1]
        if not last.not_valid_before_utc <= moment <= last.not_valid_after_utc or _has_unknown(last):
            return []
        if last in self.roots:
            return [chain]
        found = []
        for authority in self.roots + self.intermediates:
            if authority not in chain and _issued(authority, last) and _allows_depth(authority, len(chain)):
                found += self._chains((*chain, authority), moment)
        return found


def subject_key_identifier(certificate: x509.Certificate) -> bytes:
    """The certificate's subject key identifier. Raises MalformedDataError when it has none."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound as error:
        raise MalformedDataError(f"{_name(certificate)} has no subject key identifier") from error


def is_revoked(chain: Sequence[x509.Certificate], lists: Iterable[x509.CertificateRevocationList]) -> bool:
    """Whether a list that the issuer signed names the chain's first certificate; dates do not matter."""
    if len(chain) == 1:
        return False
    identifier = subject_key_identifier(chain[1])
    issuer_key = _public_key(chain[1])
    return any(
        _list_identifier(one) == identifier
        and one.get_revoked_certificate_by_serial_number(chain[0].serial_number) is not None
        and isinstance(issuer_key, ec.EllipticCurvePublicKey)
        and one.is_signature_valid(issuer_key)
        for one in lists
    )


def parse_revocation_list(data: bytes) -> x509.CertificateRevocationList:
    """A revocation list from PEM or DER, with an authority key identifier. Raises MalformedDataError."""
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
    except ValueError as error:
        raise MalformedDataError(f"not a revocation list: {error}") from error
    _list_identifier(found)
    return found


def _list_identifier(revocations: x509.CertificateRevocationList) -> bytes | None:
    try:
        extension = revocations.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound as error:
        raise MalformedDataError("the revocation list has no authority key identifier") from error
    return extension.value.key_identifier


def _issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    if authority.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _allows_depth(authority: x509.Certificate, below: int) -> bool:
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    # The path length counts the authorities between this one and the member.
    return constraints.path_length is None or below - 1 <= constraints.path_length


def _may_serve(certificate: x509.Certificate) -> bool:
    # Go verifies for TLS servers unless told otherwise, and Fabric does not tell: a certificate that names
    # purposes, none of them this one, is no identity.
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in usages or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usages


def _has_unknown(certificate: x509.Certificate) -> bool:
    return any(
        one.critical and not isinstance(one.value, _HANDLED_EXTENSIONS) for one in certificate.extensions
    )


def _public_key(certificate: x509.Certificate) -> object:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _name(certificate: x509.Certificate) -> str:
    return f"{certificate.subject.rfc4514_string() or 'a certificate'} ({certificate.serial_number:x})"

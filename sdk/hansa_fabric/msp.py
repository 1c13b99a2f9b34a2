"""Membership: who belongs to an organisation, and in which role, by its MSP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from fabric_protos.msp import msp_principal_pb2

from hansa_fabric.certificate_chain import CertificateTree, is_revoked, parse_revocation_list
from hansa_fabric.certificates import attributes_of, canonical_der, organizational_units_of
from hansa_fabric.errors import (
    FabricDataError,
    InvalidIdentityError,
    MalformedDataError,
    PrincipalNotSatisfiedError,
)
from hansa_fabric.identity import Identity, parse_certificate, verify
from hansa_fabric.msp_definition import MspDefinition, OrganizationalUnit
from hansa_fabric.protobuf import decode

_ROLE = msp_principal_pb2.MSPRole
_PRINCIPAL = msp_principal_pb2.MSPPrincipal
CACHED_IDENTITIES = 4096


class ValidatedIdentity:
    """An identity that its organisation's MSP vouches for; made by ``Msp.validate``.

    Args:
        identity: the identity.
        msp: the MSP that vouches.
        chain: its certificates up to the root.
    """

    def __init__(self, identity: Identity, msp: Msp, chain: tuple[x509.Certificate, ...]) -> None:
        self.identity = identity
        self.msp = msp
        self.x509 = chain[0]
        self.units = organizational_units_of(chain[0])
        self.certificate_der = canonical_der(chain[0], chain[1])
        # The id is the same however the certificate's PEM was wrapped, so that nobody counts twice.
        self.id = (identity.msp_id, hashlib.sha256(self.certificate_der).hexdigest())
        self.certifiers_identifier = certifiers_identifier(chain[1:])
        self._satisfied: dict[bytes, bool] = {}

    @property
    def msp_id(self) -> str:
        """The organisation's MSP id."""
        return self.identity.msp_id

    @property
    def attributes(self) -> dict[str, str]:
        """The Fabric CA attributes in the certificate. Raises MalformedDataError."""
        return attributes_of(self.x509)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check this identity's signature. Raises InvalidSignatureError."""
        verify(self.identity, message, signature)

    def satisfies(self, principal: Any) -> bool:
        """Whether this identity is a ``msp.MSPPrincipal`` (message or bytes); the answer is remembered.

        An unreadable or unsupported principal is satisfied by nobody.
        """
        key = principal if isinstance(principal, bytes) else principal.SerializeToString(deterministic=True)
        found = self._satisfied.get(key)
        if found is None:
            try:
                self.msp.check_principal(self, decode(_PRINCIPAL, key))
                found = True
            except FabricDataError:
                found = False
            self._satisfied[key] = found
        return found

    def check_expiry(self, at: datetime) -> None:
        """Refuse an identity whose certificate has ended, as peers and orderers do where requests enter.

        Raises:
            InvalidIdentityError: it had ended at that (aware) time.
        """
        if at > self.x509.not_valid_after_utc:
            raise InvalidIdentityError(f"the certificate expired at {self.x509.not_valid_after_utc:%FT%TZ}")


class Msp:
    """One organisation's membership rules, as Fabric's MSP version 1.4.3 and later has them.

    Args:
        definition: what the channel's configuration says of the organisation.

    Raises:
        MalformedDataError: certificates, lists or units that are unreadable or contradict each other.
        InvalidIdentityError: an authority or an administrator that does not lead to the roots.
    """

    def __init__(self, definition: MspDefinition) -> None:
        self.definition = definition
        self.msp_id = definition.msp_id
        self._tree = CertificateTree(definition.root_certificates, definition.intermediate_certificates)
        self._lists = tuple(parse_revocation_list(one) for one in definition.revocation_lists)
        for authority in self._tree.intermediates:
            if is_revoked(self._tree.chain(authority), self._lists):
                raise InvalidIdentityError("an intermediate authority has been revoked")
        if definition.tls_root_certificates:
            CertificateTree(definition.tls_root_certificates, definition.tls_intermediate_certificates)
        self._required_units = {
            (unit.name, self._certifiers(unit.certificate)) for unit in definition.organizational_units
        }
        self._roles = self._node_ous()
        self._admins = self._explicit_admins()

    def validate(self, identity: Identity, *, at: datetime | None = None) -> ValidatedIdentity:
        """Check an identity: chain, revocation, units and NodeOU role.

        Args:
            identity: said to be of this organisation.
            at: aware time at which the certificate must not have ended; without it expiry does not matter,
                as when a committing peer looks at a block.

        Raises:
            InvalidIdentityError: any check failed.
            MalformedDataError: the certificate is unreadable.
        """
        if identity.msp_id != self.msp_id:
            raise InvalidIdentityError(f"an identity of {identity.msp_id} is not one of {self.msp_id}")
        chain = self._tree.identity_chain(identity.x509)
        if is_revoked(chain, self._lists):
            raise InvalidIdentityError("the certificate has been revoked")
        found = ValidatedIdentity(identity, self, chain)
        self._check_units(found)
        if at is not None:
            found.check_expiry(at)
        return found

    def check_principal(self, who: ValidatedIdentity, principal: Any) -> None:
        """Check that an identity of this MSP is a ``msp.MSPPrincipal``.

        Raises:
            PrincipalNotSatisfiedError: it is not.
            MalformedDataError: the principal is unreadable or of a kind that X.509 identities cannot be.
        """
        kind = principal.principal_classification
        if kind == _PRINCIPAL.ROLE:
            self._check_role(who, decode(_ROLE, principal.principal))
        elif kind == _PRINCIPAL.ORGANIZATION_UNIT:
            self._check_unit(who, decode(msp_principal_pb2.OrganizationUnit, principal.principal))
        elif kind == _PRINCIPAL.IDENTITY:
            self._check_identity(who, Identity.deserialize(principal.principal))
        elif kind == _PRINCIPAL.COMBINED:
            combined = decode(msp_principal_pb2.CombinedPrincipal, principal.principal).principals
            if not combined:
                raise MalformedDataError("a combined principal combines nothing")
            for one in combined:
                self.check_principal(who, one)
        elif kind == _PRINCIPAL.ANONYMITY:
            anonymity = decode(msp_principal_pb2.MSPIdentityAnonymity, principal.principal)
            if anonymity.anonymity_type != msp_principal_pb2.MSPIdentityAnonymity.NOMINAL:
                raise PrincipalNotSatisfiedError("X.509 identities are not anonymous")
        else:
            raise MalformedDataError(f"unknown kind of principal: {kind}")

    def _check_role(self, who: ValidatedIdentity, role: Any) -> None:
        if role.msp_identifier != self.msp_id:
            raise PrincipalNotSatisfiedError(f"{self.msp_id} is not {role.msp_identifier}")
        if role.role == _ROLE.MEMBER:
            return
        if role.role == _ROLE.ADMIN and who.certificate_der in self._admins:
            return
        unit = self._roles.get(role.role)
        if unit is None or unit.name not in who.units:
            raise PrincipalNotSatisfiedError(f"the identity has not role {role.role} in {self.msp_id}")

    def _check_unit(self, who: ValidatedIdentity, unit: Any) -> None:
        if unit.msp_identifier != self.msp_id:
            raise PrincipalNotSatisfiedError(f"{self.msp_id} is not {unit.msp_identifier}")
        if unit.organizational_unit_identifier not in who.units:
            raise PrincipalNotSatisfiedError("the identity is not in the unit")
        if unit.certifiers_identifier != who.certifiers_identifier:
            raise PrincipalNotSatisfiedError("the unit's identities have another authority")

    def _check_identity(self, who: ValidatedIdentity, wanted: Identity) -> None:
        if wanted.msp_id != self.msp_id:
            raise PrincipalNotSatisfiedError(f"{self.msp_id} is not {wanted.msp_id}")
        if self.validate(wanted).certificate_der != who.certificate_der:
            raise PrincipalNotSatisfiedError("the identity is another one")

    def _check_units(self, who: ValidatedIdentity) -> None:
        stated = {(unit, who.certifiers_identifier) for unit in who.units}
        if self._required_units and not stated & self._required_units:
            raise InvalidIdentityError(f"none of the identity's units {who.units} is known to {self.msp_id}")
        if not self._roles:
            return
        by_name = {unit.name: unit for unit in self._roles.values()}
        marks = [by_name[name] for name in who.units if name in by_name]
        for unit in marks:
            if unit.certificate and self._certifiers(unit.certificate) != who.certifiers_identifier:
                raise InvalidIdentityError(f"unit {unit.name} is marked by another authority")
        if len(marks) != 1:
            raise InvalidIdentityError(
                f"the identity must be exactly one of client, peer, admin, orderer; its units: {who.units}"
            )

    def _node_ous(self) -> dict[int, OrganizationalUnit]:
        ous = self.definition.node_ous
        if ous is None or not ous.enabled:
            return {}
        marked = {
            _ROLE.CLIENT: ous.client,
            _ROLE.PEER: ous.peer,
            _ROLE.ADMIN: ous.admin,
            _ROLE.ORDERER: ous.orderer,
        }
        found = {role: unit for role, unit in marked.items() if unit is not None}
        for unit in found.values():
            if unit.certificate:
                self._certifiers(unit.certificate)
        return found

    def _explicit_admins(self) -> frozenset[bytes]:
        if not self.definition.admins and _ROLE.ADMIN not in self._roles:
            raise MalformedDataError(f"{self.msp_id} names no administrators and marks none by unit")
        found = set()
        marks = {self._roles[role].name for role in (_ROLE.ADMIN, _ROLE.CLIENT) if role in self._roles}
        for pem in self.definition.admins:
            admin = self.validate(Identity(self.msp_id, pem))
            if self._roles and not marks.intersection(admin.units):
                raise InvalidIdentityError("a named administrator is neither client nor admin")
            found.add(admin.certificate_der)
        return frozenset(found)

    def _certifiers(self, pem: bytes) -> bytes:
        authority = parse_certificate(pem)
        if authority not in self._tree.roots + self._tree.intermediates:
            raise MalformedDataError(f"a unit's authority is not one of {self.msp_id}'s")
        return certifiers_identifier(self._tree.chain(authority))


class MspManager:
    """The organisations of a channel.

    Args:
        msps: each organisation's MSP.

    Raises:
        MalformedDataError: two with one id.
    """

    def __init__(self, msps: Iterable[Msp]) -> None:
        self.msps: dict[str, Msp] = {}
        for msp in msps:
            if msp.msp_id in self.msps:
                raise MalformedDataError(f"two MSPs are called {msp.msp_id}")
            self.msps[msp.msp_id] = msp
        self._remembered = lru_cache(CACHED_IDENTITIES)(self._validate)

    def deserialize(self, data: bytes) -> ValidatedIdentity:
        """The identity behind ``msp.SerializedIdentity`` bytes, validated; the answer is remembered by bytes.

        Raises:
            MalformedDataError: unreadable.
            InvalidIdentityError: its organisation is not on the channel, or does not vouch for it.
        """
        return self._remembered(data)

    def _validate(self, data: bytes) -> ValidatedIdentity:
        identity = Identity.deserialize(data)
        msp = self.msps.get(identity.msp_id)
        if msp is None:
            raise InvalidIdentityError(f"MSP {identity.msp_id} is not defined on the channel")
        return msp.validate(identity)


def certifiers_identifier(chain: Iterable[x509.Certificate]) -> bytes:
    """SHA-256 over the authorities above an identity, from its issuer to the root."""
    authorities = tuple(chain)
    issuers = (*authorities[1:], authorities[-1])
    return hashlib.sha256(
        b"".join(canonical_der(one, issuer) for one, issuer in zip(authorities, issuers, strict=True))
    ).digest()

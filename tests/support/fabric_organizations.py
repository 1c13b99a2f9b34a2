"""Whole organisations for tests of Fabric's data: an authority and members with roles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, new_key
from hansa_fabric.identity import Identity, KeySigner
from hansa_fabric.msp import Msp
from hansa_fabric.msp_definition import MspDefinition


@dataclass(frozen=True)
class Organization:
    """An organisation with its identity authority and its TLS authority."""

    msp_id: str
    authority: CertificateAuthority
    tls_authority: CertificateAuthority

    def member(self, *units: str, name: str = "someone", not_after: datetime | None = None) -> KeySigner:
        """A new member in these units (``client``, ``peer``, …)."""
        key = new_key()
        profile = CertificateProfile(name, units, not_after=not_after)
        certificate = self.authority.issue(profile, key.public_key())
        return KeySigner(Identity(self.msp_id, certificate), key)

    def definition(self, **changes: object) -> MspDefinition:
        """Its MSP with NodeOUs, and whatever is to differ."""
        plain = MspDefinition(
            self.msp_id,
            (self.authority.certificate,),
            tls_root_certificates=(self.tls_authority.certificate,),
        )
        return replace(plain, **changes)  # type: ignore[arg-type]

    def msp(self, **changes: object) -> Msp:
        """Its membership rules."""
        return Msp(self.definition(**changes))


@lru_cache
def organization(msp_id: str) -> Organization:
    """The organisation of that id, the same one for the whole test run."""
    return Organization(
        msp_id,
        CertificateAuthority.create(f"ca.{msp_id}", msp_id),
        CertificateAuthority.create(f"tlsca.{msp_id}", msp_id),
    )

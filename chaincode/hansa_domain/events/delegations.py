"""Events of delegated reporting."""

from __future__ import annotations

from hansa_domain.events.base import Event


class DelegationGranted(Event, frozen=True, kw_only=True, tag="delegation.granted"):
    """A member lets another report about goods on its behalf; ``subject`` a product or a unit."""

    grantor: str
    reporter: str
    subject: str
    actions: list[str]
    until: str
    at: str


class DelegationRevoked(Event, frozen=True, kw_only=True, tag="delegation.revoked"):
    """It does so no longer."""

    grantor: str
    reporter: str
    subject: str
    at: str

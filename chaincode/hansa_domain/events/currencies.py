"""Events of who may issue money, what backs it, and whose account is frozen."""

from __future__ import annotations

from hansa_domain.events.base import Event


class IssuerApproved(Event, frozen=True, kw_only=True, tag="currency.issuer_approved"):
    """A member's administrator approved a bank for a currency."""

    currency: str
    bank: str
    member: str
    at: str


class AccountFrozen(Event, frozen=True, kw_only=True, tag="account.frozen"):
    """Nothing is paid out of this account until it is unfrozen."""

    account: str
    by: str
    reason: str
    court_order: str | None
    order_hash: str | None
    at: str


class AccountUnfrozen(Event, frozen=True, kw_only=True, tag="account.unfrozen"):
    """The account pays again."""

    account: str
    by: str
    reason: str
    at: str


class ReservesAttested(Event, frozen=True, kw_only=True, tag="currency.reserves_attested"):
    """What an auditor found behind the issuer's money; ``amount`` in minor units, ``as_of`` a date."""

    attestation: str
    currency: str
    amount: str
    as_of: str
    document: str
    auditor: str
    at: str

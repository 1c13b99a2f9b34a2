"""Events of members and of their agreement on changes."""

from __future__ import annotations

import msgspec

from hansa_domain.events.base import Event


class ConsortiumInitialized(Event, frozen=True, kw_only=True, tag="consortium.initialized"):
    """The consortium began, with its fee and default arbitrator."""

    basis_points: int
    fee_account: str
    arbitrator: str
    at: str


class MemberJoined(Event, frozen=True, kw_only=True, tag="member.joined"):
    """An organisation is a member from now on."""

    msp_id: str
    name: str
    role: str
    gln: str | None
    country: str
    at: str


class MemberLeft(Event, frozen=True, kw_only=True, tag="member.left"):
    """An organisation is a member no longer."""

    msp_id: str
    at: str


class ConfigUpdateProposed(Event, frozen=True, kw_only=True, tag="config_update.proposed"):
    """A change of the channel's configuration is asked for; ``digest`` is SHA-256 of what is to be signed.

    ``name`` and ``role`` are the newcomer's, where one is to join.
    """

    config_update: str
    kind: str
    organization: str | None
    name: str | None
    role: str | None
    summary: str
    proposer: str
    revision: int
    base_sequence: int
    digest: str
    at: str


class ConfigUpdateSigned(Event, frozen=True, kw_only=True, tag="config_update.signed"):
    """A member's administrator signed a revision."""

    config_update: str
    revision: int
    msp_id: str
    signer: str
    at: str


class ConfigUpdateRenewed(Event, frozen=True, kw_only=True, tag="config_update.renewed"):
    """It was computed anew; signatures of earlier revisions do not count."""

    config_update: str
    revision: int
    base_sequence: int
    digest: str
    at: str


class ConfigUpdateWithdrawn(Event, frozen=True, kw_only=True, tag="config_update.withdrawn"):
    """It is not wanted any longer."""

    config_update: str
    by: str
    at: str


class ConfigUpdateCarriedOut(Event, frozen=True, kw_only=True, tag="config_update.carried_out"):
    """It is in force since the block."""

    config_update: str
    config_block: int
    by: str
    at: str


class GuardsRenewed(Event, frozen=True, kw_only=True, tag="guards.renewed"):
    """These records carry the policy that follows from these members; ids of notes, orders and hash
    time-locks, accounts, and EPCs; ``held`` are quotes, parts of facilities and of netting."""

    notes: list[str]
    escrows: list[str]
    units: list[str]
    members: list[str]
    at: str
    hashlocks: list[str] = msgspec.field(default_factory=list)
    accounts: list[str] = msgspec.field(default_factory=list)
    held: list[str] = msgspec.field(default_factory=list)

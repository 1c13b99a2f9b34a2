"""Events of what members owe each other, and of setting it off."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.events.base import Event


class NettingPosition(msgspec.Struct, frozen=True, kw_only=True):
    """What a member owes or receives on balance, minor units; what he receives goes to ``account``."""

    member: str
    account: str
    owes: str
    receives: str


class ObligationRegistered(Event, frozen=True, kw_only=True, tag="obligation.registered"):
    """One side says that ``debtor`` owes ``creditor``; the other has not confirmed it yet."""

    obligation: str
    debtor: str
    creditor: str
    account: str
    currency: str
    amount: str
    reference: str | None
    by: str
    at: str


class ObligationChanged(Event, frozen=True, kw_only=True, tag="obligation.changed"):
    """It was confirmed, paid without netting, or given up."""

    obligation: str
    status: str
    account: str
    by: str
    at: str


class NettingOpened(Event, frozen=True, kw_only=True, tag="netting.opened"):
    """These obligations are set off; who owes on balance pays in until it is due."""

    cycle: str
    currency: str
    obligations: list[str]
    positions: list[NettingPosition]
    by: str
    due: str
    at: str


class NettingFunded(Event, frozen=True, kw_only=True, tag="netting.funded"):
    """A net debtor paid in, and consented with that."""

    cycle: str
    debtor: str
    account: str
    currency: str
    amount: str
    at: str


class NettingClosed(Event, frozen=True, kw_only=True, tag="netting.closed"):
    """Net creditors were paid and nothing is owed; or it was dissolved, and all obligations stand."""

    cycle: str
    outcome: Literal["closed", "dissolved"]
    by: str
    at: str

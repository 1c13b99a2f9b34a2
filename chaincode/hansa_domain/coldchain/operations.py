"""``coldChain:SetLimits`` by a product's owner, and what may be asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec

from hansa_domain.coldchain.measures import on_scale
from hansa_domain.coldchain.records import (
    MAX_LIMITS,
    ColdChainLimits,
    Exposure,
    Limit,
    exposure_key,
    limits_key,
)
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events.coldchain import ColdChainLimitsSet, LimitView
from hansa_domain.fields import Epc, Gtin
from hansa_domain.gs1 import gtin14, normal_form
from hansa_domain.operation import Command, Context, Decision, Fetch, Query, Steps, operation
from hansa_domain.products.records import load_product, require_owner


class SetColdChainLimits(Command["LimitsReply"], frozen=True, kw_only=True):
    """``coldChain:SetLimits``, by the product's owner; they take the place of those before. None: no limits.

    One limit a measurement. Readings reported from now on are held against them.
    """

    gtin: Gtin
    limits: Annotated[list[Limit], msgspec.Meta(max_length=MAX_LIMITS)]


class GetColdChainLimits(Query["LimitsReply"], frozen=True, kw_only=True):
    """``coldChain:Limits``: what a product must be kept at."""

    gtin: Gtin


class GetExposure(Query["ExposureReply"], frozen=True, kw_only=True):
    """``coldChain:Exposure``: how a unit or lot was kept, where it was ever outside its limits."""

    epc: Epc


class LimitsReply(msgspec.Struct, frozen=True, kw_only=True):
    """The limits that hold; None where none were ever set."""

    limits: ColdChainLimits | None


class ExposureReply(msgspec.Struct, frozen=True, kw_only=True):
    """``exposure`` None: it was never reported outside. ``excursion``: it was for longer than allowed."""

    epc: str
    exposure: Exposure | None
    excursion: bool


@operation("coldChain:SetLimits", SetColdChainLimits, LimitsReply)
def set_limits(command: SetColdChainLimits, context: Context) -> Steps:
    """Checks each limit, and keeps them under the product's key."""
    gtin = gtin14(command.gtin, "gtin")
    for place, limit in enumerate(command.limits):
        _check(limit, command.limits[:place], f"limits[{place}]")
    product = yield from load_product(gtin)
    require_owner(product, context, "set the limits of")
    limits = ColdChainLimits(
        gtin=gtin, limits=command.limits, set_by=context.caller.msp_id, set_at=context.at
    )
    event = ColdChainLimitsSet(
        gtin=gtin, limits=[_view(each) for each in limits.limits], by=limits.set_by, at=context.at
    )
    return Decision(reply=LimitsReply(limits=limits), writes={limits_key(gtin): limits}, events=(event,))


def _check(limit: Limit, before: list[Limit], where: str) -> None:
    if limit.minimum is None and limit.maximum is None:
        raise Refusal(Code.LIMIT_INVALID, "A limit has a minimum, a maximum, or both.", f"{where}.maximum")
    if any(each.measures == limit.measures for each in before):
        raise Refusal(Code.LIMIT_INVALID, f"{limit.measures} is limited twice.", f"{where}.measures")
    if limit.minimum is not None and limit.maximum is not None:
        low, high = (on_scale(Decimal(end), limit.uom)[1] for end in (limit.minimum, limit.maximum))
        if low > high:
            raise Refusal(Code.LIMIT_INVALID, "The minimum is above the maximum.", f"{where}.minimum")


def _view(limit: Limit) -> LimitView:
    return LimitView(
        measures=limit.measures,
        uom=limit.uom,
        minimum=limit.minimum,
        maximum=limit.maximum,
        allowed_seconds=limit.allowed_seconds,
    )


@operation("coldChain:Limits", GetColdChainLimits, LimitsReply)
def get_limits(command: GetColdChainLimits, context: Context) -> Steps:
    """The limits of a product."""
    gtin = gtin14(command.gtin, "gtin")
    key = limits_key(gtin)
    records = yield Fetch(keys=(key,))
    return Decision(reply=LimitsReply(limits=records.find(ColdChainLimits, *key[1:])))


@operation("coldChain:Exposure", GetExposure, ExposureReply)
def get_exposure(command: GetExposure, context: Context) -> Steps:
    """The exposure of a unit or lot."""
    epc = normal_form(command.epc)
    key = exposure_key(epc)
    found = (yield Fetch(keys=(key,))).find(Exposure, *key[1:])
    excursion = found is not None and bool(found.excursions)
    return Decision(reply=ExposureReply(epc=epc, exposure=found, excursion=excursion))

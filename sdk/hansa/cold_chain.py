"""Cold chain: what a product must be kept at, and how goods were kept."""

from __future__ import annotations

from collections.abc import Sequence

from hansa.ids import new_id
from hansa.submission import Receipt, Submitter
from hansa_domain.coldchain.operations import (
    ExposureReply,
    GetColdChainLimits,
    GetExposure,
    LimitsReply,
    SetColdChainLimits,
)
from hansa_domain.coldchain.records import Exposure, Limit


class ColdChain:
    """``client.cold_chain``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def set_limits(
        self, gtin: str, limits: Sequence[Limit], *, command_id: str | None = None
    ) -> Receipt[LimitsReply]:
        """Sets what a product must be kept at, in place of what was set before; by its owner.

        Args:
            gtin: any length.
            limits: one a measurement; numbers as text in a unit of UN/CEFACT Recommendation 20.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            RefusedError: LIMIT_INVALID, PRODUCT_NOT_FOUND, NOT_PERMITTED.
        """
        command = SetColdChainLimits(id=command_id or new_id(), gtin=gtin, limits=list(limits))
        return self._submitter.submit("coldChain:SetLimits", command, LimitsReply)

    def limits(self, gtin: str) -> list[Limit]:
        """What a product must be kept at; empty where nothing was set."""
        found = self._submitter.evaluate(
            "coldChain:Limits", GetColdChainLimits(gtin=gtin), LimitsReply
        ).limits
        return [] if found is None else found.limits

    def exposure(self, epc: str) -> Exposure | None:
        """How a unit or lot was kept, None where no sensor spoke of it."""
        return self._submitter.evaluate("coldChain:Exposure", GetExposure(epc=epc), ExposureReply).exposure

"""Having a command or question executed by peers: a refusal counts from a peer that is not behind others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from hansa.errors import refusal
from hansa.failures import may_be_outdated
from hansa.heights import Heights
from hansa_gateway import EndorseError, EvaluateError

Answer = TypeVar("Answer")

log = logging.getLogger("hansa.submission")


def answered(execute: Callable[[], Answer], heights: Heights, msp_id: str, patience: float) -> Answer:
    """What peers answer; where one refuses, what it answers once it has what the others had.

    A refusal that depends on what the ledger holds brings one question for the heights, and the same
    question again. What the same peer refuses then, it refuses knowing all that any member's peer had
    committed when it refused first.

    Args:
        execute: endorses or evaluates, each time anew.
        heights: how far the peers are.
        msp_id: who refused where the gateway does not tell.
        patience: seconds to wait for a peer that is behind.

    Raises:
        RefusedError: the chaincode said no.
        UnreachableError: PEER_BEHIND.
        EndorseError, EvaluateError: another failure than a refusal.
    """
    horizon: int | None = None
    current: set[str] = set()
    while True:
        try:
            return execute()
        except (EndorseError, EvaluateError) as error:
            refused = None if error.results_differ else refusal(error)
            if refused is None:
                raise
            refusing = set(error.refused_by) or {msp_id}
            if not may_be_outdated(refused) or refusing <= current:
                raise refused from error
            horizon = heights.horizon() if horizon is None else horizon
            log.debug("%s refused %s: asked again at height %d", refusing, refused.code, horizon)
            heights.reach(refusing - current, horizon, patience)
            current |= refusing

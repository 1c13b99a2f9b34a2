"""What the chaincode's process counts of its transactions; outside of the rules, so no reply depends on it.

Labels name functions, outcomes and refusal codes, which are closed lists; never who called, or with what.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress

import structlog
from prometheus_client import Counter, Gauge, Histogram

from hansa_contract.contract import HansaContract
from hansa_domain.catalogue import OPERATIONS
from hansa_domain.error_codes import Code
from hansa_shim import ChaincodeStub, Response

log = structlog.get_logger("hansa.chaincode")

TRANSACTIONS = Counter(
    "hansa_chaincode_transactions", "Transactions executed, by function and outcome.", ["function", "outcome"]
)
REFUSALS = Counter("hansa_chaincode_refusals", "Transactions the rules refused, by code.", ["code"])
SECONDS = Histogram("hansa_chaincode_transaction_seconds", "Seconds of one execution.", ["function"])
IN_FLIGHT = Gauge("hansa_chaincode_transactions_in_flight", "Transactions being executed.")

SUCCESS, REFUSED, FAILED = "success", "refused", "failed"
_OTHER = "other"
_CODES = frozenset(code.value for code in Code)
_ERROR = 400


class Measured:
    """A chaincode whose transactions are counted and logged by transaction id.

    Args:
        inner: does the work.
    """

    def __init__(self, inner: HansaContract) -> None:
        self._inner = inner

    async def init(self, stub: ChaincodeStub) -> Response:
        """Passes on."""
        return await self._inner.init(stub)

    async def invoke(self, stub: ChaincodeStub) -> Response:
        """Answers one transaction."""
        function = _function(stub)
        began = time.perf_counter()
        outcome, code = FAILED, None
        try:
            with IN_FLIGHT.track_inprogress():
                response = await self._inner.invoke(stub)
            outcome, code = _outcome(response)
            return response
        finally:
            seconds = time.perf_counter() - began
            SECONDS.labels(function).observe(seconds)
            TRANSACTIONS.labels(function, outcome).inc()
            if code is not None:
                REFUSALS.labels(code).inc()
            log.info(
                "executed",
                transaction_id=stub.tx_id,
                function=function,
                outcome=outcome,
                code=code,
                ms=round(seconds * 1000, 1),
            )

    def get_metadata(self) -> bytes:
        """Passes on."""
        return self._inner.get_metadata()


def _function(stub: ChaincodeStub) -> str:
    """The function called; whatever is none of ours counts as one, since callers choose what they send."""
    name = stub.args[0].decode(errors="replace") if stub.args else ""
    return name if name in OPERATIONS else _OTHER


def _outcome(response: Response) -> tuple[str, str | None]:
    if response.status < _ERROR:
        return SUCCESS, None
    code: object = None
    with suppress(ValueError):
        document = json.loads(response.message)
        code = document.get("code") if isinstance(document, dict) else None
    return REFUSED, str(code) if code in _CODES else _OTHER

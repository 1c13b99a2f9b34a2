"""What can go wrong between a client and a Fabric CA."""

from __future__ import annotations

from collections.abc import Sequence

from hansa_gateway.errors import GatewayError


class CaError(GatewayError):
    """A certificate authority that does not do what it was asked."""

    code = "CA_FAILED"


class CaConnectionError(CaError):
    """The authority was not reached, is not who the TLS root vouches for, or answered nonsense."""

    code = "CA_UNREACHABLE"


class CaRefusedError(CaError):
    """The authority said no.

    Args:
        status: the HTTP status.
        reasons: Fabric CA's error codes with their messages.
    """

    code = "CA_REFUSED"

    def __init__(self, status: int, reasons: Sequence[tuple[int, str]]) -> None:
        self.status = status
        self.reasons = tuple(reasons)
        said = "; ".join(f"{message} ({number})" for number, message in self.reasons) or "no reason given"
        super().__init__(f"the certificate authority refused (HTTP {status}): {said}")

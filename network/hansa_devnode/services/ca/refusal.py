"""How the authority says no, with Fabric CA's numbers."""

from __future__ import annotations

UNKNOWN = 0
METHOD_NOT_ALLOWED = 1
NO_AUTHORIZATION = 2
EMPTY_BODY = 4
BAD_BODY = 5
CERTIFICATE_NOT_FOUND = 8
CERTIFICATE_OF_ANOTHER = 9
IDENTITY_TO_REVOKE_NOT_FOUND = 10
NOTHING_TO_REVOKE = 15
AFFILIATION_NOT_FOUND = 16
CA_NOT_FOUND = 19
AUTHENTICATION = 20
BAD_REQUEST_FOR_CERTIFICATE = 31
IDENTITY_NOT_FOUND = 63
ALREADY_REVOKED = 66
AUTHORIZATION = 71
TOO_MANY_ATTEMPTS = 73
ALREADY_REGISTERED = 74
WRONG_COMMON_NAME = 77
BAD_MAX_ENROLLMENTS = 82
ATTRIBUTES_MISSING = 0


class CaRefusal(Exception):  # noqa: N818 - an answer, not a fault of the program
    """A request that is answered with an error.

    Args:
        status: HTTP status.
        code: Fabric CA's number.
        message: what the client is told.
        detail: what only the log is told, for strangers learn nothing from a refusal.
    """

    def __init__(self, status: int, code: int, message: str, detail: str = "") -> None:
        super().__init__(detail or message)
        self.status = status
        self.code = code
        self.message = message


def unauthenticated(detail: str) -> CaRefusal:
    """Who asks is not who they say; why stays in the log."""
    return CaRefusal(401, AUTHENTICATION, "Authentication failure", detail)


def unauthorized(detail: str) -> CaRefusal:
    """Who asks may not; why stays in the log."""
    return CaRefusal(403, AUTHORIZATION, "Authorization failure", detail)

"""What a chaincode answers: a status, a message for people, and a payload."""

from __future__ import annotations

from dataclasses import dataclass

OK = 200
ERROR_THRESHOLD = 400
ERROR = 500


@dataclass(frozen=True, slots=True)
class Response:
    """Fabric's ``Response``. A peer endorses a status below 400 and refuses any other."""

    status: int = OK
    message: str = ""
    payload: bytes = b""

    @property
    def endorsable(self) -> bool:
        """Whether a peer will endorse it."""
        return self.status < ERROR_THRESHOLD


def success(payload: bytes | str | None = None) -> Response:
    """The answer of a transaction that did its work (status 200).

    Args:
        payload: what the client receives; text is encoded as UTF-8.
    """
    return Response(payload=as_bytes(payload))


def error(message: str, status: int = ERROR) -> Response:
    """The answer of a transaction that is refused; nothing it wrote takes effect.

    Args:
        message: what the client receives.
        status: at least 400, by default 500.
    """
    if status < ERROR_THRESHOLD:
        raise ValueError(f"status {status} would be endorsed; an error has 400 or more")
    return Response(status=status, message=message)


def as_bytes(value: bytes | bytearray | memoryview | str | None) -> bytes:
    """The bytes of a value: text as UTF-8, nothing as nothing."""
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode()
    return bytes(value)

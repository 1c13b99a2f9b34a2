"""What can go wrong while a network is described, started or found."""

from __future__ import annotations


class NetworkError(Exception):
    """A network could not be read, started, found or stopped.

    Args:
        code: stable upper-case code, for scripts.
        message: what happened, in one sentence.
        hint: what to do about it.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

"""What every step of a transaction, and every event request, shows of itself."""

from __future__ import annotations

from typing import Generic, TypeVar

from hansa_gateway.core.signing import Octets, Signable

State = TypeVar("State", bound=Signable)


class Step(Generic[State]):
    """A step that can be sent, or carried elsewhere to be signed.

    Args:
        state: what the step is.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def bytes(self) -> Octets:
        """The step, serialized, to be brought back by the gateway's ``new_...`` of its kind."""
        return self._state.bytes

    @property
    def digest(self) -> Octets:
        """SHA-256 (32 bytes) of what the signature covers: what an offline signer signs."""
        return self._state.digest

    @property
    def signed(self) -> bool:
        """Whether it has a signature yet; sending gives it the gateway's signer's."""
        return bool(self._state.signature)

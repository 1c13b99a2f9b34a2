"""Who signs what: the signatory of a gateway, and what all signable steps have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeAlias

from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Identity, Signer, digest
from hansa_fabric.protobuf import decode
from hansa_gateway.errors import InvalidMessageError, SigningError

# The builtin's other name, for classes that have a property called ``bytes``.
Octets: TypeAlias = bytes


class Signatory:
    """The identity a gateway acts for and, unless signing happens elsewhere, its signer.

    Args:
        who: a signer, or only an identity when every step is signed offline.
    """

    def __init__(self, who: Signer | Identity) -> None:
        self.signer: Signer | None = None if isinstance(who, Identity) else who
        self.identity: Identity = who if isinstance(who, Identity) else who.identity
        self.creator: bytes = self.identity.serialized

    def sign(self, message: bytes) -> bytes:
        """A signature over the message.

        Raises:
            SigningError: the gateway was connected with an identity only.
        """
        if self.signer is None:
            raise SigningError(
                "this gateway has no signer: sign the step's digest elsewhere and bring it back "
                "with new_signed_proposal, new_signed_transaction, new_signed_commit or "
                "new_signed_chaincode_events_request / new_signed_block_events_request"
            )
        return self.signer.sign(message)


class Signable(ABC):
    """A message that goes out signed: its bytes, its digest, and its signature once it has one."""

    signature: Octets = b""

    @property
    @abstractmethod
    def message(self) -> Octets:
        """The bytes the signature covers."""

    @property
    @abstractmethod
    def bytes(self) -> Octets:
        """The step, serialized, to be carried to wherever it is signed and back."""

    @property
    def digest(self) -> Octets:
        """SHA-256 (32 bytes) of what the signature covers: what an offline signer signs."""
        return digest(self.message)

    def sign(self, signatory: Signatory) -> None:
        """Sign, unless it is signed already. Raises SigningError when nobody here can."""
        if not self.signature:
            self.signature = signatory.sign(self.message)


class SignedRequest(Signable):
    """A question that travels as one message of two fields: the serialized question, and its signature.

    Args:
        message: the serialized question: what is signed.
        signature: where it was made elsewhere.
    """

    def __init__(self, message: Octets, signature: Octets = b"") -> None:
        self._message = message
        self.signature = signature

    @abstractmethod
    def _signed(self) -> Any:
        """The protobuf message that goes out, with the signature there is."""

    @property
    def message(self) -> Octets:
        """The bytes the signature covers."""
        return self._message

    @property
    def bytes(self) -> Octets:
        """What goes out, serialized, to be carried to wherever it is signed and back."""
        found: Octets = self._signed().SerializeToString()
        return found

    def request(self, signatory: Signatory) -> Any:
        """The protobuf message that goes out, signed. Raises SigningError."""
        self.sign(signatory)
        return self._signed()


def decode_step(kind: Any, data: bytes, what: str) -> Any:
    """A protobuf message of a step from bytes that came back from elsewhere.

    Raises:
        InvalidMessageError: the bytes are no such message.
    """
    try:
        return decode(kind, data)
    except FabricDataError as error:
        raise InvalidMessageError(f"these bytes are not {what}: {error}") from error

"""Who agrees to a configuration update: signatures over it, and the envelopes that carry it to an orderer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import Identity, Signer
from hansa_fabric.policies import SignedData
from hansa_fabric.proposals import NONCE_BYTES
from hansa_fabric.protobuf import decode
from hansa_fabric.transactions import sign_envelope


@dataclass(frozen=True)
class UnsignedApproval:
    """A signature to be made elsewhere, for instance in an HSM or on a machine without a network.

    Args:
        header: serialized ``common.SignatureHeader`` of who will sign.
        update: the serialized ``common.ConfigUpdate``.
    """

    header: bytes
    update: bytes

    @classmethod
    def new(cls, update: bytes, identity: Identity, nonce: bytes | None = None) -> UnsignedApproval:
        """Of an update and an identity; the nonce (24 bytes) is random unless given."""
        nonce = secrets.token_bytes(NONCE_BYTES) if nonce is None else nonce
        header = common_pb2.SignatureHeader(creator=identity.serialized, nonce=nonce)
        return cls(header.SerializeToString(), update)

    @property
    def message(self) -> bytes:
        """What is signed."""
        return self.header + self.update

    @property
    def digest(self) -> bytes:
        """SHA-256 of what is signed."""
        return hashlib.sha256(self.message).digest()

    def with_signature(self, signature: bytes) -> Any:
        """The ``common.ConfigSignature`` with a signature (DER, low-S)."""
        return configtx_pb2.ConfigSignature(signature_header=self.header, signature=signature)


def approve(update: bytes, signer: Signer) -> Any:
    """The ``common.ConfigSignature`` of one who agrees to a serialized ``common.ConfigUpdate``."""
    unsigned = UnsignedApproval.new(update, signer.identity)
    return unsigned.with_signature(signer.sign(unsigned.message))


def update_envelope(update: bytes, signatures: Iterable[Any]) -> Any:
    """The ``common.ConfigUpdateEnvelope`` of a serialized update and its ``common.ConfigSignature``s.

    One who signed twice stays in it once: a second signature counts for nothing and costs room.

    Raises:
        MalformedDataError: a signature's header cannot be read.
    """
    found: dict[bytes, Any] = {}
    for one in signatures:
        found.setdefault(decode(common_pb2.SignatureHeader, one.signature_header).creator, one)
    return configtx_pb2.ConfigUpdateEnvelope(config_update=update, signatures=list(found.values()))


def approvals(envelope: Any) -> list[SignedData]:
    """The signatures of a ``common.ConfigUpdateEnvelope``; none is checked here.

    Raises:
        MalformedDataError: a signature's header cannot be read.
    """
    return [
        SignedData(
            decode(common_pb2.SignatureHeader, one.signature_header).creator,
            one.signature_header + envelope.config_update,
            one.signature,
        )
        for one in envelope.signatures
    ]


def update_payload(
    envelope: Any, creator: Identity, *, nonce: bytes | None = None, timestamp: datetime | None = None
) -> bytes:
    """The serialized ``common.Payload`` that submits an update, to be signed by its creator.

    Args:
        envelope: ``common.ConfigUpdateEnvelope``.
        creator: who submits it; need not be one of those who agreed.
        nonce: 24 random bytes, unless given.
        timestamp: aware time; now, unless given.

    Raises:
        MalformedDataError: the envelope holds no update.
    """
    update = decode(configtx_pb2.ConfigUpdate, envelope.config_update)
    return config_payload(
        common_pb2.CONFIG_UPDATE, update.channel_id, envelope, creator, nonce=nonce, timestamp=timestamp
    )


def sign_update(envelope: Any, signer: Signer) -> Any:
    """The ``common.Envelope`` of type CONFIG_UPDATE that an orderer takes. Raises MalformedDataError."""
    return sign_envelope(update_payload(envelope, signer.identity), signer)


def parse_update(transaction: Any) -> Any:
    """The ``common.ConfigUpdateEnvelope`` of a ``common.Envelope`` of type CONFIG_UPDATE.

    Raises:
        MalformedDataError: it cannot be read, or is of another type.
    """
    payload = decode(common_pb2.Payload, transaction.payload)
    header = decode(common_pb2.ChannelHeader, payload.header.channel_header)
    if header.type != common_pb2.CONFIG_UPDATE:
        raise MalformedDataError(f"an envelope of type {header.type} carries no configuration update")
    return decode(configtx_pb2.ConfigUpdateEnvelope, payload.data)


def config_payload(
    kind: int,
    channel: str,
    content: Any,
    creator: Identity,
    *,
    nonce: bytes | None = None,
    timestamp: datetime | None = None,
) -> bytes:
    """The serialized ``common.Payload`` of a configuration transaction, which has no transaction id.

    Args:
        kind: ``common.HeaderType``: CONFIG or CONFIG_UPDATE.
        channel: the channel's name.
        content: the message inside.
        creator: who will sign it.
        nonce: 24 random bytes, unless given.
        timestamp: aware time; now, unless given.
    """
    moment = Timestamp()
    moment.FromDatetime((timestamp or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None))
    channel_header = common_pb2.ChannelHeader(type=kind, timestamp=moment, channel_id=channel)
    signature_header = common_pb2.SignatureHeader(
        creator=creator.serialized, nonce=secrets.token_bytes(NONCE_BYTES) if nonce is None else nonce
    )
    payload = common_pb2.Payload(
        header=common_pb2.Header(
            channel_header=channel_header.SerializeToString(),
            signature_header=signature_header.SerializeToString(),
        ),
        data=content.SerializeToString(deterministic=True),
    )
    found: bytes = payload.SerializeToString()
    return found

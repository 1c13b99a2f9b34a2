"""Where a delivery starts and stops: the SeekInfo of a signed envelope, read as Fabric reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from google.protobuf.message import DecodeError

# An envelope older or newer than this is refused, so that an old one cannot be used again.
TIME_WINDOW = timedelta(minutes=15)


class SeekError(Exception):
    """The request ends with a status instead of blocks: `status` is a common.Status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class SeekRequest:
    """A readable request. `channel_header` is a common.ChannelHeader, `info` an orderer.SeekInfo."""

    channel_header: Any
    creator: bytes
    info: Any


@dataclass(frozen=True, slots=True)
class SeekRange:
    """Block numbers, both included. `stop` 0 after a later start is never met: the range has no end."""

    start: int
    stop: int


def read_seek(envelope: Any, client_certificate_hash: bytes | None) -> SeekRequest:
    """Reads a common.Envelope with a SeekInfo.

    `client_certificate_hash` is the SHA-256 of the client's TLS certificate (DER) where the connection
    demands one: the header must then name it, so that nobody else can send the envelope. Raises SeekError
    (BAD_REQUEST).
    """
    try:
        payload = common_pb2.Payload.FromString(envelope.payload)
        if not payload.HasField("header"):
            raise _bad_request("envelope has no header")
        channel_header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
        signature_header = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
        info = ab_pb2.SeekInfo.FromString(payload.data)
    except DecodeError as error:
        raise _bad_request(f"the envelope cannot be read: {error}") from error
    _check_timestamp(channel_header)
    if client_certificate_hash is not None and channel_header.tls_cert_hash != client_certificate_hash:
        raise _bad_request("the TLS certificate hash in the header is not that of the connection")
    return SeekRequest(channel_header, signature_header.creator, info)


def _check_timestamp(channel_header: Any) -> None:
    if not channel_header.HasField("timestamp"):
        raise _bad_request("channel header in envelope must contain timestamp")
    sent = channel_header.timestamp.ToDatetime(tzinfo=UTC)
    if abs(datetime.now(UTC) - sent) > TIME_WINDOW:
        raise _bad_request(f"envelope timestamp {sent} is more than {TIME_WINDOW} apart from server time")


def range_of(info: Any, height: int) -> SeekRange:
    """The blocks that an orderer.SeekInfo asks for on a chain of that height.

    Raises SeekError: BAD_REQUEST for a missing or a reversed range, NOT_FOUND for a start beyond the next
    block.
    """
    if not info.HasField("start") or not info.HasField("stop"):
        raise _bad_request("the seek has no start or no stop")
    start = _start(info.start, height)
    kind = info.stop.WhichOneof("Type")
    if kind == "oldest":
        return SeekRange(start, start)
    if kind == "newest":
        # Newest to newest is one block, even when another is committed meanwhile.
        return SeekRange(start, start if info.start == info.stop else height - 1)
    if kind == "specified":
        if info.stop.specified.number < start:
            raise _bad_request(f"start {start} is after stop {info.stop.specified.number}")
        return SeekRange(start, info.stop.specified.number)
    return SeekRange(start, 0)


def _start(position: Any, height: int) -> int:
    kind = position.WhichOneof("Type")
    if kind == "oldest":
        return 0
    if kind == "newest":
        return height - 1
    if kind == "next_commit":
        return height
    if kind == "specified":
        number: int = position.specified.number
        if number > height:
            raise SeekError(common_pb2.NOT_FOUND, f"block {number} is beyond the chain's height {height}")
        return number
    raise SeekError(common_pb2.NOT_FOUND, "the start names no position")


def _bad_request(message: str) -> SeekError:
    return SeekError(common_pb2.BAD_REQUEST, message)

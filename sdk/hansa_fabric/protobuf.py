"""Decoding of protobuf messages with our own error."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from hansa_fabric.errors import MalformedDataError


def decode(kind: Any, data: bytes) -> Any:
    """A message of the generated class ``kind`` from its bytes.

    Raises:
        MalformedDataError: the bytes are no such message.
    """
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise MalformedDataError(f"not a {kind.DESCRIPTOR.name}: {error}") from error

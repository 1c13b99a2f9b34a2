"""A change and a signature as files, for keys that are on no network."""

from __future__ import annotations

from typing import Literal, TypeVar

import msgspec

from hansa.consortium.errors import ConsortiumError
from hansa_domain.config_updates import ConfigUpdateDetailReply
from hansa_fabric.bundle import Bundle


class ExportedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change with the configuration it was computed from, so that it can be read without a network."""

    v: Literal[1] = 1
    config_update: str
    summary: str
    revision: int
    digest: str
    channel: str
    config: bytes
    update: bytes


class MadeSignature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature over a change: serialised ``common.ConfigSignature``."""

    v: Literal[1] = 1
    config_update: str
    revision: int
    digest: str
    msp_id: str
    signature: bytes


Document = TypeVar("Document", ExportedChange, MadeSignature)


def export(found: ConfigUpdateDetailReply, config: Bundle) -> ExportedChange:
    """A change for a file.

    Args:
        found: the change.
        config: the configuration it was computed from.
    """
    update = found.config_update
    return ExportedChange(
        config_update=update.id,
        summary=update.summary,
        revision=update.revision,
        digest=update.digest,
        channel=config.channel,
        config=config.config.SerializeToString(),
        update=found.update,
    )


def to_json(document: ExportedChange | MadeSignature) -> bytes:
    """The file's content, indented for people."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def from_json(content: bytes, kind: type[Document]) -> Document:
    """A document from a file's content. Raises ConsortiumError (FILE_INVALID)."""
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise ConsortiumError(
            "FILE_INVALID", f"The file cannot be read: {error}", "Export or sign it again."
        ) from error

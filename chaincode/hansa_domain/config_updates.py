"""Configuration updates: what members agree to change about their consortium, and who signed it.

The ledger keeps the bytes that administrators sign (``common.ConfigUpdate`` of Hyperledger Fabric) and their
signatures (``common.ConfigSignature``), so that each signs where his key is and nobody passes files around.
It reads neither: ordering nodes do, when the update is submitted.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar, Literal

import msgspec

from hansa_domain.fields import Bookmark, EntityId, MspId, PageLimit, Sha256Hex, Text, Timestamp
from hansa_domain.members import MemberEntry
from hansa_domain.operation import Command, Key, Query, Record

Kind = Literal[
    "add-organization",
    "remove-organization",
    "rotate-certificates",
    "anchor-peers",
    "add-orderer",
    "replace-orderer",
    "remove-orderer",
    "batch",
    "policy",
]
"""What an update changes. The first two change who is a member; Fabric lets an organisation decide alone
about its own certificates and anchor peers; the rest is about all."""

Status = Literal["proposed", "carried_out", "withdrawn"]

OWN: frozenset[Kind] = frozenset({"rotate-certificates", "anchor-peers"})
"""Kinds to which the organisation that they are about agrees alone."""

MAX_UPDATE_BYTES = 48 * 1024
MAX_DOCUMENT_BYTES = 96 * 1024
"""A proposal as JSON: an update grows by a third in base64."""

UpdateBytes = Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_UPDATE_BYTES)]
SignatureBytes = Annotated[bytes, msgspec.Meta(min_length=1, max_length=16 * 1024)]
Sequence = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
BlockNumber = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]


class ConfigUpdate(Record, frozen=True, kw_only=True):
    """A proposed change; key ``("config_update", id)``.

    ``revision`` counts from 1: a change that another overtook is computed anew from the configuration
    numbered ``base_sequence``, and signed anew. ``digest`` is SHA-256 of the revision's bytes. ``newcomer``
    is who is to become a member, ``config_block`` the block that carried it out.
    """

    NOUN: ClassVar[str] = "config_update"
    id: str
    kind: Kind
    organization: str | None
    summary: str
    proposer: str
    newcomer: MemberEntry | None
    status: Status
    revision: int
    base_sequence: int
    digest: str
    proposed_at: Timestamp
    revised_at: Timestamp
    closed_at: Timestamp | None = None
    closed_by: str | None = None
    config_block: int | None = None


class ConfigUpdateBody(Record, frozen=True, kw_only=True):
    """The bytes of one revision, which signatures cover; key ``("config_update_body", id, "0001")``."""

    NOUN: ClassVar[str] = "config_update_body"
    config_update: str
    revision: int
    update: bytes


class ConfigSignature(Record, frozen=True, kw_only=True):
    """A member's signature over a revision; key ``("config_signature", id, "0001", msp_id)``.

    Each member writes a key of its own, so that signers never conflict (rule 4). ``signer`` is the
    administrator who handed it in.
    """

    NOUN: ClassVar[str] = "config_signature"
    config_update: str
    revision: int
    msp_id: str
    signer: str
    signature: bytes
    signed_at: Timestamp


class ProposeConfigUpdate(Command["ConfigUpdateReply"], frozen=True, kw_only=True):
    """``configUpdates:Propose``, by an administrator. ``summary`` is public: one sentence of what it is for.

    ``update`` is a serialised ``common.ConfigUpdate`` in base64, computed from the configuration with the
    sequence number ``base_sequence``; ``organization`` is whom it concerns, ``newcomer`` who joins by it.
    """

    kind: Kind
    summary: Text
    base_sequence: Sequence
    update: UpdateBytes
    organization: MspId | None = None
    newcomer: MemberEntry | None = None


class SignConfigUpdate(Command["ConfigSignatureReply"], frozen=True, kw_only=True):
    """``configUpdates:Sign``, by an administrator, for his organisation; a later one takes its place.

    ``digest`` is of the bytes signed: those of another revision are refused.
    """

    config_update: EntityId
    digest: Sha256Hex
    signature: SignatureBytes


class RenewConfigUpdate(Command["ConfigUpdateReply"], frozen=True, kw_only=True):
    """``configUpdates:Renew``, by the proposer: computed anew, since another change took effect first."""

    config_update: EntityId
    base_sequence: Sequence
    update: UpdateBytes


class WithdrawConfigUpdate(Command["ConfigUpdateReply"], frozen=True, kw_only=True):
    """``configUpdates:Withdraw``, by the proposer; by any member, where the proposer has left."""

    config_update: EntityId


class CompleteConfigUpdate(Command["ConfigUpdateReply"], frozen=True, kw_only=True):
    """``configUpdates:Complete``, by any administrator, once enough have signed and it is in force.

    ``config_block`` is the block that has it. Who joins is a member from then on, and who leaves is none.
    """

    config_update: EntityId
    config_block: BlockNumber


class GetConfigUpdate(Query["ConfigUpdateDetailReply"], frozen=True, kw_only=True):
    """``configUpdates:Get``: one update with its bytes and the signatures of its revision."""

    config_update: EntityId


class ListConfigUpdates(Query["ConfigUpdatesReply"], frozen=True, kw_only=True):
    """``configUpdates:List``; ``status`` narrows each page, so a page may hold fewer than ``limit``."""

    status: Status | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class ConfigUpdateReply(msgspec.Struct, frozen=True, kw_only=True):
    """One update, without its bytes."""

    config_update: ConfigUpdate


class ConfigSignatureReply(msgspec.Struct, frozen=True, kw_only=True):
    """A signature as it was taken down."""

    signature: ConfigSignature


class ConfigUpdateDetailReply(msgspec.Struct, frozen=True, kw_only=True):
    """One update; ``signatures`` of the current revision, in order of MSP id."""

    config_update: ConfigUpdate
    update: bytes
    signatures: list[ConfigSignature]


class ConfigUpdatesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of updates; ``bookmark`` is empty on the last page."""

    config_updates: list[ConfigUpdate]
    bookmark: str


def update_key(config_update: str) -> Key:
    """Where an update stands."""
    return (ConfigUpdate.NOUN, config_update)


def body_key(config_update: str, revision: int) -> Key:
    """Where the bytes of a revision stand."""
    return (ConfigUpdateBody.NOUN, config_update, f"{revision:04d}")


def signatures_key(config_update: str, revision: int) -> Key:
    """Under which key the signatures of a revision stand, each followed by its MSP id."""
    return (ConfigSignature.NOUN, config_update, f"{revision:04d}")


def update_digest(update: bytes) -> str:
    """SHA-256 of an update, hexadecimal."""
    return hashlib.sha256(update).hexdigest()

"""Who may use a service: a channel's policy for each resource, checked on the signed request itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric import bundle, policies
from hansa_fabric.errors import FabricDataError
from hansa_fabric.policies import Policy

WRITERS = bundle.WRITERS
CHANNEL_READERS = "/Channel/Readers"
CHANNEL_WRITERS = "/Channel/Writers"


class AccessDeniedError(Exception):
    """The signer of a request may not do what it asks; the text is Fabric's."""


@dataclass(frozen=True, slots=True)
class SignedData:
    """A signature to be judged: what was signed, by which serialized identity."""

    data: bytes
    identity: bytes
    signature: bytes


def signed_data_of(envelope: Any) -> SignedData:
    """What the creator of a common.Envelope signed. Raises AccessDeniedError: it has no header."""
    try:
        payload = common_pb2.Payload.FromString(envelope.payload)
        if not payload.HasField("header"):
            raise AccessDeniedError("Missing Header")
        header = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
    except DecodeError as error:
        raise AccessDeniedError(f"the envelope cannot be read: {error}") from error
    return SignedData(envelope.payload, header.creator, envelope.signature)


class AccessControl:
    """Checks requests against the policies of the ledger's channel, as its configuration stands now."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def check_resource(self, resource: str, channel: str, request: SignedData) -> None:
        """Checks the policy that guards a resource such as `gateway/CommitStatus`.

        Raises AccessDeniedError, worded as Fabric words it.
        """
        self._check(
            lambda: self._ledger.bundle.acl(resource),
            bundle.DEFAULT_ACLS.get(resource, resource),
            channel,
            request,
        )

    def check_policy(self, path: str, channel: str, request: SignedData) -> None:
        """Checks a policy given by its path. Raises AccessDeniedError, worded as Fabric words it."""
        self._check(lambda: self._ledger.bundle.policy(path), path, channel, request)

    def evaluate(self, path: str, request: SignedData) -> None:
        """Evaluates the policy at that path; raises what hansa_fabric raises when it is not satisfied."""
        self._ledger.bundle.policy(path).evaluate([_signature(request)])

    def _check(self, policy: Callable[[], Policy], name: str, channel: str, request: SignedData) -> None:
        if not channel:
            raise AccessDeniedError(
                "Invalid channel ID name during check policy on signed data. Name must be different from nil."
            )
        if channel != self._ledger.channel:
            raise AccessDeniedError(f"Failed to get policy manager for channel [{channel}]")
        try:
            policy().evaluate([_signature(request)])
        except FabricDataError as error:
            raise AccessDeniedError(
                f"Failed evaluating policy on signed data during check policy on channel [{channel}]"
                f" with policy [{name}]: [{error}]"
            ) from error


def _signature(request: SignedData) -> policies.SignedData:
    return policies.SignedData(request.identity, request.data, request.signature)

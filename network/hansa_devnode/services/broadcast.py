"""AtomicBroadcast.Broadcast: what the orderer checks before it takes an envelope."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.services.access import (
    CHANNEL_WRITERS,
    AccessControl,
    AccessDeniedError,
    signed_data_of,
)
from hansa_devnode.services.activity import Activity
from hansa_devnode.services.block_cutter import message_size
from hansa_devnode.services.orderer import Orderer, OrdererUnavailableError
from hansa_devnode.services.reconfiguration import ProposedConfiguration, Reconfiguration
from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Identity

logger = logging.getLogger(__name__)


class _RefusalError(Exception):
    def __init__(self, status: int, info: str) -> None:
        super().__init__(info)
        self.status = status
        self.info = info


class Broadcast:
    """Checks envelopes as Fabric's orderer filters them, and hands the good ones to the ordering service.

    SUCCESS means ordered: the block comes later, and validation judges it then.
    """

    def __init__(
        self,
        ledger: Ledger,
        access: AccessControl,
        orderer: Orderer,
        activity: Activity,
        reconfiguration: Reconfiguration,
    ) -> None:
        self._ledger = ledger
        self._access = access
        self._orderer = orderer
        self._activity = activity
        self._reconfiguration = reconfiguration

    async def process(self, envelope: Any) -> Any:
        """Answers one common.Envelope with orderer.BroadcastResponse."""
        try:
            channel_header = self._classified(envelope)
            if channel_header.type == common_pb2.CONFIG_UPDATE:
                await self._orderer.configure(self._configuration(envelope))
            else:
                self._filter(envelope)
                self._activity.submitted(channel_header.tx_id)
                await self._orderer.order(envelope)
        except _RefusalError as refusal:
            logger.warning("broadcast refused: %s", refusal.info)
            return ab_pb2.BroadcastResponse(status=refusal.status, info=refusal.info)
        except OrdererUnavailableError as error:
            return ab_pb2.BroadcastResponse(status=common_pb2.SERVICE_UNAVAILABLE, info=str(error))
        return ab_pb2.BroadcastResponse(status=common_pb2.SUCCESS)

    def _classified(self, envelope: Any) -> Any:
        """The channel header of an envelope that this orderer handles."""
        try:
            payload = common_pb2.Payload.FromString(envelope.payload)
            if not payload.HasField("header"):
                raise _bad_request("could not determine channel ID: header not set")
            if not payload.header.channel_header:
                raise _bad_request("could not determine channel ID: channel header not set")
            header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
        except DecodeError as error:
            raise _bad_request(f"could not determine channel ID: {error}") from error
        if header.channel_id != self._ledger.channel:
            raise _bad_request("channel does not exist")
        if header.type == common_pb2.CONFIG:
            raise _bad_request("message is of type that cannot be processed directly")
        if header.type == common_pb2.ORDERER_TRANSACTION:
            raise _bad_request("message is of type that is no longer supported")
        return header

    def _configuration(self, envelope: Any) -> ProposedConfiguration:
        """The configuration that an update leads to, itself checked as any envelope is."""
        self._filter(envelope, "config update for existing channel did not pass initial checks: ")
        try:
            proposed = self._reconfiguration.propose(envelope)
        except FabricDataError as error:
            raise _bad_request(
                f"error applying config update to existing channel '{self._ledger.channel}': {error}"
            ) from error
        self._filter(proposed.envelope, "config update for existing channel did not pass final checks: ")
        return proposed

    def _filter(self, envelope: Any, prefix: str = "") -> None:
        """Size, expiry and the channel's Writers policy, in the order of Fabric's filters."""
        size = message_size(envelope)
        limit = self._orderer.batch.absolute_max_bytes
        if size > limit:
            raise _bad_request(
                f"{prefix}message payload is {size} bytes and exceeds maximum allowed {limit} bytes"
            )
        try:
            signed = signed_data_of(envelope)
            if Identity.deserialize(signed.identity).x509.not_valid_after_utc < datetime.now(UTC):
                raise _bad_request(f"{prefix}broadcast client identity expired")
        except (AccessDeniedError, FabricDataError) as error:
            raise _bad_request(f"{prefix}could not convert message to signedData: {error}") from error
        try:
            self._access.evaluate(CHANNEL_WRITERS, signed)
        except FabricDataError as error:
            raise _RefusalError(common_pb2.FORBIDDEN, f"{prefix}{error}: permission denied") from error


def _bad_request(info: str) -> _RefusalError:
    return _RefusalError(common_pb2.BAD_REQUEST, info)

"""cscc: the channels of the peer and their configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.peer import query_pb2

from hansa_devnode.chaincode.invocation import Invocation
from hansa_devnode.chaincode.permissions import (
    ADMINS,
    MEMBERS,
    PermissionDeniedError,
    Permissions,
)
from hansa_devnode.chaincode.system.interface import failure, success
from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.blocks import Block
from hansa_fabric.protobuf import decode

_JOINING = frozenset(("JoinChain", "JoinChainBySnapshot"))


class Cscc:
    """Fabric's configuration system chaincode. A devnode has one channel and joins no other.

    Args:
        ledger: the channel's.
        permissions: who may ask.
    """

    def __init__(self, ledger: Ledger, permissions: Permissions) -> None:
        self._ledger = ledger
        self._permissions = permissions

    def invoke(self, invocation: Invocation, args: Sequence[bytes]) -> Any:
        """Answer `function, [channel]` with a `peer.Response`."""
        if not args:
            return failure("Incorrect number of arguments, 0")
        name = args[0].decode(errors="replace")
        if name not in ("GetChannels", "JoinBySnapshotStatus") and len(args) < 2:
            return failure(f"Incorrect number of arguments, {len(args)}")
        if invocation.chaincode != "cscc":
            return failure(
                "Rejecting invoke of CSCC from another chaincode,"
                f" original invocation for '{invocation.chaincode}'"
            )
        if name in ("GetConfigBlock", "GetChannelConfig"):
            return self._configuration(name, args[1].decode(errors="replace"), invocation)
        if name == "GetChannels":
            return self._channels(invocation)
        if name == "JoinBySnapshotStatus" or name in _JOINING:
            return self._joining(name, invocation)
        return failure(f"Requested function {name} not found.")

    def _channels(self, invocation: Invocation) -> Any:
        try:
            self._permissions.check_local(MEMBERS, invocation.creator)
        except PermissionDeniedError as error:
            return failure(f"access denied for [GetChannels]: {error}")
        channels = [query_pb2.ChannelInfo(channel_id=self._ledger.channel)]
        return success(query_pb2.ChannelQueryResponse(channels=channels).SerializeToString())

    def _configuration(self, name: str, channel: str, invocation: Invocation) -> Any:
        if name == "GetChannelConfig" and not channel:
            return failure("empty channel name provided")
        try:
            self._permissions.check_channel(f"cscc/{name}", channel, invocation.creator)
        except PermissionDeniedError as error:
            return failure(f"access denied for [{name}][{channel}]: {error}")
        block = self._config_block()
        if name == "GetConfigBlock":
            return success(block.serialize())
        payload = decode(common_pb2.Payload, decode(common_pb2.Envelope, block.data[0]).payload)
        config = decode(configtx_pb2.ConfigEnvelope, payload.data).config
        return success(config.SerializeToString())

    def _config_block(self) -> Block:
        newest = Block(self._ledger.block(self._ledger.height - 1))
        return Block(self._ledger.block(newest.last_config))

    def _joining(self, name: str, invocation: Invocation) -> Any:
        try:
            self._permissions.check_local(ADMINS, invocation.creator)
        except PermissionDeniedError as error:
            return failure(f"access denied for [{name}]: {error}")
        if name in _JOINING:
            return failure(f"this peer serves channel {self._ledger.channel} only")
        return success(query_pb2.JoinBySnapshotStatus().SerializeToString())

"""The ordering of a channel as its configuration has it: nodes, waiting time, and whatever else there is."""

from __future__ import annotations

from typing import Any

from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as etcdraft_pb2
from fabric_protos.orderer.smartbft import configuration_pb2 as smartbft_pb2

from hansa_fabric import consenter_edits
from hansa_fabric.bundle import Bundle
from hansa_fabric.channel_description import Consenter
from hansa_fabric.errors import ConfigUpdateError
from hansa_fabric.protobuf import decode

_BATCH_OPTIONS = (
    "request_batch_max_count",
    "request_batch_max_bytes",
    "request_max_bytes",
    "request_batch_max_interval",
)


def ordering_nodes(config: Bundle) -> dict[str, Consenter]:
    """The ordering nodes by their endpoints, in order; none with a kind of ordering that is not known."""
    try:
        return {str(one.endpoint): one for one in consenter_edits.consenters(config.config)}
    except ConfigUpdateError:
        return {}


def bft_waiting_time(config: Bundle) -> str:
    """How long BFT waits before it cuts a block, as Fabric writes it; empty with other kinds of ordering."""
    if config.orderer_type != "BFT":
        return ""
    options = decode(smartbft_pb2.Options, _consensus(config).metadata)
    return str(options.request_batch_max_interval)


def consensus_otherwise(config: Bundle) -> bytes:
    """The kind of ordering and its options, without nodes and batches: equal where nothing else differs."""
    consensus = _consensus(config)
    if consensus.type == "BFT":
        options = decode(smartbft_pb2.Options, consensus.metadata)
        for name in _BATCH_OPTIONS:
            options.ClearField(name)
        consensus.metadata = options.SerializeToString(deterministic=True)
    elif consensus.type == "etcdraft":
        metadata = decode(etcdraft_pb2.ConfigMetadata, consensus.metadata)
        del metadata.consenters[:]
        consensus.metadata = metadata.SerializeToString(deterministic=True)
    found: bytes = consensus.SerializeToString(deterministic=True)
    return found


def _consensus(config: Bundle) -> Any:
    value = config.config.channel_group.groups["Orderer"].values["ConsensusType"].value
    return decode(orderer_pb2.ConsensusType, value)

"""A channel in plain words: its organisations, how they decide, and how transactions are ordered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from hansa_fabric.errors import MalformedDataError
from hansa_fabric.msp_definition import MspDefinition

MIB = 1024 * 1024
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Endpoint:
    """Host name or address, and port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class BatchConfig:
    """When the orderer cuts a block: at the first limit that is reached.

    Args:
        timeout: after the first waiting transaction.
        max_message_count: transactions in a block.
        preferred_max_bytes: bytes of a block that holds more than one transaction.
        absolute_max_bytes: bytes of any transaction.
    """

    timeout: timedelta = timedelta(milliseconds=100)
    max_message_count: int = 500
    preferred_max_bytes: int = 2 * MIB
    absolute_max_bytes: int = 10 * MIB


@dataclass(frozen=True)
class Consenter:
    """One ordering node.

    Args:
        endpoint: where the others reach it.
        msp_id: its organisation.
        client_tls_certificate, server_tls_certificate: PEM.
        identity: PEM of its signing certificate; needed for BFT.
    """

    endpoint: Endpoint
    msp_id: str
    client_tls_certificate: bytes
    server_tls_certificate: bytes
    identity: bytes = b""


@dataclass(frozen=True)
class BftOptions:
    """SmartBFT's times and limits; the defaults replace a dead leader within seconds.

    ``batch_interval`` is what BatchTimeout is elsewhere.
    """

    batch_interval: timedelta = timedelta(milliseconds=100)
    incoming_message_buffer_size: int = 200
    request_pool_size: int = 100_000
    request_forward_timeout: timedelta = timedelta(seconds=2)
    request_complain_timeout: timedelta = timedelta(seconds=4)
    request_auto_remove_timeout: timedelta = timedelta(minutes=3)
    view_change_resend_interval: timedelta = timedelta(seconds=5)
    view_change_timeout: timedelta = timedelta(seconds=20)
    leader_heartbeat_timeout: timedelta = timedelta(seconds=6)
    leader_heartbeat_count: int = 10
    collect_timeout: timedelta = timedelta(seconds=1)


@dataclass(frozen=True)
class OrdererDescription:
    """How transactions are ordered.

    Args:
        type: ``BFT`` or ``etcdraft``.
        consenters: the ordering nodes.
        batch: when blocks are cut.
        bft: SmartBFT's options, for ``BFT`` only.
        policies: expressions by name that replace the usual ones.
    """

    type: str
    consenters: tuple[Consenter, ...]
    batch: BatchConfig = BatchConfig()
    bft: BftOptions = BftOptions()
    policies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OrganizationDescription:
    """An organisation on the channel.

    Args:
        msp: its MSP.
        name: the configuration group's name; the MSP id unless given.
        anchor_peers: where other organisations' peers find its own.
        orderer_endpoints: where its ordering nodes are reached; none where it has none.
        member: whether it belongs to the application, besides ordering.
        policies: expressions by name that replace the usual ones.
    """

    msp: MspDefinition
    name: str = ""
    anchor_peers: tuple[Endpoint, ...] = ()
    orderer_endpoints: tuple[Endpoint, ...] = ()
    member: bool = True
    policies: Mapping[str, str] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """Name of its configuration group."""
        return self.name or self.msp.msp_id


@dataclass(frozen=True)
class ChannelDescription:
    """A channel before its first block.

    Args:
        name: lower-case letters, digits, dots and hyphens, a letter first, at most 249 characters.
        organizations: at least one member, and at least one with ordering endpoints.
        orderer: how transactions are ordered.
        application_capability, orderer_capability, channel_capability: the version of Fabric's rules;
            BFT needs channel capability ``V3_0``.
        acls: policy paths by resource, where they are to differ from Fabric's own.
        policies: expressions by path, such as ``/Channel/Application/Endorsement``, in place of the usual.
    """

    name: str
    organizations: tuple[OrganizationDescription, ...]
    orderer: OrdererDescription
    application_capability: str = "V2_5"
    orderer_capability: str = "V2_0"
    channel_capability: str = "V3_0"
    acls: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)


def format_duration(duration: timedelta) -> str:
    """A duration as Fabric writes it, in milliseconds. Raises MalformedDataError for less than one."""
    milliseconds = duration // timedelta(milliseconds=1)
    if milliseconds < 1:
        raise MalformedDataError(f"a duration is at least one millisecond, not {duration}")
    return f"{milliseconds}ms"


def parse_duration(text: str) -> timedelta:
    """A duration as Go writes it, such as ``1m30s`` or ``100ms``. Raises MalformedDataError."""
    parts = list(_DURATION_PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        raise MalformedDataError(f"not a duration: {text!r}")
    return timedelta(seconds=sum(float(part[1]) * _SECONDS[part[2]] for part in parts))

"""A channel's configuration with other ordering nodes: endpoints, consenters and block signing as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fabric_protos.common import configuration_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as etcdraft_pb2

from hansa_fabric.channel_config import bft_block_validation, bft_consenter, raft_consenter
from hansa_fabric.channel_description import Consenter, Endpoint
from hansa_fabric.config_edits import ORDERER, copied, msp_ids
from hansa_fabric.errors import ConfigUpdateError
from hansa_fabric.protobuf import decode


def consenters(config: Any) -> tuple[Consenter, ...]:
    """The channel's ordering nodes, in their order.

    Raises:
        ConfigUpdateError: an unknown kind of ordering.
        MalformedDataError: the configuration cannot be read.
    """
    orderer = config.channel_group.groups[ORDERER]
    consensus = _consensus(config)
    if consensus.type == "BFT":
        mapping = decode(configuration_pb2.Orderers, orderer.values["Orderers"].value).consenter_mapping
        return tuple(
            Consenter(
                Endpoint(one.host, one.port),
                one.msp_id,
                one.client_tls_cert,
                one.server_tls_cert,
                one.identity,
            )
            for one in mapping
        )
    nodes = decode(etcdraft_pb2.ConfigMetadata, consensus.metadata).consenters
    return tuple(
        Consenter(Endpoint(one.host, one.port), "", one.client_tls_cert, one.server_tls_cert) for one in nodes
    )


def replace_consenter(config: Any, at: Endpoint, consenter: Consenter) -> Any:
    """With another ordering node in the place of the one at an endpoint.

    The organisation's endpoints, the consenter mapping (or Raft's list) and, with BFT, BlockValidation
    change together: the administrators of the ordering, and of each organisation whose endpoints change,
    have to agree. The newcomer should follow the channel already. It gets a number of its own: the others
    go on dialling the old node for as long as they meet its number. Only a node that stays at its endpoint,
    with other certificates, keeps its number.

    Raises:
        ConfigUpdateError: no node is there, or the newcomer's organisation does no ordering.
        MalformedDataError: the configuration cannot be read, or BFT lacks the signing certificate.
    """
    before, numbers = consenters(config), _numbers(config)
    index = _index(before, at)
    if consenter.endpoint == at:
        nodes = (*before[:index], consenter, *before[index + 1 :])
        changed = _with_nodes(config, nodes, numbers)
    else:
        changed = _with_nodes(
            config,
            (*before[:index], *before[index + 1 :], consenter),
            (*numbers[:index], *numbers[index + 1 :], max(numbers) + 1),
        )
    return _with_endpoints(changed, leaving=at, arriving=consenter)


def add_consenter(config: Any, consenter: Consenter) -> Any:
    """With one ordering node more, as ``replace_consenter`` does it. Raises as that does."""
    before, numbers = consenters(config), _numbers(config)
    if any(one.endpoint == consenter.endpoint for one in before):
        raise ConfigUpdateError(f"an ordering node at {consenter.endpoint} is there already")
    changed = _with_nodes(config, (*before, consenter), (*numbers, max(numbers, default=0) + 1))
    return _with_endpoints(changed, arriving=consenter)


def remove_consenter(config: Any, at: Endpoint) -> Any:
    """Without the ordering node at an endpoint, as ``replace_consenter`` does it. Raises as that does.

    An organisation whose last node leaves is no ordering organisation any more.
    """
    before, numbers = consenters(config), _numbers(config)
    index = _index(before, at)
    if len(before) == 1:
        raise ConfigUpdateError("a channel needs ordering nodes")
    changed = _with_nodes(
        config, (*before[:index], *before[index + 1 :]), (*numbers[:index], *numbers[index + 1 :])
    )
    return _with_endpoints(changed, leaving=at)


def _consensus(config: Any) -> Any:
    value = config.channel_group.groups[ORDERER].values["ConsensusType"].value
    found = decode(orderer_pb2.ConsensusType, value)
    if found.type not in ("BFT", "etcdraft"):
        raise ConfigUpdateError(f"unknown kind of ordering: {found.type!r}")
    return found


def _numbers(config: Any) -> tuple[int, ...]:
    """The nodes' numbers, which signatures of blocks name; Raft has none and counts from 1."""
    values = config.channel_group.groups[ORDERER].values
    if _consensus(config).type == "BFT":
        mapping = decode(configuration_pb2.Orderers, values["Orderers"].value).consenter_mapping
        return tuple(one.id for one in mapping)
    return tuple(range(1, len(consenters(config)) + 1))


def _index(nodes: Sequence[Consenter], at: Endpoint) -> int:
    for index, one in enumerate(nodes):
        if one.endpoint == at:
            return index
    raise ConfigUpdateError(f"there is no ordering node at {at}")


def _with_nodes(config: Any, nodes: Sequence[Consenter], numbers: Sequence[int]) -> Any:
    changed = copied(config)
    orderer = changed.channel_group.groups[ORDERER]
    consensus = _consensus(config)
    if consensus.type == "BFT":
        mapping = [bft_consenter(number, one) for number, one in zip(numbers, nodes, strict=True)]
        message = configuration_pb2.Orderers(consenter_mapping=mapping)
        orderer.values["Orderers"].value = message.SerializeToString(deterministic=True)
        orderer.policies["BlockValidation"].policy.CopyFrom(bft_block_validation(nodes))
        return changed
    metadata = decode(etcdraft_pb2.ConfigMetadata, consensus.metadata)
    del metadata.consenters[:]
    metadata.consenters.extend(raft_consenter(one) for one in nodes)
    consensus.metadata = metadata.SerializeToString()
    orderer.values["ConsensusType"].value = consensus.SerializeToString(deterministic=True)
    return changed


def _with_endpoints(
    changed: Any, *, leaving: Endpoint | None = None, arriving: Consenter | None = None
) -> Any:
    """The organisations' endpoints without the one that leaves, and with the one that comes in its place."""
    groups = changed.channel_group.groups[ORDERER].groups
    names = {msp_id: name for name, msp_id in msp_ids(changed, ORDERER).items()}
    if arriving is not None and arriving.msp_id not in names:
        raise ConfigUpdateError(f"no ordering organisation has MSP {arriving.msp_id!r}")
    new = arriving and (names[arriving.msp_id], str(arriving.endpoint))
    for name, group in list(groups.items()):
        before = _addresses(group)
        after = [one for one in before if one != str(leaving)]
        if new and new[0] == name and new[1] not in after:
            after.insert(before.index(str(leaving)) if str(leaving) in before else len(after), new[1])
        if before and not after:
            del groups[name]  # its last node leaves: Fabric wants endpoints of all that order
        elif after != before:
            message = configuration_pb2.OrdererAddresses(addresses=after)
            group.values["Endpoints"].value = message.SerializeToString(deterministic=True)
    return changed


def _addresses(group: Any) -> list[str]:
    if "Endpoints" not in group.values:
        return []
    return list(decode(configuration_pb2.OrdererAddresses, group.values["Endpoints"].value).addresses)

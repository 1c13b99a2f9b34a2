"""The part of the channel's configuration that clients are told: MSPs and the orderers' endpoints."""

from __future__ import annotations

from typing import Any

from fabric_protos.common import configuration_pb2
from fabric_protos.discovery import protocol_pb2
from fabric_protos.msp import msp_config_pb2

from hansa_devnode.addresses import split_address


def network_config(bundle: Any) -> Any:
    """discovery.ConfigResult of a hansa_fabric.channel_config.Bundle."""
    root = bundle.config.channel_group
    result = protocol_pb2.ConfigResult()
    for section in ("Orderer", "Application"):
        for group in root.groups[section].groups.values():
            msp = msp_config_pb2.FabricMSPConfig.FromString(
                msp_config_pb2.MSPConfig.FromString(group.values["MSP"].value).config
            )
            if msp.name not in result.msps:
                result.msps[msp.name].CopyFrom(msp)
            if section == "Orderer":
                addresses = configuration_pb2.OrdererAddresses.FromString(group.values["Endpoints"].value)
                endpoints = result.orderers[msp.name].endpoint
                for address in addresses.addresses:
                    host, port = split_address(address)
                    endpoints.append(protocol_pb2.Endpoint(host=host, port=port))
    return result

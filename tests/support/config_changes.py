"""A channel whose configuration changes: its members' administrators, and updates they agree to."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Any

from fabric_protos.common import configtx_pb2

from hansa_fabric.bundle import Bundle
from hansa_fabric.certificates import CertificateProfile, new_key
from hansa_fabric.channel_config import channel_group
from hansa_fabric.channel_description import (
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
)
from hansa_fabric.config_signatures import approve, update_envelope
from hansa_fabric.config_update import compute_update
from hansa_fabric.identity import KeySigner
from tests.support.fabric_organizations import organization

NAMES = ("ProducerMSP", "RetailerMSP", "CarrierMSP", "BankMSP", "RegulatorMSP")
NEWCOMER = "AuditorMSP"


@lru_cache
def admin(msp_id: str) -> KeySigner:
    """The administrator of an organisation."""
    return organization(msp_id).member("admin", name=f"admin.{msp_id}")


@lru_cache
def consenter(msp_id: str, port: int) -> Consenter:
    """An ordering node of an organisation at a port."""
    profile = CertificateProfile("orderer", hosts=("127.0.0.1",), server=True, client=True)
    tls = organization(msp_id).tls_authority.issue(profile, new_key().public_key())
    identity = organization(msp_id).member("orderer").identity.certificate
    return Consenter(Endpoint("127.0.0.1", port), msp_id, tls, tls, identity)


def described(msp_id: str, number: int = 9, *, ordering: bool = False) -> OrganizationDescription:
    """An organisation as it joins."""
    return OrganizationDescription(
        organization(msp_id).definition(),
        anchor_peers=(Endpoint(f"peer.{msp_id}", 7051),),
        orderer_endpoints=(Endpoint("127.0.0.1", 7050 + number),) if ordering else (),
    )


@lru_cache
def configuration(kind: str = "BFT") -> Any:
    """The ``common.Config`` of five members, four of which order."""
    members = tuple(described(name, number, ordering=number < 4) for number, name in enumerate(NAMES))
    nodes = tuple(consenter(name, 7050 + number) for number, name in enumerate(NAMES[:4]))
    return configtx_pb2.Config(
        channel_group=channel_group(ChannelDescription("trade", members, OrdererDescription(kind, nodes)))
    )


def agreed(bundle: Bundle, desired: Any, *msp_ids: str) -> Any:
    """The ``common.ConfigUpdateEnvelope`` of a change that some organisations' administrators signed."""
    update = compute_update(bundle.channel, bundle.config, desired).SerializeToString()
    return update_envelope(update, [approve(update, admin(one)) for one in msp_ids])


def disturb(group: Any, draw: random.Random, depth: int = 0) -> None:
    """Change a ``common.ConfigGroup`` at random: members, policies that guard, versions, whole groups."""
    if draw.random() < 0.15:
        group.mod_policy = draw.choice(["Admins", "Writers", "/Channel/Orderer/Admins", ""])
    if draw.random() < 0.2:
        group.version = draw.randrange(5)
    for members in (group.values, group.policies):
        for name in sorted(members):
            _disturb_member(members, name, draw)
    for name in sorted(group.groups):
        if draw.random() < 0.05:
            del group.groups[name]
        elif draw.random() < 0.6:
            disturb(group.groups[name], draw, depth + 1)
    if draw.random() < 0.2:
        group.values[f"New{draw.randrange(3)}"].value = draw.randbytes(draw.randrange(4))
    if draw.random() < 0.1 and depth < 4:
        new = group.groups[f"Group{draw.randrange(3)}"]
        new.version = draw.randrange(3)
        new.mod_policy = draw.choice(["Admins", ""])
        disturb(new, draw, depth + 1)


def _disturb_member(members: Any, name: str, draw: random.Random) -> None:
    chance = draw.random()
    if chance < 0.04:
        del members[name]
    elif chance < 0.1:
        members[name].mod_policy = draw.choice(["Admins", "Readers", ""])
    elif chance < 0.16:
        members[name].version = draw.randrange(5)
    elif chance < 0.22:
        if hasattr(members[name], "value"):
            members[name].value += draw.randbytes(2)
        elif draw.random() < 0.5:
            members[name].ClearField("policy")
        else:
            members[name].policy.value += draw.randbytes(2)

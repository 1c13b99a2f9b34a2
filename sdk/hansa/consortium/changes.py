"""What members can agree to change about their consortium; each kind makes another configuration of it.

The functions of ``update`` turn a change into bytes that are signed; ``kind`` is how a proposal on the ledger
names it, ``organization`` whom it is about (MSP id; empty where it is about nobody alone).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar, Literal, Protocol

from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.smartbft import configuration_pb2 as smartbft_pb2

from hansa.consortium.request import JoinRequest, OrderingNode, endpoint, read_msp
from hansa_fabric import config_edits, consenter_edits
from hansa_fabric.bundle import Bundle
from hansa_fabric.channel_description import OrganizationDescription, format_duration
from hansa_fabric.errors import ConfigUpdateError
from hansa_fabric.protobuf import decode

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
"""How a proposal on the ledger names a change."""


class Change(Protocol):
    """One change of the channel's configuration."""

    kind: ClassVar[Kind]

    @property
    def organization(self) -> str:
        """MSP id of whom it is about; empty where it is about nobody alone."""

    def apply(self, config: Bundle) -> Any:
        """The ``common.Config`` as it is to be. Raises FabricDataError or ConsortiumError."""


@dataclass(frozen=True)
class AddOrganization:
    """A newcomer becomes a member."""

    kind: ClassVar[Kind] = "add-organization"
    request: JoinRequest

    @property
    def organization(self) -> str:
        """The newcomer."""
        return self.request.msp_id

    def apply(self, config: Bundle) -> Any:
        """With one organisation more."""
        return config_edits.add_organization(config.config, self.request.described())


@dataclass(frozen=True)
class RemoveOrganization:
    """A member leaves: nothing it signs from then on is valid. Its ordering node has to go first."""

    kind: ClassVar[Kind] = "remove-organization"
    msp_id: str

    @property
    def organization(self) -> str:
        """Who leaves."""
        return self.msp_id

    def apply(self, config: Bundle) -> Any:
        """Without it."""
        name = _group(config, self.msp_id)
        if self.msp_id in {one.msp.msp_id for one in config.orderer_organizations.values()}:
            changed = _without_idle_ordering(config, self.msp_id)
        else:
            changed = config.config
        return config_edits.remove_organization(changed, name)


@dataclass(frozen=True)
class RotateCertificates:
    """A member's other authorities, roles or revocation lists.

    Args:
        msp_id: the member.
        msp: serialised ``msp.MSPConfig``. Where old certificates are to stay valid for a while, it names the
            old authorities besides the new ones.
    """

    kind: ClassVar[Kind] = "rotate-certificates"
    msp_id: str
    msp: bytes

    @property
    def organization(self) -> str:
        """Whose certificates."""
        return self.msp_id

    def apply(self, config: Bundle) -> Any:
        """With the other MSP, wherever the organisation stands."""
        definition = read_msp(self.msp, "msp")
        if definition.msp_id != self.msp_id:
            raise ConfigUpdateError(f"the MSP is {definition.msp_id}'s, not {self.msp_id}'s")
        return config_edits.replace_msp(config.config, definition)


@dataclass(frozen=True)
class SetAnchorPeers:
    """A member's peers are found elsewhere; it agrees to that alone."""

    kind: ClassVar[Kind] = "anchor-peers"
    msp_id: str
    anchor_peers: tuple[str, ...]

    @property
    def organization(self) -> str:
        """Whose peers."""
        return self.msp_id

    def apply(self, config: Bundle) -> Any:
        """With these anchor peers."""
        peers = [endpoint(one, "anchor_peers") for one in self.anchor_peers]
        return config_edits.set_anchor_peers(config.config, _group(config, self.msp_id), peers)


@dataclass(frozen=True)
class AddOrderer:
    """One ordering node more, of a member; it should follow the channel already."""

    kind: ClassVar[Kind] = "add-orderer"
    msp_id: str
    node: OrderingNode

    @property
    def organization(self) -> str:
        """Whose node."""
        return self.msp_id

    def apply(self, config: Bundle) -> Any:
        """With the node, its endpoint, and BFT's BlockValidation, in one."""
        consenter = self.node.consenter(self.msp_id)
        return consenter_edits.add_consenter(_ordering(config, self.msp_id, self.node), consenter)


@dataclass(frozen=True)
class ReplaceOrderer:
    """Another ordering node in the place of the one at an endpoint; it should follow the channel already.

    Args:
        at: ``host:port`` of the node that leaves.
        msp_id: whose node comes.
        node: the node.
    """

    kind: ClassVar[Kind] = "replace-orderer"
    at: str
    msp_id: str
    node: OrderingNode

    @property
    def organization(self) -> str:
        """Whose node comes."""
        return self.msp_id

    def apply(self, config: Bundle) -> Any:
        """With the other node, endpoints and BFT's BlockValidation, in one."""
        consenter = self.node.consenter(self.msp_id)
        desired = _ordering(config, self.msp_id, self.node)
        return consenter_edits.replace_consenter(desired, endpoint(self.at, "at"), consenter)


@dataclass(frozen=True)
class RemoveOrderer:
    """One ordering node less, named by its endpoint (``host:port``)."""

    kind: ClassVar[Kind] = "remove-orderer"
    at: str

    @property
    def organization(self) -> str:
        """Nobody alone."""
        return ""

    def apply(self, config: Bundle) -> Any:
        """Without it."""
        return consenter_edits.remove_consenter(config.config, endpoint(self.at, "at"))


@dataclass(frozen=True)
class ChangeBatch:
    """Other limits at which blocks are cut; None leaves one as it is.

    Args:
        timeout_ms: milliseconds after the first waiting transaction.
        max_message_count: transactions in a block.
        preferred_max_bytes: bytes of a block of more than one transaction.
        absolute_max_bytes: bytes of any transaction.
    """

    kind: ClassVar[Kind] = "batch"
    timeout_ms: int | None = None
    max_message_count: int | None = None
    preferred_max_bytes: int | None = None
    absolute_max_bytes: int | None = None

    @property
    def organization(self) -> str:
        """Nobody alone."""
        return ""

    def apply(self, config: Bundle) -> Any:
        """With other batches; BFT's own options follow."""
        wanted = {name: value for name, value in vars(self).items() if value is not None}
        milliseconds = wanted.pop("timeout_ms", None)
        batch = replace(config.batch, **wanted)
        if milliseconds is not None:
            batch = replace(batch, timeout=timedelta(milliseconds=milliseconds))
        changed = config_edits.set_batch(config.config, batch)
        value = changed.channel_group.groups[config_edits.ORDERER].values["ConsensusType"]
        consensus = decode(orderer_pb2.ConsensusType, value.value)
        if consensus.type == "BFT":
            # BFT does not look at BatchTimeout: it waits as long as its own options say.
            options = decode(smartbft_pb2.Options, consensus.metadata)
            options.request_batch_max_count = batch.max_message_count
            options.request_batch_max_bytes = options.request_max_bytes = batch.absolute_max_bytes
            if milliseconds is not None:
                options.request_batch_max_interval = format_duration(batch.timeout)
            consensus.metadata = options.SerializeToString()
            value.value = consensus.SerializeToString(deterministic=True)
        return changed


@dataclass(frozen=True)
class ChangePolicy:
    """Another policy at a path such as ``/Channel/Application/Endorsement``.

    Args:
        path: absolute.
        expression: ``MAJORITY Admins``, ``OR('A.member')``.
    """

    kind: ClassVar[Kind] = "policy"
    path: str
    expression: str

    @property
    def organization(self) -> str:
        """Nobody alone."""
        return ""

    def apply(self, config: Bundle) -> Any:
        """With the other policy."""
        return config_edits.set_policy(config.config, self.path, self.expression)


def _group(config: Bundle, msp_id: str) -> str:
    """The configuration group of a member. Raises ConfigUpdateError."""
    for name, one in config.organizations.items():
        if one.msp.msp_id == msp_id:
            return name
    raise ConfigUpdateError(f"the channel has no member {msp_id}")


def _ordering(config: Bundle, msp_id: str, node: OrderingNode) -> Any:
    """The configuration with an organisation among the ordering ones; one that is new comes with its MSP."""
    if msp_id in {one.msp.msp_id for one in config.orderer_organizations.values()}:
        return config.config
    name = _group(config, msp_id)
    described = OrganizationDescription(
        config.organizations[name].msp,
        name,
        orderer_endpoints=(endpoint(node.endpoint, "orderer.endpoint"),),
        member=False,
    )
    return config_edits.add_organization(config.config, described)


def _without_idle_ordering(config: Bundle, msp_id: str) -> Any:
    """The configuration without an ordering organisation that runs no node. Raises ConfigUpdateError."""
    used = {str(one.endpoint) for one in consenter_edits.consenters(config.config)}
    for name, one in config.orderer_organizations.items():
        if one.msp.msp_id == msp_id:
            own = sorted(used & set(one.orderer_endpoints))
            if own:
                raise ConfigUpdateError(
                    f"{msp_id} runs an ordering node at {', '.join(own)}: replace or remove it first"
                )
            return config_edits.remove_organization(config.config, name, config_edits.ORDERER)
    return config.config

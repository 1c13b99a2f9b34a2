"""Which combinations of live peers satisfy what a transaction needs: discovery's and gateway's part."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.services.chaincode_definitions import ChaincodeDefinitions
from hansa_devnode.services.endorsement_plan import EndorsementPlan, Layout
from hansa_devnode.services.endorsement_policies import (
    EndorsementPolicies,
    UnknownChaincodeError,
    satisfies,
)
from hansa_devnode.services.peers import Peer, Peers
from hansa_devnode.services.principal_sets import (
    Principal,
    PrincipalSet,
    UnsatisfiablePolicyError,
    sets_for_all,
)
from hansa_fabric.errors import FabricDataError

SYSTEM_CHAINCODES = frozenset({"lscc", "cscc", "qscc", "_lifecycle"})

# What was planned for transactions of one kind serves the next of that kind.
DESCRIPTORS_KEPT = 512


class NoPlanError(Exception):
    """No combination of live peers satisfies the policies; the text is Fabric's."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What discovery answers: the layouts that live peers can satisfy, and the peers of each group."""

    layouts: tuple[Layout, ...]
    groups: dict[str, tuple[Peer, ...]]


class EndorsementPlanner:
    """Plans endorsement on one channel from its policies and the peers that are alive now."""

    def __init__(self, ledger: Ledger, peers: Peers) -> None:
        self._ledger = ledger
        self._peers = peers
        self.definitions = ChaincodeDefinitions(ledger)
        self.policies = EndorsementPolicies(ledger, self.definitions)
        self._descriptors: OrderedDict[bytes, Descriptor] = OrderedDict()
        self._known_for: tuple[int, tuple[Peer, ...]] = (-1, ())
        self._turn = 0

    def endorsers(self, chaincode: str) -> dict[str, Peer]:
        """The live peers that can execute the chaincode, by MSP id."""
        if chaincode not in SYSTEM_CHAINCODES and self.definitions.get(chaincode) is None:
            return {}
        return {each.msp_id: each for each in self._peers.serving()}

    def plan_for_organizations(self, chaincode: str, msp_ids: Sequence[str]) -> EndorsementPlan:
        """One endorsement of each organisation. Raises NoPlanError when one of them has no live peer."""
        available = self.endorsers(chaincode)
        missing = [each for each in msp_ids if each not in available]
        if missing:
            raise NoPlanError(f"failed to find any endorsing peers for org(s): {', '.join(missing)}")
        layout = Layout(dict.fromkeys(msp_ids, 1))
        return EndorsementPlan([layout], {each: [available[each]] for each in msp_ids})

    def plan_for_interest(self, interest: Any, preferred: Peer | None) -> EndorsementPlan:
        """What a peer.ChaincodeInterest needs; combinations with the preferred peer come first.

        Among equals the smallest come first, and each in its turn, so that load spreads. Raises NoPlanError.
        """
        try:
            descriptor = self.descriptor(interest)
        except NoPlanError as error:
            raise NoPlanError(
                f"no combination of peers can be derived which satisfy the endorsement policy: {error}"
            ) from error
        self._turn += 1
        start = self._turn % len(descriptor.layouts)
        layouts = [*descriptor.layouts[start:], *descriptor.layouts[:start]]
        own = {name for name, members in descriptor.groups.items() if preferred in members}
        layouts.sort(key=lambda each: (own.isdisjoint(each.quantities), each.size))
        return EndorsementPlan(layouts, descriptor.groups)

    def descriptor(self, interest: Any) -> Descriptor:
        """The layouts that live peers can satisfy. Raises NoPlanError."""
        known_for = (self.definitions.edition, self._peers.serving())
        if known_for != self._known_for:
            self._descriptors.clear()
            self._known_for = known_for
        key = interest.SerializeToString(deterministic=True)
        found = self._descriptors.get(key)
        if found is None:
            found = self._descriptors[key] = self._new_descriptor(interest)
            if len(self._descriptors) > DESCRIPTORS_KEPT:
                self._descriptors.popitem(last=False)
        return found

    def _new_descriptor(self, interest: Any) -> Descriptor:
        try:
            members = [each for each in self._peers.serving() if self._authorized(each, interest)]
            policies = [policy for call in interest.chaincodes for policy in self.policies.policies(call)]
            if not policies:
                raise NoPlanError("no principal sets remained after filtering")
            sets = sets_for_all(tuple(policies))
        except (UnknownChaincodeError, UnsatisfiablePolicyError, FabricDataError) as error:
            raise NoPlanError(str(error)) from error
        return self._descriptor_of(sets, members)

    def _descriptor_of(self, sets: Sequence[PrincipalSet], members: Sequence[Peer]) -> Descriptor:
        principals = sorted({principal for each in sets for principal in each})
        satisfying = {
            principal: tuple(each for each in members if self._satisfies(each, principal))
            for principal in principals
        }
        names = {principal: f"G{number}" for number, principal in enumerate(principals)}
        layouts = []
        for each in sets:
            quantities = Counter(each)
            if all(len(satisfying[principal]) >= count for principal, count in quantities.items()):
                layouts.append(Layout({names[principal]: count for principal, count in quantities.items()}))
        if not layouts:
            raise NoPlanError("no peer combination can satisfy the endorsement policy")
        used = {name for layout in layouts for name in layout.quantities}
        groups = {names[principal]: satisfying[principal] for principal in principals}
        return Descriptor(tuple(layouts), {name: groups[name] for name in sorted(used)})

    def authorized(self, interest: Any) -> list[Peer]:
        """The live peers that may read all collections of the interest. Raises NoPlanError."""
        try:
            return [each for each in self._peers.serving() if self._authorized(each, interest)]
        except UnknownChaincodeError as error:
            raise NoPlanError(str(error)) from error

    def _authorized(self, peer: Peer, interest: Any) -> bool:
        """Whether the peer belongs to every collection that the transaction reads."""
        for call in interest.chaincodes:
            readable = [] if call.no_private_reads else self.policies.members(call)
            for principals in readable:
                if not any(self._satisfies(peer, each) for each in principals):
                    return False
        return True

    def _satisfies(self, peer: Peer, principal: Principal) -> bool:
        return satisfies(self._ledger, peer.identity, principal)

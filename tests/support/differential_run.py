"""One seed on real Fabric: transactions endorsed, ordered, and what the members' peers make of them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fabric_protos.peer import proposal_pb2, proposal_response_pb2

from hansa_fabric.blocks import Block
from hansa_fabric.identity import KeySigner
from hansa_fabric.proposals import Proposal, new_proposal, sign_proposal
from hansa_fabric.rwsets import (
    MetadataWrite,
    PrivateCollection,
    PrivateNamespace,
    PrivateSet,
    ReadWriteSet,
    Write,
    key_hash,
    value_hash,
)
from hansa_gateway import BlockWithPrivateData
from tests.support.differential_envelopes import Cast, Endorsed
from tests.support.differential_network import CHANNEL, IN_A_BLOCK, MEMBERS, FabricNetwork, only_full_blocks
from tests.support.differential_plan import HONEST, Plan, Planner
from tests.support.differential_report import Report, refusal, report
from tests.support.differential_treatments import CHECKED_TO_THE_END, TREATMENTS, WEIGHTS

IN_A_ROUND = 3 * IN_A_BLOCK


@dataclass
class Recorded:
    """What real peers made of everything on the channel.

    Args:
        blocks: from the genesis block on, as the first member's peer has them.
        endorsed: the private sets that peers were left with, by transaction id.
        delivered: serialized ``TxPvtReadWriteSet`` by member, block and place, as delivered to each member.
        creators: who asked each member's peer for its report, serialized identities.
        reports: what each member's chaincode said at the end; see ``differential_report``.
        refused: how often no peer endorsed, by what it said.
    """

    blocks: list[Block] = field(default_factory=list)
    endorsed: dict[str, bytes] = field(default_factory=dict)
    delivered: dict[str, dict[int, dict[int, bytes]]] = field(default_factory=dict)
    creators: dict[str, bytes] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)


class FabricRun:
    """Drives one network, seed after seed.

    Args:
        network: that is up.
    """

    def __init__(self, network: FabricNetwork) -> None:
        self.network = network
        self.cast = Cast(network.material.organizations)
        self.recorded = Recorded(delivered={name: {} for name in MEMBERS})
        self._streams: dict[str, Iterator[BlockWithPrivateData]] = {
            name: network.blocks(name, 0) for name in MEMBERS
        }
        self._replayable: list[Any] = []
        self._started = network.height()
        self.take(self._started)

    def take(self, height: int) -> None:
        """Wait until every member's peer has committed so many blocks, and keep what they deliver."""
        while len(self.recorded.blocks) < height:
            number = len(self.recorded.blocks)
            found = {name: next(stream) for name, stream in self._streams.items()}
            first = found[MEMBERS[0]].block
            for name, delivered in found.items():
                assert delivered.block.number == number
                assert delivered.block.codes == first.codes, f"{name} disagrees about block {number}"
                sets = {place: one.SerializeToString() for place, one in delivered.private_data.items()}
                self.recorded.delivered[name][number] = sets
            if number < self._started:
                self._keep_approvals(first, found)
            self.recorded.blocks.append(first)

    def _keep_approvals(self, block: Block, found: dict[str, BlockWithPrivateData]) -> None:
        """Approvals of chaincode are private too, and were endorsed before this run began."""
        for delivered in found.values():
            for place, one in delivered.private_data.items():
                tx_id = block.transactions[place].transaction.tx_id
                self.recorded.endorsed[tx_id] = one.SerializeToString()

    def seed(self, seed: int, count: int) -> None:
        """Send at least so many transactions of a seed, and whatever fills their last block."""
        planner = Planner(seed, WEIGHTS)
        self._order([one for found in self._envelopes(planner.beginning()) for one in found], planner)
        held: list[tuple[int, list[Any]]] = []
        sent = 0
        while sent < count or held:
            plans = [planner.plan() for _ in range(IN_A_ROUND)] if sent < count else []
            made = [(plan.rounds, one) for plan, one in zip(plans, self._envelopes(plans), strict=True)]
            held = [(rounds - 1, envelopes) for rounds, envelopes in held] + made
            for rounds, envelopes in made:
                if len(envelopes) > 1 and planner.random.random() < 0.5:
                    held.append((rounds + 1, [envelopes.pop()]))
            due = [envelopes for rounds, envelopes in held if rounds <= 0]
            held = [one for one in held if one[0] > 0]
            planner.random.shuffle(due)
            ready = [envelope for envelopes in due for envelope in envelopes]
            if self._replayable and planner.random.random() < 0.5:
                ready.insert(0, planner.random.choice(self._replayable))
            sent += len(ready)
            self._order(ready, planner)
            if planner.random.random() < 0.2:
                self._reconfigure(planner)

    def report(self, seeds: Sequence[int]) -> None:
        """Ask every member's peer what the ledger holds for these seeds."""
        planner = Planner(seeds[-1], WEIGHTS)
        self._order(self._envelopes([planner.padding()])[0], planner)
        last = self.recorded.blocks[-1].transactions[-1].transaction.tx_id
        for name in MEMBERS:
            self._wait_until_applied(name, planner.padding().steps[0][1], last)
            self.recorded.creators[name] = self.cast.clients[name].identity.serialized
            self.recorded.reports[name] = report(partial(self.ask, name), seeds)

    def _wait_until_applied(self, msp_id: str, key: str, tx_id: str) -> None:
        """A peer delivers a block before state and history have it: wait until they do."""
        deadline = time.monotonic() + 60
        while True:
            said, _ = self.ask(msp_id, "all", "survey", key)
            if any(past[0] == tx_id for past in json.loads(said)[key][2]):
                return
            assert time.monotonic() < deadline, f"{msp_id}'s peer does not apply its last block"
            time.sleep(0.05)

    def ask(self, msp_id: str, chaincode: str, *args: str) -> tuple[bytes, ReadWriteSet]:
        """A member's peer executes a function; nothing is ordered.

        Returns:
            the chaincode's answer, or why it was refused, and what it read.
        """
        client = self.cast.clients[msp_id]
        proposal = new_proposal(CHANNEL, chaincode, [one.encode() for one in args], client.identity)
        answer = self.network.endorse(msp_id, sign_proposal(proposal, client)).result()
        if answer.response.status != 200:
            return refusal(answer.response.message.partition(proposal.tx_id)[2])
        return answer.response.payload, results(answer)

    def _order(self, envelopes: list[Any], planner: Planner) -> None:
        """Order block by block: each is committed everywhere before the next one is cut."""
        while len(envelopes) % IN_A_BLOCK:
            envelopes += self._envelopes([planner.padding()])[0]
        for start in range(0, len(envelopes), IN_A_BLOCK):
            chosen = envelopes[start : start + IN_A_BLOCK]
            self.network.broadcast(chosen)
            self.take(len(self.recorded.blocks) + 1)

    def _reconfigure(self, planner: Planner) -> None:
        """A configuration update behind a few transactions, which then make a short block."""
        few = self._envelopes([planner.padding()] * planner.random.randrange(4))
        size = planner.random.randrange(1_000_000, 2_000_000)
        update = self.network.config_update(lambda config: only_full_blocks(config, size))
        self.network.broadcast([one for found in few for one in found])
        self.network.broadcast([update])
        self.take(len(self.recorded.blocks) + (2 if few else 1))

    def _envelopes(self, plans: list[Plan]) -> list[list[Any]]:
        """All are endorsed on the same state; what nobody endorses leaves nothing to send."""
        asked = [(plan, *self._propose(plan)) for plan in plans]
        return [self._treated(*one) for one in asked]

    def _treated(self, plan: Plan, proposal: Proposal, client: KeySigner, futures: list[Any]) -> list[Any]:
        answers = [one.result() for one in futures]
        good = [one for one in answers if 200 <= one.response.status < 400]
        if not good:
            self.recorded.refused[answers[0].response.message[:60]] += 1
            return []
        same = tuple(one for one in good if one.payload == good[0].payload)
        private = private_set(results(same[0]), plan.steps)
        if private.namespaces:
            self.recorded.endorsed[proposal.tx_id] = private.serialize()
        treatment = plan.treatment
        if plan.sets_policies and treatment not in CHECKED_TO_THE_END:
            treatment = HONEST
        found = TREATMENTS[treatment](self.cast, Endorsed(proposal, same, client))
        if not plan.sets_policies:
            self._replayable += found
        return found

    def _propose(self, plan: Plan) -> tuple[Proposal, KeySigner, list[Any]]:
        client = self.cast.clients[plan.creator]
        args = [b"batch", json.dumps(plan.steps).encode()]
        proposal = new_proposal(CHANNEL, plan.chaincode, args, client.identity)
        signed = sign_proposal(proposal, client)
        return proposal, client, [self.network.endorse(name, signed) for name in plan.endorsers]


def results(response: Any) -> ReadWriteSet:
    """What an endorser's answer says of reads and writes."""
    payload = proposal_response_pb2.ProposalResponsePayload.FromString(response.payload)
    return ReadWriteSet.parse(proposal_pb2.ChaincodeAction.FromString(payload.extension).results)


def private_set(sets: ReadWriteSet, steps: Sequence[Sequence[str]]) -> PrivateSet:
    """The private set behind the hashes in a public one, whose keys and values stand in the steps.

    Raises:
        AssertionError: it is another.
    """
    texts = [text for step in steps for text in step]
    names = {key_hash(text): text for text in texts}
    values: dict[bytes | None, bytes | None] = {value_hash(text.encode()): text.encode() for text in texts}
    values[None] = None
    spaces = []
    for space in sets.namespaces:
        collections = []
        for one in space.collections:
            if not one.private_hash:
                continue
            writes = tuple(Write(names[each.key_hash], values[each.value_hash]) for each in one.writes)
            policies = tuple(MetadataWrite(names[each.key_hash], {}) for each in one.metadata_writes)
            found = PrivateCollection(one.name, writes, policies)
            assert found.hash == one.private_hash, f"{found} is not what was endorsed"
            collections.append(found)
        if collections:
            spaces.append(PrivateNamespace(space.name, tuple(collections)))
    return PrivateSet(tuple(spaces))

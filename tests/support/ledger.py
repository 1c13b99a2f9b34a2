"""Ledgers for tests, and transactions without chaincode: a function plays it on a simulator."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_response_pb2

from hansa_devnode.ledger.definitions import (
    LIFECYCLE,
    ChaincodeDefinition,
    definition_writes,
    policy_reference,
)
from hansa_devnode.ledger.ledger import CommittedBlock, Ledger
from hansa_devnode.ledger.simulator import SimulationResult, Simulator
from hansa_devnode.validation.rules import Signers
from hansa_fabric.blocks import Block, new_block
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import Identity
from hansa_fabric.policies import SignedData
from hansa_fabric.proposals import Proposal, new_proposal, proposal_hash, response_payload
from hansa_fabric.transactions import Transaction, new_transaction, signed_envelope

CHANNEL = "trade"
CHAINCODE = "hansa"
ORGANIZATIONS = ("BankMSP", "CarrierMSP", "ProducerMSP")

Play = Callable[[Simulator], None]


class OpenRules:
    """Rules of a channel where every signature is good and every policy satisfied."""

    channel = CHANNEL
    bundle: Any = None
    organizations: Collection[str] = frozenset(ORGANIZATIONS)

    def reconfigured(self, transaction: Transaction) -> OpenRules:
        raise MalformedDataError("open rules never change")

    def refusal_of_creator(self, signed: SignedData) -> str | None:
        return None

    def signers(self, signed: Sequence[SignedData]) -> Signers:
        return tuple(one.identity for one in signed)

    def satisfied(self, policy: bytes, signers: Signers) -> bool:
        return True

    def is_member(self, identity: bytes, organizations: frozenset[str]) -> bool:
        return Identity.deserialize(identity).msp_id in organizations

    def collection_policy(self, msp_id: str) -> bytes | None:
        return policy_reference() if msp_id in self.organizations else None


def plain_genesis() -> Block:
    """A block 0 whose configuration nobody reads."""
    header = common_pb2.Header(
        channel_header=common_pb2.ChannelHeader(
            type=common_pb2.CONFIG, channel_id=CHANNEL
        ).SerializeToString(),
        signature_header=common_pb2.SignatureHeader().SerializeToString(),
    )
    payload = common_pb2.Payload(header=header, data=b"")
    envelope = common_pb2.Envelope(payload=payload.SerializeToString())
    return Block(new_block(0, b"", [envelope.SerializeToString()]))


def open_ledger(path: Path, *, map_size: int = 1 << 24) -> Ledger:
    """A ledger with open rules."""
    return Ledger.open_with(path, plain_genesis(), OpenRules(), map_size)


def creator(msp_id: str = "BankMSP") -> Identity:
    """An identity that only open rules accept."""
    return Identity(msp_id, b"no certificate")


def simulate(ledger: Ledger, play: Play, *, msp_id: str = "BankMSP") -> SimulationResult:
    """Run a play on the committed state."""
    with ledger.simulator(msp_id, "tx") as simulator:
        play(simulator)
        return simulator.result()


def unsigned(
    result: SimulationResult | bytes, *, chaincode: str = CHAINCODE, nonce: bytes | None = None
) -> tuple[Proposal, bytes]:
    """A proposal and an envelope of it that only open rules accept."""
    results = result if isinstance(result, bytes) else result.public
    proposal = new_proposal(CHANNEL, chaincode, [b"test"], creator(), nonce=nonce or secrets.token_bytes(24))
    answer = proposal_response_pb2.Response(status=200)
    payload = response_payload(
        proposal_hash(proposal.message.header, proposal.message.payload),
        results=results,
        event=b"",
        response=answer,
        chaincode=chaincode,
        version="1.0",
    )
    response = proposal_response_pb2.ProposalResponse(
        response=answer,
        payload=payload,
        endorsement=proposal_response_pb2.Endorsement(endorser=b"endorser", signature=b"signature"),
    )
    envelope = signed_envelope(new_transaction(proposal, [response]), b"signature")
    return proposal, envelope.SerializeToString()


def commit_results(ledger: Ledger, results: Sequence[SimulationResult]) -> CommittedBlock:
    """Commit simulations as one block, private sets kept before."""
    envelopes = []
    for result in results:
        proposal, envelope = unsigned(result)
        if result.private is not None:
            ledger.keep_private(proposal.tx_id, result.private)
        envelopes.append(envelope)
    return ledger.commit(envelopes)


def run(ledger: Ledger, *plays: Play, msp_id: str = "BankMSP") -> list[int]:
    """Simulate plays on one state, commit them as one block, and return the codes."""
    results = [simulate(ledger, play, msp_id=msp_id) for play in plays]
    return [status.code for status in commit_results(ledger, results).transactions]


def define(
    ledger: Ledger, *, policy: bytes | None = None, collections: bytes = b"", name: str = CHAINCODE
) -> None:
    """Commit the chaincode's next definition."""
    current = ledger.chaincode(name)
    definition = ChaincodeDefinition(
        name=name,
        version="1.0",
        sequence=1 if current is None else current.sequence + 1,
        policy=policy or policy_reference(),
        collections=collections,
    )

    def play(simulator: Simulator) -> None:
        for key, value in definition_writes(lambda key: simulator.get_state(LIFECYCLE, key), definition):
            simulator.put_state(LIFECYCLE, key, value)

    _, envelope = unsigned(simulate(ledger, play), chaincode=LIFECYCLE)
    statuses = ledger.commit([envelope]).transactions
    assert [status.code for status in statuses] == [0]


def ready_ledger(path: Path, *, collections: bytes = b"", map_size: int = 1 << 24) -> Ledger:
    """A ledger with open rules where the chaincode is defined."""
    ledger = open_ledger(path, map_size=map_size)
    if ledger.chaincode(CHAINCODE) is None:
        define(ledger, collections=collections)
    return ledger

"""A channel that follows a script: what each endorsement, submission and commit of a command is to say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import grpc
from fabric_protos.common import ledger_pb2

from hansa import new_id
from hansa_fabric.channel_config import genesis_block
from hansa_fabric.channel_description import (
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
)
from hansa_fabric.validation_codes import ValidationCode
from hansa_gateway import CommitStatus, EndorseError, ErrorDetail, EvaluateError, SubmitError
from hansa_gateway.errors import CommitStatusError
from tests.support.fabric_organizations import organization

Step = str | Exception


@lru_cache
def _configuration() -> bytes:
    """The channel's configuration block: AMSP and BMSP are its members."""
    orderer = Endpoint("orderer.example", 7050)
    certificate = organization("AMSP").tls_authority.certificate
    members = tuple(
        OrganizationDescription(organization(name).definition(), orderer_endpoints=(orderer,))
        for name in ("AMSP", "BMSP")
    )
    ordering = OrdererDescription("etcdraft", (Consenter(orderer, "AMSP", certificate, certificate),))
    return bytes(genesis_block(ChannelDescription("trade", members, ordering)).SerializeToString())


def refusal(code: str, message: str = "No.", by: str = "AMSP") -> EndorseError:
    """An endorsement that the chaincode refused on that organisation's peer."""
    said = "chaincode response 500, " + json.dumps({"code": code, "message": message, "field": "order"})
    return EndorseError(
        "failed to endorse",
        grpc.StatusCode.ABORTED,
        [ErrorDetail("peer:1", by, said)],
        transaction_id="refused",
    )


def mismatch() -> EndorseError:
    """Endorsements that differ."""
    return EndorseError(
        "failed to collect enough transaction endorsements",
        grpc.StatusCode.ABORTED,
        [
            ErrorDetail(
                "peer:2", "BMSP", 'chaincode response 500, {"code":"ORDER_NOT_FOUND","message":"No."}'
            ),
            ErrorDetail("peer:3", "CMSP", "ProposalResponsePayloads do not match"),
        ],
        transaction_id="unendorsed",
    )


def endorse_error(status: grpc.StatusCode) -> EndorseError:
    """An endorsement that failed before the chaincode said anything."""
    return EndorseError("no peers", status, transaction_id="unendorsed")


def submit_error() -> SubmitError:
    """A submission whose fate nobody knows."""
    return SubmitError("gone", grpc.StatusCode.UNAVAILABLE, transaction_id="lost")


def status_error() -> CommitStatusError:
    """A commit nobody could tell about."""
    return CommitStatusError("late", grpc.StatusCode.DEADLINE_EXCEEDED, transaction_id="lost")


@dataclass
class ScriptedNetwork:
    """Stands for ``hansa_gateway``'s network and contract, and for each step of a transaction.

    Args:
        attempts: each time something is endorsed or sent, an error, or the name of the verdict (``VALID``)
            that it commits with.
        reply: what the chaincode answers.
        records: command ids to what ``commands:Get`` answers of them; an exception is raised.
        verdicts: what is told, in turn, where somebody asks what became of a transaction; then nothing is.
        heights: what the peers of AMSP (the member's own) and BMSP say each time their heights are asked for;
            the last stays; an exception is raised.
        genesis: hash of the ledger's first block, which tells it from others; an exception is raised.
    """

    channel = "trade"

    attempts: list[Step] = field(default_factory=list)
    reply: bytes = b"{}"
    records: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Step] = field(default_factory=list)
    heights: dict[str, list[int | Exception]] = field(default_factory=lambda: {"AMSP": [5], "BMSP": [5]})
    genesis: bytes | Exception = field(default_factory=lambda: new_id().encode())
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def genesis_hash(self) -> bytes:
        self.asked.append("genesis")
        if isinstance(self.genesis, Exception):
            raise self.genesis
        return self.genesis

    def contract(self, _: str) -> ScriptedNetwork:
        return self

    def commit(self, transaction_id: str) -> ScriptedTransaction:
        step: Step = "VALID"
        if transaction_id in self.submitted:
            step = self.verdicts.pop(0) if self.verdicts else status_error()
        return ScriptedTransaction(self, step, transaction_id)

    def evaluate(
        self,
        function: str,
        argument: Any,
        *,
        endorsing_organizations: Sequence[str] = (),
        timeout: float | None = None,
    ) -> bytes:
        self.asked.append(function)
        if function == "GetConfigBlock":
            return _configuration()
        if function == "GetChainInfo":
            told = self.heights[endorsing_organizations[0]]
            height = told.pop(0) if len(told) > 1 else told[0]
            if isinstance(height, Exception):
                raise height
            return bytes(ledger_pb2.BlockchainInfo(height=height).SerializeToString())
        found = self.records.get(json.loads(argument)["command"])
        if isinstance(found, Exception):
            raise found
        if found is None:
            said = 'chaincode response 500, {"code":"COMMAND_NOT_FOUND","message":"No."}'
            raise EvaluateError(said, grpc.StatusCode.UNKNOWN, transaction_id="q")
        return json.dumps(found).encode()

    def new_proposal(
        self, function: str, argument: bytes, *, transient: Any, endorsing_organizations: Sequence[str]
    ) -> ScriptedTransaction:
        self.sent.append((function, argument))
        return ScriptedTransaction(self, self.attempts.pop(0), f"tx{len(self.sent)}")


@dataclass
class ScriptedTransaction:
    """One attempt, through all its steps."""

    network: ScriptedNetwork
    step: Step
    transaction_id: str

    @property
    def result(self) -> bytes:
        return self.network.reply

    def endorse(self) -> ScriptedTransaction:
        if isinstance(self.step, EndorseError):
            raise self.step
        return self

    def submit(self) -> ScriptedTransaction:
        if self.transaction_id in self.network.submitted:
            self.step = self.network.attempts.pop(0)
        self.network.submitted.append(self.transaction_id)
        if isinstance(self.step, SubmitError):
            raise self.step
        return self

    def status(self, timeout: float | None = None) -> CommitStatus:
        if isinstance(self.step, Exception):
            raise self.step
        return CommitStatus(self.transaction_id, ValidationCode[self.step], 7)

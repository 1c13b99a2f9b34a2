"""A channel that follows a script: what each endorsement, submission and commit of a command is to say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc

from hansa_fabric.validation_codes import ValidationCode
from hansa_gateway import CommitStatus, EndorseError, ErrorDetail, EvaluateError, SubmitError
from hansa_gateway.errors import CommitStatusError

Step = str | Exception


def refusal(code: str, message: str = "No.") -> EndorseError:
    """An endorsement that the chaincode refused."""
    said = "chaincode response 500, " + json.dumps({"code": code, "message": message, "field": "order"})
    return EndorseError(
        "failed to endorse",
        grpc.StatusCode.ABORTED,
        [ErrorDetail("peer:1", "AMSP", said)],
        transaction_id="refused",
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
        attempts: for each attempt, an error, or the name of the verdict (``VALID``) that it commits with.
        reply: what the chaincode answers.
        records: command ids to what ``commands:Get`` answers of them; an exception is raised.
    """

    attempts: list[Step] = field(default_factory=list)
    reply: bytes = b"{}"
    records: dict[str, Any] = field(default_factory=dict)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def contract(self, _: str) -> ScriptedNetwork:
        return self

    def commit(self, transaction_id: str) -> ScriptedTransaction:
        return ScriptedTransaction(self, "VALID", transaction_id)

    def evaluate(self, function: str, argument: bytes) -> bytes:
        self.asked.append(function)
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
        if isinstance(self.step, SubmitError):
            raise self.step
        return self

    def status(self) -> CommitStatus:
        if isinstance(self.step, Exception):
            raise self.step
        return CommitStatus(self.transaction_id, ValidationCode[self.step], 7)

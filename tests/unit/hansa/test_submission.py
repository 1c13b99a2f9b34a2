"""When a command is sent again, and what its caller is told (rules 6 and 13)."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from hansa import (
    ConflictError,
    InvalidTransactionError,
    OutcomeUnknownError,
    Policy,
    RefusedError,
    Retry,
    UnreachableError,
    new_id,
)
from hansa.submission import Receipt, Submitter
from hansa_domain.commands import command_digest
from hansa_domain.money import Mint, NotesCreatedReply
from tests.support.scripted import (
    ScriptedNetwork,
    Step,
    endorse_error,
    refusal,
    status_error,
    submit_error,
)

MINT = Mint(id=new_id(), currency="EUR", amount="5", owner="AMSP")
REPLY = b'{"notes":[]}'


class Sent:
    """One submission along a script, and what came of it."""

    def __init__(self, *attempts: Step, records: dict[str, Any] | None = None, bound: int = 4) -> None:
        self.network = ScriptedNetwork(list(attempts), REPLY, records or {})
        network: Any = self.network
        self.told: list[Retry] = []
        self.submitter = Submitter(network, "hansa", "AMSP", Policy(bound, 0.0, 0.0), self.told.append)

    def receipt(self) -> Receipt[NotesCreatedReply]:
        return self.submitter.submit("money:Mint", MINT, NotesCreatedReply)


def record(**changes: Any) -> dict[str, Any]:
    return {
        "operation": "money:Mint",
        "digest": command_digest("money:Mint", MINT),
        "reply": {"notes": []},
        "tx_id": "first",
        "at": "2027-01-15T08:00:00.000Z",
        **changes,
    }


def test_what_goes_through_is_sent_once() -> None:
    sent = Sent("VALID")
    assert sent.receipt() == Receipt(NotesCreatedReply(notes=[]), MINT.id, "tx1", 7, 1)
    assert (sent.told, sent.network.asked) == ([], [])


@pytest.mark.parametrize(
    "verdict", ["MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT", "ENDORSEMENT_POLICY_FAILURE"]
)
def test_conflicts_are_sent_again_and_told(verdict: str) -> None:
    sent = Sent(verdict, verdict, "VALID")
    receipt = sent.receipt()
    assert (receipt.attempts, receipt.transaction_id) == (3, "tx3")
    assert [(retry.attempt, retry.conflict, retry.function) for retry in sent.told] == [
        (1, True, "money:Mint"),
        (2, True, "money:Mint"),
    ]
    assert verdict in sent.told[0].reason
    assert len({argument for _, argument in sent.network.sent}) == 1


def test_conflicts_have_a_bound() -> None:
    sent = Sent(*["MVCC_READ_CONFLICT"] * 4)
    with pytest.raises(ConflictError) as failed:
        sent.receipt()
    assert (failed.value.code, failed.value.transaction_id) == ("MVCC_READ_CONFLICT", "tx4")
    assert len(sent.told) == 3


def test_an_invalid_transaction_is_no_conflict_and_not_sent_again() -> None:
    sent = Sent("BAD_CREATOR_SIGNATURE", "VALID")
    with pytest.raises(InvalidTransactionError) as failed:
        sent.receipt()
    assert (failed.value.code, len(sent.network.sent)) == ("BAD_CREATOR_SIGNATURE", 1)


def test_a_refusal_is_final_and_whole() -> None:
    sent = Sent(refusal("ORDER_STATE", "The order is settled."), "VALID")
    with pytest.raises(RefusedError) as refused:
        sent.receipt()
    assert refused.value.document() == {
        "code": "ORDER_STATE",
        "message": "The order is settled.",
        "hint": "Look at the order's status: this step belongs to another one.",
        "field": "order",
        "transaction_id": "refused",
    }
    assert len(sent.network.sent) == 1


@pytest.mark.parametrize(
    "status",
    [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.DEADLINE_EXCEEDED],
)
def test_peers_that_do_not_answer_are_asked_again(status: grpc.StatusCode) -> None:
    sent = Sent(endorse_error(status), "VALID")
    assert sent.receipt().attempts == 2
    assert [retry.conflict for retry in sent.told] == [False]
    with pytest.raises(UnreachableError) as failed:
        Sent(*[endorse_error(status)] * 4).receipt()
    assert failed.value.code == "NOT_ENDORSED"


@pytest.mark.parametrize("status", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED])
def test_who_is_not_let_in_does_not_knock_again(status: grpc.StatusCode) -> None:
    sent = Sent(endorse_error(status), "VALID")
    with pytest.raises(UnreachableError):
        sent.receipt()
    assert len(sent.network.sent) == 1


@pytest.mark.parametrize("lost", [submit_error(), status_error()])
def test_an_unknown_outcome_is_settled_by_asking_the_ledger(lost: Exception) -> None:
    sent = Sent(lost, records={f"AMSP.{MINT.id}": record()})
    receipt = sent.receipt()
    assert (receipt.transaction_id, receipt.block_number, receipt.attempts) == ("first", 7, 1)
    assert not receipt.repeated
    assert len(sent.network.sent) == 1


def test_an_unknown_outcome_is_sent_again_where_the_ledger_knows_nothing() -> None:
    sent = Sent(submit_error(), "VALID")
    assert sent.receipt().transaction_id == "tx2"
    assert sent.network.asked == ["commands:Get", "commands:Get"]


def test_the_same_id_of_another_command_settles_nothing() -> None:
    sent = Sent(submit_error(), refusal("COMMAND_ID_REUSED"), records={f"AMSP.{MINT.id}": record(digest="0")})
    with pytest.raises(OutcomeUnknownError):
        sent.receipt()


@pytest.mark.parametrize(
    "later",
    [
        [refusal("ORDER_STATE")],
        [endorse_error(grpc.StatusCode.PERMISSION_DENIED)],
        [endorse_error(grpc.StatusCode.UNAVAILABLE)] * 3,
        ["MVCC_READ_CONFLICT"] * 3,
        ["BAD_PROPOSAL_TXID"],
        [submit_error()] * 3,
    ],
)
def test_what_was_unknown_once_stays_unknown_whatever_comes_later(later: list[Step]) -> None:
    sent = Sent(submit_error(), *later)
    with pytest.raises(OutcomeUnknownError) as unknown:
        sent.receipt()
    assert (unknown.value.code, unknown.value.command_id) == ("OUTCOME_UNKNOWN", MINT.id)
    assert unknown.value.transaction_id == "lost"
    assert MINT.id in unknown.value.hint
    assert sent.network.attempts == []


def test_a_duplicate_transaction_id_tells_nothing_about_the_first() -> None:
    sent = Sent("DUPLICATE_TXID", records={f"AMSP.{MINT.id}": record()})
    assert sent.receipt().transaction_id == "first"


def test_a_chaincode_that_breaks_is_told_in_its_own_words() -> None:
    broken = refusal("X")
    broken.details = (broken.details[0].__class__("p", "AMSP", "chaincode response 500, Traceback"),)
    with pytest.raises(RefusedError) as refused:
        Sent(broken).receipt()
    assert refused.value.code == "CHAINCODE_FAILED"
    assert "Traceback" in refused.value.message


def test_waits_grow_within_bounds() -> None:
    policy = Policy(attempts=9, first_wait=0.1, longest_wait=1.0)
    assert all(0.05 <= policy.wait(1) <= 0.1 and 0.5 <= policy.wait(9) <= 1.0 for _ in range(50))

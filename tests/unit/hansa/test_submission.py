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
from hansa_domain.money import Mint, NotesCreatedReply
from hansa_gateway import EndorseError
from hansa_gateway.errors import GatewayClosedError
from tests.support.scripted import (
    ScriptedNetwork,
    Step,
    endorse_error,
    mismatch,
    refusal,
    status_error,
    submit_error,
)

MINT = Mint(id=new_id(), currency="EUR", amount="5", owner="AMSP")
REPLY = b'{"notes":[]}'


class Sent:
    """One submission along a script, and what came of it."""

    def __init__(self, *attempts: Step, bound: int = 4, settle: float = 60.0, **script: Any) -> None:
        self.network = ScriptedNetwork(list(attempts), REPLY, **script)
        network: Any = self.network
        self.told: list[Retry] = []
        policy = Policy(bound, 0.0, 0.0, settle, catch_up=0.1)
        self.submitter = Submitter(network, "hansa", "AMSP", policy, self.told.append)

    def receipt(self) -> Receipt[NotesCreatedReply]:
        return self.submitter.submit("money:Mint", MINT, NotesCreatedReply)


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
    sent = Sent(refusal("FIELD_INVALID", "No such thing."), "VALID")
    with pytest.raises(RefusedError) as refused:
        sent.receipt()
    assert refused.value.document() == {
        "code": "FIELD_INVALID",
        "message": "No such thing.",
        "hint": "Correct the field that the error names.",
        "field": "order",
        "transaction_id": "refused",
    }
    assert (len(sent.network.sent), sent.network.asked) == (1, [])


def test_what_a_peer_refuses_that_knows_everything_is_refused() -> None:
    sent = Sent(refusal("ORDER_NOT_FOUND"), refusal("ORDER_NOT_FOUND"), "VALID", bound=1)
    with pytest.raises(RefusedError, match="ORDER_NOT_FOUND"):
        sent.receipt()
    assert (len(sent.network.sent), sent.told) == (2, [])
    # Heights of both, then again of who refused; who the members are is asked once.
    assert sent.network.asked == ["GetConfigBlock", *["GetChainInfo"] * 3]


def test_who_refused_while_behind_is_asked_again_when_it_has_caught_up() -> None:
    sent = Sent(refusal("ORDER_NOT_FOUND"), "VALID", heights={"AMSP": [4, 4, 5], "BMSP": [5]})
    assert sent.receipt().transaction_id == "tx2"
    assert sent.network.asked.count("GetChainInfo") == 4


def test_another_member_s_peer_may_be_the_one_behind() -> None:
    behind = {"AMSP": [5], "BMSP": [4, 4, 5]}
    assert Sent(refusal("ORDER_NOT_FOUND", by="BMSP"), "VALID", heights=behind).receipt().attempts == 1
    # First one, then the other: each is waited for.
    both = Sent(refusal("ORDER_STATE", by="BMSP"), refusal("ORDER_STATE"), "VALID", bound=1)
    assert both.receipt().transaction_id == "tx3"


def test_a_peer_that_stays_behind_is_named_and_its_refusal_not_believed() -> None:
    sent = Sent(refusal("ORDER_NOT_FOUND"), "VALID", heights={"AMSP": [4], "BMSP": [6]})
    with pytest.raises(UnreachableError) as failed:
        sent.receipt()
    assert failed.value.code == "PEER_BEHIND"
    assert "AMSP has 4" in failed.value.message
    assert "6 blocks" in failed.value.message


def test_whoever_reads_can_wait_for_what_others_have_committed() -> None:
    sent = Sent(heights={"AMSP": [3, 4, 5], "BMSP": [5]})
    assert sent.submitter.catch_up() == 5
    assert sent.network.asked == ["GetConfigBlock", *["GetChainInfo"] * 4]


def test_endorsers_at_different_blocks_are_a_conflict() -> None:
    sent = Sent(mismatch(), mismatch(), "VALID")
    assert sent.receipt().attempts == 3
    assert [retry.conflict for retry in sent.told] == [True, True]
    with pytest.raises(ConflictError) as failed:
        Sent(*[mismatch()] * 4).receipt()
    assert failed.value.code == "ENDORSEMENTS_DIFFER"


def test_a_peer_that_knows_no_others_yet_is_given_time() -> None:
    alone = EndorseError(
        "no combination of peers can be derived which satisfy the endorsement policy",
        grpc.StatusCode.FAILED_PRECONDITION,
        transaction_id="t",
    )
    assert Sent(alone, alone, "VALID").receipt().attempts == 3
    with pytest.raises(UnreachableError, match="knows of too few others") as failed:
        Sent(*[alone] * 4).receipt()
    assert (failed.value.code, "just started" in failed.value.hint) == ("NOT_ENDORSED", True)


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


def test_a_peer_that_is_down_is_named_with_what_to_do() -> None:
    down = EndorseError(
        "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:7351: Failed to connect",
        grpc.StatusCode.UNAVAILABLE,
        transaction_id="t",
    )
    with pytest.raises(UnreachableError, match=r"does not answer at 127\.0\.0\.1:7351\.\n") as failed:
        Sent(*[down] * 4).receipt()
    assert (failed.value.code, "hansa up" in failed.value.hint) == ("PEER_UNREACHABLE", True)


@pytest.mark.parametrize("status", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED])
def test_who_is_not_let_in_does_not_knock_again(status: grpc.StatusCode) -> None:
    sent = Sent(endorse_error(status), "VALID")
    with pytest.raises(UnreachableError):
        sent.receipt()
    assert len(sent.network.sent) == 1


@pytest.mark.parametrize("lost", [submit_error(), status_error()])
def test_after_an_unknown_outcome_the_ledger_is_asked_before_anything_is_sent(lost: Exception) -> None:
    sent = Sent(lost, verdicts=["VALID"])
    receipt = sent.receipt()
    assert (receipt.transaction_id, receipt.attempts, receipt.repeated) == ("tx1", 1, False)
    assert (sent.network.submitted, sent.told) == (["tx1"], [])


@pytest.mark.parametrize("effective", ["tx1", "tx2"])
def test_what_nobody_can_tell_of_becomes_a_new_transaction_and_the_ledger_says_which_counts(
    effective: str,
) -> None:
    sent = Sent(submit_error(), "VALID", verdicts=[status_error(), "VALID"])
    kept = {"operation": "money:Mint", "digest": "", "reply": {"notes": []}, "tx_id": effective, "at": ""}
    sent.network.records[f"AMSP.{MINT.id}"] = kept
    receipt = sent.receipt()
    assert (receipt.transaction_id, receipt.attempts) == (effective, 2)
    # Peers of Fabric 3.1.5 may stop for good at a transaction that they see twice.
    assert sent.network.submitted == ["tx1", "tx2"]


def test_a_refusal_after_an_unknown_outcome_does_not_tell_that_nothing_happened() -> None:
    sent = Sent(submit_error(), refusal("FIELD_INVALID"), verdicts=[status_error()])
    with pytest.raises(OutcomeUnknownError) as unknown:
        sent.receipt()
    assert unknown.value.transaction_id == "lost"


def test_a_new_attempt_needs_the_ledger_s_word_that_the_first_had_no_effect() -> None:
    sent = Sent(submit_error(), "VALID", verdicts=["MVCC_READ_CONFLICT"])
    receipt = sent.receipt()
    assert (receipt.transaction_id, receipt.attempts) == ("tx2", 2)
    assert [retry.conflict for retry in sent.told] == [True]


def test_what_nobody_can_tell_within_the_bound_is_reported_as_unknown() -> None:
    sent = Sent(*[submit_error()] * 4)
    with pytest.raises(OutcomeUnknownError) as unknown:
        sent.receipt()
    assert (unknown.value.code, unknown.value.command_id) == ("OUTCOME_UNKNOWN", MINT.id)
    assert unknown.value.transaction_id == "lost"
    assert MINT.id in unknown.value.hint
    assert (sent.network.submitted, len(sent.told)) == (["tx1", "tx2", "tx3", "tx4"], 3)


def test_the_search_for_an_outcome_has_an_end() -> None:
    sent = Sent(*[submit_error()] * 4, settle=0.0)
    with pytest.raises(OutcomeUnknownError):
        sent.receipt()
    assert sent.network.submitted == ["tx1"]


def test_a_transaction_that_a_gateway_sent_twice_is_decided_by_the_first() -> None:
    assert Sent("DUPLICATE_TXID", verdicts=["VALID"]).receipt().transaction_id == "tx1"


def test_a_gateway_closed_meanwhile_leaves_the_outcome_unknown() -> None:
    with pytest.raises(OutcomeUnknownError):
        Sent(GatewayClosedError("closed")).receipt()


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

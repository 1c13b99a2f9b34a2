"""Whom to ask for endorsements, in which order, and when it is enough."""

from typing import Any

from fabric_protos.peer import proposal_response_pb2

from hansa_devnode.services.endorsement_plan import MISMATCH, EndorsementPlan, Layout
from hansa_devnode.services.peers import Peer


def peer(msp_id: str) -> Peer:
    nobody: Any = None
    return Peer(msp_id, f"{msp_id.lower()}:1", signer=nobody, endorser=nobody, serving=True)


def answer(payload: bytes, who: bytes) -> Any:
    endorsement = proposal_response_pb2.Endorsement(endorser=who)
    return proposal_response_pb2.ProposalResponse(payload=payload, endorsement=endorsement)


A, B, C = peer("A"), peer("B"), peer("C")
GROUPS = {"a": (A,), "b": (B,), "c": (C,)}
MAJORITY = [Layout({"a": 1, "b": 1}), Layout({"a": 1, "c": 1}), Layout({"b": 1, "c": 1})]


def test_the_first_layout_is_asked_first_and_completes() -> None:
    plan = EndorsementPlan(MAJORITY, GROUPS)
    assert plan.next_endorsers() == [A, B]
    first, second = answer(b"x", b"A"), answer(b"x", b"B")
    assert plan.endorsed(A, first)
    assert plan.complete() is None
    assert plan.endorsed(B, second)
    assert plan.complete() == [first, second]


def test_after_a_refusal_the_next_layout_needs_only_what_is_missing() -> None:
    plan = EndorsementPlan(MAJORITY, GROUPS)
    plan.endorsed(A, answer(b"x", b"A"))
    plan.failed(B, "down")
    assert plan.next_endorsers() == [C]
    plan.endorsed(C, answer(b"x", b"C"))
    assert plan.complete() is not None


def test_without_a_layout_left_nobody_is_asked_and_every_failure_is_told() -> None:
    plan = EndorsementPlan(MAJORITY, GROUPS)
    plan.failed(A, "down")
    plan.failed(B, "also down")
    assert plan.next_endorsers() == []
    assert plan.complete() is None
    assert [(each.address, each.msp_id, each.message) for each in plan.errors] == [
        ("a:1", "A", "down"),
        ("b:1", "B", "also down"),
    ]


def test_an_answer_that_differs_is_a_failure() -> None:
    plan = EndorsementPlan(MAJORITY, GROUPS)
    plan.endorsed(A, answer(b"x", b"A"))
    assert not plan.endorsed(B, answer(b"y", b"B"))
    assert [each.message for each in plan.errors] == [MISMATCH]
    assert plan.next_endorsers() == [C]


def test_one_peer_in_two_groups_endorses_once() -> None:
    plan = EndorsementPlan([Layout({"peer": 1, "member": 1})], {"peer": (A,), "member": (A,)})
    assert plan.next_endorsers() == [A]
    response = answer(b"x", b"A")
    plan.endorsed(A, response)
    assert plan.complete() == [response]


def test_another_peer_of_the_group_takes_the_place_of_one_that_failed() -> None:
    plan = EndorsementPlan([Layout({"any": 1})], {"any": (A, B)})
    assert plan.next_endorsers() == [A]
    plan.failed(A, "down")
    assert plan.next_endorsers() == [B]

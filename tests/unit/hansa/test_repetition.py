"""A command given a second time under its id: the first one's answer, and nothing is sent."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from hansa import Policy, RefusedError, Retry, UnreachableError, new_id
from hansa.money import Money
from hansa.notes import Purse
from hansa.repetition import CHOICES
from hansa.submission import Submitter
from hansa_domain.commands import command_digest
from hansa_domain.money import Mint
from hansa_gateway import EvaluateError
from tests.support.scripted import ScriptedNetwork, Step, refusal

ID = new_id()
NOTE = {"id": f"AMSP.{ID}.0", "owner": "BMSP", "currency": "EUR", "amount": "500"}
CHANGE = {"id": f"AMSP.{ID}.1", "owner": "AMSP", "currency": "EUR", "amount": "7"}


class Account:
    """``client.money`` of AMSP along a script; whatever it asks of its notes, it has one of 507."""

    def __init__(self, *attempts: Step, **record: Any) -> None:
        self.network = ScriptedNetwork(list(attempts), b'{"notes":[]}')
        if record:
            self.network.records[f"AMSP.{ID}"] = {
                "tx_id": "first",
                "at": "2027-01-15T08:00:00.000Z",
                **record,
            }
        network: Any = self.network
        self.told: list[Retry] = []
        submitter = Submitter(network, "hansa", "AMSP", Policy(1), self.told.append)
        purse = Purse(submitter)
        purse._load = lambda owner, currency: {f"AMSP.{ID}.9": 507}  # type: ignore[method-assign]
        self.money = Money(submitter, purse, "AMSP", network)


def done(*notes: dict[str, str], operation: str = "money:Transfer", digest: str = "0" * 64) -> dict[str, Any]:
    return {"operation": operation, "digest": digest, "reply": {"notes": list(notes)}}


def test_an_equal_command_is_answered_and_not_sent() -> None:
    mint = Mint(id=ID, currency="EUR", amount="500", owner="BMSP")
    account = Account(**done(NOTE, operation="money:Mint", digest=command_digest("money:Mint", mint)))
    receipt = account.money.mint("EUR", 500, "BMSP", command_id=ID)
    assert (receipt.repeated, receipt.attempts) == (True, 0)
    assert (receipt.transaction_id, receipt.block_number) == ("first", 7)
    assert receipt.reply.notes[0].amount == "500"
    assert account.network.sent == []


def test_a_payment_is_the_same_whichever_notes_were_chosen_for_it() -> None:
    account = Account(**done(NOTE, CHANGE))
    assert account.money.transfer("BMSP", "EUR", 500, command_id=ID).repeated
    assert account.network.sent == []


@pytest.mark.parametrize(
    ("to", "currency", "amount", "source"),
    [
        ("CMSP", "EUR", 500, None),
        ("BMSP", "USD", 500, None),
        ("BMSP", "EUR", 501, None),
        ("BMSP", "EUR", 500, "AMSP/petty"),
    ],
)
def test_another_payment_under_the_same_id_is_refused(
    to: str, currency: str, amount: int, source: str | None
) -> None:
    account = Account(**done(NOTE, CHANGE))
    with pytest.raises(RefusedError) as refused:
        account.money.transfer(to, currency, amount, account=source, command_id=ID)
    assert (refused.value.code, refused.value.field) == ("COMMAND_ID_REUSED", "id")
    assert refused.value.transaction_id == "first"
    assert account.network.sent == []


def test_another_operation_under_the_same_id_is_refused() -> None:
    account = Account(**done(NOTE, operation="money:Mint"))
    with pytest.raises(RefusedError, match="COMMAND_ID_REUSED"):
        account.money.transfer("BMSP", "EUR", 500, command_id=ID)


def test_what_was_not_carried_out_is_sent() -> None:
    account = Account("VALID")
    receipt = account.money.transfer("BMSP", "EUR", 500, command_id=ID)
    assert (receipt.repeated, receipt.command_id, receipt.transaction_id) == (False, ID, "tx1")


def test_without_an_id_nobody_is_asked() -> None:
    account = Account("VALID")
    assert account.money.transfer("BMSP", "EUR", 500).attempts == 1
    assert account.network.asked == []


def test_two_at_once_get_one_answer() -> None:
    account = Account(refusal("COMMAND_ID_REUSED"))
    real, answers = account.network.evaluate, [done(NOTE, CHANGE)]

    def evaluate(function: str, argument: bytes) -> bytes:
        try:
            return real(function, argument)
        finally:  # the other one is committed after the first question
            account.network.records[f"AMSP.{ID}"] = {"tx_id": "first", "at": "", **answers[0]}

    account.network.evaluate = evaluate  # type: ignore[method-assign]
    receipt = account.money.transfer("BMSP", "EUR", 500, command_id=ID)
    assert (receipt.repeated, receipt.transaction_id) == (True, "first")
    assert len(account.network.sent) == 1


def test_notes_that_somebody_else_spent_are_chosen_anew_within_a_bound() -> None:
    # Each refusal is heard twice: the peer might have been behind others.
    account = Account(*[refusal("NOTE_NOT_FOUND")] * 2, "VALID")
    assert account.money.transfer("BMSP", "EUR", 500).transaction_id == "tx3"
    assert [retry.conflict for retry in account.told] == [True]
    account = Account(*[refusal("NOTE_NOT_FOUND")] * 2 * CHOICES, "VALID")
    with pytest.raises(RefusedError, match="NOTE_NOT_FOUND"):
        account.money.transfer("BMSP", "EUR", 500)
    assert len(account.network.sent) == 2 * CHOICES


def test_nothing_is_sent_where_the_ledger_cannot_be_asked() -> None:
    account = Account("VALID")
    account.network.records[f"AMSP.{ID}"] = EvaluateError(
        "down", grpc.StatusCode.UNAVAILABLE, transaction_id="q"
    )
    with pytest.raises(UnreachableError):
        account.money.transfer("BMSP", "EUR", 500, command_id=ID)
    assert account.network.sent == []

"""What became of a command: asked for by its id."""

from __future__ import annotations

import hashlib
import json

from hansa_domain.operation import canonical
from tests.support.domain import consortium, mint, ulid


def test_a_command_is_found_with_its_reply_and_transaction() -> None:
    world = consortium()
    fields = {"id": ulid("m"), "currency": "EUR", "amount": "5", "owner": "RetailerMSP"}
    done = world.call("BankMSP", "money:Mint", fields)
    transaction = f"tx{world.calls}"
    world.pass_time(60)
    found = world.ask("RetailerMSP", "commands:Get", command=f"BankMSP.{ulid('m')}")
    assert found == {
        "operation": "money:Mint",
        "digest": hashlib.sha256(canonical(["money:Mint", fields])).hexdigest(),
        "reply": done.reply,
        "tx_id": transaction,
        "at": "2027-01-15T08:00:00.000Z",
    }


def test_a_repetition_leaves_the_first_transaction_on_record() -> None:
    world = consortium()
    fields = {"id": ulid("m"), "currency": "EUR", "amount": "5", "owner": "RetailerMSP"}
    for _ in range(2):
        world.call("BankMSP", "money:Mint", fields)
    found = world.ask("BankMSP", "commands:Get", command=f"BankMSP.{ulid('m')}")
    assert found["tx_id"] == f"tx{world.calls - 2}"


def test_what_was_not_carried_out_is_not_found() -> None:
    world = consortium()
    mint(world, "5")
    fields = {"id": ulid("no"), "currency": "EUR", "amount": "0", "owner": "RetailerMSP"}
    assert world.refusal("BankMSP", "money:Mint", fields)[0] == "AMOUNT_ZERO"
    question = json.dumps({"command": f"BankMSP.{ulid('no')}"}).encode()
    assert world.refusal("BankMSP", "commands:Get", question) == ("COMMAND_NOT_FOUND", "command")
    assert world.refusal("BankMSP", "commands:Get", b'{"command":"x"}') == ("FIELD_INVALID", "command")

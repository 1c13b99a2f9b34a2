"""The way every call takes: bounds, forms, idempotence."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hansa_domain.argument import decode_document
from hansa_domain.error_codes import Code
from hansa_domain.error_hints import HINTS
from hansa_domain.errors import Refusal
from hansa_domain.operation import (
    MAX_ARGUMENT_BYTES,
    OPERATIONS,
    Context,
    Decision,
    Fetch,
    Scan,
    Steps,
    canonical,
)
from tests.support.domain import consortium, market, mint, order_fields, placed, ulid

MINT: dict[str, Any] = {"currency": "EUR", "amount": "5", "owner": "RetailerMSP"}


def test_the_same_command_again_gives_the_same_reply_and_writes_nothing() -> None:
    world = consortium()
    first = world.do("BankMSP", "money:Mint", id=ulid("m"), **MINT)
    world.pass_time(5)
    spaced = json.dumps({**MINT, "id": ulid("m")}, indent=2).encode()
    again = world.call("BankMSP", "money:Mint", spaced)
    assert again.outcome.reply == first.outcome.reply
    assert again.outcome.replayed
    assert (again.outcome.writes, again.outcome.event) == ({}, None)
    assert not first.outcome.replayed


def test_a_replay_answers_even_where_the_step_would_now_be_refused() -> None:
    world, order = placed()
    fields = {"id": ulid("a"), "order": order}
    first = world.call("ProducerMSP", "orders:Accept", fields)
    world.do("ProducerMSP", "orders:Ship", order=order)
    assert world.call("ProducerMSP", "orders:Accept", fields).outcome.reply == first.outcome.reply


def test_the_command_record_keeps_digest_and_reply() -> None:
    world = consortium()
    result = world.do("BankMSP", "money:Mint", id=ulid("m"), **MINT)
    record = world.record("command", f"BankMSP.{ulid('m')}")
    assert record["operation"] == "money:Mint"
    assert record["reply"] == result.reply
    assert record["at"] == "2027-01-15T08:00:00.000Z"
    assert len(record["digest"]) == 64


@pytest.mark.parametrize(
    ("name", "fields"),
    [("money:Mint", {**MINT, "amount": "6"}), ("money:Burn", {"notes": ["A." + ulid(1) + ".0"]})],
)
def test_other_content_under_the_same_id_is_refused(name: str, fields: dict[str, Any]) -> None:
    world = consortium()
    world.do("BankMSP", "money:Mint", id=ulid("m"), **MINT)
    assert world.refused("BankMSP", name, id=ulid("m"), **fields) == ("COMMAND_ID_REUSED", "id")


def test_ids_of_different_members_do_not_meet() -> None:
    world, listing = market()
    note = mint(world, "1100")
    world.do("BankMSP", "money:Mint", id=ulid("m"), **MINT)
    world.do("RetailerMSP", "orders:Place", id=ulid("m"), **order_fields(listing, [note]))


@pytest.mark.parametrize(
    ("argument", "code", "field"),
    [
        (b"", "MALFORMED_DOCUMENT", None),
        (b"{", "MALFORMED_DOCUMENT", None),
        (b"[]", "MALFORMED_DOCUMENT", None),
        (b"null", "MALFORMED_DOCUMENT", None),
        (b'{"id":"\xff"}', "MALFORMED_DOCUMENT", None),
        (b'{"id":"\\ud800"}', "MALFORMED_DOCUMENT", None),
        (b'{"id":NaN}', "MALFORMED_DOCUMENT", None),
        (b"{}", "FIELD_INVALID", "id"),
        (b'{"id":5}', "FIELD_INVALID", "id"),
        (b'{"id":"abc"}', "FIELD_INVALID", "id"),
        (b'{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV\\n"}', "FIELD_INVALID", "id"),
        (b'{"id":"01arz3ndektsv4rrffq69g5fav"}', "FIELD_INVALID", "id"),
        (b" " * (MAX_ARGUMENT_BYTES + 1), "DOCUMENT_TOO_LARGE", None),
    ],
)
def test_malformed_arguments_are_refused(argument: bytes, code: str, field: str | None) -> None:
    assert consortium().refusal("BankMSP", "money:Mint", argument) == (code, field)


@pytest.mark.parametrize("name", ["", "orders", "orders:place", "Orders:Place", "__init__", "x" * 1000])
def test_unknown_functions_are_refused(name: str) -> None:
    assert consortium().refusal("BankMSP", name, b"{}") == ("UNKNOWN_FUNCTION", None)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_refuses_what_is_no_document(name: str) -> None:
    world = consortium()
    assert world.refusal("BankMSP", name, b"[1]") == ("MALFORMED_DOCUMENT", None)
    oversized = b" " * (OPERATIONS[name].max_bytes + 1)
    assert world.refusal("BankMSP", name, oversized) == ("DOCUMENT_TOO_LARGE", None)
    assert world.refusal("BankMSP", name, b'{"nobody":1}')[0] == "FIELD_INVALID"


def test_every_code_has_a_hint_and_travels_under_its_own_name() -> None:
    assert set(HINTS) == set(Code)
    assert all(code.value == code.name for code in Code)
    assert all(hint.endswith(".") for hint in HINTS.values())


def scanning(command: Any, context: Context) -> Steps:
    yield Fetch(scans=(Scan(("owned", "BankMSP")),))
    raise AssertionError("a command was allowed to scan")


def writing(command: Any, context: Context) -> Steps:
    yield Fetch()
    return Decision(reply=command, writes={("consortium",): None})


@pytest.mark.parametrize(
    ("like", "decide", "complaint"),
    [("money:Burn", scanning, "must not scan"), ("members:List", writing, "would write")],
)
def test_rules_that_overstep_are_stopped(
    monkeypatch: pytest.MonkeyPatch, like: str, decide: Any, complaint: str
) -> None:
    monkeypatch.setitem(OPERATIONS, like, replace(OPERATIONS[like], decide=decide))
    document = {} if like == "members:List" else {"id": ulid(1), "notes": [f"BankMSP.{ulid(2)}.0"]}
    with pytest.raises(ValueError, match=complaint):
        consortium().call("BankMSP", like, document)


def test_documents_nested_beyond_reason_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        decode_document(b"[" * 200_000 + b"]" * 200_000, list)
    assert caught.value.code is Code.MALFORMED_DOCUMENT


def test_writes_come_in_order_of_key() -> None:
    world, listing = market()
    note = mint(world, "1500")
    outcome = world.do("RetailerMSP", "orders:Place", **order_fields(listing, [note])).outcome
    assert list(outcome.writes) == sorted(outcome.writes)


def test_canonical_sorts_names_and_writes_no_spaces() -> None:
    assert canonical({"b": [1, None, True], "a": "é"}) == '{"a":"é","b":[1,null,true]}'.encode()


@pytest.mark.parametrize(
    "document",
    [b'{"owner":"A","currency":"EUR","%s":1}', b'{"owner":"A","currency":"%s"}', b'{"status":"%s"}'],
)
def test_a_refusal_repeats_little_of_what_it_was_sent(document: bytes) -> None:
    """It travels in gRPC's trailers: a long one would be lost there, code and all."""
    name = "orders:List" if b"status" in document else "money:Notes"
    with pytest.raises(Refusal) as refused:
        consortium().call("RetailerMSP", name, document.replace(b"%s", b"x" * 60_000))
    assert len(canonical(refused.value.document())) < 1000


@pytest.mark.parametrize(
    "fields",
    [b'"amount":"5","amount":"500"', b'"amount":"5","\\u0061mount":"500"', b'"amount":"5","amount":"5"'],
)
def test_a_name_that_stands_twice_is_refused(fields: bytes) -> None:
    """Readers differ about which one counts, and the document is evidence."""
    document = b'{"id":"%s","currency":"EUR","owner":"RetailerMSP",%s}' % (ulid("twice").encode(), fields)
    assert consortium().refusal("BankMSP", "money:Mint", document) == ("MALFORMED_DOCUMENT", None)

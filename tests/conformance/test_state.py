"""What chaincode reads and writes: single keys, many at once, ranges page by page, history."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from hansa_gateway import EndorseError, EvaluateError
from hansa_gateway.blocking.contract import Contract


def asked(contract: Contract, *args: str) -> Any:
    """The JSON answer of a query."""
    return json.loads(contract.evaluate(*args))


def submit_batch(contract: Contract, *steps: list[str]) -> Any:
    """Steps in one batch of writes."""
    return contract.submit("batch", json.dumps(steps))


@pytest.fixture(scope="module")
def filled(contract: Contract) -> Contract:
    """Ten plain keys, `page/0` to `page/9`, and composite keys of two kinds."""
    plain = [["put", f"page/{number}", str(number)] for number in range(10)]
    composite = [
        ["put", json.dumps(["paged", colour, str(number)]), f"{colour}{number}"]
        for colour in ("blue", "red")
        for number in range(5)
    ]
    submit_batch(contract, *plain, *composite, ["put", '["pagedmore","x"]', "other"])
    return contract


def test_many_keys_are_read_at_once_and_one_by_one(filled: Contract) -> None:
    keys = [f"page/{number}" for number in (3, 1, 4, 1, 5)]
    assert asked(filled, "multi_get", *keys, "page/none") == ["3", "1", "4", "1", "5", ""]
    assert asked(filled, "gather", *keys, "page/none") == ["3", "1", "4", "1", "5", ""]


def test_of_writes_to_one_key_the_last_holds(contract: Contract) -> None:
    submit_batch(contract, ["put", "batch/1", "1"], ["put", "batch/2", "1"], ["put", "batch/1", "2"],
                 ["del", "batch/2"])  # fmt: skip
    assert asked(contract, "multi_get", "batch/1", "batch/2") == ["2", ""]
    submit_batch(contract, ["del", "batch/1"], ["put", "batch/1", "3"])
    assert contract.evaluate("get", "batch/1") == b"3"


def test_a_transaction_does_not_read_what_it_writes(contract: Contract) -> None:
    contract.submit("put", "own/1", "1")
    steps = [["add", "own/1", "1"], ["add", "own/1", "1"]]
    submit_batch(contract, *steps)
    assert contract.evaluate("get", "own/1") == b"2"


def test_more_writes_than_one_message_may_hold(contract: Contract) -> None:
    assert contract.submit("put_many", "many", "2500").payload == b"2500"
    assert len(asked(contract, "range", "many", "many~")) == 2500
    assert len(asked(contract, "multi_get", *(f"many{number:04}" for number in range(2500)))) == 2500


def test_nothing_of_a_failed_batch_is_written(contract: Contract) -> None:
    with pytest.raises(EndorseError):
        submit_batch(contract, ["put", "batch/3", "1"], ["fail", "on purpose"])
    assert contract.evaluate("get", "batch/3") == b""


def test_a_range_has_its_start_and_not_its_end(filled: Contract) -> None:
    assert asked(filled, "range", "page/2", "page/5") == [[f"page/{n}", str(n)] for n in (2, 3, 4)]
    assert asked(filled, "range", "page/9", "page/0") == []
    assert asked(filled, "range_first", "page/", "page0", "2") == [["page/0", "0"], ["page/1", "1"]]
    # An open range is of plain keys alone.
    keys = [key for key, _ in asked(filled, "range", "", "")]
    assert "page/0" in keys
    assert keys == sorted(keys)
    assert not any(key.startswith("[") for key in keys)


def test_pages_of_a_range(filled: Contract) -> None:
    found: list[list[str]] = []
    bookmark, sizes = "", []
    while True:
        page = asked(filled, "range_page", "page/", "page0", "4", bookmark)
        found += page["items"]
        sizes.append(page["count"])
        bookmark = page["bookmark"]
        if not bookmark:
            break
        assert bookmark == f"page/{len(found)}", "a bookmark is the first key of the next page"
    assert found == [[f"page/{n}", str(n)] for n in range(10)]
    assert sizes == [4, 4, 2]


def test_a_last_page_that_is_full_has_no_bookmark(filled: Contract) -> None:
    page = asked(filled, "range_page", "page/", "page0", "5", "page/5")
    assert (page["count"], page["bookmark"]) == (5, "")
    empty = asked(filled, "range_page", "nothing/", "nothing0", "5")
    assert (empty["items"], empty["count"], empty["bookmark"]) == ([], 0, "")


def test_composite_keys_by_their_first_parts(filled: Contract) -> None:
    blue = [[f'["paged","blue","{n}"]', f"blue{n}"] for n in range(5)]
    red = [[f'["paged","red","{n}"]', f"red{n}"] for n in range(5)]
    assert asked(filled, "partial_composite", "paged", "blue") == blue
    assert asked(filled, "partial_composite", "paged") == blue + red
    assert asked(filled, "partial_composite", "paged", "blue", "3") == [blue[3]]
    assert asked(filled, "partial_composite", "pag") == []


def test_pages_of_composite_keys(filled: Contract) -> None:
    found, sizes, bookmark = [], [], ""
    while True:
        page = asked(filled, "partial_composite_page", "4", bookmark, "paged")
        found += [value for _, value in page["items"]]
        sizes.append(page["count"])
        bookmark = page["bookmark"]
        if not bookmark:
            break
        assert base64.b64decode(bookmark).decode().startswith("\x00paged\x00")
    assert found == [f"{colour}{n}" for colour in ("blue", "red") for n in range(5)]
    assert sizes == [4, 4, 2]


def test_a_phantom_makes_a_transaction_invalid(contract: Contract) -> None:
    contract.submit("put", "phantom/1", "x")
    reading = contract.new_proposal("range_then_put", "phantom/", "phantom0", "phantom-count").endorse()
    assert reading.result == b"1"
    contract.submit("put", "phantom/2", "x")
    assert reading.submit().status().validation_code_name == "PHANTOM_READ_CONFLICT"
    again = contract.new_proposal("range_then_put", "phantom/", "phantom0", "phantom-count").endorse()
    contract.submit("put", "phantomless", "x")
    assert again.submit().status().successful
    assert contract.evaluate("get", "phantom-count") == b"2"


def test_the_history_of_a_key_newest_first(contract: Contract) -> None:
    done = [contract.submit("put", "history/1", "1"), contract.submit("del", "history/1")]
    done.append(contract.submit("put", "history/1", "2"))
    failed = contract.new_proposal("put", "history/1", "3", endorsing_organizations=["AMSP"]).endorse()
    assert not failed.submit().status().successful
    told = asked(contract, "history", "history/1")
    assert [(tx_id, value, gone) for tx_id, value, gone, _ in told] == [
        (done[2].transaction_id, "2", False),
        (done[1].transaction_id, "", True),
        (done[0].transaction_id, "1", False),
    ]
    times = [milliseconds for *_, milliseconds in told]
    assert times == sorted(times, reverse=True)
    assert asked(contract, "history", "history/none") == []
    contract.submit("put", '["history","x"]', "1")
    assert len(asked(contract, "history", '["history","x"]')) == 1


def test_rich_queries_need_another_database(contract: Contract) -> None:
    with pytest.raises(EvaluateError) as caught:
        contract.evaluate("query", '{"selector":{}}')
    assert "ExecuteQuery not supported for leveldb" in caught.value.details[0].message


def test_what_a_transaction_knows_of_itself(contract: Contract) -> None:
    creator = asked(contract, "creator")
    assert creator["msp_id"] == "AMSP"
    assert "admin" in creator["units"]
    proposal = contract.new_proposal("proposal")
    told = json.loads(proposal.evaluate())
    assert (told["channel"], told["tx_id"]) == ("trade", proposal.transaction_id)
    transient = contract.evaluate("transient", transient={"a": "x", "b": "y"})
    assert json.loads(transient) == {"a": "x", "b": "y"}
    # Peers agree on the time, or the transaction would have no two equal endorsements.
    contract.submit("timestamp", endorsing_organizations=["AMSP", "BMSP", "CMSP"])

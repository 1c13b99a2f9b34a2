"""Events made to hurt: what would cost minutes, gigabytes or a crash is refused, or read in linear time.

Nothing here measures time: with a quadratic step any of these runs for minutes, which nobody overlooks.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis import read_event
from hansa_domain.goods.epcis.json_text import parse_json
from hansa_domain.gs1 import normal_form, parse
from tests.support.goods import PRODUCER, GoodsLedger

GS1_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
MANY = 100_000


def event(**more: Any) -> str:
    """A right event with these fields changed or added."""
    fields = {
        "@context": [GS1_CONTEXT],
        "type": "ObjectEvent",
        "eventTime": "2026-03-02T09:00:00Z",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "epcList": ["urn:epc:id:sgtin:9506000.013435.1"],
    }
    return json.dumps(fields | more)


def refusal(text: str) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        read_event(text)
    return refused.value.code.value, refused.value.field


def test_a_text_that_never_ends_is_read_once() -> None:
    assert refusal('"' + '\\"' * MANY) == ("MALFORMED_DOCUMENT", None)


def test_many_names_and_one_twice() -> None:
    names = ",".join(f'"x:{place}":0' for place in range(30_000))
    assert refusal(f'{{{names},"x:29999":0}}') == ("MALFORMED_DOCUMENT", None)


@pytest.mark.parametrize("part", ["a:{}", '{{"a":"{}"}}'])
def test_a_context_has_few_parts(part: str) -> None:
    parts = [part.format(place) for place in range(20_000)]
    contexts = [json.loads(part) if part.startswith("{") else part for part in parts]
    assert refusal(event(**{"@context": contexts})) == ("EPCIS_FIELD_INVALID", "@context")


def test_a_prefix_stands_for_no_more_than_a_uri() -> None:
    """Else a short event would be hashed as gigabytes."""
    context = [GS1_CONTEXT, {"p": "https://example.com/" + "x" * 2048}]
    assert refusal(event(**{"@context": context, "p:a": "1"})) == ("EPCIS_FIELD_INVALID", "@context")


@pytest.mark.parametrize("step", ["b/", "01/09506000134352/", "00/095060001343520000/x/"])
def test_a_web_address_of_many_steps_is_searched_once(step: str) -> None:
    read_event(event(**{"ex:a": "https://example.com/" + step * (380_000 // len(step))}))


@pytest.mark.parametrize("number", ["1e99999999999999999999", "0e-99999999999999999999", "1e-400"])
def test_a_number_beyond_all_bounds_is_refused(number: str) -> None:
    text = event(**{"ex:a": "here"}).replace('"here"', number)
    assert refusal(text) == ("MALFORMED_DOCUMENT", None)


def test_one_poisoned_event_does_not_hold_up_the_others() -> None:
    ledger = GoodsLedger()
    poisoned = event(**{"ex:a": "here"}).replace('"here"', "1e99999999999999999999")
    results = ledger.capture(PRODUCER, poisoned, event())
    assert [result["status"] for result in results] == ["refused", "claim"]


def test_what_a_refusal_says_of_json_is_the_same_in_every_python() -> None:
    """It is written on the ledger; Python's own words differ between its releases."""
    with pytest.raises(Refusal) as refused:
        parse_json('{"a": 1,}')
    assert refused.value.message == "This is not JSON as RFC 8259 has it."
    result = GoodsLedger().capture(PRODUCER, event(**{"\u0378\U0001fadc": 1}))[0]
    assert "\u0378\U0001fadc" in result["message"]


def test_a_field_of_a_refusal_is_short() -> None:
    code, field = refusal(event(**{"x" * 100_000: 1}))
    assert code == "EPCIS_FIELD_NOT_ALLOWED"
    assert field is not None
    assert len(field) <= 200


@pytest.mark.parametrize("serial", ["%FF", "%00", "%C3%BC", "a%20b"])
def test_a_serial_outside_of_gs1s_characters_is_no_epc(serial: str) -> None:
    """Bytes that are no UTF-8 would all become one replacement character: two things of one name."""
    uri = f"urn:epc:id:sgtin:9506000.013435.{serial}"
    assert parse(uri) is None
    assert normal_form(uri) == uri
    assert refusal(event(epcList=[uri])) == ("EPC_INVALID", "epcList[0]")

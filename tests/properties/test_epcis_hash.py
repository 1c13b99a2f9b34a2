"""The event hash depends on what an event says, never on how it is written."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hansa_domain.goods.epcis import read_event
from hansa_domain.goods.epcis.json_text import parse_json, plain_decimal
from hansa_domain.gs1 import Gs1Key, check_digit, normal_form, parse
from tests.support.epcis import aggregation_event, object_event

SERIALS = st.text("ABCXYZabcxyz0123456789-._", min_size=1, max_size=20)
SERIALS_82 = st.text(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    min_size=1,
    max_size=20,
)
WORDS = st.text("abcdefghij ", min_size=1, max_size=12)
NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=6)
SCALARS = st.one_of(WORDS, st.integers(-(10**12), 10**12), st.booleans())
EXTENSIONS = st.dictionaries(
    st.sampled_from(["example:a", "example:b", "example:c"]),
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(["example:x", "example:y", "id"]), inner, max_size=2),
        ),
        max_leaves=6,
    ),
)
TRANSACTIONS = st.lists(
    st.builds(
        lambda kind, number: {"type": kind, "bizTransaction": f"urn:epcglobal:cbv:bt:9521321000003:{number}"},
        st.sampled_from(["po", "desadv", "inv"]),
        st.integers(1, 99),
    ),
    max_size=4,
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """Object events with everything whose order does not matter."""
    serials = draw(st.lists(SERIALS, min_size=1, max_size=5, unique=True))
    event = object_event(
        epcList=[f"urn:epc:id:sgtin:9521321.000001.{serial}" for serial in serials],
        bizTransactionList=draw(TRANSACTIONS),
        sensorElementList=[
            {"sensorReport": [{"type": "Temperature", "value": value, "uom": "CEL"} for value in values]}
            for values in draw(st.lists(st.lists(st.integers(-40, 60), min_size=1, max_size=3), max_size=2))
        ],
    )
    return event | draw(EXTENSIONS)


def shuffled(value: Any, order: random.Random) -> Any:
    """The same content: names of every object, and members of every list, in another order."""
    if isinstance(value, dict):
        names = list(value)
        order.shuffle(names)
        return {name: value[name] if name == "@context" else shuffled(value[name], order) for name in names}
    if isinstance(value, list):
        members = [shuffled(member, order) for member in value]
        order.shuffle(members)
        return members
    return value


@given(events(), st.randoms(use_true_random=False), st.sampled_from([None, 0, 1, 4]))
def test_order_and_whitespace_do_not_matter(
    event: dict[str, Any], order: random.Random, indent: int | None
) -> None:
    plain = read_event(json.dumps(event)).hash
    assert read_event(json.dumps(shuffled(event, order), indent=indent, ensure_ascii=False)).hash == plain


@given(
    SERIALS_82, st.sampled_from(["https://id.gs1.org", "https://shop.example/p", "http://x.example:8080/a/b"])
)
def test_a_urn_and_a_digital_link_of_one_item_hash_alike(serial: str, domain: str) -> None:
    key = Gs1Key("01", "09521321000018", ("21", serial))
    assert parse(key.uri) == key
    link = key.uri.replace("https://id.gs1.org", domain)
    escaped = "".join(f"%{ord(c):02X}" if c in '"%&/<>?' else c for c in serial)
    urn = f"urn:epc:id:sgtin:9521321.000001.{escaped}"
    assert normal_form(urn) == normal_form(link) == key.uri
    hashes = {read_event(json.dumps(object_event(epcList=[epc]))).hash for epc in (urn, link)}
    assert len(hashes) == 1


@given(NUMBERS, st.integers(0, 6), st.booleans())
def test_a_number_hashes_alike_in_every_way_of_writing(number: Decimal, zeros: int, exponent: bool) -> None:
    def with_quantity(written: str) -> str:
        element = {"epcClass": "urn:epc:class:lgtin:9521321.000001.L1", "quantity": 0}
        text = json.dumps(aggregation_event(childEPCs=None, childQuantityList=[element]))
        return text.replace('"quantity": 0', f'"quantity": {written}')

    plain = plain_decimal(number)
    padded = (plain if "." in plain else plain + ".0") + "0" * zeros
    other = f"{number:.20e}" if exponent else padded
    assert Decimal(other) == number
    first, second = (read_event(with_quantity(written)) for written in (plain, other))
    assert first.hash == second.hash
    assert first.quantities["childQuantityList"][0].quantity == number


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=9))
def test_a_plain_number_is_exact_and_shortest(number: Decimal) -> None:
    text = plain_decimal(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert text != "-0"
    assert not ("." in text and text.endswith(("0", ".")))


@given(
    st.recursive(SCALARS | NUMBERS.map(float), lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner))
)
def test_no_number_is_ever_read_as_a_float(value: Any) -> None:
    def floats(found: Any) -> bool:
        if isinstance(found, dict):
            return any(floats(member) for member in found.values())
        return any(map(floats, found)) if isinstance(found, list) else isinstance(found, float)

    assert not floats(parse_json(json.dumps(value)))


@given(events(), st.sampled_from(["action", "bizStep", "eventTime", "readPoint", "epcList", "example:new"]))
def test_another_content_has_another_hash(event: dict[str, Any], field: str) -> None:
    change = {
        "action": "DELETE",
        "bizStep": "packing",
        "eventTime": "2026-03-02T09:00:00.001Z",
        "readPoint": {"id": "urn:epc:id:sgln:9521321.00002.0"},
        "epcList": ["urn:epc:id:sgtin:9521321.000009.another"],
        "example:new": "x",
    }[field]
    assert read_event(json.dumps(event)).hash != read_event(json.dumps(event | {field: change})).hash


@given(st.text("0123456789", min_size=1, max_size=30), st.integers(0, 29), st.integers(1, 9))
def test_a_check_digit_finds_every_single_wrong_digit(digits: str, place: int, shift: int) -> None:
    place %= len(digits)
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert check_digit(wrong) != check_digit(digits)


@given(st.text(max_size=80))
def test_a_normal_form_is_final(text: str) -> None:
    assert normal_form(normal_form(text)) == normal_form(text)

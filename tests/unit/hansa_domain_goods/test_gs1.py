"""GS1 keys: check digits, EPC URNs, Digital Links, and the one normal form of both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.gs1 import check_digit, gln13, gtin14, normal_form, parse, sscc18

# Facts of the Tag Data Standard's and the CBV reference generator's own examples.
EQUAL = [
    ("urn:epc:id:sgtin:4012345.011111.98%22", "01/04012345111118/21/98%22"),
    ("urn:epc:id:sgtin:415056789012.0.987654", "01/04150567890128/21/987654"),
    (
        "urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()",
        "01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29",
    ),
    ("urn:epc:id:sscc:4012345.3111111111", "00/340123451111111111"),
    ("urn:epc:id:sgln:4012345.00005.122", "414/4012345000054/254/122"),
    ("urn:epc:id:sgln:4012345.00005.0", "414/4012345000054"),
    ("urn:epc:id:grai:4012345.00022.334455", "8003/04012345000221334455"),
    ("urn:epc:id:giai:4012345.ABC345", "8004/4012345ABC345"),
    ("urn:epc:id:gsrn:4012345.0000006765", "8018/401234500000067657"),
    ("urn:epc:id:gsrnp:4012345.0000000007", "8017/401234500000000074"),
    ("urn:epc:id:gdti:4012345.00009.PO-4711", "253/4012345000092PO-4711"),
    ("urn:epc:id:gdti:987659999999..9", "253/98765999999929"),
    ("urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234", "8010/061414111111111111111-A%23%2F/8011/1234"),
    ("urn:epc:id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11"),
    ("urn:epc:id:gsin:4012345.222333444", "402/40123452223334442"),
    ("urn:epc:id:itip:4012345.011111.01.02.987", "8006/040123451111180102/21/987"),
    (
        "urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7SDB",
        "01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7SDB",
    ),
    ("urn:epc:id:pgln:4000001.00000", "417/4000001000005"),
    ("urn:epc:id:pgln:999999999999.", "417/9999999999994"),
    ("urn:epc:class:lgtin:4012345.012345.Lot987", "01/04012345123456/10/Lot987"),
    ("urn:epc:idpat:sgtin:4012345.012345.*", "01/04012345123456"),
    ("urn:epc:idpat:grai:4012345.99999.*", "8003/04012345999990"),
    ("urn:epc:idpat:gdti:4012345.11111.*", "253/4012345111118"),
    ("urn:epc:idpat:sgcn:4012345.22222.*", "255/4012345222227"),
    ("urn:epc:idpat:cpi:4012345.AB12.*", "8010/4012345AB12"),
    ("urn:epc:idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102"),
    ("urn:epc:idpat:upui:4012345.012345.*", "01/04012345123456"),
    ("https://id.gs1.org/gtin/09780345418913", "01/09780345418913"),
    ("https://example.com/gtin/09780345418913/21/765tz?abc=211121", "01/09780345418913/21/765tz"),
    ("http://example.de/gtin-8/01/97803111", "01/00000097803111"),
    ("http://us.example.com/01/001122334455/ser/GHB", "01/00001122334455/21/GHB"),
    ("http://id.gs1.org/gtin/9780345418913", "01/09780345418913"),
    ("https://id.gs1.org/gtin/9780345418913/cpv/344/lot/1223/ser/765tz", "01/09780345418913/21/765tz"),
    ("http://example.de/01/040123451234/cpv/344/lot/ABD", "01/00040123451234/10/ABD"),
    ("https://fashion.example/8006/040123451234560102/22/AB/21/443322", "8006/040123451234560102/21/443322"),
    ("https://example.co.uk/party/4226350800008", "417/4226350800008"),
    ("https://id.gs1.org/414/4280000000002/254/12", "414/4280000000002/254/12"),
    ("https://id.gs1.org/8010/0628165987/8011/9876", "8010/0628165987/8011/9876"),
    ("https://id.gs1.org/255/0811625999996554433", "255/0811625999996554433"),
    ("https://shop.example:8443/products/01/09780345418913/21/a%2db#top", "01/09780345418913/21/a-b"),
]


@pytest.mark.parametrize(("uri", "path"), EQUAL)
def test_urn_and_digital_link_have_one_normal_form(uri: str, path: str) -> None:
    expected = "https://id.gs1.org/" + path
    assert normal_form(uri) == expected
    assert normal_form(expected) == expected, "the normal form is its own normal form"


@pytest.mark.parametrize(
    "uri",
    [
        "http://transaction.acme.com/po/12345678",
        "http://example.org/123/4012345ABC987/456/4711",
        "http://id.gs1.org/99/9780345418913",
        "http://id.gs1.org/01/9780345418913/99/utfgf",
        "http://example.de/01/97803",
        "https://id.gs1.org/8006/04012345123456/22/ABCD/10/XYZ",
        "https://id.gs1.org/01/9780345418913/21",
        "https://id.gs1.org/01/9780345418913/21/123456789012345678901",
        "https://id.gs1.org/00/٣٤٠١٢٣٤٥١١١١١١١١١١",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "urn:epc:id:sgtin:0614141.10734.2017",
        "urn:epc:id:sgtin:0614141.107346",
        "urn:epc:id:lgtin:4012345.012345.Lot987",
        "urn:epc:class:sgtin:4012345.012345.1",
        "urn:epc:idpat:sscc:0614141.*",
        "urn:epc:idpat:sgtin:4012345.012345.1",
        "urn:epc:id:sgcn:4012345.22222.12A",
        "urn:epc:id:gid:95100000.12345.400",
        "42",
        "",
    ],
)
def test_anything_else_stays_as_given(uri: str) -> None:
    assert parse(uri) is None
    assert normal_form(uri) == uri


def test_check_digits() -> None:
    assert check_digit("629104150021") == "3", "the General Specifications' own example"
    assert check_digit("00000000000") == "0"
    for wrong in ("", "12a", "²"):
        with pytest.raises(ValueError, match="digits"):
            check_digit(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("96385074", "00000096385074"),
        ("614141000012", "00614141000012"),
        ("9521321000018", "09521321000018"),
        ("10614141073464", "10614141073464"),
    ],
)
def test_gtins_of_every_length_become_14_digits(text: str, expected: str) -> None:
    assert gtin14(text) == expected


@pytest.mark.parametrize(
    ("rule", "text", "code"),
    [
        (gtin14, "963850", Code.GTIN_INVALID),
        (gtin14, "96385075", Code.GTIN_INVALID),
        (gtin14, "9638507x", Code.GTIN_INVALID),
        (gtin14, "٩٦٣٨٥٠٧٤", Code.GTIN_INVALID),
        (gtin14, "", Code.GTIN_INVALID),
        (gln13, "4012345000055", Code.GLN_INVALID),
        (gln13, "401234500005", Code.GLN_INVALID),
        (sscc18, "340123451111111112", Code.SSCC_INVALID),
        (sscc18, "34012345111111111", Code.SSCC_INVALID),
    ],
)
def test_a_wrong_key_is_refused_at_its_field(rule: Callable[[str, str], str], text: str, code: Code) -> None:
    with pytest.raises(Refusal) as refused:
        rule(text, "lines[0].gtin")
    assert (refused.value.code, refused.value.field) == (code, "lines[0].gtin")


def test_right_location_and_logistic_unit_numbers_pass() -> None:
    assert gln13("4012345000054") == "4012345000054"
    assert sscc18("340123451111111111") == "340123451111111111"


@pytest.mark.parametrize(
    ("uri", "gtin", "instance"),
    [
        ("urn:epc:id:sgtin:0614141.107346.2017", "10614141073464", True),
        ("urn:epc:class:lgtin:4012345.012345.998877", "04012345123456", False),
        ("urn:epc:idpat:sgtin:4012345.098765.*", "04012345987652", False),
        ("urn:epc:id:itip:4012345.011111.01.02.987", "04012345111118", True),
        ("urn:epc:id:sscc:0614141.1234567890", None, True),
        ("urn:epc:idpat:grai:4012345.99999.*", None, False),
        ("urn:epc:id:grai:4012345.55555.987", None, True),
        ("urn:epc:idpat:cpi:4012345.AB12.*", None, False),
    ],
)
def test_what_a_key_says_of_the_goods(uri: str, gtin: str | None, instance: bool) -> None:
    key = parse(uri)
    assert key is not None
    assert (key.gtin, key.instance, key.check_digit_right) == (gtin, instance, True)


def test_a_digital_link_with_a_wrong_check_digit_is_told_apart() -> None:
    key = parse("https://id.gs1.org/01/09780345418914/21/1")
    assert key is not None
    assert not key.check_digit_right

"""Rule packs as clerks write them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hansa.pack_files import PackFileError, read_pack
from hansa_domain.compliance import rules as r
from hansa_domain.compliance.validating import checked_rules

EXAMPLES = Path(__file__).parents[3] / "examples" / "compliance"
HEAD = "pack: p\nversion: 1\ntitle: T\ndocument: " + "5a" * 32 + "\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "pack.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_are_packs_that_the_ledger_takes(path: Path) -> None:
    pack = read_pack(path)
    checked_rules(pack.rules)
    assert pack.document == hashlib.sha256((EXAMPLES / "tea-regulation.txt").read_bytes()).hexdigest()


def test_what_people_write_is_taken_as_they_mean_it(tmp_path: Path) -> None:
    text = """
valid_from: 2027-03-01
rules:
  - {id: a, kind: prohibited, title: A, scope: {hs: [0207, "02.08 10"], origins: NO}}
  - {id: b, kind: threshold, title: B, max_quantity: 500, max_value: 1000.50 EUR, issuers: Regulator}
  - {id: c, kind: sanctioned, title: C, members: [Producer], countries: [NO, ON], parties: buyer}
"""
    pack = read_pack(write(tmp_path, HEAD + text), member=lambda name: f"{name}MSP")
    assert pack.valid_from == "2027-03-01T00:00:00.000Z"
    first, second, third = pack.rules
    # No octal number, and no falsehood.
    assert (first.scope.hs, first.scope.origins) == (["0207", "020810"], ["NO"])
    assert isinstance(second, r.Threshold)
    assert (second.max_quantity, second.max_value, second.currency) == (500, "100050", "EUR")
    assert second.issuers == ["RegulatorMSP"]
    assert isinstance(third, r.Sanctioned)
    assert (third.members, third.countries, third.parties) == (["ProducerMSP"], ["NO", "ON"], ["buyer"])


def test_json_is_read_too(tmp_path: Path) -> None:
    document = '{"pack": "p", "version": 1, "title": "T", "document": "%s", "rules": []}' % ("5a" * 32)
    assert read_pack(write(tmp_path, document)).rules == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("- a list", None),
        ("pack: [", None),
        (HEAD + "rules: many", "rules"),
        (HEAD + "rules: [no-beer]", "rules[0]"),
        (HEAD + "rules: [{id: a, kind: prohibited, title: A, scope: beer}]", "rules[0].scope"),
        (HEAD + "rules: [{id: a, kind: forbidden, title: A}]", "rules[0].kind"),
        (HEAD + "rules: [{id: A!, kind: prohibited, title: A}]", "rules[0].id"),
        (HEAD + "rules: [{id: a, kind: region, title: A}]", "rules[0]"),
        (HEAD + "valid_from: 2027-02-30", "valid_from"),
        (HEAD + "source: nowhere.txt", "source"),
        (HEAD.replace("version: 1", "version: one"), "version"),
    ],
)
def test_what_is_no_pack_is_refused_by_field(tmp_path: Path, text: str, field: str | None) -> None:
    with pytest.raises(PackFileError) as refused:
        read_pack(write(tmp_path, text))
    assert refused.value.field == field
    assert refused.value.code == "PACK_FILE_INVALID"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PackFileError):
        read_pack(tmp_path / "none.yaml")

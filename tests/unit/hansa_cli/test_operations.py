"""The verbs made from the chaincode's operations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, cast, get_type_hints

import msgspec
import pytest
import typer

from hansa.client import Client
from hansa_cli.main import NOUNS
from hansa_cli.operations import _Field, add_verbs, kebab, nouns, verb_name
from hansa_cli.reporting import CliError
from hansa_domain.catalogue import OPERATIONS
from hansa_domain.fields import Amount

NOBODY = cast(Client, None)
SUFFIXED = "12.50EUR"


class Sample(msgspec.Struct):
    """One field of each kind."""

    amount: Amount
    many: list[str]
    choice: Literal["a", "b"] | None = None
    count: Annotated[int, msgspec.Meta(ge=1)] = 1
    parts: list[dict[str, str]] = []


def hint(name: str) -> _Field:
    found = next(each for each in msgspec.structs.fields(Sample) if each.name == name)
    return _Field(found, get_type_hints(Sample, include_extras=True)[name])


def test_every_noun_of_the_ledger_has_words() -> None:
    assert set(nouns()) <= set(NOUNS)


@pytest.mark.parametrize("noun", nouns())
def test_every_operation_has_a_verb(noun: str) -> None:
    app = typer.Typer()
    add_verbs(app, noun)
    made = {each.name for each in app.registered_commands}
    wanted = {verb_name(each) for name, each in OPERATIONS.items() if kebab(name.partition(":")[0]) == noun}
    assert made == wanted
    typer.main.get_command(app)  # builds every parameter


@pytest.mark.parametrize("noun", nouns())
def test_every_verb_says_what_it_does(noun: str) -> None:
    app = typer.Typer()
    add_verbs(app, noun)
    for each in app.registered_commands:
        said = each.help or ""
        assert re.match(r"[A-Z]\w*[ :,]", said), f"{noun} {each.name}: {said!r}"
        assert "``" not in said


def test_a_verb_by_hand_goes_before() -> None:
    app = typer.Typer()
    app.command("mint")(lambda: None)
    add_verbs(app, "money")
    assert [each.name for each in app.registered_commands].count("mint") == 1


@pytest.mark.parametrize(("text", "currency"), [("12.50", "EUR"), (SUFFIXED, None), ("12.50 EUR", "CNY")])
def test_an_amount_is_given_in_the_main_unit(text: str, currency: str | None) -> None:
    assert hint("amount").value(text, currency, NOBODY) == "1250"


def test_an_amount_of_no_currency_is_asked_about() -> None:
    with pytest.raises(CliError) as caught:
        hint("amount").value("12.50", None, NOBODY)
    assert caught.value.code == "CURRENCY_MISSING"


def test_documents_come_as_json_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "parts.json"
    file.write_text('[{"a": "b"}]')
    assert hint("parts").value(f"@{file}", None, NOBODY) == [{"a": "b"}]
    assert hint("parts").value('[{"a": "c"}]', None, NOBODY) == [{"a": "c"}]
    with pytest.raises(CliError) as caught:
        hint("parts").value("[", None, NOBODY)
    assert caught.value.code == "MALFORMED_DOCUMENT"

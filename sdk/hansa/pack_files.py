"""Rule packs as a clerk writes them, in YAML or JSON, read into the command that publishes them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from hansa.amounts import parse_amount
from hansa.errors import HansaError
from hansa.ids import new_id
from hansa_domain.compliance.publishing import PublishPack
from hansa_domain.errors import Refusal
from hansa_domain.times import check_moment

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LISTS = ("gtins", "hs", "dangerous", "origins", "departures", "destinations")
_OF_MEMBERS = ("issuers", "members")
_OF_RULES = ("stages", "only", "countries", "parties", *_OF_MEMBERS)


class PackFileError(HansaError):
    """A file that is no rule pack; ``field`` says where."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__("PACK_FILE_INVALID", message, "See examples/compliance/ for how one is written.")
        self.field = field


def read_pack(
    path: Path, *, member: Callable[[str], str] = str, command_id: str | None = None
) -> PublishPack:
    """The command that publishes the pack in a file.

    Besides what the ledger takes, people may write: a single entry instead of a list; HS codes with dots;
    a day instead of a time; ``max_value: 1000.00 EUR``; ``source`` with the file that the rules follow, found
    beside the pack, instead of ``document`` with its SHA-256. Every value is read as text first, so that the
    country NO is no falsehood and the HS code 0207 no octal number.

    Args:
        path: the file.
        member: makes an MSP id of what stands for a member.
        command_id: ULID of the command; a fresh one by default.

    Raises:
        PackFileError: it cannot be read, or a field is not as it must be.
    """
    try:
        # Gives every scalar as text and makes nothing but lists, mappings and texts.
        found = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PackFileError(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise PackFileError(f"{path} is no mapping of fields.")
    document = {**found, "id": command_id or new_id()}
    source = document.pop("source", None)
    if source is not None:
        document["document"] = _hash(path.parent / str(source))
    if "valid_from" in document:
        document["valid_from"] = moment(str(document["valid_from"]), "valid_from")
    rules = document.get("rules") or []
    if not isinstance(rules, list):
        raise PackFileError("The rules are a list.", "rules")
    document["rules"] = [_rule(each, f"rules[{place}]", member) for place, each in enumerate(rules)]
    try:
        return msgspec.convert(document, PublishPack, strict=False)
    except msgspec.ValidationError as error:
        where = re.search(r" - at `\$\.?(.*)`$", str(error))
        raise PackFileError(f"{path}: {error}", where[1] if where else None) from error


def moment(text: str, field: str) -> str:
    """A time as the ledger takes it; a day alone means its beginning, UTC.

    Raises:
        PackFileError: it is neither.
    """
    whole = f"{text}T00:00:00.000Z" if _DAY.fullmatch(text) else text
    try:
        check_moment(whole, field)
    except Refusal as refusal:
        raise PackFileError(refusal.message, field) from refusal
    return whole


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise PackFileError(f"The source cannot be read: {error}", "source") from error


def _rule(given: Any, where: str, member: Callable[[str], str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise PackFileError("A rule is a mapping of fields.", where)
    rule: dict[str, Any] = {
        key: _listed(value) if key in _OF_RULES else value for key, value in given.items()
    }
    scope = rule.get("scope", {})
    if not isinstance(scope, dict):
        raise PackFileError("A scope is a mapping of lists.", f"{where}.scope")
    rule["scope"] = {key: _listed(value) if key in _LISTS else value for key, value in scope.items()}
    if "hs" in rule["scope"]:
        rule["scope"]["hs"] = [re.sub(r"[ .]", "", each) for each in rule["scope"]["hs"]]
    for name in _OF_MEMBERS:
        if name in rule:
            rule[name] = [member(each) for each in rule[name]]
    amount = re.fullmatch(r"(?P<number>.+?) (?P<currency>[A-Z]{3})", str(rule.get("max_value", "")))
    if amount is not None:
        currency = amount["currency"]
        rule["currency"] = currency
        rule["max_value"] = str(parse_amount(amount["number"], currency, f"{where}.max_value"))
    return rule


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]

"""Whether rules make sense: checked once, when a pack is published, with the field at fault."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from hansa_domain.compliance import rules as r
from hansa_domain.compliance.scope import canonical_scope, countries, once_each
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.iso4217 import minor_units


def checked_rules(rules: Sequence[r.Rule]) -> list[r.Rule]:
    """The rules in canonical form: every list sorted, each entry once, GTINs with 14 digits.

    Raises:
        Refusal: PACK_INVALID, GTIN_INVALID, COUNTRY_UNKNOWN or CURRENCY_UNKNOWN at the field at fault.
    """
    seen: set[str] = set()
    found: list[r.Rule] = []
    for place, rule in enumerate(rules):
        where = f"rules[{place}]"
        if rule.id in seen:
            raise Refusal(Code.PACK_INVALID, f"Two rules are named {rule.id}.", f"{where}.id")
        seen.add(rule.id)
        found.append(_checked(rule, where))
    return found


def _checked(rule: r.Rule, where: str) -> r.Rule:
    scope = canonical_scope(rule.scope, f"{where}.scope")
    stages = once_each(list(rule.stages))
    common = replace(rule, scope=scope, stages=stages)
    if isinstance(common, r.Prohibited):
        if scope.empty:
            raise Refusal(
                Code.PACK_INVALID,
                "A prohibition of everything would end all trade.",
                f"{where}.scope",
            )
        return common
    if isinstance(common, r.RegionLimited):
        return replace(common, only=countries(common.only, f"{where}.only"))
    if isinstance(common, r.Sanctioned):
        return _sanctioned(common, where)
    if isinstance(common, r.CertificateRequired):
        return common
    if isinstance(common, r.Threshold):
        _check_threshold(common, where)
    if isinstance(common, r.PaperRequired) and stages and "shipment" not in stages:
        raise Refusal(Code.PACK_INVALID, "Papers are looked at when goods are shipped.", f"{where}.stages")
    return replace(common, issuers=once_each(common.issuers))


def _sanctioned(rule: r.Sanctioned, where: str) -> r.Sanctioned:
    if not rule.members and not rule.countries:
        raise Refusal(Code.PACK_INVALID, "Name members or countries that are sanctioned.", f"{where}.members")
    return replace(
        rule,
        members=once_each(rule.members),
        countries=countries(rule.countries, f"{where}.countries"),
        parties=once_each(list(rule.parties)),
    )


def _check_threshold(rule: r.Threshold, where: str) -> None:
    if rule.max_quantity is None and rule.max_value is None:
        raise Refusal(Code.PACK_INVALID, "Set a quantity, a value, or both.", f"{where}.max_quantity")
    if (rule.max_value is None) != (rule.currency is None):
        raise Refusal(Code.PACK_INVALID, "A value needs its currency, and only it does.", f"{where}.currency")
    if rule.currency is not None:
        minor_units(rule.currency, f"{where}.currency")

"""The decision: rules and facts in, outcomes out. Nothing else is looked at: anybody can repeat it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hansa_domain.compliance import rules as r
from hansa_domain.compliance.scope import (
    Match,
    PartyRole,
    Scope,
    all_fit,
    fits_dangerous,
    fits_hs,
    fits_listed,
)
from hansa_domain.events import Facts, LicenceFact, LineFact, Outcome, PaperFact, PartyFact, RuleOutcome


@dataclass(frozen=True)
class RulesInForce:
    """Rules of one pack; those that cannot concern the goods at hand may be left out."""

    pack: str
    unknown: r.WhenUnknown
    rules: Sequence[r.Rule]


Verdict = tuple[Outcome, str]
"""An outcome and its reason, one sentence."""

_WORST: tuple[Outcome, ...] = ("failed", "unknown", "later", "passed")


def decide(packs: Sequence[RulesInForce], facts: Facts) -> list[RuleOutcome]:
    """The outcome of every rule that concerns the subject, in the order of packs and rules.

    Args:
        packs: the packs in force at ``facts.at``.
        facts: all public facts of the subject.
    """
    found = [
        _of(pack, rule, facts)
        for pack in packs
        for rule in pack.rules
        if not rule.stages or facts.stage in rule.stages
    ]
    return [each for each in found if each is not None]


def concerns(scope: Scope, line: LineFact, facts: Facts) -> Match:
    """Whether a line of goods, and the way it goes, is in scope."""
    absent: Match = "later" if facts.stage == "listing" else "unknown"
    return all_fit(
        "yes" if not scope.gtins or line.gtin in scope.gtins else "no",
        fits_hs(scope, line.hs),
        fits_dangerous(scope, line.dangerous),
        fits_listed(scope.origins, line.origin, "unknown"),
        fits_listed(scope.departures, facts.departure, "unknown"),
        fits_listed(scope.destinations, facts.destination, absent),
    )


def _of(pack: RulesInForce, rule: r.Rule, facts: Facts) -> RuleOutcome | None:
    matches = [concerns(rule.scope, line, facts) for line in facts.lines]
    about = [place for place, match in enumerate(matches) if match != "no"]
    if not about:
        return None
    judge: Callable[[Any, Facts, list[int], list[Match]], Verdict] = _JUDGES[type(rule)]
    outcome, reason = judge(rule, facts, about, matches)
    held = outcome == "unknown" and (rule.unknown or pack.unknown) == "fail"
    return RuleOutcome(
        pack=pack.pack,
        rule=rule.id,
        kind=str(rule.__struct_config__.tag),
        outcome=outcome,
        refuses=outcome == "failed" or held,
        reason=reason,
        lines=about,
    )


def _worst(verdicts: list[Verdict]) -> Verdict:
    """The first of the worst; there is at least one."""
    return min(verdicts, key=lambda verdict: _WORST.index(verdict[0]))


def _missing(match: Match, facts: Facts, place: int) -> Verdict:
    """What to say of goods of which it cannot be told whether they are in scope."""
    gtin = facts.lines[place].gtin
    if match == "later":
        return "later", "Whether it concerns the goods is seen when they are ordered."
    return "unknown", f"What the ledger knows of GTIN {gtin} does not tell whether the rule concerns it."


def parties_of(facts: Facts, role: PartyRole) -> list[PartyFact]:
    """Who has that role; where nobody carries, the seller does."""
    found = [party for party in facts.parties if party.role == role]
    if not found and role == "carrier" and facts.stage != "listing":
        return parties_of(facts, "seller")
    return found


def _prohibited(rule: r.Prohibited, facts: Facts, about: list[int], matches: list[Match]) -> Verdict:
    return _worst(
        [
            ("failed", f"GTIN {facts.lines[place].gtin} on this way is prohibited.")
            if matches[place] == "yes"
            else _missing(matches[place], facts, place)
            for place in about
        ]
    )


def _licensed(rule: r.Licensed, facts: Facts, about: list[int], matches: list[Match]) -> Verdict:
    return _worst(
        [
            _if_concerned(
                _licence(rule.licence, rule.party, rule.issuers, facts, place), matches[place], facts, place
            )
            for place in about
        ]
    )


def _if_concerned(verdict: Verdict, match: Match, facts: Facts, place: int) -> Verdict:
    """A verdict on goods that may turn out not to be in scope: what is fulfilled anyway stays so."""
    return verdict if match == "yes" or verdict[0] == "passed" else _missing(match, facts, place)


def _licence(kind: str, role: PartyRole, issuers: list[str], facts: Facts, place: int) -> Verdict:
    """Whether all who have that role hold what they need for these goods."""
    holders = parties_of(facts, role)
    if not holders:
        return "later", f"Who the {role} is, is seen when the goods are ordered."
    return _worst([_holds(kind, each.member, issuers, facts, facts.lines[place]) for each in holders])


def _holds(kind: str, holder: str, issuers: list[str], facts: Facts, line: LineFact) -> Verdict:
    covering = [
        concerns(each.scope, line, facts)
        for each in facts.licences
        if _good_licence(each, kind, holder, issuers, facts.at)
    ]
    if "yes" in covering:
        return "passed", f"{holder} holds a licence {kind} for GTIN {line.gtin}."
    if "later" in covering:
        return "later", f"Whether {holder}'s licence {kind} covers the way is seen when ordered."
    if "unknown" in covering:
        return "unknown", f"Whether {holder}'s licence {kind} covers GTIN {line.gtin} is not known."
    return "failed", f"{holder} holds no licence {kind} for GTIN {line.gtin} on this way."


def _good_licence(licence: LicenceFact, kind: str, holder: str, issuers: list[str], at: str) -> bool:
    return (
        licence.kind == kind
        and licence.holder == holder
        and not licence.revoked
        and licence.valid_from <= at < licence.valid_until
        and (not issuers or licence.issuer in issuers)
    )


def _certificate(
    rule: r.CertificateRequired, facts: Facts, about: list[int], matches: list[Match]
) -> Verdict:
    return _worst(
        [
            _if_concerned(_certified(rule.certificate, facts, place), matches[place], facts, place)
            for place in about
        ]
    )


def _certified(kind: str, facts: Facts, place: int) -> Verdict:
    line = facts.lines[place]
    if line.certificates is None:
        return "unknown", f"Whether GTIN {line.gtin} has a certificate {kind} is unknown."
    dates = [each for each in line.certificates if each.kind == kind]
    if any(not each.revoked and facts.at[:10] <= each.valid_until for each in dates):
        return "passed", f"GTIN {line.gtin} has a valid certificate {kind}."
    if dates:
        return "failed", f"The certificate {kind} of GTIN {line.gtin} is not valid at the time."
    return "failed", f"GTIN {line.gtin} has no certificate {kind}."


def _during(at: str, start: str | None, end: str | None) -> bool:
    return (start is None or start <= at) and (end is None or at < end)


def _region(rule: r.RegionLimited, facts: Facts, about: list[int], matches: list[Match]) -> Verdict:
    if facts.destination is None:
        verdict: Verdict = ("later", "Where the goods go is seen when they are ordered.")
    elif facts.destination in rule.only:
        verdict = ("passed", f"The goods may go to {facts.destination}.")
    else:
        verdict = ("failed", f"The goods may not go to {facts.destination}.")
    return _worst([_if_concerned(verdict, matches[place], facts, place) for place in about])


def _sanctioned(rule: r.Sanctioned, facts: Facts, about: list[int], matches: list[Match]) -> Verdict:
    wanted = rule.parties or ["seller", "buyer", "carrier"]
    parties = [party for party in facts.parties if party.role in wanted]
    hit = next(
        (each for each in parties if each.member in rule.members or each.country in rule.countries), None
    )
    if hit is not None:
        verdict: Verdict = ("failed", f"The {hit.role} {hit.member} ({hit.country}) is sanctioned.")
    elif facts.stage == "listing":
        verdict = ("later", "Who else takes part is seen when the goods are ordered.")
    else:
        verdict = ("passed", "No party is sanctioned.")
    return _worst([_if_concerned(verdict, matches[place], facts, place) for place in about])


def _threshold(rule: r.Threshold, facts: Facts, about: list[int], matches: list[Match]) -> Verdict:
    sure = [place for place in about if matches[place] == "yes"]
    verdicts = [_quantity(rule, facts, sure, about), _value(rule, facts, bool(sure))]
    worst = _worst(verdicts)
    if worst[0] in ("passed", "later") or rule.licence is None:
        return worst
    held = [_licence(rule.licence, rule.party, rule.issuers, facts, place) for place in about]
    licensed = _worst(held)
    return licensed if licensed[0] == "passed" else worst


def _quantity(rule: r.Threshold, facts: Facts, sure: list[int], about: list[int]) -> Verdict:
    most = rule.max_quantity
    if most is None:
        return "passed", "No quantity is set."
    if facts.stage == "listing":
        return "later", "How much is ordered is seen when it is."
    certain, possible = (_pieces(facts, places) for places in (sure, about))
    if certain is not None and certain > most:
        return "failed", f"{certain} pieces are more than {most}."
    if certain is None or possible is None or possible > most:
        return "unknown", f"Whether it is more than {most} pieces in scope is not known."
    return "passed", f"{possible} pieces are no more than {most}."


def _pieces(facts: Facts, places: list[int]) -> int | None:
    total = 0
    for place in places:
        quantity = facts.lines[place].quantity
        if quantity is None:
            return None
        total += quantity
    return total


def _value(rule: r.Threshold, facts: Facts, sure: bool) -> Verdict:
    if rule.max_value is None:
        return "passed", "No value is set."
    if facts.stage == "listing":
        return "later", "What it comes to is seen when it is ordered."
    if facts.amount is None or facts.currency is None:
        return "unknown", "What it comes to is not known."
    if facts.currency != rule.currency:
        return "unknown", f"An amount in {facts.currency} does not compare with a limit in {rule.currency}."
    if int(facts.amount) <= int(rule.max_value):
        return "passed", f"{facts.amount} minor units are no more than {rule.max_value}."
    if not sure:
        return "unknown", "Whether goods in scope are among the goods is not known."
    return "failed", f"{facts.amount} minor units of {facts.currency} are more than {rule.max_value}."


def _paper(rule: r.PaperRequired, facts: Facts, about: list[int], matches: list[Match]) -> Verdict:
    if facts.stage != "shipment":
        return "later", f"The paper {rule.paper} is wanted before the goods are shipped."
    if any(_good_paper(each, rule, facts.at) for each in facts.papers):
        return "passed", f"A valid paper {rule.paper} is registered."
    verdict: Verdict = ("failed", f"No valid paper {rule.paper} is registered for the order.")
    return _worst([_if_concerned(verdict, matches[place], facts, place) for place in about])


def _good_paper(paper: PaperFact, rule: r.PaperRequired, at: str) -> bool:
    return (
        paper.kind == rule.paper
        and not paper.revoked
        and _during(at, paper.valid_from, paper.valid_until)
        and (not rule.issuers or paper.issuer in rule.issuers)
    )


_JUDGES: dict[type[Any], Callable[[Any, Facts, list[int], list[Match]], Verdict]] = {
    r.Prohibited: _prohibited,
    r.Licensed: _licensed,
    r.CertificateRequired: _certificate,
    r.RegionLimited: _region,
    r.Sanctioned: _sanctioned,
    r.Threshold: _threshold,
    r.PaperRequired: _paper,
}

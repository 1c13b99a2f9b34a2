"""A check is a function of packs, facts and time alone, and nothing passes that a pack forbids."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa_domain.compliance.deciding import RulesInForce, decide
from hansa_domain.compliance.packs import (
    PackEntry,
    PackRules,
    chunks_wanted,
    in_chunks,
    rules_key,
    rules_read,
)
from hansa_domain.compliance.rules import Rule
from hansa_domain.compliance.scope import Scope
from hansa_domain.compliance.validating import checked_rules
from hansa_domain.errors import Refusal
from hansa_domain.events import CertificateFact, Facts, LicenceFact, LineFact, PaperFact, PartyFact
from hansa_domain.operation import Records, canonical
from tests.support.compliance import publish
from tests.support.domain import GTIN, World, market, mint, order_fields

COUNTRIES = ("BE", "DE", "FR", "KP", "NL")
CODES = ("01", "0102", "2204", "220421", "22042138", "93")
GTINS = (GTIN, "04006381333931", "09521321000018")
MEMBERS = ("ProducerMSP", "RetailerMSP", "CarrierMSP")
TIMES = tuple(f"2027-0{month}-01T00:00:00.000Z" for month in range(1, 7))


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2)


scopes = st.fixed_dictionaries(
    {},
    optional={
        "gtins": some(GTINS),
        "hs": some(CODES),
        "dangerous": some(("any", "1", "1.4", "3")),
        "origins": some(COUNTRIES),
        "departures": some(COUNTRIES),
        "destinations": some(COUNTRIES),
    },
)
PARTIES = st.sampled_from(("seller", "buyer", "carrier"))
KINDS: list[dict[str, Any]] = [
    {
        "kind": st.just("prohibited"),
        "scope": st.just({"hs": ["22"]}) | scopes.filter(lambda s: any(s.values())),
    },
    {"kind": st.just("licensed"), "party": PARTIES, "licence": st.just("food")},
    {"kind": st.just("certificate"), "certificate": st.just("CE")},
    {"kind": st.just("region"), "only": st.lists(st.sampled_from(COUNTRIES), min_size=1, max_size=3)},
    {
        "kind": st.just("sanctioned"),
        "countries": st.lists(st.sampled_from(COUNTRIES), min_size=1, max_size=2),
    },
    {"kind": st.just("threshold"), "max_quantity": st.integers(0, 20)},
    {"kind": st.just("paper"), "paper": st.sampled_from(("cmr", "phytosanitary"))},
]
stages = st.lists(st.sampled_from(("listing", "order", "shipment")), max_size=2)


@st.composite
def packs(draw: st.DrawFn) -> list[Rule]:
    """Rules in canonical form; long titles make the pack large enough to be split."""
    wanted = []
    for place in range(draw(st.integers(0, 12))):
        fields = draw(st.fixed_dictionaries({"scope": scopes, **draw(st.sampled_from(KINDS))}))
        if fields["kind"] != "paper":
            fields["stages"] = draw(stages)
        fields |= {"id": f"r{place}", "title": "t" * draw(st.sampled_from((1, 200)))}
        wanted.append(fields)
    return checked_rules(msgspec.convert(wanted, list[Rule]))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


certificates = st.builds(
    CertificateFact,
    kind=st.sampled_from(("CE", "REACH")),
    number=st.just("7"),
    document=st.just("cc" * 32),
    valid_until=st.sampled_from([each[:10] for each in TIMES]),
    revoked=st.booleans(),
)
lines = st.builds(
    LineFact,
    gtin=st.sampled_from(GTINS),
    quantity=maybe(st.integers(1, 30)),
    hs=maybe(st.sampled_from(CODES[2:])),
    origin=maybe(st.sampled_from(COUNTRIES)),
    dangerous=maybe(some(("1.4S", "3", "8"))),
    certificates=maybe(st.lists(certificates, max_size=2)),
)
licences = st.builds(
    LicenceFact,
    id=st.just("L"),
    kind=st.just("food"),
    holder=st.sampled_from(MEMBERS),
    issuer=st.just("RegulatorMSP"),
    scope=scopes.map(lambda given: msgspec.convert(given, Scope)),
    valid_from=st.sampled_from(TIMES[:3]),
    valid_until=st.sampled_from(TIMES[3:]),
    revoked=st.booleans(),
)

papers = st.builds(
    PaperFact,
    id=st.just("p"),
    kind=st.sampled_from(("cmr", "phytosanitary")),
    issuer=st.just("RegulatorMSP"),
    document=st.just("dd" * 32),
    valid_from=st.sampled_from(TIMES[:3]),
    valid_until=maybe(st.sampled_from(TIMES[3:])),
    revoked=st.booleans(),
)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    stage = draw(st.sampled_from(("listing", "order", "shipment")))
    roles = (
        ["seller"] if stage == "listing" else ["seller", "buyer", *draw(st.sampled_from(([], ["carrier"])))]
    )
    parties = [
        PartyFact(role=role, member=MEMBERS[place], country=draw(st.sampled_from(COUNTRIES)))  # type: ignore[arg-type]
        for place, role in enumerate(roles)
    ]
    return Facts(
        stage=stage,
        at=draw(st.sampled_from(TIMES)),
        parties=parties,
        lines=draw(st.lists(lines, min_size=1, max_size=3)),
        departure=parties[0].country,
        destination=None if stage == "listing" else parties[1].country,
        amount=None if stage == "listing" else "1000",
        currency=None if stage == "listing" else "EUR",
        licences=draw(st.lists(licences, max_size=2)),
        papers=draw(st.lists(papers, max_size=2)),
    )


@settings(max_examples=300, deadline=None)
@given(rules=packs(), found=facts(), unknown=st.sampled_from(("fail", "pass")))
def test_a_decision_follows_from_pack_facts_and_time(rules: list[Rule], found: Facts, unknown: Any) -> None:
    pack = RulesInForce("eu", unknown, rules)
    outcomes = decide([pack], found)
    again = msgspec.json.decode(canonical(found), type=Facts)
    read = msgspec.json.decode(canonical(rules), type=list[Rule])
    assert canonical(decide([RulesInForce("eu", unknown, read)], again)) == canonical(outcomes)
    # Where a missing fact counts against it, nothing passes that would fail where it does not.
    strict, lax = (decide([RulesInForce("eu", each, rules)], found) for each in ("fail", "pass"))
    assert {each.rule for each in lax if each.refuses} <= {each.rule for each in strict if each.refuses}
    for each in outcomes:
        assert each.refuses == (each.outcome == "failed" or (each.outcome == "unknown" and unknown == "fail"))
        assert each.outcome != "later" or found.stage != "shipment"


@settings(max_examples=300, deadline=None)
@given(rules=packs(), found=facts())
def test_what_is_read_of_a_pack_decides_as_the_whole_does(rules: list[Rule], found: Facts) -> None:
    chunks = in_chunks(rules)
    entry = PackEntry(
        pack="eu",
        version=1,
        valid_from=TIMES[0],
        unknown="fail",
        digest="",
        rules=len(rules),
        chunks=list(chunks),
    )
    wanted = chunks_wanted(entry, found.lines)
    state = {rules_key("eu", 1, name): canonical(chunks[name]) for name in wanted}
    read = rules_read(Records(values=state), entry, wanted)
    assert decide([read], found) == decide([RulesInForce("eu", "fail", rules)], found)
    assert all(isinstance(each, PackRules) for each in chunks.values())


@st.composite
def forbidding(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rules whose meaning the test below works out by itself, from what everybody knows of the trade."""
    made: list[dict[str, Any]] = []
    for place in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("prohibited", "region", "sanctioned", "threshold")))
        rule: dict[str, Any] = {"kind": kind, "id": f"r{place}", "title": "A rule."}
        scope = {"gtins": [draw(st.sampled_from(GTINS))]}
        if kind == "prohibited":
            scope["destinations"] = [draw(st.sampled_from(COUNTRIES))]
        elif kind == "region":
            rule["only"] = draw(st.lists(st.sampled_from(COUNTRIES), min_size=1, max_size=3))
        elif kind == "sanctioned":
            rule["countries"] = [draw(st.sampled_from(COUNTRIES))]
        else:
            rule["max_quantity"] = draw(st.integers(0, 20))
        made.append({**rule, "scope": scope})
    return made


def forbidden(rule: dict[str, Any], quantity: int, destination: str) -> bool:
    """NL sells to DE, a Belgian carries; said otherwise than the program says it."""
    if rule["scope"]["gtins"] != [GTIN]:
        return False
    return {
        "prohibited": destination in rule["scope"].get("destinations", []),
        "region": destination not in rule.get("only", [destination]),
        "sanctioned": bool({"NL", "DE", "BE"} & set(rule.get("countries", []))),
        "threshold": quantity > rule.get("max_quantity", quantity),
    }[str(rule["kind"])]


@settings(max_examples=60, deadline=None)
@given(
    versions=st.lists(forbidding(), min_size=1, max_size=3),
    quantities=st.lists(st.integers(1, 20), min_size=1, max_size=4),
)
def test_no_order_passes_that_a_pack_in_force_forbids(
    versions: list[list[dict[str, Any]]], quantities: list[int]
) -> None:
    world, listing = market(quantity=4000)
    for version, rules in enumerate(versions, start=1):
        publish(world, *rules, version=version)
        for quantity in quantities:
            passes = not any(forbidden(rule, quantity, "DE") for rule in rules)
            assert _placed(world, listing, quantity) is passes


def _placed(world: World, listing: str, quantity: int) -> bool:
    """Whether an order of so many comes about, the seller accepts, and it is shipped."""
    fields = order_fields(listing, [mint(world, "9000")], quantity)
    before = dict(world.state)
    try:
        order = world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"]
    except Refusal as refusal:
        assert refusal.code.value == "COMPLIANCE_VIOLATED"
        assert world.state == before
        return False
    world.do("ProducerMSP", "orders:Accept", order=order)
    world.do("ProducerMSP", "orders:Ship", order=order)
    return True

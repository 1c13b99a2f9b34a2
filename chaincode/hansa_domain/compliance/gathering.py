"""The facts of a subject, read from the ledger: members, products, and the licences and papers asked for."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from hansa_domain.compliance import rules as r
from hansa_domain.compliance.deciding import RulesInForce, concerns, parties_of
from hansa_domain.compliance.packs import GENERAL, PackEntry, chunks_wanted, rules_key, rules_read
from hansa_domain.compliance.scope import PartyRole, Stage
from hansa_domain.error_codes import Code
from hansa_domain.events import CertificateFact, Facts, LineFact, PartyFact
from hansa_domain.licences import HeldLicences, Licence, held_key
from hansa_domain.members import Member, member_key
from hansa_domain.operation import Context, Fetch, Key, Records
from hansa_domain.papers import OrderPapers, Paper, papers_key
from hansa_domain.products.details import HeldCertificate, ProductDetails
from hansa_domain.products.records import Product


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is checked.

    Args:
        kind: a listing, an order or a shipment.
        id: the listing's, the order's, or that of what is shipped.
        seller: MSP id.
        buyer: MSP id; None for a listing.
        carriers: MSP ids of those who carry, besides the seller.
        lines: GTIN of 14 digits, and pieces where they are known.
        amount: an order's total, minor units.
        currency: ISO 4217 code of it.
        order: whose papers count, for a shipment.
        destination: the country that the goods go to; None: the buyer's.
    """

    kind: Stage
    id: str
    seller: str
    buyer: str | None = None
    carriers: Sequence[str] = ()
    lines: Sequence[tuple[str, int | None]]
    amount: str | None = None
    currency: str | None = None
    order: str | None = None
    destination: str | None = None

    @property
    def parties(self) -> list[tuple[PartyRole, str]]:
        """Who takes part, in order of roles."""
        found: list[tuple[PartyRole, str]] = [("seller", self.seller)]
        if self.buyer is not None:
            found.append(("buyer", self.buyer))
        return [*found, *(("carrier", each) for each in dict.fromkeys(self.carriers))]


Reading = Generator[Fetch, Records, tuple[list[RulesInForce], Facts]]


def gather(subject: Subject, entries: Sequence[PackEntry], context: Context) -> Reading:
    """The rules of these packs that may concern the subject, and its facts.

    Raises:
        Refusal: MEMBER_NOT_FOUND or PRODUCT_NOT_FOUND.
    """
    keys = dict.fromkeys(
        (
            *(member_key(member) for _, member in subject.parties),
            *((Product.NOUN, gtin) for gtin, _ in subject.lines),
            *(rules_key(entry.pack, entry.version, GENERAL) for entry in entries),
        )
    )
    records = yield Fetch(keys=tuple(keys))
    facts = _public_facts(subject, records, context)
    wanted = {entry.pack: chunks_wanted(entry, facts.lines) for entry in entries}
    more = tuple(
        key
        for entry in entries
        for chunk in wanted[entry.pack]
        if (key := rules_key(entry.pack, entry.version, chunk)) not in keys
    )
    if more:
        found = yield Fetch(keys=more)
        records = Records(values={**records.values, **found.values})
    packs = [rules_read(records, entry, wanted[entry.pack]) for entry in entries]
    return packs, (yield from _held(subject, packs, facts))


def _public_facts(subject: Subject, records: Records, context: Context) -> Facts:
    parties = [
        PartyFact(role=role, member=member, country=_country(records, member, role))
        for role, member in subject.parties
    ]
    countries = {party.role: party.country for party in parties}
    return Facts(
        stage=subject.kind,
        at=context.at,
        parties=parties,
        lines=[_line(records, gtin, quantity) for gtin, quantity in subject.lines],
        departure=countries["seller"],
        destination=subject.destination or countries.get("buyer"),
        amount=subject.amount,
        currency=subject.currency,
    )


def _country(records: Records, member: str, role: str) -> str:
    return records.get(Member, member, refuse=Code.MEMBER_NOT_FOUND, where=role).country


def _line(records: Records, gtin: str, quantity: int | None) -> LineFact:
    """What the ledger says of a product; what it does not say is None.

    Of a product of which nothing at all is said it is unknown whether it is dangerous; of any other, what is
    not said to be dangerous is not.
    """
    product = records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="lines")
    details = product.details
    danger = details.dangerous_goods
    said = details != ProductDetails()
    return LineFact(
        gtin=gtin,
        quantity=quantity,
        hs=details.hs_code,
        origin=details.origin,
        dangerous=[danger.hazard_class, *danger.subsidiary] if danger else [] if said else None,
        certificates=[_certificate(each) for each in product.certificates],
    )


def _certificate(held: HeldCertificate) -> CertificateFact:
    return CertificateFact(
        kind=held.certificate.kind,
        number=held.certificate.number,
        document=held.certificate.document,
        valid_until=held.certificate.valid_until,
        revoked=held.revoked_at is not None,
    )


def _held(subject: Subject, packs: Iterable[RulesInForce], facts: Facts) -> Generator[Fetch, Records, Facts]:
    """The facts with the licences and papers that some rule may ask for; reads nothing where none does."""
    wanted = _asked_for(subject, packs, facts)
    if not wanted:
        return facts
    lists = yield Fetch(keys=tuple(wanted))
    keys: dict[Key, None] = {}
    for key in wanted:
        if key[0] == HeldLicences.NOUN:
            held = lists.find(HeldLicences, *key[1:])
            keys.update(dict.fromkeys((Licence.NOUN, name) for name in (held.licences if held else [])))
        else:
            papers = lists.find(OrderPapers, *key[1:])
            keys.update(dict.fromkeys((Paper.NOUN, name) for name in (papers.papers if papers else [])))
    if not keys:
        return facts
    found = yield Fetch(keys=tuple(keys))
    return _with(facts, found, keys)


def _with(facts: Facts, found: Records, keys: Iterable[Key]) -> Facts:
    return replace(
        facts,
        licences=[
            found.get(Licence, key[1], refuse=Code.LEDGER_INCONSISTENT).fact
            for key in keys
            if key[0] == Licence.NOUN
        ],
        papers=[
            found.get(Paper, key[1], refuse=Code.LEDGER_INCONSISTENT).fact
            for key in keys
            if key[0] == Paper.NOUN
        ],
    )


def _asked_for(subject: Subject, packs: Iterable[RulesInForce], facts: Facts) -> list[Key]:
    """Where licences and papers are listed that a rule concerning the subject asks for."""
    keys: dict[Key, None] = {}
    for rule in (rule for pack in packs for rule in pack.rules):
        if rule.stages and facts.stage not in rule.stages:
            continue
        if all(concerns(rule.scope, line, facts) == "no" for line in facts.lines):
            continue
        if isinstance(rule, r.PaperRequired):
            if facts.stage == "shipment" and subject.order is not None:
                keys[papers_key(subject.order, rule.paper)] = None
        elif isinstance(rule, r.Licensed | r.Threshold) and rule.licence is not None:
            keys.update(
                dict.fromkeys(held_key(each.member, rule.licence) for each in parties_of(facts, rule.party))
            )
    return list(keys)

"""Whole orders beside plain ones while every feature of trade is in force: what the features cost together.

Plain orders are measured first, while nothing of it holds. Then the members agree on a fee schedule, a
regulator publishes rules and taxes, buyer and seller do their part, and orders go from the quote to the
payment of the invoice. Afterwards rules, fees and limits are taken back: what follows goes on as before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace
from rich.console import Console

from benchmark.trade import Load, Parties, orders, parties_of, run_load
from hansa import Client, RefusedError, Settling, connect, new_id
from hansa.discounts import Concession
from hansa.listings import ListingTerms, Tier
from hansa.signing import account_rules, signer_of
from hansa.taxes import TaxRule
from hansa_domain.approvals import ApprovalRule, SetApprovalRules
from hansa_domain.compliance.publishing import PublishPack
from hansa_domain.compliance.rules import Licensed, RegionLimited, Rule, Threshold
from hansa_domain.compliance.scope import Scope
from hansa_domain.discounts import WithdrawDiscount
from hansa_domain.fees.commands import ApproveFees, PublishFees
from hansa_domain.fees.schedule import FeeRule
from hansa_domain.licences import IssueLicence
from hansa_domain.orders.delivery_terms import Carriage, DeliveryTerms
from hansa_domain.products.details import ProductDetails
from hansa_network.network import Network

COUNT = 100
IN_FLIGHT = 10
QUANTITY = 10
PLAIN, FULL = "order, whole life", "order, whole life, all features on"

_GTIN, _HS = "09521321999961", "15092000"
_DOCUMENT = "be" * 32
_AMPLE = 10**12
"""Minor units: a limit that is read and never in the way."""
_DAY = 86_400
_TERMS = DeliveryTerms(
    answer_within=_DAY, invoice_within=_DAY, carriages=[Carriage(carrier="CarrierMSP", freight="50")]
)


@dataclass(frozen=True)
class Compared:
    """A load; ``cpu_ratio`` and ``rate_ratio`` to plain orders of the same run. CPU of client and network."""

    what: str
    in_flight: int
    count: int
    transactions: int
    per_second: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    retries: int
    conflicts: int
    cpu_ratio: float
    rate_ratio: float


@dataclass(frozen=True)
class _Market:
    """What orders are placed on: a listing, and an account with rules that pays."""

    listing: str
    payer: str


def measure(target: Network, scale: float, console: Console) -> list[dict[str, object]]:
    """Plain orders and orders with every feature on; ``scale`` is the part of the usual count."""
    count = max(IN_FLIGHT, int(scale * COUNT))
    parties = parties_of(target)
    regulator = connect("Regulator", "admin", data=target.folder.root)
    try:
        orders(parties, IN_FLIGHT, IN_FLIGHT)  # so that neither is the first to be carried out
        plain = orders(parties, IN_FLIGHT, count)
        with _in_force(parties, regulator, count + IN_FLIGHT) as market:
            _load(parties, market, IN_FLIGHT)
            full = _load(parties, market, count)
    finally:
        parties.close()
        regulator.close()
    found = [_compared(PLAIN, plain, plain), _compared(FULL, full, plain)]
    console.print(f"{FULL}: {full.per_second:.1f}/s, {found[1].cpu_ratio} times the CPU of a plain one")
    return [asdict(one) for one in found]


def _compared(what: str, load: Load, plain: Load) -> Compared:
    return Compared(
        what=what,
        in_flight=load.in_flight,
        count=load.count,
        transactions=round(load.validation_codes["VALID"] / load.count),
        per_second=load.per_second,
        p50_ms=load.p50_ms,
        p95_ms=load.p95_ms,
        cpu_ms=load.cpu_ms,
        retries=load.retries,
        conflicts=load.conflicts,
        cpu_ratio=round(load.cpu_ms / plain.cpu_ms, 2),
        rate_ratio=round(load.per_second / plain.per_second, 2),
    )


@contextmanager
def _in_force(parties: Parties, regulator: Client, count: int) -> Iterator[_Market]:
    """Fees, rules, taxes, prices and limits for so many orders; what others would feel ends with it.

    A country's taxes cannot be taken back, so they are those of one to which nothing else here is sent.
    """
    run = f"bench-{time.time_ns() // 1_000_000 % 10**9}"
    before = _fees(parties)
    dearer = replace(before, id=new_id(), order=_part(75), arbitration=_part(100), exchange=_part(5))
    _agree_on(parties, dearer)
    _publish_rules(regulator, run, 1, _rules())
    licence = IssueLicence(
        id=new_id(),
        holder="RetailerMSP",
        kind="oil",
        valid_until="2099-01-01T00:00:00.000Z",
        document=_DOCUMENT,
    )
    regulator.send(licence)
    taxes = [
        TaxRule(hs_prefix="", kind="standard", vat=2000),
        TaxRule(hs_prefix="1509", kind="reduced", vat=1000, duty=300, vat_on_duty=True),
    ]
    regulator.taxes.publish("AT", "Benchmark", taxes)
    parties.retailer.send(
        SetApprovalRules(id=new_id(), rules=[ApprovalRule(currency="EUR", limit=str(_AMPLE))])
    )
    listing, discount = _offer(parties.producer, count)
    try:
        yield _Market(listing, _account(parties, run, count))
    finally:
        parties.producer.send(WithdrawDiscount(id=new_id(), discount=discount))
        parties.retailer.send(SetApprovalRules(id=new_id(), rules=[]))
        _publish_rules(regulator, run, 2, [])
        _agree_on(parties, before)


def _part(basis_points: int) -> FeeRule:
    return FeeRule(basis_points=basis_points)


def _fees(parties: Parties) -> PublishFees:
    """The fees that hold now, as a command that has them hold again."""
    try:
        now = parties.bank.fees.get().schedule
    except RefusedError:  # none was ever published: the consortium's own holds
        fee = parties.network.consortium.fee
        none = FeeRule(basis_points=0)
        order = FeeRule(basis_points=fee.basis_points)
        return PublishFees(id=new_id(), order=order, arbitration=none, exchange=none, account=fee.account)
    return PublishFees(
        id=new_id(), order=now.order, arbitration=now.arbitration, exchange=now.exchange, account=now.account
    )


def _agree_on(parties: Parties, fees: PublishFees) -> None:
    schedule = parties.bank.send(fees).reply.schedule
    for member in (parties.producer, parties.retailer):
        schedule = member.send(ApproveFees(id=new_id(), schedule=schedule.id)).reply.schedule
    if schedule.version is None:
        raise RuntimeError("three members are no majority: this is for the default consortium")


def _rules() -> list[Rule]:
    """Three kinds, all of which these orders satisfy."""
    oil = Scope(hs=[_HS[:4]])
    return [
        Licensed(id="licence", title="Buyers of oil are licensed.", party="buyer", licence="oil", scope=oil),
        RegionLimited(id="region", title="Oil goes to these.", only=["AT", "NL"], scope=oil),
        Threshold(id="most", title="Not too much at once.", max_quantity=10_000, scope=oil),
    ]


def _publish_rules(regulator: Client, pack: str, version: int, rules: list[Rule]) -> None:
    wanted = PublishPack(
        id=new_id(), pack=pack, version=version, title="Benchmark", document=_DOCUMENT, rules=rules
    )
    regulator.compliance.publish(wanted)


def _offer(producer: Client, count: int) -> tuple[str, str]:
    """A listing with tiers, and a discount on it; their ids."""
    if _GTIN not in [product.gtin for product in producer.products.list().products]:
        details = ProductDetails(hs_code=_HS, origin="TN")
        producer.products.register(_GTIN, "Benchmark oil", details=details)
    made = producer.listings.create(
        _GTIN,
        unit_price=1000,
        currency="EUR",
        quantity=count * QUANTITY,
        terms=ListingTerms(tiers=[Tier(from_quantity=QUANTITY, unit_price="950")], allowed=["AT", "NL"]),
    )
    listing = made.reply.listing.id
    concession = Concession(basis_points=300, from_quantity=5, listings=[listing])
    return listing, producer.discounts.create("Benchmark", concession).reply.discount.id


def _account(parties: Parties, run: str, count: int) -> str:
    """A hot account with money for all orders and limits that let each of them through; its name."""
    account = f"RetailerMSP/{run}"
    public_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    signer = signer_of(public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "Ada")
    limit = {"currency": "EUR", "per_payment": str(_AMPLE), "per_day": str(_AMPLE)}
    parties.retailer.accounts.open(account, "hot", account_rules([signer], 1, limits=[limit]), slices=64)
    parties.bank.money.mint("EUR", count * QUANTITY * 1500, account)
    return account


def _load(parties: Parties, market: _Market, count: int) -> Load:
    """So many orders, from the quote to the end."""
    done: list[str] = []
    load = run_load(FULL, parties, IN_FLIGHT, count, lambda _: done.append(_live(parties, market)))
    for order in done[:: max(1, count // 5)]:
        _had_everything(parties, order)
    return load


def _live(parties: Parties, market: _Market) -> str:
    """One order: quoted and placed, accepted, despatched, delivered, received, invoiced, paid; its id."""
    placed = parties.retailer.orders.place(
        market.listing,
        QUANTITY,
        account=market.payer,
        destination="AT",
        settling=Settling(deliveries=_TERMS, second_arbitrator="RegulatorMSP", warranty=_DAY),
    )
    order = placed.reply.order.id
    parties.producer.orders.accept(order)
    despatch = parties.producer.despatches.send(order, {0: QUANTITY}, carriage=0).reply.despatch.id
    parties.carrier.despatches.deliver(despatch)
    parties.retailer.receipts.report(despatch)
    invoice = parties.producer.invoices.issue(despatch).reply.invoice.id
    parties.retailer.invoices.pay(invoice)
    return order


def _had_everything(parties: Parties, name: str) -> None:
    """An order that ended otherwise, or without one of the features, would make the figures a lie."""
    order = parties.retailer.orders.get(name).order
    pricing = order.pricing
    features: dict[str, Callable[[], bool]] = {
        "the payment of its invoice": lambda: order.status == "settled" and order.held == 0,
        "a fee schedule": lambda: order.fee_schedule is not None,
        "discount and tax": lambda: pricing is not None and int(pricing.discount) > 0 < int(pricing.tax),
        "compliance records": lambda: bool(parties.retailer.compliance.records(name)),
    }
    missing = [feature for feature, there in features.items() if not there()]
    if missing:
        raise RuntimeError(f"the benchmark's own order {name} went without {', '.join(missing)}")

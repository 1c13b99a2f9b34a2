"""A ledger on which everything has happened: every event, every table, and what databases differ about."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from hansa.ledger import LedgerBlock, LedgerTransaction
from hansa_domain import events as domain
from hansa_domain.times import rfc3339
from tests.support.domain_walk import Recorder, walk
from tests.support.portal import decode_events

Kind = TypeVar("Kind", bound=domain.Event)

NAMES = (
    *("Zebra", "apple", "Apple", "banana", "Öl", "ölig", "Ähre", "zoo", "ZOO", "éclair"),
    *("100 %", "a_b", "aXb", "back\\slash", "it's", '"quoted"', "日本茶", "a/b", "İstanbul", "straße"),
)
"""Names that locales sort each in its own way, and that LIKE and letters' case treat as something else."""
LARGEST = 10**18 - 1
"""Minor units: the most that one amount may have."""
LATEST = "2027-12-31T23:59:59.999Z"


class _Kept(Recorder):
    """Keeps who called what, when, and which events came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[str, str, tuple[domain.Event, ...]]] = []

    def call(self, *given: Any, **more: Any) -> Any:
        result = super().call(*given, **more)
        if result.outcome.event is not None:
            self.kept.append((rfc3339(self.now), given[1], decode_events(result.outcome.event)))
        return result


@lru_cache(maxsize=1)
def blocks() -> tuple[LedgerBlock, ...]:
    """The chain, one transaction a block; the last one is not valid."""
    world = walk(_Kept())
    assert isinstance(world, _Kept)
    happened = list(world.kept)
    found = [event for _, _, events in happened for event in events]
    happened += [(event.at, f"edge:{type(event).__name__}", (event,)) for event in _edges(found)]
    chain = [_block(number, at, name, events) for number, (at, name, events) in enumerate(happened)]
    chain.append(_block(len(chain), LATEST, "money:Mint", (), code="MVCC_READ_CONFLICT"))
    return tuple(chain)


def _block(
    number: int, at: str, function: str, events: tuple[domain.Event, ...], code: str = "VALID"
) -> LedgerBlock:
    name = hashlib.sha256(f"block {number}".encode()).hexdigest()
    creator = ("BankMSP", "ProducerMSP", "RetailerMSP")[number % 3]
    transaction = LedgerTransaction(
        name, 0, code, creator, at, "hansa", function, events, signer=f"user{number % 2}"
    )
    return LedgerBlock(number, name, (transaction,))


def _edges(found: Iterable[domain.Event]) -> Iterator[domain.Event]:
    """What no walk does: events that are left, names and amounts at the edge of what is allowed."""
    known: dict[type[domain.Event], domain.Event] = {type(event): event for event in found}

    def one(kind: type[Kind]) -> Kind:
        return cast(Kind, known[kind])

    order = one(domain.OrderPlaced)
    yield domain.ExchangeAsked(order=one(domain.ReturnProposed).order, at=LATEST)
    yield domain.OrderReopened(
        order=one(domain.ReturnProposed).order, by="ProducerMSP", due=LATEST, at=LATEST
    )
    yield replace(one(domain.DelegationGranted), at=LATEST)
    for number, name in enumerate(NAMES):
        gtin, gln = f"0952132199{number:04d}", f"952132198{number:04d}"
        product = one(domain.ProductRegistered)
        yield replace(product, gtin=gtin, name=name, brand=None if number % 3 else name[::-1], at=LATEST)
        member = replace(one(domain.MemberJoined), msp_id=f"Edge{number}MSP", name=name, gln=None, at=LATEST)
        yield member
        place = one(domain.PlaceRegistered)
        yield replace(place, gln=gln, place=replace(place.place, name=name), at=LATEST)
        reference = None if number % 4 == 0 else name[:64]
        yield replace(order, order=f"EdgeMSP.{number:026d}", reference=reference, due=LATEST, at=LATEST)
    yield from _money(one(domain.MoneyMoved), one(domain.MandateGranted))
    yield from _goods(one(domain.GoodsCaptured))
    yield from _open(one)
    outside = one(domain.ExcursionsRecorded)
    yield domain.ExcursionsWithdrawn(epcs=[outside.excursions[0].epc], at=LATEST)
    yield replace(outside, at=LATEST)


def _open(one: Callable[[type[Any]], Any]) -> Iterator[domain.Event]:
    """What has begun and not ended, so that somebody finds it due."""
    name, order = f"EdgeMSP.{99:026d}", f"EdgeMSP.{1:026d}"
    yield replace(one(domain.ClaimOpened), claim=name, at=LATEST)
    yield replace(one(domain.ClaimRefused), claim=name, due=LATEST, at=LATEST)
    yield replace(one(domain.ConfigUpdateProposed), config_update=name, at=LATEST)
    yield replace(one(domain.DespatchSent), despatch=name, carrier="CarrierMSP", at=LATEST)
    yield domain.OrderAccepted(order=order, due=LATEST, at=LATEST)
    yield replace(one(domain.MilestonesAgreed), order=order, at=LATEST)
    yield replace(one(domain.ExchangeOffered), exchange=name, expires_at=LATEST, at=LATEST)
    yield replace(one(domain.HashlockLocked), hashlock=name, expires_at=LATEST, at=LATEST)
    yield replace(one(domain.OfferProposed), offer=name, at=LATEST)
    yield replace(one(domain.OfferAgreed), offer=name, due=LATEST, at=LATEST)
    netting = one(domain.NettingOpened)
    yield replace(netting, cycle=name, due=LATEST, at=LATEST)
    for position in netting.positions:
        if int(position.owes):
            funded = {"cycle": name, "debtor": position.member, "amount": position.owes, "at": LATEST}
            yield replace(one(domain.NettingFunded), **funded)


def _money(moved: domain.MoneyMoved, mandate: domain.MandateGranted) -> Iterator[domain.Event]:
    """Sums beyond 64 bits, accounts of members whose names differ in case only, times beyond 32 bits."""
    for number, owner in enumerate(("RetailerMSP", "RetailerMSP/Till", "RETAILERMSP/till", "RetailerMSPx")):
        notes = [
            domain.NoteView(
                id=f"BankMSP.{number:026d}.{part}", owner=owner, currency="EUR", amount=str(LARGEST)
            )
            for part in range(12)
        ]
        yield replace(moved, currency="EUR", reason="mint", consumed=[], created=notes, order=None, at=LATEST)
    yield replace(mandate, mandate=f"EdgeMSP.{0:026d}", payer="RETAILERMSP/till", period=10**10, at=LATEST)


def _goods(captured: domain.GoodsCaptured) -> Iterator[domain.Event]:
    """Events whose texts have what PostgreSQL does not store, and more of it than a column says."""
    for number, text in enumerate(("nul\0inside", "urn:" + "x" * 3000, "Ünïcode", "UPPER", "upper")):
        event = replace(
            captured.events[0],
            event_id=f"{text}#{number}",
            hash=f"ni:///sha-256;{number:064d}?ver=CBV2.0",
            biz_step=text,
            disposition=None if number % 2 else text,
            read_point=text,
            epcs=["urn:epc:id:sgtin:9521321.099999." + text.replace("\0", "")],
            roles=[["epc"]],
            orders=[],
        )
        yield replace(captured, events=[event], at=LATEST)


def types(chain: Iterable[LedgerBlock]) -> set[type[domain.Event]]:
    """The types of event on a chain."""
    return {type(event) for block in chain for each in block.transactions for event in each.events}

"""Every question of the read model with every kind of argument, as a list of calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Engine, select

from hansa_readmodel import account_tables as a
from hansa_readmodel import buying_tables as b
from hansa_readmodel import compliance_tables as c
from hansa_readmodel import escrow_tables as e
from hansa_readmodel import money_tables as m
from hansa_readmodel import offering_tables as o
from hansa_readmodel import tables as t
from hansa_readmodel import tables_goods as g
from hansa_readmodel.goods_roles import BITS
from hansa_readmodel.queries import CheckFilter, Queries
from hansa_readmodel.queries.alerts import AlertFilter
from hansa_readmodel.queries.epcis import Column, EventFilter, Naming
from hansa_readmodel.queries.shipments import Part
from tests.support.everything import LARGEST, LATEST, NAMES

MEMBERS = (
    "ProducerMSP",
    "RetailerMSP",
    "RETAILERMSP",
    "retailerMSP",
    "CarrierMSP",
    "BankMSP",
    "Edge3MSP",
    "No",
)
STRANGE = ("", " ", "%", "_", "\\", "'; --", "a\0b", "\U0001f600", "x" * 5000)
NOWS = ("", "2026-07-01T00:00:00.000Z", LATEST, "9999")
MOST = 10
"""So many values of a column are asked for at most."""
Call = tuple[str, str, dict[str, Any]]

COLUMNS: dict[str, SqlColumn[Any]] = {
    "account": a.accounts.c.account,
    "alert": g.alerts.c.alert,
    "base": m.rate_pairs.c.base,
    "carrier": t.orders.c.carrier,
    "check_id": c.checks.c.check_id,
    "code": g.alerts.c.code,
    "config_update": t.config_updates.c.config_update,
    "cold_chain.gtin": g.cold_chain_limits.c.gtin,
    "compliance.subject": c.checks.c.subject,
    "escrow.milestones": e.milestones.c.order_id,
    "escrow.settlements": e.settlements.c.order_id,
    "deliveries.of": t.orders.c.order_id,
    "country": o.tax_tables.c.country,
    "currency": t.currencies.c.currency,
    "cycle": m.netting_cycles.c.cycle,
    "epc": t.units.c.uri,
    "event_id": g.corrections.c.event_id,
    "gln": o.places.c.gln,
    "gtin": t.products.c.gtin,
    "hash_": t.hashlocks.c.hash,
    "hs_code": t.products.c.hs_code,
    "inspector": e.milestones.c.inspector,
    "kind": c.licences.c.kind,
    "licence": c.licences.c.licence,
    "listing": t.listings.c.listing,
    "lot": g.lot_holdings.c.uri,
    "offer": b.offers.c.offer,
    "oracle": m.rates.c.oracle,
    "order": t.orders.c.order_id,
    "order_id": t.orders.c.order_id,
    "origin": t.products.c.origin,
    "pack": c.packs.c.pack,
    "quote": m.rate_pairs.c.quote,
    "recall": g.recalls.c.recall,
    "region": o.listing_regions.c.country,
    "schedule": m.fee_schedules.c.schedule,
    "severity": g.alerts.c.severity,
    "status": t.orders.c.status,
    "subject": t.subjects.c.subject,
    "tender": b.tenders.c.tender,
    "transaction_id": t.transactions.c.transaction_id,
}
TOGETHER: dict[tuple[str, str], dict[str, SqlColumn[Any]]] = {
    ("currencies", "approvals"): {
        "currency": t.issuer_approvals.c.currency,
        "bank": t.issuer_approvals.c.bank,
    },
    ("compliance", "pack"): {"pack": c.packs.c.pack, "version": c.packs.c.version},
    ("prices", "tax_rules"): {"country": o.tax_rules.c.country, "version": o.tax_rules.c.version},
    ("rates", "approvals"): {name: m.oracle_approvals.c[name] for name in ("base", "quote", "oracle")},
    ("rates", "quotes"): {name: m.rate_pairs.c[name] for name in ("base", "quote")},
    ("statements", "movement"): {"block": t.history.c.block, "position": t.history.c.position},
}
FIXED: dict[str, Sequence[Any]] = {
    **dict.fromkeys(
        (
            "bank",
            "buyer",
            "holder",
            "member",
            "msp_id",
            "organisation",
            "owner",
            "party",
            "reporter",
            "seller",
        ),
        MEMBERS,
    ),
    **dict.fromkeys(("at", "by", "now", "since"), NOWS),
    "accounts": (["RetailerMSP", "ProducerMSP"], ["BankMSP/none"]),
    "ascending": (True, False),
    "block": (0, 5, 300, LARGEST),
    "column": get_args(Column),
    "command": ("BankMSP." + "0" * 26, "", "a\0b"),
    "depth": (0, 1, 2, 50),
    "end": (LATEST,),
    "event": (-1, 0, 7, LARGEST),
    "gives": ("EUR", "USD", "CNY", "No"),
    "limit": (0, 1, 3, 1000),
    "most": (1, 2, 10_000),
    "offset": (0, 2, 10_000, 10**12),
    **dict.fromkeys(("closed", "newest_first", "opened", "unsent"), (True, False)),
    "position": (0, 1),
    "price": (("EUR", 0), ("EUR", 700), ("EUR", LARGEST)),
    "role": ("buyer", "seller", "carrier"),
    "seconds": (0.0,),
    "start": ("", "2026-07-01T00:00:00.000Z"),
    "statuses": (
        ("shipped", "delivered", "despatched", "received"),
        (),
        ("placed",),
        ("settled", "refunded"),
    ),
    "takes": ("EUR", "USD", "CNY", "No"),
    "version": (1, 2, 3_000_000_000),
}
STATUSES = (
    *("open", "offered", "proposed", "accepted", "waiting", "completed", "closed", "issued", "revoked"),
    *("locked", "claimed", "refunded", "decided", "withdrawn", "paid", "active", "suspended", "No"),
)


class Asking:
    """Makes the calls from what a read model holds.

    Args:
        engine: of the read model whose values are asked for.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def calls(self, queries: Queries) -> Iterator[Call]:
        """Noun, method and arguments: each method with each value of each parameter, one at a time."""
        for noun, asked in vars(queries).items():
            for name, method in inspect.getmembers(asked, inspect.ismethod):
                if not name.startswith("_") and (noun, name) != ("statements", "matched"):
                    yield from ((noun, name, given) for given in self._given(noun, name, method))

    def _given(self, noun: str, name: str, method: Callable[..., Any]) -> Iterator[dict[str, Any]]:
        values = {key: self._values(noun, name, key) for key in inspect.signature(method).parameters}
        needed = {
            key: values[key]
            for key, parameter in inspect.signature(method).parameters.items()
            if parameter.default is inspect.Parameter.empty
        }
        usual = {key: found[0] for key, found in needed.items()}
        yield usual
        for key, found in values.items():
            for value in found:
                yield {**usual, key: value}
        # Some answer to two values together only: those of one row.
        if len(needed) > 1 and (noun, name) in TOGETHER:
            columns = TOGETHER[noun, name]
            with self._engine.connect() as connection:
                for row in connection.execute(select(*columns.values()).distinct()):
                    yield {**usual, **dict(zip(columns, row, strict=True))}

    def _values(self, noun: str, name: str, key: str) -> Sequence[Any]:
        if (noun, key) == ("epcis", "after"):
            return (
                (("2026-03-02T09:00:00.000Z", 1), (LATEST, LARGEST)) if name == "find" else ("", "urn:", "~")
            )
        if (noun, key) == ("epcis", "order"):
            return ("eventTime", "recordTime")
        if key == "asked":
            return list(self._filters())
        if key == "wanted":
            return list(self._alerts() if noun == "alerts" else self._checks())
        if key == "words":
            return (*NAMES, *(each.lower() for each in NAMES), *STRANGE, *self._some_words())
        if key == "epcs":
            return [self._column(t.units.c.uri), [], ["a\0b"]]
        if key == "event_ids":
            return [self._column(t.epcis_events.c.event_id), [], ["a\0b"]]
        if key == "role" and noun == "shipments":
            return get_args(Part)
        if key in FIXED:
            return FIXED[key]
        column = COLUMNS.get(f"{noun}.{key}", COLUMNS.get(f"{noun}.{name}", COLUMNS.get(key)))
        assert column is not None, f"say what {noun}.{name} may be asked for as {key}"
        found = self._column(column)
        more = STATUSES if key == "status" else ("VALID", "MVCC_READ_CONFLICT") if key == "code" else ()
        return [*found, *more, *STRANGE]

    def _column(self, column: SqlColumn[Any]) -> list[Any]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(column).where(column.is_not(None)).distinct().order_by(column))
            found = list(rows.scalars())
        return found[:: max(1, len(found) // MOST)]

    def _some_words(self) -> Iterator[str]:
        for key in ("order_id", "gtin", "epc", "transaction_id", "gln", "listing"):
            for value in self._column(COLUMNS[key])[:3]:
                yield from (value, value.lower(), value[-9:])
        yield from self._column(t.epcis_events.c.event_id)
        yield from self._column(t.orders.c.reference)

    def _filters(self) -> Iterator[EventFilter]:
        yield EventFilter()
        for name in get_args(Column):
            values = self._column(t.epcis_events.c[name])
            yield from (EventFilter(values={name: [value]}) for value in (*values, *STRANGE))
            yield EventFilter(values={name: values})
            yield EventFilter(values={name: []})
        for role in BITS.values():
            yield EventFilter(names=[Naming(self._column(t.event_epcs.c.epc), role)])
        yield EventFilter(names=[Naming(["a\0b"], 1), Naming([], 2)])
        for flag in (True, False):
            yield EventFilter(error_declared=flag)
        for moment in (*NOWS, "2026-03-02T09:00:00.000Z"):
            yield EventFilter(time_from=moment)
            yield EventFilter(time_before=moment)
            yield EventFilter(recorded_from=moment, recorded_before=LATEST)

    def _alerts(self) -> Iterator[AlertFilter]:
        yield AlertFilter()
        for one in MEMBERS:
            yield AlertFilter(owner=one)
            yield AlertFilter(answers=one)
            yield AlertFilter(others_than=one)
            yield AlertFilter(holder=one)
        c = g.alerts.c
        yield AlertFilter(epcs=self._column(c.uri))
        for order in self._column(t.units.c.order_id):
            yield AlertFilter(order=order)
        for event in (*self._column(t.epcis_events.c.event_id), *STRANGE):
            yield AlertFilter(resting_on=event)
        for column in ("status", "code", "severity"):
            for value in (*self._column(c[column]), *STRANGE):
                yield AlertFilter(**{column: value})
        yield AlertFilter(closed=True)
        yield AlertFilter(closed=False)

    def _checks(self) -> Iterator[CheckFilter]:
        yield CheckFilter()
        yield from (CheckFilter(party=each) for each in MEMBERS)
        for each in ("listing", "order", "shipment"):
            yield CheckFilter(subject_kind=each)
        for pack in self._column(c.packs.c.pack):
            for version in (None, 1, 2, 3_000_000_000):
                yield CheckFilter(pack=pack, version=version)
            for rule in self._column(c.check_rules.c.rule):
                yield CheckFilter(pack=pack, rule=rule)
        yield from (CheckFilter(result=each) for each in ("passed", "failed"))
        for moment in ("2026-07-01", "2026-07-01T00:00:00.000Z", "2030-01-01"):
            yield CheckFilter(since=moment)
            yield CheckFilter(until=moment)
        yield from (CheckFilter(country=each) for each in ("DE", "NL", "de", ""))
        subjects = [
            word for each in self._column(c.checks.c.subject) for word in (each, each.lower(), each[-5:])
        ]
        yield from (CheckFilter(words=each) for each in (*subjects, *STRANGE))

"""Finding anything by what somebody has of it: an id, a reference, a GTIN, an EPC, a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, or_, select

from hansa_domain.goods.records import key_part
from hansa_domain.gs1 import has_valid_check_digit
from hansa_readmodel import tables as t
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold import subject_of
from hansa_readmodel.queries.orders import OrderQueries
from hansa_readmodel.queries.rows import named

Kind = Literal["order", "listing", "product", "member", "goods", "event", "alert", "transaction", "payment"]
_MOST = 20


@dataclass(frozen=True)
class Hit:
    """Something found: ``key`` leads to it, ``label`` says what it is."""

    kind: Kind
    key: str
    label: str


class SearchQueries:
    """``queries.search``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._orders = OrderQueries(engine)

    def find(self, words: str) -> list[Hit]:
        """Everything that these words may mean, at most twenty of a kind.

        Args:
            words: an id of an order, listing, alert, transaction or command; a reference; a GTIN; an SSCC;
                an EPC URI or Digital Link; an event's id or hash; a member's or product's name.
        """
        words = words.strip()
        if not words:
            return []
        orders = self._orders.list(words=words, limit=_MOST)
        hits = [Hit("order", row.order_id, f"{row.buyer_name} to {row.seller_name}") for row in orders]
        return [*hits, *self._named(words), *self._goods(words), *self._transactions(words)]

    def _named(self, words: str) -> list[Hit]:
        p, m, x, a = t.products.c, t.members.c, t.listings.c, g.alerts.c
        with self._engine.connect() as connection:
            products = connection.execute(
                select(p.gtin, p.name)
                .where(or_(p.gtin == words.zfill(14), named(p.found_by, words)))
                .order_by(p.name, p.gtin)
                .limit(_MOST)
            ).all()
            members = connection.execute(
                select(m.msp_id, m.name)
                .where(or_(m.msp_id == words, m.gln == words, named(m.found_by, words)))
                .order_by(m.name, m.msp_id)
                .limit(_MOST)
            ).all()
            listings = connection.execute(select(x.listing, x.gtin).where(x.listing == words)).all()
            alerts = connection.execute(select(a.alert, a.code).where(a.alert == words)).all()
        return [
            *(Hit("product", row[0], row[1]) for row in products),
            *(Hit("member", row[0], row[1]) for row in members),
            *(Hit("listing", row[0], row[1]) for row in listings),
            *(Hit("alert", row[0], row[1]) for row in alerts),
        ]

    def _goods(self, words: str) -> list[Hit]:
        sscc = len(words) == 18 and has_valid_check_digit(words)
        uri = f"https://id.gs1.org/00/{words}" if sscc else words
        e, mention, u = t.epcis_events.c, t.event_epcs.c, t.units.c
        goods = subject_of(uri)
        with self._engine.connect() as connection:
            unit = connection.execute(select(u.uri).where(u.epc == goods)).first()
            mentioned = connection.execute(select(mention.epc).where(mention.epc == goods).limit(1)).first()
            events = connection.execute(
                select(e.event_id, e.kind, e.reporter)
                .where(or_(e.event_id == words, e.hash == words))
                .order_by(e.event)
                .limit(_MOST)
            ).all()
        hits = [Hit("event", row[0], f"{row[1]}, {row[2]}") for row in events]
        if unit is not None or mentioned is not None:
            hits.insert(0, Hit("goods", uri, uri))
        return hits

    def _transactions(self, words: str) -> list[Hit]:
        x, s, h = t.transactions.c, t.subjects.c, t.history.c
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(x.transaction_id, x.function)
                .where(x.transaction_id == words)
                .order_by(x.block, x.position)
                .limit(_MOST)
            ).all()
            payments = connection.execute(
                select(x.transaction_id)
                .join_from(t.subjects, t.history, (s.block == h.block) & (s.position == h.position))
                .join(t.transactions, (x.block == s.block) & (x.position == s.position))
                .where(
                    s.subject == key_part(words),
                    s.number == h.number,
                    h.type == "money.moved",
                    h.body["order"].as_string().is_(None),
                )
                .distinct()
                .order_by(x.transaction_id)
                .limit(_MOST)
            ).all()
        hits = [Hit("transaction", row[0], row[1]) for row in rows]
        return [*hits, *(Hit("payment", row[0], row[0]) for row in payments)]

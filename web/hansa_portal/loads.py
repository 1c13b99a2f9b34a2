"""What somebody carries: an order that goes whole, or one despatch of an order in parts."""

from __future__ import annotations

from dataclasses import dataclass

from hansa_domain.gs1 import normal_form
from hansa_portal.handover import STEPS
from hansa_readmodel.queries import UNDER_WAY, DespatchDetail, EventRow, OrderDetail, OrderRow, Queries


@dataclass(frozen=True)
class Load:
    """A shipment on its pages.

    Args:
        detail: the order.
        part: the despatch; None where the order goes whole.
        reports: what its carrier reported of its goods since they left, in order of time.
    """

    detail: OrderDetail
    part: DespatchDetail | None
    reports: list[EventRow]

    @property
    def order(self) -> OrderRow:
        """The order."""
        return self.detail.order

    @property
    def status(self) -> str:
        """How it stands."""
        return self.order.status if self.part is None else self.part.despatch.status

    @property
    def due(self) -> str | None:
        """Until when that may last."""
        return self.order.due if self.part is None else self.part.despatch.due

    @property
    def expected_at(self) -> str | None:
        """When the seller expects it to arrive, where he said so."""
        return None if self.part is None else self.part.despatch.expected_at

    @property
    def sscc(self) -> str | None:
        """The logistic unit."""
        return self.order.sscc if self.part is None else self.part.despatch.sscc

    @property
    def freight(self) -> int:
        """What its carrier gets for it, minor units."""
        return self.order.freight if self.part is None else self.part.despatch.carriage_freight

    @property
    def goods(self) -> list[str]:
        """What of it has an identity, the logistic unit first."""
        return goods_of(self.detail, self.part)

    @property
    def lines(self) -> list[tuple[int, str]]:
        """(units, product) of what it is."""
        if self.part is not None:
            return [(line.quantity, line.product) for line in self.part.lines]
        return [(line.quantity, line.product) for line in self.detail.lines]

    @property
    def under_way(self) -> bool:
        """Whether nobody has reported its delivery yet."""
        return self.status in UNDER_WAY

    @property
    def next_step(self) -> str:
        """What its carrier reports next, a key of ``handover.STEPS``: that he has it, then that it came."""
        said = {report.biz_step for report in self.reports}
        if STEPS["delivered"][0] in said and not self.under_way:
            return "inspected"
        return "delivered" if said else "picked_up"


def load(queries: Queries, detail: OrderDetail, part: DespatchDetail | None, carrier: str) -> Load:
    """A shipment with what its carrier reported of it.

    Args:
        queries: the read model.
        detail: the order.
        part: the despatch; None where the order goes whole.
        carrier: MSP id.
    """
    left = [step.at for step in detail.steps if step.type == "order.shipped"]
    since = part.despatch.despatched_at if part is not None else (left or [""])[-1]
    goods = goods_of(detail, part)
    found = queries.goods.reports(goods, reporter=carrier, since=since) if goods else []
    return Load(detail, part, [each for each in found if not each.declared_in_error])


def goods_of(detail: OrderDetail, part: DespatchDetail | None) -> list[str]:
    """Identities of what goes with an order or with one despatch of it, each once."""
    sscc, epcs = detail.order.sscc, detail.epcs
    if part is not None:
        sscc, epcs = part.despatch.sscc, part.despatch.epcs
    named = [*([] if sscc is None else [f"https://id.gs1.org/00/{sscc}"]), *epcs]
    return list({normal_form(epc): epc for epc in reversed(named)}.values())[::-1]

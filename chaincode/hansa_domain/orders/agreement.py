"""What buyer and seller agree on, and whether it can become an order.

One set of rules for an order as placed, an offer as proposed, and an offer that is taken: what could not
become an order is refused when it is proposed, and what has become impossible since, when it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hansa_domain.deliveries.beginning import check_terms
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fees.schedule import FEES, FeeSchedule, check_fee, order_fee, schedule_in_force
from hansa_domain.fields import Timestamp
from hansa_domain.members import Consortium, known_member, member_key
from hansa_domain.operation import Key, Records
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.milestone_plan import Milestone, PlannedMilestone, check_milestones, planned
from hansa_domain.orders.order import Settlement


class Naming(Protocol):
    """Whatever names those who are to carry, decide and inspect; MSP ids."""

    @property
    def carrier(self) -> str | None: ...
    @property
    def arbitrator(self) -> str | None: ...
    @property
    def second_arbitrator(self) -> str | None: ...
    @property
    def deliveries(self) -> DeliveryTerms | None: ...
    @property
    def milestones(self) -> Sequence[Milestone] | None: ...


class Agreement(Naming, Protocol):
    """Whatever two may agree on; ``amount`` with ``freight`` in it, both in minor units of ``currency``."""

    @property
    def currency(self) -> str: ...
    @property
    def amount(self) -> str: ...
    @property
    def freight(self) -> str: ...
    @property
    def lines(self) -> Sequence[object]: ...
    @property
    def settlement(self) -> Settlement: ...


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What an agreement comes to: who decides a dispute, the fee and whose it is, and what the seller gets.

    Amounts in minor units; ``plan`` is None where it is not paid by milestones.
    """

    arbitrator: str
    fee: int
    fee_account: str
    schedule: FeeSchedule | None
    proceeds: int
    plan: list[PlannedMilestone] | None


def settlement_of(deliveries: DeliveryTerms | None, milestones: Sequence[Milestone] | None) -> Settlement:
    """How an order is settled by its terms alone; terms of both kinds go together with no settlement."""
    if deliveries is not None:
        return "deliveries"
    return "whole" if milestones is None else "milestones"


def agreement_keys(named: Naming) -> tuple[Key, ...]:
    """What is read to check an agreement, besides goods and the two who make it."""
    others = (
        named.carrier,
        named.arbitrator,
        named.second_arbitrator,
        *(() if named.deliveries is None else named.deliveries.carriers),
        *(each.inspector for each in named.milestones or ()),
    )
    return (
        (Consortium.NOUN,),
        FEES,
        *(member_key(msp_id) for msp_id in others if msp_id is not None),
    )


def check_agreement(
    agreement: Agreement,
    traders: tuple[str, str],
    consortium: Consortium,
    records: Records,
    at: Timestamp,
    *,
    prefix: str = "",
    max_fee: str | None = None,
) -> Agreed:
    """Whether an agreement could become an order now.

    Args:
        agreement: what they agree on.
        traders: MSP ids of buyer and seller.
        consortium: its terms.
        records: hold what ``agreement_keys`` names.
        at: the transaction's time, by which fees are in force.
        prefix: of the fields in the command, such as ``proposal.``.
        max_fee: the most that the fee may be, minor units; None takes whatever it is.

    Raises:
        Refusal: CARRIER_INVALID, ARBITRATOR_INVALID, MEMBER_NOT_FOUND, SHARES_EXCEED_AMOUNT, FEE_CHANGED,
            MILESTONES_INVALID, or FIELD_INVALID for terms of deliveries.
    """
    check_milestones(agreement.settlement, agreement.milestones, prefix)
    _check_carriers(agreement, records, traders, prefix)
    arbitrator = _arbitrator(agreement, traders, consortium, records, prefix)
    amount, freight = int(agreement.amount), int(agreement.freight)
    schedule = schedule_in_force(records, at)
    fee, fee_account = order_fee(schedule, consortium, agreement.currency, amount)
    check_fee(fee, max_fee)
    proceeds = amount - freight - fee
    if proceeds < 0:
        raise Refusal(
            Code.SHARES_EXCEED_AMOUNT,
            f"Freight {freight} and fee {fee} are more than the amount {amount}.",
            f"{prefix}freight",
        )
    plan = None
    if agreement.milestones is not None:
        plan = planned(agreement.milestones, traders, proceeds, records, prefix)
    return Agreed(
        arbitrator=arbitrator,
        fee=fee,
        fee_account=fee_account,
        schedule=schedule,
        proceeds=proceeds,
        plan=plan,
    )


def _check_carriers(agreement: Agreement, records: Records, traders: tuple[str, str], prefix: str) -> None:
    """Refuses carriers and terms of delivery that do not go together, or are none."""
    deliveries, carrier, freight = agreement.deliveries, agreement.carrier, agreement.freight
    check_terms(agreement.settlement, deliveries, len(agreement.lines), freight, carrier, prefix)
    if deliveries is None:
        _check_carrier(carrier, freight, records, traders, f"{prefix}carrier")
        return
    for place, each in enumerate(deliveries.carriages):
        where = f"{prefix}deliveries.carriages[{place}].carrier"
        _check_carrier(each.carrier, each.freight, records, traders, where)


def _check_carrier(
    carrier: str | None, freight: str, records: Records, traders: tuple[str, str], where: str
) -> None:
    """Refuses CARRIER_INVALID or MEMBER_NOT_FOUND unless the carrier, if any, is one and no trader."""
    if carrier is None:
        if freight != "0":
            raise Refusal(Code.CARRIER_INVALID, "Freight needs a carrier to receive it.", where)
        return
    if carrier in traders:
        raise Refusal(Code.CARRIER_INVALID, "The carrier is neither buyer nor seller.", where)
    if known_member(records, carrier, where).role != "carrier":
        raise Refusal(Code.CARRIER_INVALID, f"{carrier} is not a carrier.", where)


def _arbitrator(
    agreement: Agreement, traders: tuple[str, str], consortium: Consortium, records: Records, prefix: str
) -> str:
    """Who decides a dispute; neither he nor the second one is a party."""
    where = f"{prefix}arbitrator"
    if agreement.arbitrator is not None:
        known_member(records, agreement.arbitrator, where)
    chosen = agreement.arbitrator or consortium.arbitrator
    carriers = () if agreement.deliveries is None else agreement.deliveries.carriers
    parties = (*traders, agreement.carrier, *carriers)
    if chosen in parties:
        raise Refusal(Code.ARBITRATOR_INVALID, f"{chosen} is a party of this order.", where)
    second = agreement.second_arbitrator
    if second is not None:
        where = f"{prefix}second_arbitrator"
        known_member(records, second, where)
        if second in (chosen, *parties):
            raise Refusal(
                Code.ARBITRATOR_INVALID, f"{second} is a party of this order or decides first already.", where
            )
    return chosen

"""Making an order: whatever was agreed, its price moves into escrow as the order comes into being."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from hansa_domain.approvals import approval_keys, check_approval
from hansa_domain.compliance.gate import let_through_by
from hansa_domain.compliance.packs import REGISTER, PacksInForce
from hansa_domain.compliance.subjects import order_subject
from hansa_domain.deliveries.beginning import begin, check_terms
from hansa_domain.deliveries.records import fulfilment_key
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, MilestonesAgreed, OrderAccepted, OrderPlaced
from hansa_domain.fees.schedule import FEES, check_fee, order_fee, schedule_in_force
from hansa_domain.members import Consortium, known_member, member_key, require_role
from hansa_domain.money import money_moved
from hansa_domain.notes import Note, new_notes, note_keys, note_writes, organisation, spendable
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.milestone_plan import Milestone, check_milestones, make_plan, plan_key
from hansa_domain.orders.order import Escrow, Line, Order, PartyOrder, Settlement, Terms, after
from hansa_domain.orders.replacing import check_replaced
from hansa_domain.pricing.figures import Pricing


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What the caller buys, and how he pays.

    Args:
        reference: ``<MSP>.<ULID>`` of his command: the order's id.
        seller: MSP id.
        currency: ISO 4217 code of every amount here.
        lines: what is bought; those without a listing come from an offer.
        amount: the total, freight included, minor units.
        freight: the carrier's part of it, minor units.
        carrier: MSP id of who carries, if anybody.
        arbitrator: MSP id of who decides a dispute; None takes the consortium's.
        terms: deadlines in seconds.
        notes: ids of the buyer's notes that pay.
        change: the account for change and refunds; None takes the buyer's main account.
        delivery_commitment: the salted hash of the delivery address.
        reference_text: the buyer's own reference; public.
        offer: the offer that the two agreed on: then the seller has accepted the order already.
        settlement: how the order is carried out and paid.
        second_arbitrator: MSP id of who decides a dispute that the first arbitrator left undecided.
        max_fee: the most that the fee may be, minor units; None takes whatever it is.
        deliveries: the terms of settlement ``deliveries``.
        prices: of the lines, in minor units, where they are public.
        milestones: what it is paid by, where it is settled by milestones.
        pricing: how the amount came about, where it is more than units times price.
        warranty: seconds from settlement in which the buyer may claim.
        replaces: an earlier order of the two, whose goods these take the place of.
    """

    reference: str
    seller: str
    currency: str
    lines: list[Line]
    amount: str
    freight: str
    carrier: str | None
    arbitrator: str | None
    terms: Terms
    notes: Sequence[str]
    change: str | None
    delivery_commitment: str | None
    reference_text: str | None
    offer: str | None = None
    settlement: Settlement = "whole"
    second_arbitrator: str | None = None
    max_fee: str | None = None
    deliveries: DeliveryTerms | None = None
    prices: Sequence[int] | None = None
    milestones: Sequence[Milestone] | None = None
    pricing: Pricing | None = None
    warranty: int | None = None
    replaces: str | None = None


@dataclass(frozen=True)
class Made:
    """An order that came into being: the order, the change note if any, and what is written and told."""

    order: Order
    change: Note | None
    writes: dict[Key, Record | None]
    events: tuple[Event, ...]


def purchase_keys(
    context: Context,
    order: str,
    notes: Sequence[str],
    carrier: str | None,
    arbitrator: str | None,
    second_arbitrator: str | None = None,
    deliveries: DeliveryTerms | None = None,
    milestones: Sequence[Milestone] | None = None,
) -> tuple[Key, ...]:
    """What is read to make an order of this id, besides the goods."""
    others = (carrier, arbitrator, second_arbitrator, *(each.inspector for each in milestones or ()))
    return (
        REGISTER,
        *approval_keys(context, order),
        (Consortium.NOUN,),
        FEES,
        member_key(context.caller.msp_id),
        *note_keys(notes),
        *(member_key(msp_id) for msp_id in (() if deliveries is None else deliveries.carriers)),
        *(member_key(msp_id) for msp_id in others if msp_id is not None),
    )


def require_buyer(records: Records, context: Context) -> Consortium:
    """The consortium's terms, where the caller may buy.

    Raises:
        Refusal: NOT_A_MEMBER, NOT_PERMITTED or CONSORTIUM_NOT_INITIALIZED.
    """
    require_role(records, context, ("producer", "retailer", "carrier", "bank"), "place orders")
    return records.get(Consortium, refuse=Code.CONSORTIUM_NOT_INITIALIZED)


def make_order(
    purchase: Purchase, consortium: Consortium, records: Records, context: Context
) -> Generator[Fetch, Records, Made]:
    """Makes the order, and has it checked against the rule packs in force; ``yield from`` it.

    Args:
        purchase: what is bought.
        consortium: as ``require_buyer`` gave it.
        records: hold what ``purchase_keys`` named.
        context: the transaction's; its caller is the buyer.

    Raises:
        Refusal: COMPLIANCE_VIOLATED, or as ``_make``.
    """
    made = _make(purchase, consortium, records, context)
    register, subject = records.find(PacksInForce), order_subject(made.order)
    checked = yield from let_through_by(register, subject, "placed", made.order.id, context)
    return Made(made.order, made.change, {**made.writes, **checked.writes}, (*made.events, *checked.events))


def _make(purchase: Purchase, consortium: Consortium, records: Records, context: Context) -> Made:
    """Checks parties and money and writes the order, its escrow, its index and the change.

    Raises:
        Refusal: CARRIER_INVALID, ARBITRATOR_INVALID, MEMBER_NOT_FOUND, SHARES_EXCEED_AMOUNT,
            SETTLEMENT_UNSUPPORTED, MILESTONES_INVALID, FEE_CHANGED, APPROVAL_NEEDED, or whatever is
            wrong with the notes.
    """
    check_milestones(purchase.settlement, purchase.milestones, purchase.offer)
    check_replaced(purchase.replaces, purchase.seller, records, context)
    _check_purchase(purchase, records, context)
    arbitrator = _arbitrator(purchase, records, consortium, context)
    order = _order(purchase, arbitrator, consortium, records, context)
    check_approval(
        records,
        context,
        order=order.id,
        seller=order.seller,
        currency=order.currency,
        amount=int(order.amount),
    )
    consumed = spendable(records, purchase.notes, context, purchase.currency)
    change = _change(purchase, context, consumed)
    writes: dict[Key, Record | None] = {
        (Order.NOUN, order.id): order,
        **{(PartyOrder.NOUN, party, order.id): PartyOrder(order=order.id) for party in order.parties},
        **note_writes(consumed, change),
    }
    events: list[Event] = [_placed(order)]
    if purchase.milestones is not None:
        plan = make_plan(order, purchase.milestones, records)
        writes[plan_key(order.id)] = plan
        views = [milestone.view for milestone in plan.milestones]
        events.append(MilestonesAgreed(order=order.id, milestones=views, at=context.at))
    if order.status == "accepted":
        assert order.due is not None  # an open order always has a deadline
        events.append(OrderAccepted(order=order.id, due=order.due, at=context.at))
    if order.deliveries is not None:
        fulfilment, agreed = begin(order, purchase.prices)
        writes[fulfilment_key(order.id)] = fulfilment
        events.append(agreed)
    if order.amount != "0":
        writes[Escrow.NOUN, order.id] = Escrow(order=order.id, currency=order.currency, amount=order.amount)
        moved = money_moved("escrow", consumed, change, context, currency=order.currency, order=order.id)
        events.append(moved)
    return Made(order, change[0] if change else None, writes, tuple(events))


def _check_purchase(purchase: Purchase, records: Records, context: Context) -> None:
    check_carriers(
        purchase.settlement,
        purchase.deliveries,
        len(purchase.lines),
        purchase.freight,
        purchase.carrier,
        records,
        (context.caller.msp_id, purchase.seller),
    )


def check_carriers(
    settlement: Settlement,
    deliveries: DeliveryTerms | None,
    lines: int,
    freight: str,
    carrier: str | None,
    records: Records,
    traders: tuple[str, str],
    prefix: str = "",
) -> None:
    """Refuses carriers and terms of delivery that do not go together, or are none.

    Args:
        settlement: the order's.
        deliveries: terms where it is delivered in parts.
        lines: how many it has.
        freight: of all of it, minor units.
        carrier: MSP id of who carries it as a whole.
        records: hold the members named.
        traders: buyer and seller, who carry nothing.
        prefix: of the fields in the command, such as ``proposal.``.
    """
    check_terms(settlement, deliveries, lines, freight, carrier, prefix)
    if deliveries is None:
        check_carrier(carrier, freight, records, traders, f"{prefix}carrier")
        return
    for place, each in enumerate(deliveries.carriages):
        where = f"{prefix}deliveries.carriages[{place}].carrier"
        check_carrier(each.carrier, each.freight, records, traders, where)


def check_carrier(
    carrier: str | None, freight: str, records: Records, traders: tuple[str, str], where: str = "carrier"
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


def _arbitrator(purchase: Purchase, records: Records, consortium: Consortium, context: Context) -> str:
    if purchase.arbitrator is not None:
        known_member(records, purchase.arbitrator, "arbitrator")
    chosen = purchase.arbitrator or consortium.arbitrator
    carriers = () if purchase.deliveries is None else purchase.deliveries.carriers
    parties = (context.caller.msp_id, purchase.seller, purchase.carrier, *carriers)
    if chosen in parties:
        raise Refusal(Code.ARBITRATOR_INVALID, f"{chosen} is a party of this order.", "arbitrator")
    second = purchase.second_arbitrator
    if second is not None:
        known_member(records, second, "second_arbitrator")
        if second in (chosen, *parties):
            raise Refusal(
                Code.ARBITRATOR_INVALID,
                f"{second} is a party of this order or decides first already.",
                "second_arbitrator",
            )
    return chosen


def _order(
    purchase: Purchase, arbitrator: str, consortium: Consortium, records: Records, context: Context
) -> Order:
    amount, freight = int(purchase.amount), int(purchase.freight)
    schedule = schedule_in_force(records, context.at)
    fee, fee_account = order_fee(schedule, consortium, purchase.currency, amount)
    check_fee(fee, purchase.max_fee)
    proceeds = amount - freight - fee
    if proceeds < 0:
        raise Refusal(
            Code.SHARES_EXCEED_AMOUNT,
            f"Freight {freight} and fee {fee} are more than the amount {amount}.",
            "freight",
        )
    agreed = purchase.offer is not None
    terms = purchase.terms
    return Order(
        id=purchase.reference,
        status="accepted" if agreed else "placed",
        buyer=context.caller.msp_id,
        seller=purchase.seller,
        carrier=purchase.carrier,
        arbitrator=arbitrator,
        currency=purchase.currency,
        amount=purchase.amount,
        freight=purchase.freight,
        fee=str(fee),
        proceeds=str(proceeds),
        fee_account=fee_account,
        fee_schedule=None if schedule is None else schedule.id,
        refund_account=_refund_account(purchase, context),
        lines=purchase.lines,
        terms=terms,
        delivery_commitment=purchase.delivery_commitment,
        reference=purchase.reference_text,
        due=after(context, terms.ship_within if agreed else terms.accept_within),
        placed_at=context.at,
        accepted_at=context.at if agreed else None,
        offer=purchase.offer,
        settlement=purchase.settlement,
        second_arbitrator=purchase.second_arbitrator,
        warranty=purchase.warranty,
        replaces=purchase.replaces,
        deliveries=purchase.deliveries,
        pricing=purchase.pricing,
    )


def _change(purchase: Purchase, context: Context, consumed: list[Note]) -> list[Note]:
    """The change note, if there is change."""
    amount = int(purchase.amount)
    held = sum(note.minor for note in consumed)
    if amount == 0 and consumed:
        raise Refusal(Code.AMOUNT_ZERO, "An order over nothing takes no notes.", "notes")
    if held < amount:
        raise Refusal(
            Code.FUNDS_INSUFFICIENT, f"The notes hold {held}, the order asks for {amount}.", "notes"
        )
    account = _refund_account(purchase, context)
    return new_notes(purchase.reference, purchase.currency, [(account, held - amount)])


def _refund_account(purchase: Purchase, context: Context) -> str:
    account = purchase.change or context.caller.msp_id
    if organisation(account) != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, "Change goes to an account of the buyer.", "change")
    return account


def _placed(order: Order) -> OrderPlaced:
    assert order.due is not None  # an open order always has a deadline
    return OrderPlaced(
        order=order.id,
        buyer=order.buyer,
        seller=order.seller,
        carrier=order.carrier,
        arbitrator=order.arbitrator,
        currency=order.currency,
        amount=order.amount,
        freight=order.freight,
        fee=order.fee,
        proceeds=order.proceeds,
        lines=[line.view for line in order.lines],
        reference=order.reference,
        due=order.due,
        at=order.placed_at,
        offer=order.offer,
        pricing=order.pricing,
    )

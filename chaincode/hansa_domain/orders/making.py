"""Making an order: whatever was agreed, its price moves into escrow as the order comes into being."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from hansa_domain.approvals import approval_keys, check_approval
from hansa_domain.compliance.gate import let_through_by
from hansa_domain.compliance.packs import REGISTER, PacksInForce
from hansa_domain.compliance.subjects import order_subject
from hansa_domain.deliveries.beginning import begin
from hansa_domain.deliveries.records import fulfilment_key
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, MilestonesAgreed, OrderAccepted, OrderPlaced
from hansa_domain.members import Consortium, member_key, require_role
from hansa_domain.money import money_moved
from hansa_domain.notes import Note, new_notes, note_keys, note_writes, organisation, spendable
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.orders.agreement import Agreed, Naming, agreement_keys, check_agreement
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.milestone_plan import Milestone, MilestonePlan, plan_key
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


def purchase_keys(context: Context, order: str, notes: Sequence[str], agreed: Naming) -> tuple[Key, ...]:
    """What is read to make an order of this id, besides the goods.

    Args:
        context: the transaction's; its caller is the buyer.
        order: its id.
        notes: ids of the buyer's notes that pay.
        agreed: who carries, decides and inspects.
    """
    return (
        REGISTER,
        *approval_keys(context, order),
        member_key(context.caller.msp_id),
        *note_keys(notes),
        *agreement_keys(agreed),
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
        Refusal: APPROVAL_NEEDED, whatever is wrong with the notes, or as ``check_agreement``.
    """
    check_replaced(purchase.replaces, purchase.seller, records, context)
    traders = (context.caller.msp_id, purchase.seller)
    agreed = check_agreement(purchase, traders, consortium, records, context.at, max_fee=purchase.max_fee)
    order = _order(purchase, agreed, context)
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
    if agreed.plan is not None:
        writes[plan_key(order.id)] = MilestonePlan(order=order.id, milestones=agreed.plan)
        views = [milestone.view for milestone in agreed.plan]
        events.append(MilestonesAgreed(order=order.id, milestones=views, at=context.at))
    if order.status == "accepted":
        assert order.due is not None  # an open order always has a deadline
        events.append(OrderAccepted(order=order.id, due=order.due, at=context.at))
    if order.deliveries is not None:
        fulfilment, told = begin(order, purchase.prices)
        writes[fulfilment_key(order.id)] = fulfilment
        events.append(told)
    if order.amount != "0":
        writes[Escrow.NOUN, order.id] = Escrow(order=order.id, currency=order.currency, amount=order.amount)
        moved = money_moved("escrow", consumed, change, context, currency=order.currency, order=order.id)
        events.append(moved)
    return Made(order, change[0] if change else None, writes, tuple(events))


def _order(purchase: Purchase, agreed: Agreed, context: Context) -> Order:
    accepted = purchase.offer is not None
    terms, schedule = purchase.terms, agreed.schedule
    within = terms.ship_within if agreed.plan is None else agreed.plan[0].within
    return Order(
        id=purchase.reference,
        status="accepted" if accepted else "placed",
        buyer=context.caller.msp_id,
        seller=purchase.seller,
        carrier=purchase.carrier,
        arbitrator=agreed.arbitrator,
        currency=purchase.currency,
        amount=purchase.amount,
        freight=purchase.freight,
        fee=str(agreed.fee),
        proceeds=str(agreed.proceeds),
        fee_account=agreed.fee_account,
        fee_schedule=None if schedule is None else schedule.id,
        refund_account=_refund_account(purchase, context),
        lines=purchase.lines,
        terms=terms,
        delivery_commitment=purchase.delivery_commitment,
        reference=purchase.reference_text,
        due=after(context, within if accepted else terms.accept_within),
        placed_at=context.at,
        accepted_at=context.at if accepted else None,
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

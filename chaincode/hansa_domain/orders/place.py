"""Placing an order: the price moves into escrow and the goods out of stock, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, OrderPlaced
from hansa_domain.listings import Listing
from hansa_domain.members import Consortium, known_member, member_key, require_role
from hansa_domain.money import money_moved
from hansa_domain.notes import Note, new_notes, note_keys, note_writes, organisation, spendable
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.orders.commands import OrderPlacedReply, PlaceOrder
from hansa_domain.orders.order import Escrow, Line, Order, PartyOrder, after
from hansa_domain.orders.stock_taking import line_keys, stock_events, stock_writes, take_out

BASIS = 10_000
"""Basis points in the whole."""


@dataclass(frozen=True)
class _Shares:
    amount: int
    freight: int
    fee: int
    fee_account: str
    proceeds: int


@operation("orders:Place", PlaceOrder, OrderPlacedReply)
def place(command: PlaceOrder, context: Context) -> Steps:
    """Checks lines, price, parties and money, then writes order, escrow, stock and change."""
    records = yield Fetch(keys=_keys(command, context))
    require_role(records, context, ("producer", "retailer", "carrier", "bank"), "place orders")
    consortium = records.get(Consortium, refuse=Code.CONSORTIUM_NOT_INITIALIZED)
    listings = _listings(command, records)
    seller, currency = listings[0].seller, listings[0].currency
    if seller == context.caller.msp_id:
        raise Refusal(Code.LINES_INVALID, "Nobody orders from himself.", "lines[0].listing")
    _check_price(command, listings)
    _check_carrier(command, records, (context.caller.msp_id, seller))
    parties = (context.caller.msp_id, seller, command.carrier)
    arbitrator = _arbitrator(command, records, consortium, parties)
    shares = _shares(command, consortium)
    consumed = spendable(records, command.notes, context, currency)
    change = _change(command, context, currency, consumed)
    stock = take_out(records, command.lines)
    order = _order(command, context, listings, shares, arbitrator)
    writes: dict[Key, Record | None] = {
        (Order.NOUN, order.id): order,
        **{(PartyOrder.NOUN, party, order.id): PartyOrder(order=order.id) for party in order.parties},
        **stock_writes(stock),
        **note_writes(consumed, change),
    }
    events: list[Event] = [_placed(order)]
    if shares.amount > 0:
        writes[Escrow.NOUN, order.id] = Escrow(order=order.id, currency=currency, amount=order.amount)
        events.append(money_moved("escrow", consumed, change, context, currency=currency, order=order.id))
    return Decision(
        reply=OrderPlacedReply(order=order, change=change[0].view if change else None),
        writes=writes,
        events=(*events, *stock_events(stock, context)),
    )


def _keys(command: PlaceOrder, context: Context) -> tuple[Key, ...]:
    keys: tuple[Key, ...] = (
        (Consortium.NOUN,),
        member_key(context.caller.msp_id),
        *line_keys(command.lines),
        *note_keys(command.notes),
        *(member_key(msp_id) for msp_id in (command.carrier, command.arbitrator) if msp_id is not None),
    )
    return tuple(dict.fromkeys(keys))


def _listings(command: PlaceOrder, records: Records) -> list[Listing]:
    """The lines' listings: open, of one seller, in one currency."""
    listings: list[Listing] = []
    for place_, line in enumerate(command.lines):
        where = f"lines[{place_}].listing"
        listing = records.get(Listing, line.listing, refuse=Code.LISTING_NOT_FOUND, where=where)
        if listing.status != "open":
            raise Refusal(Code.LISTING_WITHDRAWN, f"The listing {listing.id} is withdrawn.", where)
        if listings and listing.seller != listings[0].seller:
            raise Refusal(Code.LINES_INVALID, "All lines of an order have one seller.", where)
        if listings and listing.currency != listings[0].currency:
            raise Refusal(Code.CURRENCY_MISMATCH, "All lines of an order have one currency.", where)
        listings.append(listing)
    return listings


def _check_price(command: PlaceOrder, listings: list[Listing]) -> None:
    """Priced lines add up to the amount exactly; a line by agreement may add anything."""
    priced = sum(
        int(listing.unit_price) * line.quantity
        for listing, line in zip(listings, command.lines, strict=True)
        if listing.unit_price is not None
    )
    least = priced + int(command.freight)
    amount = int(command.amount)
    by_agreement = any(listing.unit_price is None for listing in listings)
    if amount < least or (amount > least and not by_agreement):
        raise Refusal(
            Code.PRICE_MISMATCH,
            f"Prices and freight come to {least} minor units, the amount is {amount}.",
            "amount",
        )


def _check_carrier(command: PlaceOrder, records: Records, traders: tuple[str, str]) -> None:
    if command.carrier is None:
        if command.freight != "0":
            raise Refusal(Code.CARRIER_INVALID, "Freight needs a carrier to receive it.", "carrier")
        return
    if command.carrier in traders:
        raise Refusal(Code.CARRIER_INVALID, "The carrier is neither buyer nor seller.", "carrier")
    if known_member(records, command.carrier, "carrier").role != "carrier":
        raise Refusal(Code.CARRIER_INVALID, f"{command.carrier} is not a carrier.", "carrier")


def _arbitrator(
    command: PlaceOrder, records: Records, consortium: Consortium, parties: tuple[str | None, ...]
) -> str:
    if command.arbitrator is not None:
        known_member(records, command.arbitrator, "arbitrator")
    chosen = command.arbitrator or consortium.arbitrator
    if chosen in parties:
        raise Refusal(Code.ARBITRATOR_INVALID, f"{chosen} is a party of this order.", "arbitrator")
    return chosen


def _shares(command: PlaceOrder, consortium: Consortium) -> _Shares:
    amount, freight = int(command.amount), int(command.freight)
    fee = amount * consortium.basis_points // BASIS
    proceeds = amount - freight - fee
    if proceeds < 0:
        raise Refusal(
            Code.SHARES_EXCEED_AMOUNT,
            f"Freight {freight} and fee {fee} are more than the amount {amount}.",
            "freight",
        )
    return _Shares(amount, freight, fee, consortium.fee_account, proceeds)


def _change(command: PlaceOrder, context: Context, currency: str, consumed: list[Note]) -> list[Note]:
    """The change note, if there is change."""
    amount = int(command.amount)
    held = sum(note.minor for note in consumed)
    if amount == 0 and consumed:
        raise Refusal(Code.AMOUNT_ZERO, "An order over nothing takes no notes.", "notes")
    if held < amount:
        raise Refusal(
            Code.FUNDS_INSUFFICIENT, f"The notes hold {held}, the order asks for {amount}.", "notes"
        )
    account = _refund_account(command, context)
    return new_notes(context.reference(command), currency, [(account, held - amount)])


def _refund_account(command: PlaceOrder, context: Context) -> str:
    account = command.change or context.caller.msp_id
    if organisation(account) != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, "Change goes to an account of the buyer.", "change")
    return account


def _order(
    command: PlaceOrder,
    context: Context,
    listings: list[Listing],
    shares: _Shares,
    arbitrator: str,
) -> Order:
    return Order(
        id=context.reference(command),
        status="placed",
        buyer=context.caller.msp_id,
        seller=listings[0].seller,
        carrier=command.carrier,
        arbitrator=arbitrator,
        currency=listings[0].currency,
        amount=command.amount,
        freight=command.freight,
        fee=str(shares.fee),
        proceeds=str(shares.proceeds),
        fee_account=shares.fee_account,
        refund_account=_refund_account(command, context),
        lines=[
            Line(listing=listing.id, gtin=listing.gtin, quantity=line.quantity, take=line.take)
            for listing, line in zip(listings, command.lines, strict=True)
        ],
        terms=command.terms,
        delivery_commitment=command.delivery_commitment,
        reference=command.reference,
        due=after(context, command.terms.accept_within),
        placed_at=context.at,
    )


def _placed(order: Order) -> OrderPlaced:
    assert order.due is not None  # a placed order always has a deadline
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
    )

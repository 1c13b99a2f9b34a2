"""What an order costs, asked before it is placed: the ledger's own answer, which placing has to match."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from hansa.errors import RefusedError, hint
from hansa.submission import Submitter
from hansa_domain.coupons import TRANSIENT as COUPON
from hansa_domain.coupons import CouponLeftReply, GetCoupon
from hansa_domain.error_codes import Code
from hansa_domain.iso4217 import shown
from hansa_domain.orders.commands import CouponUse, PlaceOrder
from hansa_domain.orders.order import Order, Terms
from hansa_domain.orders.quote import QuoteLine, QuoteOrder, QuoteReply


def code_hash(code: str) -> str:
    """SHA-256 of a coupon's code, by which the ledger knows it."""
    return hashlib.sha256(code.encode()).hexdigest()


@dataclass(frozen=True)
class Asked:
    """What the buyer asked for and the ledger has yet to price.

    Args:
        currency: one that every listing is offered in; None: their own.
        destination: ISO 3166-1 code of the country the goods go to.
        discounts: ids of the discounts to take; None: those that take off most.
        coupon: the code itself.
        sample: whether it is a sample order.
        at_most: the total that the buyer saw, minor units; beyond it nothing is ordered.
        amount: the total, where the buyer names it himself, for a listing without a price.
    """

    currency: str | None = None
    destination: str | None = None
    discounts: Sequence[str] | None = None
    coupon: str | None = None
    sample: bool = False
    at_most: int | None = None
    amount: int | None = None

    @property
    def transient(self) -> dict[str, bytes] | None:
        """What travels beside the order, so that no block shows it."""
        return None if self.coupon is None else {COUPON: self.coupon.encode()}


def ask(submitter: Submitter, lines: Sequence[QuoteLine], asked: Asked, freight: int) -> QuoteReply:
    """The ledger's quote. Raises RefusedError where it would not take such an order."""
    query = QuoteOrder(
        lines=list(lines),
        currency=asked.currency,
        destination=asked.destination,
        discounts=None if asked.discounts is None else list(asked.discounts),
        coupon=None if asked.coupon is None else code_hash(asked.coupon),
        sample=asked.sample,
        freight=str(freight),
    )
    return submitter.evaluate("orders:Quote", query, QuoteReply)


def at_the_quoted_price(submitter: Submitter, wanted: PlaceOrder, asked: Asked) -> tuple[PlaceOrder, str]:
    """The order with its amount, discounts and coupon as the ledger quotes them now, and its currency.

    Raises:
        RefusedError: PRICE_MISMATCH, where it costs more than the buyer saw; FIELD_INVALID, where a listing
            has no price and he named no total; or whatever the ledger does not take.
    """
    lines = [QuoteLine(listing=line.listing, quantity=line.quantity) for line in wanted.lines]
    quote = ask(submitter, lines, asked, int(wanted.freight))
    amount = _amount(quote, asked)
    if asked.at_most is not None and amount > asked.at_most:
        now, most = (shown(minor, quote.currency) for minor in (amount, asked.at_most))
        raise _refused(Code.PRICE_MISMATCH, f"It costs {now} now, more than {most}.", "at_most")
    order = replace(
        wanted,
        amount=str(amount),
        discounts=quote.discounts,
        terms=with_time_to_try(wanted.terms, None if quote.pricing is None else quote.pricing.trial),
    )
    if asked.coupon is not None:
        order = replace(order, coupon=_use(submitter, quote.seller, asked.coupon))
    return order, quote.currency


def _amount(quote: QuoteReply, asked: Asked) -> int:
    if not quote.by_agreement:
        return int(quote.amount) if asked.amount is None else asked.amount
    if asked.amount is None:
        free = next(line.listing for line in quote.lines if line.price is None)
        raise _refused(
            Code.FIELD_INVALID, f"Listing {free} has no price: the order names the total.", "amount"
        )
    return asked.amount


def _use(submitter: Submitter, seller: str, code: str) -> CouponUse:
    """A part of the coupon's uses that has some left: any of them, so that buyers rarely meet at one."""
    query = GetCoupon(seller=seller, code_hash=code_hash(code))
    left = submitter.evaluate("coupons:Get", query, CouponLeftReply).left
    parts = [part for part, each in enumerate(left) if each > 0]
    if not parts:
        raise _refused(Code.COUPON_USED_UP, "The coupon is used up.", "coupon")
    return CouponUse(code_hash=query.code_hash, part=secrets.choice(parts))


def with_time_to_try(terms: Terms, trial: int | None) -> Terms:
    """The terms, with an inspection at least as long as the trial."""
    if trial is None or terms.inspect_within >= trial:
        return terms
    return replace(terms, inspect_within=trial)


def _refused(code: Code, message: str, field: str) -> RefusedError:
    return RefusedError(code.value, message, hint(code.value), field=field)


def _settled_alike(placed: Order, wanted: PlaceOrder) -> bool:
    names = ("settlement", "deliveries", "second_arbitrator", "warranty", "replaces")
    return all(getattr(placed, name) == getattr(wanted, name) for name in names)


def is_order(placed: Order, wanted: PlaceOrder, asked: Asked) -> bool:
    """Whether an order is what was asked for, whichever notes and buckets were chosen, whatever it cost."""
    pricing = placed.pricing
    same_price = asked.amount is None or placed.amount == str(asked.amount)
    coupon = None if asked.coupon is None else code_hash(asked.coupon)
    return (
        [(line.listing, line.quantity) for line in placed.lines]
        == [(line.listing, line.quantity) for line in wanted.lines]
        and same_price
        and asked.currency in (None, placed.currency)
        and asked.destination == (None if pricing is None else pricing.destination)
        and coupon == (None if pricing is None else pricing.coupon)
        and asked.sample == (pricing is not None and pricing.sample)
        and placed.freight == wanted.freight
        and placed.carrier == wanted.carrier
        and wanted.arbitrator in (None, placed.arbitrator)
        and placed.terms == with_time_to_try(wanted.terms, None if pricing is None else pricing.trial)
        and placed.refund_account == (wanted.change or placed.buyer)
        and placed.delivery_commitment == wanted.delivery_commitment
        and placed.reference == wanted.reference
        and _settled_alike(placed, wanted)
    )

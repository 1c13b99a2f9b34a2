"""What verbs of orders, listings and discounts have in common: prices as people type and read them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hansa import RefusedError, parse_amount, show_amount
from hansa_cli.session import CliError, invalid
from hansa_cli.yaml_files import read_yaml
from hansa_domain.listings.terms import ListingTerms, Price, Tier
from hansa_domain.orders.quote import QuoteReply
from hansa_domain.pricing.concessions import Concession

Currency = Annotated[str | None, typer.Option(help="Currency to order in, where it is offered in several.")]
Destination = Annotated[
    str | None, typer.Option(help="Country the goods go to, such as DE; its taxes are in the total.")
]
Coupon = Annotated[str | None, typer.Option(help="The code of a coupon.")]
Sample = Annotated[bool, typer.Option(help="A sample order, on the listing's terms for samples.")]
DiscountIds = Annotated[
    list[str] | None,
    typer.Option(help="Id of a discount; may be repeated. Without it, those that take off most."),
]
TierOption = Annotated[
    list[str] | None,
    typer.Option(
        help="FROM:PRICE, such as 10:9.50; with a currency beside it, 10:72.00CNY. May be repeated."
    ),
]
PriceOption = Annotated[
    list[str] | None, typer.Option(help="Price of a unit in one more currency, such as 78.00CNY.")
]
TermsFile = Annotated[
    Path | None, typer.Option(help="YAML file with all terms: incoterm, regions, samples and more.")
]


def read_terms(
    file: Path | None, tiers: list[str] | None, prices: list[str] | None, currency: str
) -> ListingTerms:
    """A listing's terms from a file and from what was typed beside it."""
    document = {} if file is None else read_yaml(file)
    try:
        terms = msgspec.convert(document, ListingTerms)
    except msgspec.ValidationError as error:
        raise invalid(error, file) from error
    by_currency: dict[str, list[Tier]] = {}
    for text in tiers or ():
        count, _, price = text.partition(":")
        if not count.isdecimal():
            raise CliError("FIELD_INVALID", f"{text} is no tier.", "Write it like 10:9.50.")
        amount, code = _priced(price, currency)
        by_currency.setdefault(code, []).append(Tier(from_quantity=int(count), unit_price=str(amount)))
    more = []
    for text in prices or ():
        amount, code = _priced(text, currency)
        more.append(Price(currency=code, unit_price=str(amount), tiers=by_currency.pop(code, [])))
    own = by_currency.pop(currency, [])
    if by_currency:
        raise CliError("FIELD_INVALID", f"There is no price in {min(by_currency)}.", "Give it with --also.")
    return msgspec.structs.replace(terms, tiers=own or terms.tiers, prices=more or terms.prices)


def _priced(text: str, currency: str) -> tuple[int, str]:
    """Minor units and currency of ``72.00CNY``, or of ``9.50`` in the listing's own."""
    code = text[-3:] if text[-3:].isalpha() and text[-3:].isupper() else currency
    return parse_amount(text.removesuffix(code).strip(), code, "price"), code


def read_concession(percent: str | None, amount: str | None, conditions: dict[str, Any]) -> Concession:
    """What is taken off: ``5`` or ``2.5`` percent, or an amount such as ``10.00EUR``."""
    given = {key: value for key, value in conditions.items() if value not in (None, [])}
    if percent is not None:
        # A percent with two decimals is in basis points what an amount with two decimals is in cents.
        try:
            given["basis_points"] = parse_amount(percent, "EUR", "percent")
        except RefusedError as error:
            said = f"{percent!r} is no percentage: write it like 5 or 2.5."
            raise CliError(error.code, said, error.hint, "percent") from error
    if amount is not None:
        if not amount[-3:].isalpha():
            raise CliError(
                "CURRENCY_MISSING", f"{amount} of which currency?", "Write it like 12.50EUR.", "amount"
            )
        minor, code = _priced(amount, "EUR")
        given |= {"amount": str(minor), "currency": code}
    try:
        return msgspec.convert(given, Concession)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


def quote_lines(quote: QuoteReply) -> str:
    """A quote as lines for people."""
    code = quote.currency
    lines = []
    for line in quote.lines:
        price = line.price
        words = "by agreement" if price is None else f"{show_amount(price.unit_price, code)} each"
        lines.append(f"{line.quantity} of {line.listing}  {words}")
    shown = (
        ("goods", str(int(quote.goods) + int(quote.discount))),
        ("taken off", quote.discount),
        ("tax", quote.tax),
        ("freight", quote.freight),
        ("total", quote.amount),
        ("of it, the fee", quote.fee),
    )
    lines += [f"{name}  {show_amount(value, code)}" for name, value in shown if value != "0"]
    if quote.duty != "0" and quote.pricing is not None:
        payer = "the seller pays it" if quote.pricing.duty_by == "seller" else "you pay it at the border"
        lines.append(f"duty  {show_amount(quote.duty, code)}, {payer}; not in the total")
    if quote.by_agreement:
        lines.append("a price is by agreement: the order names the total")
    return "\n".join(lines)

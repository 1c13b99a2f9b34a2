"""Whether a listing takes an order of so many units to a country, now."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Timestamp
from hansa_domain.iso3166 import check_country
from hansa_domain.listings.records import Listing


def check_line(
    listing: Listing, quantity: int, destination: str | None, sample: bool, at: Timestamp, where: str
) -> None:
    """Refuses a line that the listing's terms do not allow.

    Args:
        listing: what is ordered.
        quantity: units.
        destination: country the goods go to, where it is named.
        sample: whether it is a sample order.
        at: when.
        where: path of the line in the command.

    Raises:
        Refusal: LISTING_WITHDRAWN, LISTING_SUSPENDED, LISTING_NOT_VALID, DESTINATION_MISSING,
            REGION_NOT_SERVED, COUNTRY_UNKNOWN, SAMPLE_NOT_OFFERED or QUANTITY_NOT_OFFERED.
    """
    _check_open(listing, at, f"{where}.listing")
    if destination is not None:
        check_country(destination, "destination")
    if listing.terms.regional:
        if destination is None:
            raise Refusal(
                Code.DESTINATION_MISSING,
                f"The listing {listing.id} serves some countries only: name the destination.",
                "destination",
            )
        if not listing.terms.serves(destination):
            raise Refusal(
                Code.REGION_NOT_SERVED,
                f"The listing {listing.id} does not serve {destination}.",
                "destination",
            )
    _check_quantity(listing, quantity, sample, where)


def _check_open(listing: Listing, at: Timestamp, where: str) -> None:
    if listing.status == "withdrawn":
        raise Refusal(Code.LISTING_WITHDRAWN, f"The listing {listing.id} is withdrawn.", where)
    if listing.status == "suspended":
        raise Refusal(Code.LISTING_SUSPENDED, f"The listing {listing.id} is suspended.", where)
    terms = listing.terms
    if terms.valid_from is not None and at < terms.valid_from:
        raise Refusal(Code.LISTING_NOT_VALID, f"It takes orders from {terms.valid_from} on.", where)
    if terms.valid_until is not None and at >= terms.valid_until:
        raise Refusal(Code.LISTING_NOT_VALID, f"It took orders until {terms.valid_until}.", where)


def _check_quantity(listing: Listing, quantity: int, sample: bool, where: str) -> None:
    terms = listing.terms
    if sample:
        if terms.sample is None:
            raise Refusal(
                Code.SAMPLE_NOT_OFFERED, f"Of the listing {listing.id} no samples are offered.", "sample"
            )
        if quantity > terms.sample.quantity:
            raise Refusal(
                Code.QUANTITY_NOT_OFFERED,
                f"A sample has at most {terms.sample.quantity} units.",
                f"{where}.quantity",
            )
        return
    if quantity < (terms.minimum or 1):
        raise Refusal(
            Code.QUANTITY_NOT_OFFERED, f"Order at least {terms.minimum} units.", f"{where}.quantity"
        )
    if quantity % (terms.multiple or 1):
        raise Refusal(
            Code.QUANTITY_NOT_OFFERED, f"Order a multiple of {terms.multiple} units.", f"{where}.quantity"
        )

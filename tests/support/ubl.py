"""Documents of UBL, made up by Hypothesis and by hand."""

from __future__ import annotations

from hypothesis import strategies as st

from hansa import ubl
from hansa_domain.gs1.check_digit import check_digit

CURRENCIES = {"EUR": 2, "JPY": 0, "KWD": 3}

ids = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-/.", min_size=1, max_size=30)
# Any text on one line: what XML can hold, without space around it or doubled in it.
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=20
).filter(lambda text: text.strip() == text and not {"\ufffe", "\uffff"} & set(text))
days = st.dates().map(lambda day: day.isoformat())
glns = st.integers(0, 10**12 - 1).map(lambda n: f"{n:012d}").map(lambda d: d + check_digit(d))
gtins = st.integers(0, 10**13 - 1).map(lambda n: f"{n:013d}").map(lambda d: d + check_digit(d))


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | strategy


parties = st.builds(
    ubl.Party,
    gln=maybe(glns),
    lei=maybe(st.just("529900T8BM49AURSDO55")),
    msp_id=maybe(st.just("RetailerMSP")),
    name=maybe(words),
    country=maybe(st.just("DE")),
)
order_refs = st.builds(ubl.OrderRef, id=ids, order=maybe(st.just("RetailerMSP.01J00000000000000000000000")))
addresses = st.builds(
    ubl.Address,
    name=words,
    street=st.lists(words, min_size=1, max_size=5).map(tuple),
    city=words,
    country=st.just("NL"),
    postal_code=maybe(words),
    region=maybe(words),
    contact=maybe(words),
    phone=maybe(words),
    email=maybe(words),
    instructions=maybe(words),
)


@st.composite
def lines(draw: st.DrawFn, priced: bool) -> tuple[ubl.Line, ...]:
    made = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        quantity, price = draw(st.integers(1, 10**6)), draw(st.integers(0, 10**9))
        made.append(
            ubl.Line(
                id=str(number),
                quantity=quantity,
                gtin=draw(maybe(gtins)),
                listing=draw(maybe(st.just("ProducerMSP.01J00000000000000000000000"))),
                name=draw(words),
                price=price if priced else None,
                amount=price * quantity if priced else None,
            )
        )
    return tuple(made)


@st.composite
def orders(draw: st.DrawFn) -> ubl.Order:
    found = draw(lines(priced=True))
    freight, tax = draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6))
    return ubl.Order(
        id=draw(ids),
        issue_date=draw(days),
        currency=draw(st.sampled_from(sorted(CURRENCIES))),
        buyer=draw(parties),
        seller=draw(parties),
        lines=found,
        total=sum(line.amount or 0 for line in found) + freight + tax,
        freight=freight,
        tax=tax,
        buyer_reference=draw(maybe(ids)),
        carrier=draw(st.none() | parties),
        deliver_to=draw(st.none() | addresses),
    )


@st.composite
def bills(draw: st.DrawFn, kind: type[ubl.Invoice] | type[ubl.CreditNote]) -> ubl.Invoice | ubl.CreditNote:
    found = draw(lines(priced=True))
    freight, tax = draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6))
    return kind(
        id=draw(ids),
        issue_date=draw(days),
        currency=draw(st.sampled_from(sorted(CURRENCIES))),
        order=draw(order_refs),
        supplier=draw(parties),
        customer=draw(parties),
        lines=found,
        payable=sum(line.amount or 0 for line in found) + freight + tax,
        freight=freight,
        tax=tax,
        due_date=draw(maybe(days)) if kind is ubl.Invoice else None,
        buyer_reference=draw(maybe(ids)),
        invoice=draw(maybe(ids)),
        despatch=draw(maybe(ids)),
    )


responses = st.builds(
    ubl.OrderResponse,
    id=ids,
    issue_date=days,
    answer=st.sampled_from(["AP", "RE", "CA", "AB"]),
    order=order_refs,
    seller=parties,
    buyer=parties,
    lines=st.just(()) | lines(priced=False),
    note=maybe(words),
)
despatches = st.builds(
    ubl.DespatchAdvice,
    id=ids,
    issue_date=days,
    order=order_refs,
    supplier=parties,
    customer=parties,
    lines=st.lists(
        st.builds(
            ubl.DespatchLine,
            id=st.uuids().map(str),
            order_line=ids,
            quantity=st.integers(1, 10**6),
            gtin=maybe(gtins),
            name=words,
            epcs=st.lists(
                st.integers(1, 999).map("urn:epc:id:sgtin:9521321.000001.{}".format), max_size=3
            ).map(tuple),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    carrier=st.none() | parties,
    sscc=maybe(st.just("095213210000000018")),
)
receipts = st.builds(
    ubl.ReceiptAdvice,
    id=ids,
    issue_date=days,
    order=order_refs,
    customer=parties,
    supplier=parties,
    lines=st.lists(
        st.builds(
            ubl.ReceiptLine,
            id=st.uuids().map(str),
            order_line=ids,
            received=st.integers(0, 10**6),
            short=st.integers(0, 10**6),
            rejected=st.integers(0, 10**6),
            over=st.integers(0, 10**6),
            reason=maybe(st.just("AF")),
            gtin=maybe(gtins),
            name=words,
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    despatch=maybe(ids),
)
documents = st.one_of(orders(), responses, despatches, receipts, bills(ubl.Invoice), bills(ubl.CreditNote))

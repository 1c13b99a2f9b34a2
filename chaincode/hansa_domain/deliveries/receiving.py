"""Receipt advice: what the buyer found of a despatch, line by line; or what counts where he is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from hansa_domain.deliveries.commands import LineReport, ReceiptReply, ReportReceipt
from hansa_domain.deliveries.matching import Due, amount_due
from hansa_domain.deliveries.parts import with_part
from hansa_domain.deliveries.paying import conclude
from hansa_domain.deliveries.records import (
    Despatch,
    DespatchLine,
    DespatchStatus,
    Fulfilment,
    LineState,
    Receipt,
    ReceivedLine,
    load_despatch,
    require_despatch,
    terms_of,
)
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ReceiptReported
from hansa_domain.goods import custody
from hansa_domain.gs1 import normal_form
from hansa_domain.operation import Context, Decision, Steps, operation
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.order import Order, after, require_party
from hansa_domain.orders.steps import check_distinct

RECEIVABLE: tuple[DespatchStatus, ...] = ("despatched", "delivered")
"""A despatch that the buyer may report the receipt of: its carrier may have forgotten to say that it came."""


@operation("receipts:Report", ReportReceipt, ReceiptReply)
def report(command: ReportReceipt, context: Context) -> Steps:
    """The buyer's word about a part; nothing is paid yet."""
    check_distinct(command.not_taken, "not_taken")
    order, fulfilment, despatch = yield from load_despatch(command.despatch)
    require_party(context, order.buyer, "report the receipt of")
    require_despatch(despatch, RECEIVABLE, "report the receipt of")
    lines, states = _received(command.lines, despatch, fulfilment, terms_of(order))
    units = yield from custody.load_units(despatch.units)
    not_taken = [normal_form(epc) for epc in command.not_taken]
    for place, epc in enumerate(not_taken):
        if epc not in despatch.units:
            raise Refusal(Code.UNIT_NOT_FOUND, f"{epc} is not in this despatch.", f"not_taken[{place}]")
    _check_identities(order, lines, despatch, custody.part_of(units, despatch.units, not_taken))
    receipt = Receipt(
        despatch=despatch.id,
        order=order.id,
        lines=lines,
        not_taken=not_taken,
        deemed=False,
        by=context.caller.msp_id,
        document=command.document,
        reported_at=context.at,
    )
    return (yield from record_receipt(order, replace(fulfilment, lines=states), despatch, receipt, context))


def due_by(reports: Sequence[LineReport], order: Order, fulfilment: Fulfilment, despatch: Despatch) -> Due:
    """What a receipt that says this would make due; nothing is written.

    Raises:
        Refusal: as the receipt would be refused for its quantities: DESPATCH_STATE, PART_LINES_INVALID,
            RECEIPT_QUANTITY, NOT_AGREED, FIELD_INVALID. Identities are not looked at.
    """
    require_despatch(despatch, RECEIVABLE, "report the receipt of")
    lines, states = _received(reports, despatch, fulfilment, terms_of(order))
    return amount_due(order, replace(fulfilment, lines=states), despatch, lines)


def deemed_accepted(order: Order, fulfilment: Fulfilment, despatch: Despatch, context: Context) -> Steps:
    """The buyer was silent after delivery: all of it counts as accepted."""
    lines = [
        ReceivedLine(
            line=line.line,
            accepted=line.quantity,
            short=0,
            over=0,
            over_accepted=0,
            over_first=0,
            damaged=0,
            damaged_kept=0,
            rejected=0,
            returned=0,
            reason=None,
        )
        for line in despatch.lines
    ]
    receipt = Receipt(
        despatch=despatch.id,
        order=order.id,
        lines=lines,
        not_taken=[],
        deemed=True,
        by=context.caller.msp_id,
        document=None,
        reported_at=context.at,
    )
    return (yield from record_receipt(order, fulfilment, despatch, receipt, context))


def record_receipt(
    order: Order, fulfilment: Fulfilment, despatch: Despatch, receipt: Receipt, context: Context
) -> Steps:
    """Writes a receipt; from now on the seller has his time to invoice."""
    due = after(context, terms_of(order).invoice_within)
    received = replace(despatch, status="received", received_at=context.at, due=due)
    done = yield from conclude(order, with_part(fulfilment, received), context)
    event = ReceiptReported(
        despatch=received.id,
        order=order.id,
        by=receipt.by,
        deemed=receipt.deemed,
        lines=[line.view for line in receipt.lines],
        not_taken=receipt.not_taken,
        document=receipt.document,
        due=due,
        at=context.at,
    )
    return Decision(
        reply=ReceiptReply(receipt=receipt, despatch=received),
        writes={
            **done.writes,
            (Despatch.NOUN, received.id): received,
            (Receipt.NOUN, received.id): receipt,
        },
        events=(event, *done.events),
    )


def _received(
    reports: Sequence[LineReport], despatch: Despatch, fulfilment: Fulfilment, terms: DeliveryTerms
) -> tuple[list[ReceivedLine], list[LineState]]:
    """The lines of the receipt, in the despatch's order, and the order's with what was kept beyond it."""
    sent = {line.line: line for line in despatch.lines}
    given: dict[int, ReceivedLine] = {}
    states = list(fulfilment.lines)
    for place, each in enumerate(reports):
        where = f"lines[{place}]"
        line = sent.get(each.line)
        if line is None or each.line in given:
            raise Refusal(
                Code.PART_LINES_INVALID,
                f"Report each line once, from 0; there is no line {each.line} left.",
                f"{where}.line",
            )
        _check_report(each, line, states[each.line], terms, where)
        state = states[each.line]
        given[each.line] = ReceivedLine(
            line=each.line,
            accepted=each.accepted,
            short=each.short,
            over=each.over,
            over_accepted=each.over_accepted,
            over_first=state.taken,
            damaged=each.damaged,
            damaged_kept=each.damaged_kept,
            rejected=each.rejected,
            returned=each.returned,
            reason=each.reason,
        )
        states[each.line] = replace(
            state,
            open=state.open - each.over_accepted,
            under_way=state.under_way + each.over_accepted,
        )
    if len(given) < len(sent):
        raise Refusal(Code.RECEIPT_QUANTITY, "Report every line of the despatch.", "lines")
    return [given[line.line] for line in despatch.lines], states


def _check_report(
    each: LineReport, sent: DespatchLine, state: LineState, terms: DeliveryTerms, where: str
) -> None:
    """One line's quantities: they add up, and nothing is kept or sent back but as agreed."""
    found = each.accepted + each.short + each.damaged + each.rejected + each.returned
    if found != sent.quantity:
        raise Refusal(Code.RECEIPT_QUANTITY, f"{sent.quantity} were despatched, {found} are reported.", where)
    if each.over_accepted > min(each.over, state.open):
        raise Refusal(
            Code.RECEIPT_QUANTITY,
            f"Of {each.over} beyond the despatch, {state.open} are ordered and not despatched.",
            f"{where}.over_accepted",
        )
    if each.damaged_kept > each.damaged:
        raise Refusal(
            Code.RECEIPT_QUANTITY, f"{each.damaged} are damaged, not more.", f"{where}.damaged_kept"
        )
    if each.damaged_kept and terms.damage_discount is None:
        raise Refusal(
            Code.NOT_AGREED,
            "No discount for damaged goods was agreed: they go back.",
            f"{where}.damaged_kept",
        )
    if each.returned and terms.return_fee is None:
        raise Refusal(Code.NOT_AGREED, "Sending sound goods back was not agreed.", f"{where}.returned")
    clean = each.accepted == sent.quantity and each.over == 0
    if clean != (each.reason is None):
        raise Refusal(
            Code.FIELD_INVALID, "A difference needs a reason, and only a difference.", f"{where}.reason"
        )


def _check_identities(
    order: Order, lines: Sequence[ReceivedLine], despatch: Despatch, sides: custody.Sides
) -> None:
    """Identified goods that stay are no more than are kept; the others, than are missing or go back."""
    kept: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    sent = {line.line: line.quantity for line in despatch.lines}
    for line in lines:
        gtin = order.lines[line.line].gtin
        kept[gtin] += line.kept
        lost[gtin] += sent[line.line] + line.over_accepted - line.kept
    _refuse_more(sides.taken, kept, "stay with the buyer, but {} are kept")
    _refuse_more(sides.left, lost, "are not taken, but {} are missing or go back")


def _refuse_more(found: Mapping[str, int], allowed: Mapping[str, int], words: str) -> None:
    for gtin in sorted(found):
        if found[gtin] > allowed.get(gtin, 0):
            number = allowed.get(gtin, 0)
            raise Refusal(
                Code.RECEIPT_QUANTITY,
                f"{found[gtin]} identified units of GTIN {gtin} {words.format(number)}.",
                "not_taken",
            )

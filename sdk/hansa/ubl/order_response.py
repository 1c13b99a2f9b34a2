"""UBL OrderResponse and OrderResponseSimple: what the seller says to an order."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from hansa.documents.errors import DocumentCode
from hansa.documents.reading import Element
from hansa.documents.writing import Node, optional
from hansa.ubl import parts as c

Answer = Literal["AP", "RE", "CA", "AB"]
"""UNCL 4343: accepted, rejected, conditionally accepted, acknowledged."""
ANSWERS: tuple[Answer, ...] = ("AP", "RE", "CA", "AB")


class OrderResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The seller's answer. ``lines`` are what he will deliver, where he says so."""

    id: str
    issue_date: str
    answer: Answer
    order: c.OrderRef
    seller: c.Party
    buyer: c.Party
    lines: tuple[c.Line, ...] = ()
    note: str | None = None


def read(root: Element) -> OrderResponse:
    """The answer from the root of an OrderResponse. Raises DocumentError."""
    code = root.get("cbc:OrderResponseCode")
    answer = next((each for each in ANSWERS if each == code.said()), None)
    if answer is None:
        code.refuse(f"{code.text} is none of {', '.join(ANSWERS)} (UNCL 4343).")
    lines: list[c.Line] = []
    if root.all("cac:OrderLine"):
        lines = c.read_lines(root, "cac:OrderLine", "cbc:Quantity", None, "cac:LineItem")
    notes = root.all("cbc:Note")
    return OrderResponse(
        **_head(root),
        answer=answer,
        lines=tuple(lines),
        note=notes[0].said(1000) if notes and notes[0].text else None,
    )


def read_simple(root: Element) -> OrderResponse:
    """The answer from the root of an OrderResponseSimple: yes or no."""
    accepted = root.get("cbc:AcceptedIndicator")
    if accepted.said() not in {"true", "false", "1", "0"}:
        accepted.refuse(f"{accepted.text} is neither true nor false.")
    answer: Answer = "AP" if accepted.text in {"true", "1"} else "RE"
    return OrderResponse(**_head(root), answer=answer, note=root.optional("cbc:RejectionNote", 1000))


def _head(root: Element) -> dict[str, Any]:
    references = root.all("cac:OrderReference")
    if len(references) > 1:
        references[1].refuse("An answer is about one order.", DocumentCode.NOT_SUPPORTED)
    return {
        "id": root.value("cbc:ID", 64),
        "issue_date": c.read_date(root),
        "order": c.read_order_reference(root),
        "seller": c.read_party(root.get("cac:SellerSupplierParty/cac:Party")),
        "buyer": c.read_party(root.get("cac:BuyerCustomerParty/cac:Party")),
    }


def write(response: OrderResponse) -> bytes:
    """The answer as an OrderResponse of UBL 2.1."""
    return c.write_document(
        "OrderResponse",
        [
            Node("cbc:ID", response.id),
            Node("cbc:IssueDate", response.issue_date),
            Node("cbc:OrderResponseCode", response.answer),
            optional("cbc:Note", response.note),
            c.write_order_reference(response.order),
            c.write_party("cac:SellerSupplierParty", response.seller),
            c.write_party("cac:BuyerCustomerParty", response.buyer),
            *(Node("cac:OrderLine", [_line(line)]) for line in response.lines),
        ],
    )


def _line(line: c.Line) -> Node:
    quantity = Node("cbc:Quantity", str(line.quantity), unitCode=c.UNIT)
    return Node("cac:LineItem", [Node("cbc:ID", line.id), quantity, c.write_item(line)])

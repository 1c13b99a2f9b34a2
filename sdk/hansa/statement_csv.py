"""A statement as a table for spreadsheets."""

from __future__ import annotations

import csv
import io

from hansa.documents.numbers import written
from hansa.statements import Statement

HEAD = (
    "booked_at", "amount", "currency", "counterparty", "reference", "reason", "order", "place", "transaction",
)  # fmt: skip
_BOM = "\ufeff"
# What a spreadsheet would take for a formula, in texts that others wrote.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write(found: Statement) -> bytes:
    """One row for each payment; amounts in the main unit, below 0 where paid; UTF-8 with a mark."""
    out = io.StringIO(newline="")
    out.write(_BOM)
    rows = csv.writer(out)
    rows.writerow(HEAD)
    for entry in found.entries:
        sign = -1 if entry.amount < 0 else 1
        for part in entry.parts:
            rows.writerow(
                (
                    entry.at,
                    written(sign * part.amount, found.currency),
                    found.currency,
                    _said(part.counterparty),
                    _said(part.reference),
                    entry.reason,
                    _said(entry.order),
                    entry.reference,
                    entry.transaction_id,
                )
            )
    return out.getvalue().encode("utf-8")


def _said(value: str | None) -> str:
    """A text as a cell that no spreadsheet computes."""
    text = value or ""
    return f"'{text}" if text.startswith(_FORMULAS) else text

"""Why a collection under a mandate finds no money, in words."""

from __future__ import annotations

import msgspec
import pytest

from hansa.mandates import _short
from hansa_domain.mandates import Mandate

AT = "2026-11-29T00:50:04.087Z"
FIELDS = {
    "id": "RetailerMSP.01M8JC4789SCHXJA1P5KCDTA9P",
    "status": "active",
    "payer": "RetailerMSP/subscriptions",
    "payee": "ProducerMSP",
    "currency": "EUR",
    "maximum": "900",
    "period": 60,
    "granted_at": AT,
    "expires_at": AT,
    "reference": None,
}


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (0, "RetailerMSP/subscriptions has 0.00 EUR, and 9.00 EUR are needed."),
        (900, "More than 16 notes of RetailerMSP/subscriptions would be needed: let the payer merge them."),
    ],
)
def test_why_the_payers_notes_do_not_pay(held: int, words: str) -> None:
    assert _short(msgspec.convert(FIELDS, Mandate), held, 900) == words

"""A currency's books in the read model agree with the ledger's, whatever operations went before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa_domain.operation import decode_record
from tests.properties.test_exchanges_conserved import KINDS
from tests.support.databases import database_url
from tests.support.domain_walk import Recorder, walk
from tests.support.portal import MemoryLedger, decode_events


def test_the_books_close_after_every_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = MemoryLedger(database_url(tmp_path / "a"))
    carried_out = Recorder.call
    differing: list[str] = []

    def folded(self: Recorder, caller: Any, name: str, *more: Any, **fields: Any) -> Any:
        result = carried_out(self, caller, name, *more, **fields)
        ledger.world.now = self.now
        if result.outcome.event is not None:
            ledger.commit("BankMSP", "user", name, decode_events(result.outcome.event))
            if books(ledger) != on_the_ledger(self):
                differing.append(f"{name}: {books(ledger)} in the read model, {on_the_ledger(self)} held")
        return result

    monkeypatch.setattr(Recorder, "call", folded)
    walk()
    assert not differing, differing[:3]
    assert all(row.reconciles for row in ledger.queries.money.supply())


def books(ledger: MemoryLedger) -> dict[str, tuple[int, int]]:
    """By currency: in notes, and held otherwise."""
    supply = ledger.queries.money.supply()
    return {row.currency: (row.in_notes, row.in_escrow) for row in supply}


def on_the_ledger(world: Recorder) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {key[1]: (0, 0) for key in world.state if key[0] == "currency"}
    for key, value in world.state.items():
        holding = decode_record(value, KINDS[key[0]]).holding
        if holding is not None:
            notes, held = sums[holding[0]]
            amount = holding[1]
            sums[holding[0]] = (notes + amount, held) if key[0] == "note" else (notes, held + amount)
    return sums

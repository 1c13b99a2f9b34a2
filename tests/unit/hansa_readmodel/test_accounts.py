"""Accounts with rules in the read model: what the ledger's events say, and the ledger itself."""

from __future__ import annotations

from pathlib import Path

from hansa_domain.execution import Outcome
from hansa_readmodel.queries.accounts import AccountDayRow
from tests.support.accounts_walk import accounts_walk
from tests.support.databases import database_url
from tests.support.domain import World, consortium
from tests.support.portal import MemoryLedger, decode_events
from tests.support.signers import COLD, HOT, HOT_RULES, name


class Followed(World):
    """A world whose events a read model follows."""

    ledger: MemoryLedger

    def keep(self, outcome: Outcome) -> None:
        super().keep(outcome)
        self.ledger.commit("RetailerMSP", "user", "accounts", decode_events(outcome.event))


def test_the_read_model_tells_of_rules_payments_refills_and_recoveries(tmp_path: Path) -> None:
    world = Followed(state=consortium().state)
    world.ledger = MemoryLedger(database_url(tmp_path / "read"))
    accounts_walk(world)
    queries = world.ledger.queries.accounts

    hot, cold = queries.list("RetailerMSP")
    assert (hot.account, hot.kind, hot.revision, hot.cold) == (HOT, "hot", 3, COLD)
    assert [each["key"] for each in hot.signers] == [name(1), name(2), name(4)]
    (limit,) = HOT_RULES["limits"]
    assert hot.limits == [{**limit, "cap": "500"}]
    assert (cold.account, cold.threshold, cold.revision) == (COLD, 1, 2)
    assert queries.list("BankMSP") == []

    assert queries.days(HOT) == [AccountDayRow(HOT, "EUR", "2027-01-15", "30", "300")]
    status = sorted(row.status for row in queries.refills(COLD))
    assert status == ["completed", "stopped", "waiting"]
    (stopped,) = queries.refills(HOT, status="stopped")
    assert (stopped.stopped_by, stopped.amount) == (name(3), 100)
    assert sorted(row.status for row in queries.recoveries(COLD)) == ["completed", "stopped"]

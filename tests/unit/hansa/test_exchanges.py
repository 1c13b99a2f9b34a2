"""Exchanging, netting, merging and splitting by the SDK: notes, parts and fees are chosen for the user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa import RefusedError, new_id
from hansa.exchanges import Exchanges
from hansa.facilities import Facilities
from hansa.fees import Fees
from hansa.netting import Netting, Obligations
from hansa_domain.operation import Caller, canonical
from tests.support.portal import Consortium, MemorySubmitter


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    found = Consortium(tmp_path)
    found.sdk("Bank").money.mint("EUR", 10_000, "RetailerMSP")
    found.sdk("Bank").money.mint("USD", 50_000, "ProducerMSP")
    return found


def do(trade: Consortium, name: str, operation: str, **fields: Any) -> str:
    submitter = MemorySubmitter(trade.ledger, Caller(f"{name}MSP", "admin", admin=True))
    command = new_id()
    submitter.carry_out(operation, canonical({"id": command, **fields}), {})
    return f"{name}MSP.{command}"


def charge(trade: Consortium, points: int) -> None:
    """A schedule whose fees are all so many basis points, in force at once."""
    rule = {"basis_points": points}
    rules = {"order": rule, "arbitration": rule, "exchange": rule, "account": "BankMSP/fees"}
    schedule = do(trade, "Bank", "fees:Publish", **rules)
    for name in ("Producer", "Retailer"):
        do(trade, name, "fees:Approve", schedule=schedule)


def rated(trade: Consortium) -> None:
    pair = {"base": "EUR", "quote": "USD"}
    for name in ("Producer", "Retailer", "Carrier"):
        do(trade, name, "rates:Approve", **pair, oracle="BankMSP")
    do(trade, "Bank", "rates:Publish", **pair, base_amount="10000", quote_amount="10800", source="50" * 32)


def test_a_firm_quote_is_offered_and_taken(trade: Consortium) -> None:
    charge(trade, 100)
    dealer, taker = trade.sdk("Producer"), trade.sdk("Retailer")
    dealing = Exchanges(dealer.submitter, dealer.purse, "ProducerMSP")
    taking = Exchanges(taker.submitter, taker.purse, "RetailerMSP")
    command = new_id()
    made = [
        dealing.offer("RetailerMSP", "USD", 5_400, "EUR", 5_000, valid_for=60, command_id=command)
        for _ in range(2)
    ]
    assert [each.repeated for each in made] == [False, True]
    quote = made[0].reply.exchange.id
    with pytest.raises(RefusedError) as refused:
        taking.accept(quote, max_fee=49)
    assert refused.value.code == "FEE_CHANGED"
    command = new_id()
    taken = [taking.accept(quote, command_id=command) for _ in range(2)]
    assert [each.repeated for each in taken] == [False, True]
    assert (taken[0].reply.fee, taken[0].reply.bought.amount) == ("50", "5400")
    # What was bought and what came back are in hand at once.
    taker.money.transfer("CarrierMSP", "USD", 5_400)
    taker.money.transfer("CarrierMSP", "EUR", 10_000 - 5_000 - 50)
    held = trade.sdk("Producer").money.balance().balances
    assert {each.currency: each.amount for each in held} == {"EUR": "5000", "USD": "44600"}
    other = dealing.offer("RetailerMSP", "USD", 1, "EUR", 1, valid_for=60).reply.exchange.id
    assert taking.reject(other).reply.exchange.status == "rejected"
    other = dealing.offer("RetailerMSP", "USD", 44_599, "EUR", 1, valid_for=60).reply.exchange.id
    trade.ledger.world.pass_time(60)
    dealing.expire(other)
    dealer.money.transfer("CarrierMSP", "USD", 44_599)


def test_a_facility_serves_from_its_fullest_part(trade: Consortium) -> None:
    rated(trade)
    charge(trade, 100)
    dealer, customer = trade.sdk("Producer"), trade.sdk("Retailer")
    dealing = Facilities(dealer.submitter, dealer.purse, "ProducerMSP")
    using = Facilities(customer.submitter, customer.purse, "RetailerMSP")
    command = new_id()
    opened = [
        dealing.open("EUR", "USD", "USD", 2_000, spread=50, parts=2, command_id=command) for _ in range(2)
    ]
    assert [each.repeated for each in opened] == [False, True]
    facility = opened[0].reply.facility.id
    quoted = using.quote(facility, "EUR", 500)
    assert (quoted.receives, quoted.fee, quoted.parts) == ("537", "5", [0, 1])
    with pytest.raises(RefusedError) as refused:
        using.exchange(facility, "EUR", 500, least=538)
    assert refused.value.code == "RATE_BELOW_LEAST"
    command = new_id()
    used = [using.exchange(facility, "EUR", 500, least=537, command_id=command) for _ in range(2)]
    assert [each.repeated for each in used] == [False, True]
    assert using.exchange(facility, "EUR", 600, least=600).reply.bought.amount == "644"
    assert [each.amount for each in using.get(facility).parts] == ["463", "356"]
    with pytest.raises(RefusedError) as refused:
        using.exchange(facility, "EUR", 500, least=1)
    assert refused.value.code == "FACILITY_INSUFFICIENT"
    dealing.top_up(facility, 300)
    dealing.top_up(facility, 37, part=0)
    assert [each.amount for each in using.get(facility).parts] == ["500", "656"]
    do(trade, "Producer", "facilities:Close", facility=facility)
    with pytest.raises(RefusedError) as refused:
        dealing.top_up(facility, 1)
    assert refused.value.code == "FACILITY_STATE"


def test_fees_are_asked_for(trade: Consortium) -> None:
    fees = Fees(trade.sdk("Retailer").submitter)
    with pytest.raises(RefusedError) as refused:
        fees.get()
    assert refused.value.code == "FEE_SCHEDULE_NOT_FOUND"
    charge(trade, 30)
    assert fees.quote("EUR", 10_000, arbitrator="RegulatorMSP").arbitration.recipient == "RegulatorMSP"
    assert fees.get(fees.quote("EUR", 10_000).schedule).schedule.version == 1


def test_obligations_are_netted_and_paid(trade: Consortium) -> None:
    retailer = trade.sdk("Retailer")
    netting = Netting(retailer.submitter, retailer.purse, "RetailerMSP")
    obligations = Obligations(retailer.submitter, retailer.purse, "RetailerMSP")

    def owed(debtor: str, creditor: str, amount: str) -> str:
        sides = {"debtor": f"{debtor}MSP", "creditor": f"{creditor}MSP"}
        made = do(trade, debtor, "obligations:Register", **sides, currency="EUR", amount=amount)
        do(trade, creditor, "obligations:Confirm", obligation=made)
        return made

    both = [owed("Retailer", "Producer", "900"), owed("Producer", "Retailer", "700")]
    cycle = do(trade, "Producer", "netting:Open", obligations=both, fund_within=60)
    command = new_id()
    funded = [netting.fund(cycle, command_id=command) for _ in range(2)]
    assert [each.repeated for each in funded] == [False, True]
    assert netting.get(cycle).funded == ["RetailerMSP"]
    assert netting.close(cycle).reply.notes[0].amount == "200"
    single = owed("Retailer", "Carrier", "100")
    assert obligations.pay(single).reply.paid.owner == "CarrierMSP"
    assert obligations.get(single).status == "paid"
    producer = trade.sdk("Producer")
    other = do(
        trade,
        "Producer",
        "netting:Open",
        obligations=[owed("Retailer", "Producer", "5"), owed("Retailer", "Producer", "6")],
        fund_within=60,
    )
    with pytest.raises(RefusedError) as refused:
        Netting(producer.submitter, producer.purse, "ProducerMSP").fund(other)
    assert refused.value.code == "NOT_PERMITTED"


def test_many_notes_become_one_sixteen_at_a_time(trade: Consortium) -> None:
    bank, retailer = trade.sdk("Bank").money, trade.sdk("Retailer").money
    for number in range(20):
        bank.mint("EUR", 1 + number, "RetailerMSP/till")
    dust = retailer.merge("EUR", account="RetailerMSP/till", below=6)
    assert [[note.amount for note in each.reply.notes] for each in dust] == [["15"]]
    command = new_id()
    made = retailer.merge("EUR", account="RetailerMSP/till", command_id=command)
    assert [len(each.reply.notes) for each in made] == [1]
    assert made[0].reply.notes[0].amount == str(sum(range(21)))
    assert retailer.merge("EUR", account="RetailerMSP/till") == []
    again = retailer.merge("EUR", account="RetailerMSP/till", command_id=command)
    assert [each.repeated for each in again] == [True]
    for number in range(40):
        bank.mint("EUR", 1 + number, "RetailerMSP/box")
    assert len(retailer.merge("EUR", account="RetailerMSP/box")) == 3
    (balance,) = retailer.balance("RetailerMSP/box", "EUR").balances
    assert (balance.amount, balance.notes) == ("820", 1)


def test_one_note_becomes_many(trade: Consortium) -> None:
    retailer = trade.sdk("Retailer").money
    command = new_id()
    split = [retailer.split("EUR", 300, 20, command_id=command) for _ in range(2)]
    assert [each.repeated for each in split] == [False, True]
    assert [note.amount for note in split[0].reply.notes] == ["300"] * 20 + ["4000"]
    with pytest.raises(RefusedError) as refused:
        retailer.split("EUR", 10_000, 2)
    assert refused.value.code == "FUNDS_INSUFFICIENT"

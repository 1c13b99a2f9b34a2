"""Who does not deal with each other does not conflict: several commands in one block."""

from __future__ import annotations

from tests.support.domain import consortium, mint
from tests.support.money_walk import owed, quote_rate, trust
from tests.support.one_block import commit_block


def test_customers_of_different_parts_are_served_in_one_block() -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank", "Regulator")
    for oracle in ("Bank", "Regulator"):
        quote_rate(world, oracle, "EUR", "USD", "10800")
    terms = {"base": "EUR", "quote": "USD", "currency": "USD", "amount": "900", "spread": 10, "parts": 3}
    note = mint(world, "900", "ProducerMSP", "USD")
    opened = world.do("ProducerMSP", "facilities:Open", notes=[note], **terms)
    give = {"facility": opened.reply["facility"]["id"], "currency": "EUR", "amount": "100", "least": "1"}
    calls = [
        (name, "facilities:Exchange", {**give, "part": part, "notes": [mint(world, "100", name)]})
        for part, name in enumerate(("RetailerMSP", "CarrierMSP", "RetailerMSP"))
    ]
    assert len(commit_block(world, calls, "parts")) == 3
    same = [
        (name, "facilities:Exchange", {**give, "part": 0, "notes": [mint(world, "100", name)]})
        for name in ("RetailerMSP", "CarrierMSP")
    ]
    assert len(commit_block(world, same, "one part")) == 1


def test_net_debtors_pay_in_and_members_approve_in_one_block() -> None:
    world = consortium()
    debts = (("Producer", "Bank", "10"), ("Retailer", "Bank", "20"), ("Carrier", "Bank", "30"))
    made = [owed(world, *each) for each in debts]
    cycle = world.do("BankMSP", "netting:Open", obligations=made, fund_within=60).reply["cycle"]["id"]
    calls = [
        (name, "netting:Fund", {"cycle": cycle, "notes": [mint(world, "30", name)]})
        for name in ("ProducerMSP", "RetailerMSP", "CarrierMSP")
    ]
    assert len(commit_block(world, calls, "fund")) == 3
    # Who dissolves while another pays in does so without knowing: only the first of them counts.
    again = [owed(world, *each) for each in debts]
    cycle = world.do("BankMSP", "netting:Open", obligations=again, fund_within=60).reply["cycle"]["id"]
    race = [
        ("ProducerMSP", "netting:Fund", {"cycle": cycle, "notes": [mint(world, "30", "ProducerMSP")]}),
        ("BankMSP", "netting:Dissolve", {"cycle": cycle}),
    ]
    assert len(commit_block(world, race, "race")) == 1

"""Obligations and netting: what both sides agreed to is set off, whole or not at all."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from hansa_domain.netting.records import Obligation, net
from tests.support.domain import World, consortium, mint, ulid
from tests.support.money_walk import owed

AT = "2027-01-15T08:00:00.000Z"
OWED = {"debtor": "ProducerMSP", "creditor": "RetailerMSP", "currency": "EUR", "amount": "100"}
SIDES = ("Producer", "Retailer", "Carrier")


def triangle(world: World) -> tuple[str, list[str]]:
    """Producer owes retailer 100, retailer carrier 80, carrier producer 90: 10 of each of two remain."""
    debts = (("Producer", "Retailer", "100"), ("Retailer", "Carrier", "80"), ("Carrier", "Producer", "90"))
    made = [owed(world, *each) for each in debts]
    opened = world.do("CarrierMSP", "netting:Open", obligations=made, fund_within=60)
    return str(opened.reply["cycle"]["id"]), made


def fund(world: World, cycle: str, name: str, amount: str = "15", **more: Any) -> Any:
    note = mint(world, amount, f"{name}MSP")
    return world.do(f"{name}MSP", "netting:Fund", cycle=cycle, notes=[note], **more)


def statuses(world: World, obligations: list[str]) -> list[tuple[str, str | None]]:
    found = [world.record("obligation", each) for each in obligations]
    return [(each["status"], each["cycle"]) for each in found]


def test_an_obligation_stands_once_both_said_so() -> None:
    world = consortium()
    result = world.do("ProducerMSP", "obligations:Register", **OWED, reference="PO-7", id=ulid(1))
    name = f"ProducerMSP.{ulid(1)}"
    record = {
        **OWED,
        "v": 1,
        "id": name,
        "status": "proposed",
        "account": "RetailerMSP",
        "reference": "PO-7",
        "registered_by": "ProducerMSP",
        "registered_at": AT,
        "cycle": None,
        "closed_at": None,
    }
    assert result.writes == {("obligation", name): record}
    assert result.event_types == ["obligation.registered"]
    wrong = world.refused("ProducerMSP", "obligations:Confirm", obligation=name)
    assert wrong == ("NOT_PERMITTED", None)
    confirmed = {"obligation": name, "account": "RetailerMSP/claims"}
    result = world.do("RetailerMSP", "obligations:Confirm", **confirmed)
    changed = {**record, "status": "confirmed", "account": "RetailerMSP/claims"}
    assert result.writes == {("obligation", name): changed}
    again = world.refused("RetailerMSP", "obligations:Confirm", **confirmed)
    assert again == ("OBLIGATION_STATE", "obligation")
    assert world.ask("BankMSP", "obligations:List")["obligations"] == [changed]


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("CarrierMSP", {}, "NOT_PERMITTED", "debtor"),
        ("ProducerMSP", {"creditor": "ProducerMSP"}, "NOT_PERMITTED", "debtor"),
        ("ProducerMSP", {"creditor": "ElseMSP"}, "MEMBER_NOT_FOUND", "creditor"),
        ("RetailerMSP", {"debtor": "ElseMSP"}, "MEMBER_NOT_FOUND", "debtor"),
        ("ProducerMSP", {"amount": "0"}, "AMOUNT_ZERO", "amount"),
        ("ProducerMSP", {"currency": "ABC"}, "CURRENCY_UNKNOWN", "currency"),
        ("ProducerMSP", {"account": "ProducerMSP"}, "NOT_PERMITTED", "account"),
        ("RetailerMSP", {"account": "ProducerMSP"}, "NOT_PERMITTED", "account"),
    ],
)
def test_register_refusals(caller: str, changes: dict[str, str], code: str, field: str) -> None:
    refused = consortium().refused(caller, "obligations:Register", **{**OWED, **changes})
    assert refused == (code, field)


def test_the_creditor_registers_and_the_debtor_confirms() -> None:
    world = consortium()
    made = world.do("RetailerMSP", "obligations:Register", **OWED, account="RetailerMSP/a").reply[
        "obligation"
    ]
    assert made["account"] == "RetailerMSP/a"
    account = {"obligation": made["id"], "account": "ProducerMSP"}
    refused = world.refused("ProducerMSP", "obligations:Confirm", **account)
    assert refused == ("NOT_PERMITTED", "account")
    world.do("ProducerMSP", "obligations:Confirm", obligation=made["id"])


def test_it_is_paid_or_given_up_without_netting() -> None:
    world = consortium()
    paid, waived = (owed(world, "Producer", "Retailer", "100") for _ in range(2))
    short = world.refused(
        "ProducerMSP", "obligations:Pay", obligation=paid, notes=[mint(world, "99", "ProducerMSP")]
    )
    assert short == ("FUNDS_INSUFFICIENT", "notes")
    note = mint(world, "130", "ProducerMSP")
    for caller in ("RetailerMSP", "CarrierMSP"):
        refused = world.refused(caller, "obligations:Pay", obligation=paid, notes=[note])
        assert refused == ("NOT_PERMITTED", None)
    result = world.do("ProducerMSP", "obligations:Pay", obligation=paid, notes=[note])
    assert (result.reply["paid"]["amount"], result.reply["change"]["amount"]) == ("100", "30")
    assert world.balance("RetailerMSP") == 100
    assert world.refused("ProducerMSP", "obligations:Withdraw", obligation=waived) == ("NOT_PERMITTED", None)
    world.do("RetailerMSP", "obligations:Withdraw", obligation=waived)
    assert statuses(world, [paid, waived]) == [("paid", None), ("withdrawn", None)]
    proposed = world.do("ProducerMSP", "obligations:Register", **OWED).reply["obligation"]["id"]
    unsaid = world.refused(
        "ProducerMSP", "obligations:Pay", obligation=proposed, notes=[mint(world, "100", "ProducerMSP")]
    )
    assert unsaid == ("OBLIGATION_STATE", "obligation")
    world.do("ProducerMSP", "obligations:Withdraw", obligation=proposed)
    gone = world.refused("RetailerMSP", "obligations:Confirm", obligation=f"RetailerMSP.{ulid('gone')}")
    assert gone == ("OBLIGATION_NOT_FOUND", "obligation")


def test_a_cycle_has_positions_that_sum_to_nothing() -> None:
    world = consortium()
    cycle, made = triangle(world)
    found = world.record("netting", cycle)
    assert found["positions"] == [
        {"member": "CarrierMSP", "account": "CarrierMSP", "owes": "10", "receives": "0"},
        {"member": "ProducerMSP", "account": "ProducerMSP", "owes": "10", "receives": "0"},
        {"member": "RetailerMSP", "account": "RetailerMSP", "owes": "0", "receives": "20"},
    ]
    assert found["obligations"] == sorted(made)
    assert statuses(world, made) == [("confirmed", cycle)] * 3
    # Meanwhile nothing else happens to them.
    note = mint(world, "100", "ProducerMSP")
    paying = world.refused("ProducerMSP", "obligations:Pay", obligation=made[0], notes=[note])
    assert paying == ("OBLIGATION_STATE", "obligation")
    giving = world.refused("RetailerMSP", "obligations:Withdraw", obligation=made[0])
    assert giving == ("OBLIGATION_STATE", "obligation")


def test_positions_do_not_depend_on_the_order() -> None:
    made = [
        Obligation(
            id=f"M.{number}",
            status="confirmed",
            debtor=debtor,
            creditor=creditor,
            account=f"{creditor}/{number}",
            currency="EUR",
            amount=amount,
            reference=None,
            registered_by=debtor,
            registered_at=AT,
        )
        for number, (debtor, creditor, amount) in enumerate(
            [("A", "B", "5"), ("B", "C", "7"), ("C", "B", "4"), ("B", "A", "5")]
        )
    ]
    expected = net(made)
    assert all(net(list(each)) == expected for each in permutations(made))
    assert [(each.member, each.account, each.owes, each.receives) for each in expected] == [
        ("A", "A/3", "0", "0"),
        ("B", "B/0", "3", "0"),
        ("C", "C/1", "0", "3"),
    ]


def test_open_refusals() -> None:
    world = consortium()
    first, second = owed(world, "Producer", "Retailer", "100"), owed(world, "Retailer", "Producer", "60")

    def refused(
        obligations: list[str], caller: str = "ProducerMSP", within: int = 60
    ) -> tuple[str, str | None]:
        fields = {"obligations": obligations, "fund_within": within}
        return world.refused(caller, "netting:Open", **fields)

    assert refused([first, first]) == ("FIELD_INVALID", "obligations")
    assert refused([first]) == ("FIELD_INVALID", "obligations")
    assert refused([first, second], within=604_801) == ("FIELD_INVALID", "fund_within")
    assert refused([first, second], "CarrierMSP") == ("NOT_PERMITTED", "obligations")
    gone = f"ProducerMSP.{ulid('gone')}"
    assert refused([first, gone]) == ("OBLIGATION_NOT_FOUND", "obligations[1]")
    proposed = world.do("ProducerMSP", "obligations:Register", **OWED).reply["obligation"]["id"]
    assert refused([first, proposed]) == ("OBLIGATION_STATE", "obligations[1]")
    yuan = world.do("ProducerMSP", "obligations:Register", **{**OWED, "currency": "CNY"}).reply["obligation"][
        "id"
    ]
    world.do("RetailerMSP", "obligations:Confirm", obligation=yuan)
    assert refused([first, yuan]) == ("CURRENCY_MISMATCH", "obligations[1]")
    world.do("ProducerMSP", "netting:Open", obligations=[first, second], fund_within=60)
    assert refused([first, second]) == ("OBLIGATION_STATE", "obligations[0]")
    big = [owed(world, "Producer", "Retailer", str(10**18 - 1)) for _ in range(2)]
    assert refused(big) == ("AMOUNT_TOO_LARGE", "obligations")


def test_who_owes_on_balance_pays_in_and_all_is_settled() -> None:
    world = consortium()
    cycle, made = triangle(world)
    result = fund(world, cycle, "Producer")
    assert set(result.writes) >= {("netting-pot", cycle, "ProducerMSP")}
    assert ("netting", cycle) not in result.writes
    assert result.outcome.guards["netting-pot", cycle, "ProducerMSP"].owner == "ProducerMSP"
    assert (result.reply["pot"]["amount"], result.reply["change"]["amount"]) == ("10", "5")
    early = world.refused("RetailerMSP", "netting:Close", cycle=cycle)
    assert early == ("NETTING_STATE", "cycle")
    fund(world, cycle, "Carrier", change="CarrierMSP/debts")
    assert world.ask("BankMSP", "netting:Get", cycle=cycle)["funded"] == ["CarrierMSP", "ProducerMSP"]
    pots = [f"{cycle}/CarrierMSP", f"{cycle}/ProducerMSP"]
    assert world.ask("BankMSP", "guards:List", kind="pot")["ids"] == pots
    renewed = world.do("BankMSP", "guards:Renew", pots=pots)
    assert renewed.events[0]["held"] == pots
    result = world.do("BankMSP", "netting:Close", cycle=cycle)
    assert [(note["owner"], note["amount"]) for note in result.reply["notes"]] == [("RetailerMSP", "20")]
    assert result.event_types == ["netting.closed", "money.moved"]
    assert statuses(world, made) == [("netted", cycle)] * 3
    assert [key for key in world.state if key[0] == "netting-pot"] == []
    for verb in ("Close", "Dissolve"):
        refused = world.refused("RetailerMSP", f"netting:{verb}", cycle=cycle)
        assert refused == ("NETTING_STATE", "cycle")


def test_fund_refusals() -> None:
    world = consortium()
    cycle, _ = triangle(world)

    def refused(caller: str, amount: str = "15", **more: Any) -> tuple[str, str | None]:
        fields = {"cycle": cycle, "notes": [mint(world, amount, caller)], **more}
        return world.refused(caller, "netting:Fund", **fields)

    assert refused("RetailerMSP") == ("NOT_PERMITTED", "cycle")
    assert refused("BankMSP") == ("NOT_PERMITTED", "cycle")
    assert refused("ProducerMSP", "9") == ("FUNDS_INSUFFICIENT", "notes")
    assert refused("ProducerMSP", change="BankMSP") == ("NOT_PERMITTED", "change")
    assert refused("ProducerMSP", cycle=f"ProducerMSP.{ulid('gone')}") == ("NETTING_NOT_FOUND", "cycle")
    fund(world, cycle, "Producer")
    assert refused("ProducerMSP") == ("NETTING_STATE", "cycle")
    world.pass_time(60)
    assert refused("CarrierMSP") == ("NETTING_DUE", "cycle")
    world.do("RetailerMSP", "netting:Dissolve", cycle=cycle)
    assert refused("CarrierMSP") == ("NETTING_STATE", "cycle")


def test_a_cycle_that_is_not_paid_in_ends_as_if_it_had_never_been() -> None:
    world = consortium()
    cycle, made = triangle(world)
    fund(world, cycle, "Producer", change="ProducerMSP/debts")
    refused = world.refused("BankMSP", "netting:Dissolve", cycle=cycle)
    assert refused == ("NETTING_NOT_DUE", "cycle")
    world.pass_time(60)
    result = world.do("BankMSP", "netting:Dissolve", cycle=cycle)
    assert world.balance("ProducerMSP/debts") == 15
    assert result.events[0]["outcome"] == "dissolved"
    assert result.events[1]["reason"] == "refund"
    assert statuses(world, made) == [("confirmed", None)] * 3
    world.do("RetailerMSP", "netting:Open", obligations=made, fund_within=60)


@pytest.mark.parametrize("name", SIDES)
def test_any_party_ends_it_before_it_closes(name: str) -> None:
    world = consortium()
    cycle, made = triangle(world)
    result = world.do(f"{name}MSP", "netting:Dissolve", cycle=cycle)
    assert result.event_types == ["netting.closed"]
    assert statuses(world, made) == [("confirmed", None)] * 3


@pytest.mark.parametrize("account", ["ProducerMSP", "RetailerMSP", "CarrierMSP/debts"])
def test_a_frozen_account_does_not_net(account: str) -> None:
    world = consortium()
    cycle, _ = triangle(world)
    fund(world, cycle, "Producer")
    fund(world, cycle, "Carrier", change="CarrierMSP/debts")
    world.do("RegulatorMSP", "currencies:Freeze", account=account, reason="Doubt")
    refused = world.refused("BankMSP", "netting:Close", cycle=cycle)
    assert refused == ("ACCOUNT_FROZEN", "cycle")
    world.do("ProducerMSP", "netting:Dissolve", cycle=cycle)
    assert world.balance("ProducerMSP") == 15


def test_what_sets_off_whole_needs_no_money() -> None:
    world = consortium()
    made = [owed(world, "Producer", "Retailer", "70"), owed(world, "Retailer", "Producer", "70")]
    cycle = world.do("ProducerMSP", "netting:Open", obligations=made, fund_within=60).reply["cycle"]["id"]
    result = world.do("RetailerMSP", "netting:Close", cycle=cycle)
    assert (result.reply["notes"], result.event_types) == ([], ["netting.closed"])


def test_what_is_owed_into_a_frozen_account_is_not_paid_into_another() -> None:
    world = consortium()
    # The first of one creditor's claims, in order of id, says where he is paid: not the frozen account.
    free, frozen = (
        world.do(
            "ProducerMSP",
            "obligations:Register",
            debtor="ProducerMSP",
            creditor="RetailerMSP",
            currency="EUR",
            amount=amount,
            id=f"0000000000000000000000000{number}",
        ).reply["obligation"]["id"]
        for number, amount in enumerate(("1", "999"))
    )
    for obligation, account in ((free, "RetailerMSP/free"), (frozen, "RetailerMSP/seized")):
        world.do("RetailerMSP", "obligations:Confirm", obligation=obligation, account=account)
    world.do("RegulatorMSP", "currencies:Freeze", account="RetailerMSP/seized", reason="Doubt")
    opened = world.do("RetailerMSP", "netting:Open", obligations=[free, frozen], fund_within=60)
    cycle = opened.reply["cycle"]["id"]
    fund(world, cycle, "Producer", "1000")
    refused = world.refused("RetailerMSP", "netting:Close", cycle=cycle)
    assert refused == ("ACCOUNT_FROZEN", "cycle")
    world.do("RetailerMSP", "netting:Dissolve", cycle=cycle)


def test_what_is_owed_into_a_frozen_account_is_not_given_up() -> None:
    world = consortium()
    claim = owed(world, "Producer", "Retailer", "100")
    world.do("RegulatorMSP", "currencies:Freeze", account="RetailerMSP", reason="Doubt")
    refused = world.refused("RetailerMSP", "obligations:Withdraw", obligation=claim)
    assert refused == ("ACCOUNT_FROZEN", "obligation")
    world.do("ProducerMSP", "obligations:Pay", obligation=claim, notes=[mint(world, "100", "ProducerMSP")])
    assert world.balance("RetailerMSP") == 100

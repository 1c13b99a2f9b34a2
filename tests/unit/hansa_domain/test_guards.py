"""Who has a say of his own over a record, and how many decide without him."""

from __future__ import annotations

import json

import pytest

from hansa_domain import catalogue
from hansa_domain.guard_renewal import _KINDS
from hansa_domain.guards import Guard
from hansa_domain.operation import Record
from tests.support.domain import MEMBERS, consortium, mint, placed

ALL = tuple(sorted(str(member["msp_id"]) for member in MEMBERS))


def guard(owner: str | None) -> Guard:
    return Guard(ALL, owner)


@pytest.mark.parametrize(
    ("members", "majority", "without_owner"),
    [
        (1, 1, 1),
        (2, 2, 2),
        (3, 2, 2),
        (4, 3, 3),
        (5, 3, 4),
        (6, 4, 5),
        (7, 4, 5),
        (9, 5, 6),
        (10, 6, 7),
        (30, 16, 20),
    ],
)
def test_a_guard_is_never_weaker_than_a_majority(members: int, majority: int, without_owner: int) -> None:
    names = tuple(f"M{number:02}" for number in range(members))
    found = Guard(names, names[0])
    assert 1 + found.beside_owner == majority
    assert len(found.others) >= found.beside_owner
    assert found.without_owner == without_owner


@pytest.mark.parametrize("members", range(3, 40))
def test_one_silent_member_locks_nothing(members: int) -> None:
    assert Guard(tuple(map(str, range(members))), "0").without_owner <= members - 1


def test_money_is_guarded_by_its_owner() -> None:
    world = consortium()
    minted = world.do("BankMSP", "money:Mint", currency="EUR", amount="5", owner="RetailerMSP/shop")
    (note,) = [key for key in minted.writes if key[0] == "note"]
    assert minted.outcome.guards == {note: guard("RetailerMSP")}
    outputs = [{"owner": "ProducerMSP", "amount": "2"}, {"owner": "RetailerMSP", "amount": "3"}]
    paid = world.do("RetailerMSP", "money:Transfer", notes=[note[1]], outputs=outputs)
    assert sorted(each.owner or "" for each in paid.outcome.guards.values()) == ["ProducerMSP", "RetailerMSP"]


def test_escrow_is_guarded_by_the_buyer_and_gone_with_the_order() -> None:
    world, order = placed()
    (stored,) = [key for key in world.state if key[0] == "escrow"]
    assert stored == ("escrow", order)
    cancelled = world.do("RetailerMSP", "orders:Cancel", order=order)
    assert cancelled.writes[stored] is None
    assert stored not in cancelled.outcome.guards


def test_records_of_nobody_have_none() -> None:
    world = consortium()
    made = world.do("ProducerMSP", "products:Register", gtin="09506000134352", name="Oil")
    assert made.outcome.guards == {}


def test_a_departed_owner_s_records_are_in_the_hands_of_many() -> None:
    world = consortium()
    left = {"v": 1, "members": [each for each in ALL if each != "RetailerMSP"]}
    world.state["roster",] = json.dumps(left).encode()
    minted = world.do("BankMSP", "money:Mint", currency="EUR", amount="5", owner="RetailerMSP")
    assert [each.owner for each in minted.outcome.guards.values()] == [None]


def test_a_ledger_from_before_the_roster_goes_on_without_guards() -> None:
    world = consortium()
    del world.state["roster",]
    note = mint(world, "100")
    outputs = [{"owner": "ProducerMSP", "amount": "100"}]
    paid = world.do("RetailerMSP", "money:Transfer", notes=[note], outputs=outputs)
    assert paid.outcome.guards == {}


def test_renewal_writes_the_same_records_with_today_s_policy() -> None:
    world, order = placed()
    note = mint(world, "70", "CarrierMSP")
    state = dict(world.state)
    left = [each for each in ALL if each != "RegulatorMSP"]
    world.state["roster",] = json.dumps({"v": 1, "members": left}).encode()
    renewed = world.do(
        "ProducerMSP", "guards:Renew", notes=[note, "BankMSP.01ARZ3NDEKTSV4RRFFQ69G5FAV.0"], escrows=[order]
    )
    assert renewed.reply == {"renewed": 2, "members": left}
    assert {key: world.state[key] for key in renewed.writes} == {key: state[key] for key in renewed.writes}
    assert renewed.outcome.guards == {
        ("escrow", order): Guard(tuple(left), "RetailerMSP"),
        ("note", note): Guard(tuple(left), "CarrierMSP"),
    }
    assert renewed.event_types == ["guards.renewed"]


def test_renewal_of_nothing_is_refused_and_of_what_is_gone_does_nothing() -> None:
    world = consortium()
    assert world.refused("ProducerMSP", "guards:Renew") == ("FIELD_INVALID", "notes")
    gone = world.do("ProducerMSP", "guards:Renew", notes=["BankMSP.01ARZ3NDEKTSV4RRFFQ69G5FAV.0"])
    assert (gone.reply["renewed"], gone.events) == (0, [])


def test_what_is_guarded_is_listed_by_kind() -> None:
    world, order = placed()
    assert world.ask("BankMSP", "guards:List", kind="escrow") == {"ids": [order], "bookmark": ""}
    notes = world.ask("BankMSP", "guards:List", kind="note", limit=1)
    assert [key[1] for key in world.state if key[0] == "note"] == notes["ids"]
    assert world.ask("BankMSP", "guards:List", kind="unit")["ids"] == []


def test_whatever_has_a_guard_can_be_renewed() -> None:
    assert catalogue.OPERATIONS  # every noun is there
    kinds = [Record]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert {kind for kind in kinds[1:] if "guardian" in vars(kind)} == set(_KINDS.values())


def test_what_says_who_may_take_money_is_guarded_like_the_money() -> None:
    world = consortium()
    terms = {"payee": "ProducerMSP", "currency": "EUR", "maximum": "9", "period": 60, "expires_within": 600}
    granted = world.do("RetailerMSP", "mandates:Grant", **terms)
    name = str(granted.reply["mandate"]["id"])
    assert granted.outcome.guards == {("mandate", name): guard("RetailerMSP")}
    mint(world, "5", "RetailerMSP")
    assert world.ask("BankMSP", "guards:List", kind="mandate")["ids"] == [name]
    renewed = world.do("BankMSP", "guards:Renew", mandates=[name])
    assert renewed.outcome.guards == granted.outcome.guards
    assert renewed.events[0]["held"] == [name]

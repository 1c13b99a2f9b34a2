"""Orders by milestones, texts of disputes, and what everybody holds, for tests of escrow."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from hansa_domain.disputes.disclosure import statement_commitment
from hansa_domain.disputes.records import Statement
from tests.support.domain import World, market, mint, order_fields

OWNERS = ("RetailerMSP", "ProducerMSP", "CarrierMSP", "BankMSP/consortium-fees")
DOCUMENT = "d0" * 32
STATEMENT = {"salt": "5a" * 16, "text": "Two of four cartons were wet.\nÖl is everywhere."}


def statement_hash(statement: dict[str, str] = STATEMENT) -> str:
    return statement_commitment(msgspec.convert(statement, Statement))


def private(statement: dict[str, str] = STATEMENT) -> dict[str, bytes]:
    return {"private": json.dumps(statement).encode()}


def milestone(event: str, points: int | None = None, **more: Any) -> dict[str, Any]:
    """One milestone, named after its event, due in 100 seconds, refunded if missed."""
    fields = {"name": event, "event": event, "within": 100, "otherwise": "refund", **more}
    return fields if points is None else {**fields, "basis_points": points}


PLAN = [
    milestone("attested", 2000, inspector="RegulatorMSP"),
    milestone("shipped", 3000),
    milestone("delivered", 2500),
    milestone("accepted", 1500, otherwise="pay"),
    milestone("warranty", 1000, within=500, otherwise="pay"),
]
"""Of 995 proceeds, 100 freight and 5 fee: 199/20/1, 298/30/1, 249/25/1, 149/15/1 and 100/10/1."""

HALF = milestone("accepted", 5000)

BAD_PLANS: list[tuple[list[dict[str, Any]], str, str]] = [
    ([], "FIELD_INVALID", "milestones"),
    ([HALF], "MILESTONES_INVALID", "milestones"),
    ([HALF, HALF], "MILESTONES_INVALID", "milestones[1].name"),
    ([HALF, milestone("inspected", 5001)], "MILESTONES_INVALID", "milestones"),
    ([HALF, milestone("inspected", amount="995")], "MILESTONES_INVALID", "milestones[1].amount"),
    ([HALF, milestone("inspected")], "MILESTONES_INVALID", "milestones[1].amount"),
    ([milestone("accepted", amount="994")], "MILESTONES_INVALID", "milestones"),
    (
        [milestone("accepted", amount="995"), milestone("inspected", amount="0")],
        "MILESTONES_INVALID",
        "milestones[1].amount",
    ),
    (
        [milestone("accepted", 10000, inspector="RegulatorMSP")],
        "MILESTONES_INVALID",
        "milestones[0].inspector",
    ),
    ([milestone("attested", 10000)], "MILESTONES_INVALID", "milestones[0].inspector"),
    (
        [milestone("attested", 10000, inspector="ProducerMSP")],
        "MILESTONES_INVALID",
        "milestones[0].inspector",
    ),
    (
        [milestone("attested", 10000, inspector="NobodyMSP")],
        "MEMBER_NOT_FOUND",
        "milestones[0].inspector",
    ),
    ([milestone("shipped", 10000)], "MILESTONES_INVALID", "milestones[0].event"),
    (
        [milestone("delivered", 5000), milestone("shipped", 5000)],
        "MILESTONES_INVALID",
        "milestones[1].event",
    ),
    (
        [milestone("delivered", 5000), milestone("delivered", 5000, name="again")],
        "MILESTONES_INVALID",
        "milestones[1].event",
    ),
    ([milestone("warranty", 10000, otherwise="pay")], "MILESTONES_INVALID", "milestones[0].event"),
    ([HALF, milestone("warranty", 5000)], "MILESTONES_INVALID", "milestones[1].otherwise"),
]
"""Plans for proceeds of 995 between retailer and producer, with the code and the field of their refusal."""


def by_milestones(milestones: list[dict[str, Any]] | None = None, **more: Any) -> tuple[World, str]:
    """An accepted order over 1100, freight 100, that is paid by these; the buyer has nothing left."""
    world, listing = market()
    fields = order_fields(
        listing, [mint(world, "1100")], settlement="milestones", milestones=milestones or PLAN, **more
    )
    order = str(world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])
    world.do("ProducerMSP", "orders:Accept", order=order)
    return world, order


def balances(world: World) -> list[int]:
    """What buyer, seller, carrier and consortium hold."""
    return [world.balance(owner) for owner in OWNERS]


def split(buyer: int, seller: int, carrier: int = 0) -> dict[str, str]:
    return {"to_buyer": str(buyer), "to_seller": str(seller), "to_carrier": str(carrier)}

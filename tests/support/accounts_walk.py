"""Every operation on accounts with rules."""

from __future__ import annotations

from typing import Any

from tests.support.domain import World, mint, ulid
from tests.support.signers import (
    ADMIN,
    COLD,
    HOT,
    HOT_RULES,
    UNTIL,
    name,
    notice,
    open_accounts,
    outputs,
    payment,
    refill,
    rules,
    signed,
    signer,
)


def accounts_walk(world: World) -> None:
    """Opened, paid from, refilled, swept, changed and recovered."""
    open_accounts(world)
    opened = {"opened_at": world.record("account", HOT)["opened_at"]}
    hot, cold = mint(world, "1000", HOT), mint(world, "1000", COLD)
    draws = {"draws": [{"slice": 1, "amount": "30"}]}
    to = outputs(("ProducerMSP", 30), (HOT, 970))
    made = world.do("RetailerMSP", "money:Transfer", notes=[hot], outputs=to, authority=draws)
    (_, rest) = made.reply["notes"]
    to = outputs(("ProducerMSP", 300), (HOT, 670))
    document = payment(300, number="walk", **opened)
    paid = world.do(
        "RetailerMSP", "money:Transfer", notes=[rest["id"]], outputs=to, authority=signed(document, 1, 3)
    )
    world.do("RetailerMSP", "accounts:Sweep", account=HOT, notes=[paid.reply["notes"][1]["id"]])
    refills = [
        world.do(
            "RetailerMSP", "accounts:ProposeRefill", account=HOT, **signed(refill(100, n, **opened), 1, 2)
        )
        for n in ("stopped", "completed", "waiting")
    ]
    stopped, completed, _ = (each.reply["refill"]["id"] for each in refills)
    stop = notice("accounts:StopRefill", stopped, 3)
    world.do("CarrierMSP", "accounts:StopRefill", refill=stopped, signature=stop)
    recoveries = [
        world.do(ADMIN, "accounts:ProposeRecovery", account=COLD, signers=[signer(8)], threshold=1)
        for _ in range(2)
    ]
    first, second = (each.reply["recovery"]["id"] for each in recoveries)
    stop = notice("accounts:StopRecovery", first, 3)
    world.do("CarrierMSP", "accounts:StopRecovery", recovery=first, signature=stop)
    world.pass_time(60)
    world.do("CarrierMSP", "accounts:CompleteRefill", refill=completed, notes=[cold])
    world.do(ADMIN, "accounts:CompleteRecovery", recovery=second)
    world.do(
        "RetailerMSP",
        "accounts:ChangeRules",
        **signed(_change("ChangeRules", **opened, rules=rules(**HOT_RULES)), 1, 2),
    )
    other = _change("ReplaceSigner", **opened, revision=2, old=name(3), new=signer(4))
    world.do("RetailerMSP", "accounts:ReplaceSigner", **signed(other, 1, 2))
    world.ask("CarrierMSP", "accounts:Get", account=HOT)
    world.ask("CarrierMSP", "accounts:List", organization="RetailerMSP")
    world.ask("CarrierMSP", "accounts:Allowance", account=HOT, currency="EUR")
    world.ask("CarrierMSP", "accounts:GetRefill", refill=stopped)
    world.ask("CarrierMSP", "accounts:GetRecovery", recovery=first)


def _change(verb: str, **more: Any) -> dict[str, Any]:
    return {
        "v": 2,
        "account": HOT,
        "id": ulid(("walk", verb)),
        "operation": f"accounts:{verb}",
        "revision": 1,
        "valid_until": UNTIL,
        **more,
    }

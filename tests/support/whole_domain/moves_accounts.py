"""Moves of accounts with rules: opened, refilled, swept, changed, recovered."""

from __future__ import annotations

from typing import Any

from tests.support.domain import ulid
from tests.support.signers import name, notice, rules, signed, signer
from tests.support.whole_domain.draw import Draw
from tests.support.whole_domain.moves import Move, move, sent
from tests.support.whole_domain.moves_money import instruction, organisation, signers

HOT, COLD = "RetailerMSP/till", "RetailerMSP/vault"

COLD_ACCOUNT: tuple[str, str, dict[str, Any]] = (COLD, "cold", rules())
HOT_ACCOUNT: tuple[str, str, dict[str, Any]] = (
    HOT,
    "hot",
    rules(
        limits=[{"currency": "EUR", "per_payment": "300", "per_day": "2000"}],
        cold=COLD,
        caps=[{"currency": "EUR", "amount": "900"}],
    ),
)


@move("accounts:Open")
def open_account(draw: Draw) -> Move:
    account, kind, wanted = draw.pick((HOT_ACCOUNT, COLD_ACCOUNT))
    return sent(draw, admin=True, by="RetailerMSP", account=account, kind=kind, rules=wanted, slices=2)


def _changed(draw: Draw, verb: str, account: Any, **more: Any) -> dict[str, Any]:
    document = {
        "v": 2,
        "account": account.owner,
        "opened_at": account.opened_at,
        "id": ulid(("instruction", draw.seed)),
        "operation": f"accounts:{verb}",
        "revision": account.revision,
        "valid_until": "2099-12-31T00:00:00.000Z",
        **more,
    }
    return signed(document, *signers(draw, account))


@move("accounts:ChangeRules")
def change_rules(draw: Draw) -> Move | None:
    account = draw.recent(draw.view.all("account"))
    if account is None:
        return None
    kept = rules(*range(1, 5)) if account.kind == "cold" else {**rules(), "cold": COLD}
    return sent(draw, by=organisation(account.owner), **_changed(draw, "ChangeRules", account, rules=kept))


@move("accounts:ReplaceSigner")
def replace_signer(draw: Draw) -> Move | None:
    account = draw.recent(draw.view.all("account"))
    if account is None:
        return None
    known = [int(each.label.rpartition(" ")[2]) for each in account.rules.signers]
    new = draw.random.randrange(1, 9)
    document = _changed(draw, "ReplaceSigner", account, old=name(known[-1]), new=signer(new))
    return sent(draw, by=organisation(account.owner), **document)


@move("accounts:ProposeRefill")
def propose_refill(draw: Draw) -> Move | None:
    cold = draw.view.get("account", COLD)
    if cold is None:
        return None
    amount = draw.random.randrange(1, 400)
    document = instruction(draw, cold, HOT, amount, operation="accounts:CompleteRefill")
    return sent(draw, by="RetailerMSP", account=HOT, **signed(document, *signers(draw, cold)))


@move("accounts:StopRefill")
def stop_refill(draw: Draw) -> Move | None:
    return _stopped(draw, "refill", "accounts:StopRefill", COLD)


@move("accounts:StopRecovery")
def stop_recovery(draw: Draw) -> Move | None:
    return _stopped(draw, "recovery", "accounts:StopRecovery", None)


def _stopped(draw: Draw, noun: str, operation: str, owner: str | None) -> Move | None:
    found = draw.recent([each for each in draw.view.all(noun) if each.status == "waiting"])
    account = found and draw.view.get("account", owner or found.account)
    if account is None or draw.chance(50):
        return None
    number = draw.pick(signers(draw, account))
    return sent(draw, **{noun: found.id, "signature": notice(operation, found.id, number)})


@move("accounts:CompleteRefill")
def complete_refill(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("refill") if each.status == "waiting"])
    if found is None:
        return None
    notes = draw.notes(found.cold, found.currency, int(found.amount))
    return sent(draw, refill=found.id, notes=notes)


@move("accounts:Sweep")
def sweep(draw: Draw) -> Move:
    draw.caller = "RetailerMSP"
    return sent(draw, account=HOT, notes=draw.notes(HOT)[:2])


@move("accounts:ProposeRecovery")
def propose_recovery(draw: Draw) -> Move | None:
    account = draw.recent(draw.view.all("account"))
    if account is None:
        return None
    by, chosen = organisation(account.owner), [signer(draw.random.randrange(1, 9))]
    return sent(draw, admin=True, by=by, account=account.owner, signers=chosen, threshold=1)


@move("accounts:CompleteRecovery")
def complete_recovery(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("recovery") if each.status == "waiting"])
    return found and sent(draw, admin=True, by=organisation(found.account), recovery=found.id)

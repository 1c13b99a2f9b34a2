"""Moves of money: issued, paid, locked, collected, bought."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tests.support.domain import ulid
from tests.support.signers import signed
from tests.support.whole_domain.draw import CURRENCIES, SECRETS, Draw
from tests.support.whole_domain.moves import Move, move, sent


def organisation(owner: str) -> str:
    """The member whose account it is."""
    return owner.partition("/")[0]


@move("money:Mint")
def mint(draw: Draw) -> Move:
    owner = draw.pick((draw.account(False), draw.account(True), "RetailerMSP", "RetailerMSP"))
    amount = str(draw.pick((draw.random.randrange(1, 300), 5000)))
    return sent(draw, by="BankMSP", currency=draw.pick(CURRENCIES), amount=amount, owner=owner)


@move("money:Burn")
def burn(draw: Draw) -> Move:
    draw.caller = "BankMSP"
    return sent(draw, notes=draw.notes(owner="BankMSP")[:1])


@move("money:Transfer")
def transfer(draw: Draw) -> Move | None:
    """Notes of one account to several; out of an account with rules by its allowance or its signers."""
    held = draw.held() or draw.view.all("note")
    if not held:
        return None
    first = draw.pick(held)
    draw.caller = organisation(first.owner)
    notes = draw.notes(first.owner, first.currency)
    chosen = [note for note in draw.view.all("note") if note.id in notes]
    total = sum(int(note.amount) for note in chosen)
    part = draw.random.randint(1, total)
    payee = draw.account(draw.chance(40))
    outputs = [{"owner": payee, "amount": str(part)}]
    if total > part:
        outputs.append({"owner": first.owner, "amount": str(total - part)})
    if draw.chance(5):
        outputs.append({"owner": draw.caller, "amount": "1"})
    fields: dict[str, Any] = {"notes": notes, "outputs": outputs}
    account = draw.view.get("account", first.owner)
    if account is not None:
        fields["authority"] = authority(draw, account, payee, part)
    return sent(draw, **fields)


def authority(draw: Draw, account: Any, payee: str, amount: int) -> dict[str, Any]:
    """What lets the money out of an account with rules."""
    if account.rules.limits and draw.chance(60):
        return {"draws": [{"slice": draw.random.randrange(account.slices), "amount": str(amount)}]}
    document = instruction(draw, account, payee, amount)
    return signed(document, *signers(draw, account))


def instruction(draw: Draw, account: Any, payee: str, amount: int, **more: Any) -> dict[str, Any]:
    """An instruction to pay."""
    return {
        "v": 2,
        "account": account.owner,
        "opened_at": account.opened_at,
        "id": ulid(("instruction", draw.seed)),
        "operation": "money:Transfer",
        "currency": "EUR",
        "amount": str(amount),
        "outputs": [{"owner": payee, "amount": str(amount)}],
        "purpose": "",
        "valid_until": "2099-12-31T00:00:00.000Z",
        **more,
    }


def signers(draw: Draw, account: Any) -> list[int]:
    """Numbers of the account's signers, mostly enough of them; see ``tests.support.signers``."""
    known = [int(each.label.rpartition(" ")[2]) for each in account.rules.signers]
    return known if draw.chance(90) else known[:1]


@move("hashlocks:Lock")
def lock(draw: Draw) -> Move:
    notes = draw.notes()
    fields = {"amount": draw.echo.get("amount", "1"), "currency": draw.echo.get("currency", "EUR")}
    digest = sha256(bytes.fromhex(draw.pick(SECRETS))).hexdigest()
    return sent(draw, **fields, notes=notes, recipient=draw.account(False), hash=digest, expires_within=60)


@move("hashlocks:Claim")
def claim(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("hashlock") if each.status == "locked"])
    if found is None:
        return None
    by = organisation(found.recipient)
    return sent(draw, by=by, hashlock=found.id, preimage=draw.pick(SECRETS))


@move("mandates:Collect")
def collect(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("mandate") if each.status == "active"])
    found = found or draw.recent(draw.view.all("mandate"))
    if found is None:
        return None
    amount = draw.random.randint(1, max(1, int(found.maximum)))
    notes = draw.notes(found.payer, found.currency, amount)
    return sent(draw, by=organisation(found.payee), mandate=found.id, amount=str(amount), notes=notes)


@move("paymentRequests:Create")
def request(draw: Draw) -> Move:
    payer = draw.pick(("RetailerMSP", "CarrierMSP", "BankMSP"))
    fields = {"currency": draw.pick(CURRENCIES), "amount": str(draw.random.randint(1, 90))}
    return sent(draw, payer=payer, **fields, expires_within=240)


@move("paymentRequests:Pay")
def pay(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("payment-request") if each.status == "open"])
    if found is None:
        return None
    draw.caller = found.payer
    notes = draw.notes(found.payer, found.currency, int(found.amount))
    return sent(draw, payment_request=found.id, notes=notes)


@move("receivables:Offer")
def offer_receivable(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("order") if each.status in ("accepted", "shipped")])
    if found is None:
        return None
    price = str(draw.random.randint(1, max(1, int(found.proceeds))))
    financier = draw.pick(("BankMSP", draw.anyone()))
    return sent(draw, by=found.seller, order=found.id, financier=financier, price=price, expires_within=240)


@move("receivables:Assign")
def assign(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("receivable") if each.status == "offered"])
    if found is None:
        return None
    draw.caller = found.financier
    notes = draw.notes(found.financier, found.currency, int(found.price))
    return sent(draw, order=found.order, price=found.price, notes=notes)


@move("currencies:Attest")
def attest(draw: Draw) -> Move:
    day = draw.pick(("2027-01-14", "2026-12-31", "2026-02-30"))
    return sent(
        draw,
        by="BankMSP",
        currency=draw.pick(CURRENCIES),
        amount=str(draw.amount()),
        as_of=day,
        document="ad" * 32,
        auditor="Auditors",
    )


@move("currencies:Unfreeze")
def unfreeze(draw: Draw) -> Move | None:
    found = draw.recent(draw.view.all("freeze"))
    return found and sent(draw, by="RegulatorMSP", account=found.account, reason="Over")


@move("hashlocks:Refund")
def refund(draw: Draw) -> Move | None:
    """By anybody; it is time once the lock has expired."""
    found = draw.recent([each for each in draw.view.all("hashlock") if each.status == "locked"])
    return found and sent(draw, hashlock=found.id)


@move("receivables:Withdraw")
def withdraw_receivable(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("receivable") if each.status == "offered"])
    if found is None or draw.chance(50):
        return None  # what is withdrawn is not sold
    return sent(draw, by=found.seller, order=found.order)

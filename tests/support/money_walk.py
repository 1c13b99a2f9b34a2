"""The part of the walk that goes through fees, rates, exchanges and netting."""

from __future__ import annotations

from hansa_domain.operation import Caller
from tests.support.domain import World, mint


def admin(name: str) -> Caller:
    """An administrator of a member, by the name before MSP."""
    return Caller(f"{name}MSP", "admin", admin=True)


def money_walk(world: World) -> None:
    """Every operation of those nouns at least once."""
    fees(world)
    rates(world)
    exchanges(world)
    facilities(world)
    netting(world)


def fees(world: World) -> None:
    """A schedule published, agreed to and asked for."""
    rule = {"basis_points": 20, "bounds": [{"currency": "EUR", "minimum": "1", "maximum": "900"}]}
    rules = {"order": rule, "arbitration": rule, "exchange": {"basis_points": 10}, "account": "BankMSP/fees"}
    schedule = world.do(admin("Bank"), "fees:Publish", **rules).reply["schedule"]["id"]
    for name in ("Producer", "Retailer"):
        world.do(admin(name), "fees:Approve", schedule=schedule)
    world.ask("CarrierMSP", "fees:Get", schedule=schedule)
    world.ask("CarrierMSP", "fees:List")
    world.ask("CarrierMSP", "fees:Quote", currency="EUR", amount="1000")


def trust(world: World, base: str, quote: str, *oracles: str) -> None:
    """A majority approves these oracles for a pair, by the names before MSP."""
    for oracle in oracles:
        for name in ("Producer", "Retailer", "Carrier"):
            world.do(admin(name), "rates:Approve", base=base, quote=quote, oracle=f"{oracle}MSP")


def quote_rate(world: World, oracle: str, base: str, quote: str, rate: str) -> None:
    """An oracle quotes so many minor units for 10,000."""
    fields = {"base": base, "quote": quote, "base_amount": "10000", "quote_amount": rate}
    world.do(f"{oracle}MSP", "rates:Publish", **fields, source="50" * 32)


def rates(world: World) -> None:
    """Two oracles quote a pair, of which one is trusted no more afterwards."""
    trust(world, "EUR", "USD", "Bank", "Regulator")
    quote_rate(world, "Bank", "EUR", "USD", "10837")
    quote_rate(world, "Regulator", "EUR", "USD", "10840")
    world.ask("CarrierMSP", "rates:Get", base="EUR", quote="USD")
    world.do(admin("Producer"), "rates:Revoke", base="EUR", quote="USD", oracle="RegulatorMSP")
    world.ask("CarrierMSP", "rates:List")


def exchanges(world: World) -> None:
    """A firm quote taken, one rejected, one let pass."""
    held = {
        "taker": "RetailerMSP",
        "currency": "USD",
        "amount": "108",
        "price_currency": "EUR",
        "price": "100",
    }
    made = []
    for _ in range(3):
        note = mint(world, "120", "CarrierMSP", "USD")
        offer = world.do("CarrierMSP", "exchanges:Offer", notes=[note], **held, valid_for=60)
        made.append({"exchange": offer.reply["exchange"]["id"]})
    world.do("RetailerMSP", "exchanges:Accept", **made[0], notes=[mint(world, "150")])
    world.do("RetailerMSP", "exchanges:Reject", **made[1])
    world.pass_time(60)
    world.do("BankMSP", "exchanges:Expire", **made[2])
    world.ask("BankMSP", "exchanges:Get", **made[0])
    world.ask("BankMSP", "exchanges:List")


def facilities(world: World) -> None:
    """A facility opened, used, topped up, revised, drawn on and closed."""
    terms = {"base": "EUR", "quote": "USD", "currency": "USD", "amount": "900", "spread": 10, "parts": 2}
    note = mint(world, "1000", "CarrierMSP", "USD")
    opened = world.do("CarrierMSP", "facilities:Open", notes=[note], **terms, max_age=86400)
    facility = {"facility": opened.reply["facility"]["id"]}
    give = {**facility, "currency": "EUR", "amount": "100"}
    world.ask("RetailerMSP", "facilities:Quote", **give)
    world.do("RetailerMSP", "facilities:Exchange", **give, part=0, least="107", notes=[mint(world, "150")])
    note = mint(world, "50", "CarrierMSP", "USD")
    part = {**facility, "part": 1, "currency": "USD", "amount": "50"}
    world.do("CarrierMSP", "facilities:TopUp", **part, notes=[note])
    world.do("CarrierMSP", "facilities:Withdraw", **part)
    world.do("CarrierMSP", "facilities:Revise", **facility, spread=0, max_age=60)
    world.ask("BankMSP", "facilities:Get", **facility)
    world.do("CarrierMSP", "facilities:Close", **facility)
    note = mint(world, "1000", "CarrierMSP", "USD")
    world.do("CarrierMSP", "facilities:Open", notes=[note], **terms)
    world.ask("BankMSP", "facilities:List")


def owed(world: World, debtor: str, creditor: str, amount: str) -> str:
    """An obligation in euros that both sides agreed to, by the names before MSP; its id."""
    sides = {"debtor": f"{debtor}MSP", "creditor": f"{creditor}MSP"}
    made = world.do(f"{debtor}MSP", "obligations:Register", **sides, currency="EUR", amount=amount)
    name = str(made.reply["obligation"]["id"])
    world.do(f"{creditor}MSP", "obligations:Confirm", obligation=name)
    return name


def netting(world: World) -> None:
    """A cycle closed, one dissolved; an obligation paid, one given up."""
    for end in ("Close", "Dissolve"):
        debts = (
            ("Producer", "Retailer", "100"),
            ("Retailer", "Carrier", "80"),
            ("Carrier", "Producer", "90"),
        )
        made = [owed(world, *each) for each in debts]
        opened = world.do("CarrierMSP", "netting:Open", obligations=made, fund_within=60)
        cycle = {"cycle": opened.reply["cycle"]["id"]}
        for name in ("Producer", "Carrier"):
            note = mint(world, "15", f"{name}MSP")
            if end == "Close" or name == "Producer":
                world.do(f"{name}MSP", "netting:Fund", **cycle, notes=[note])
        if end == "Dissolve":
            world.ask("BankMSP", "netting:Get", **cycle)
        world.do("RetailerMSP", f"netting:{end}", **cycle)
    paid = {"obligation": made[0], "notes": [mint(world, "120", "ProducerMSP")]}
    world.do("ProducerMSP", "obligations:Pay", **paid)
    world.do("CarrierMSP", "obligations:Withdraw", obligation=made[1])
    # One stays under way, with money in it.
    opened = world.do(
        "CarrierMSP",
        "netting:Open",
        obligations=[made[2], owed(world, "Bank", "Carrier", "9")],
        fund_within=60,
    )
    note = mint(world, "9", "BankMSP")
    world.do("BankMSP", "netting:Fund", cycle=opened.reply["cycle"]["id"], notes=[note])
    world.ask("BankMSP", "obligations:Get", obligation=made[0])
    world.ask("BankMSP", "obligations:List")
    world.ask("BankMSP", "netting:List")

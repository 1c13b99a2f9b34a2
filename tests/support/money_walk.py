"""The part of the walk that goes through fees, rates, exchanges and netting."""

from __future__ import annotations

from hansa_domain.operation import Caller
from tests.support.domain import World


def admin(name: str) -> Caller:
    """An administrator of a member, by the name before MSP."""
    return Caller(f"{name}MSP", "admin", admin=True)


def money_walk(world: World) -> None:
    """Every operation of those nouns at least once."""
    fees(world)
    rates(world)


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


def rates(world: World) -> None:
    """Two oracles quote a pair, of which one is trusted no more afterwards."""
    trust(world, "EUR", "USD", "Bank", "Regulator")
    for oracle, rate in (("Bank", "10837"), ("Regulator", "10840")):
        fields = {"base": "EUR", "quote": "USD", "base_amount": "10000", "quote_amount": rate}
        world.do(f"{oracle}MSP", "rates:Publish", **fields, source="50" * 32)
    world.ask("CarrierMSP", "rates:Get", base="EUR", quote="USD")
    world.do(admin("Producer"), "rates:Revoke", base="EUR", quote="USD", oracle="RegulatorMSP")
    world.ask("CarrierMSP", "rates:List")

"""Signing away from the network, and drawing on allowances."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from hansa.accounts import Accounts
from hansa.allowances import Allowances
from hansa.errors import RefusedError
from hansa.money import Money
from hansa.notes import Purse
from hansa.orders import Orders
from hansa.signing import (
    Signed,
    SigningError,
    account_rules,
    payment_instruction,
    read_document,
    read_key,
    sign_instruction,
    signer_of,
)
from hansa.stock import Shelf
from hansa_cli.accounts import app
from hansa_domain.accounts.authority import PaymentInstruction, Signature
from hansa_domain.accounts.queries import AllowanceReply, SliceLeft
from hansa_domain.operation import Caller
from tests.support.domain import GTIN, mint
from tests.support.portal import MemoryChain, MemoryLedger, MemorySubmitter
from tests.support.signers import (
    ADMIN,
    COLD,
    HOT,
    OPENED,
    UNTIL,
    accounts,
    key,
    open_accounts,
    outputs,
    pem,
    public,
    signature,
    signer,
)

PAYMENT = payment_instruction(HOT, "ProducerMSP", "EUR", 300, opened_at=OPENED, valid_until=UNTIL)


def test_what_is_signed_offline_is_what_the_ledger_takes() -> None:
    world = accounts()
    note = mint(world, "1000", HOT)
    signatures = [msgspec.to_builtins(sign_instruction(PAYMENT, key(number))) for number in (1, 2)]
    assert signatures[0] == signature(1, msgspec.to_builtins(PAYMENT))
    authority = {"instruction": msgspec.to_builtins(PAYMENT), "signatures": signatures}
    to = outputs(("ProducerMSP", 300), (HOT, 700))
    world.do("RetailerMSP", "money:Transfer", notes=[note], outputs=to, authority=authority)
    assert world.balance("ProducerMSP") == 300


def test_a_document_as_read_and_as_typed_has_one_signature() -> None:
    document = read_document(msgspec.json.encode(PAYMENT))
    assert isinstance(document, PaymentInstruction)
    read = json.loads(msgspec.json.encode(PAYMENT))
    assert sign_instruction(document, key(1)) == sign_instruction(read, key(1))


def test_rules_as_the_sdk_writes_them_are_the_ledgers() -> None:
    signers = [signer_of(public(key(number)), f"Signer {number}") for number in (1, 2)]
    assert msgspec.to_builtins(signers) == [signer(1), signer(2)]
    rules = msgspec.to_builtins(account_rules(signers, 2, delay=5))
    accounts().do(ADMIN, "accounts:Open", account="RetailerMSP/new", kind="cold", rules=rules)


def test_the_command_line_signs_without_a_network(tmp_path: Path) -> None:
    document, secret, out = tmp_path / "pay.json", tmp_path / "key.pem", tmp_path / "signature.json"
    document.write_bytes(msgspec.json.encode(PAYMENT))
    secret.write_bytes(pem(key(1), b"open sesame"))
    arguments = ["sign", str(document), "--key", str(secret), "--passphrase", "open sesame"]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0
    CliRunner().invoke(app, [*arguments, "--out", str(out)])
    for text in (shown.stdout, out.read_text("utf-8")):
        assert msgspec.json.decode(text, type=Signature) == sign_instruction(PAYMENT, key(1))


def test_what_cannot_be_signed_says_why(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem(ec.generate_private_key(ec.SECP384R1())))
    for wrong in (path, tmp_path / "absent.pem"):
        with pytest.raises(SigningError, match="KEY_INVALID"):
            read_key(wrong)
    with pytest.raises(SigningError, match="DOCUMENT_INVALID"):
        read_document(b'{"pay": "me"}')
    with pytest.raises(SigningError, match="KEY_INVALID"):
        signer_of(b"no key", "Ada")


class Till:
    """The SDK's parts over the real rules, in memory."""

    def __init__(self, tmp_path: Path) -> None:
        ledger = MemoryLedger(f"sqlite:///{tmp_path / 'read.sqlite'}", following=False)
        self.world = ledger.world
        ledger.begin()
        open_accounts(self.world)
        mint(self.world, "1000", HOT)
        mint(self.world, "1000", COLD)
        submitter: Any = MemorySubmitter(ledger, Caller("RetailerMSP", "user"))
        self.purse = Purse(submitter)
        chain: Any = MemoryChain(ledger)
        self.money = Money(submitter, self.purse, "RetailerMSP", chain)
        self.accounts = Accounts(submitter, self.purse)
        self.orders = Orders(submitter, self.purse, Shelf(submitter), "RetailerMSP")

    def offer(self, price: str) -> str:
        if ("product", GTIN) not in self.world.state:
            self.world.do("ProducerMSP", "products:Register", gtin=GTIN, name="Oil")
        fields = {"gtin": GTIN, "unit_price": price, "currency": "EUR", "quantity": 5}
        return str(self.world.do("ProducerMSP", "listings:Create", **fields).reply["listing"]["id"])


def test_whoever_spends_an_account_with_rules_draws_on_its_allowance(tmp_path: Path) -> None:
    till = Till(tmp_path)
    for _ in range(2):
        till.money.transfer("ProducerMSP", "EUR", 90, account=HOT)
    till.accounts.pay(HOT, "ProducerMSP", "EUR", 70)
    till.orders.place(till.offer("25"), 2, account=HOT)
    assert int(till.accounts.allowance(HOT, "EUR").left) == 402 - 90 - 90 - 70 - 50
    with pytest.raises(RefusedError, match="SIGNATURES_REQUIRED"):
        till.money.transfer("ProducerMSP", "EUR", 101, account=HOT)
    with pytest.raises(RefusedError, match="SIGNATURES_REQUIRED"):
        till.money.transfer("ProducerMSP", "EUR", 1, account=COLD)
    till.money.transfer("ProducerMSP", "EUR", 100, account=HOT)
    with pytest.raises(RefusedError, match="ALLOWANCE_EXCEEDED"):
        till.money.transfer("ProducerMSP", "EUR", 3, account=HOT)


def sign_all(document: PaymentInstruction) -> Signed:
    return Signed(document, tuple(sign_instruction(document, key(number)) for number in (1, 2)))


def test_what_was_signed_pays_orders_and_refills(tmp_path: Path) -> None:
    till = Till(tmp_path)
    terms = {"opened_at": till.accounts.get(HOT).opened_at, "valid_until": UNTIL}
    order = payment_instruction(HOT, "ProducerMSP", "EUR", 600, operation="orders:Place", **terms)
    till.orders.place(till.offer("300"), 2, account=HOT, signed=sign_all(order))
    operation = "accounts:CompleteRefill"
    terms["opened_at"] = till.accounts.get(COLD).opened_at
    wanted = payment_instruction(COLD, HOT, "EUR", 300, operation=operation, **terms)
    refill = till.accounts.propose_refill(HOT, sign_all(wanted)).reply.refill.id
    till.world.pass_time(60)
    till.accounts.complete_refill(refill)
    assert (till.world.balance(HOT), till.world.balance(COLD)) == (700, 700)
    till.accounts.sweep(HOT, "EUR", 700)
    assert till.world.balance(COLD) == 1400


class Asked:
    """Answers for an allowance of three slices."""

    def __init__(self) -> None:
        self.left = {0: 50, 1: 30, 2: 20}
        self.questions = 0

    def evaluate(self, function: str, query: Any, kind: Any) -> AllowanceReply:
        self.questions += 1
        parts = [SliceLeft(slice=number, left=str(left)) for number, left in self.left.items()]
        return AllowanceReply(
            account=HOT, currency="EUR", day="2027-01-15", per_payment="50", left="100", slices=parts
        )


def drawn(draws: Any) -> list[tuple[int, int]]:
    return [(draw.slice, int(draw.amount)) for draw in draws]


def test_payments_in_flight_draw_on_different_slices() -> None:
    asked = Asked()
    allowances = Allowances(asked)  # type: ignore[arg-type]
    with allowances.drawing(HOT, "EUR", 40) as first, allowances.drawing(HOT, "EUR", 45) as second:
        assert (drawn(first), drawn(second)) == ([(0, 40)], [(1, 30), (2, 15)])
    with allowances.drawing(HOT, "EUR", 15) as third:
        assert drawn(third) == [(0, 10), (2, 5)]
    assert asked.questions == 1


def test_what_a_refusal_left_is_drawn_on_again_and_too_much_is_refused() -> None:
    asked = Asked()
    allowances = Allowances(asked)  # type: ignore[arg-type]
    with pytest.raises(RefusedError), allowances.drawing(HOT, "EUR", 50):
        raise RefusedError("FUNDS_INSUFFICIENT", "No.", "")
    with allowances.drawing(HOT, "EUR", 50) as again:
        assert drawn(again) == [(0, 50)]
    asked.left = {0: 0, 1: 30, 2: 20}
    with pytest.raises(RefusedError, match="ALLOWANCE_EXCEEDED"), allowances.drawing(HOT, "EUR", 51):
        pass

"""Verbs of scenarios about accounts with rules. The signers' keys are made for the network they run on."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hansa import derived_id, parse_amount
from hansa.client import Client
from hansa.signing import (
    Document,
    Signed,
    account_rules,
    payment_instruction,
    sign_instruction,
    signer_of,
)
from hansa.submission import Receipt
from hansa_cli.session import account
from hansa_domain.accounts.authority import (
    Rules,
    RulesInstruction,
    Signature,
    Signer,
    SignerInstruction,
    StopNotice,
)

Args = dict[str, Any]
Made = tuple[tuple[Receipt[Any], ...], str]

_UNTIL = "2099-12-31T00:00:00.000Z"
"""The same in each run, so that a repetition signs the same."""


def open_account(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Opens an account; amounts in the main unit, signers by name."""
    owner = account(client, args["account"])
    rules = _rules(client, args, args["signers"]["names"])
    receipt = client.accounts.open(owner, args["kind"], rules, command_id=command_id)
    return (receipt,), receipt.reply.account.owner


def change_rules(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Puts rules in place whose signers are ``members``, as ``signers`` agree; of the ``revision`` named."""
    present = client.accounts.get(account(client, args["account"]))
    instruction = RulesInstruction(
        v=2,
        account=present.owner,
        opened_at=present.opened_at,
        id=derived_id(command_id, "instruction"),
        operation="accounts:ChangeRules",
        revision=args["revision"],
        rules=_rules(client, args, args["members"]),
        valid_until=_UNTIL,
    )
    receipt = client.accounts.change_rules(instruction, _signatures(args, instruction), command_id=command_id)
    return (receipt,), receipt.reply.account.owner


def replace_signer(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Puts the key of ``new`` in the place of ``old``'s, as ``signers`` agree."""
    old, new = _signers(args, [args["old"], args["new"]])
    present = client.accounts.get(account(client, args["account"]))
    instruction = SignerInstruction(
        v=2,
        account=present.owner,
        opened_at=present.opened_at,
        id=derived_id(command_id, "instruction"),
        operation="accounts:ReplaceSigner",
        revision=args["revision"],
        old=old.key,
        new=new,
        valid_until=_UNTIL,
    )
    signatures = _signatures(args, instruction)
    receipt = client.accounts.replace_signer(instruction, signatures, command_id=command_id)
    return (receipt,), receipt.reply.account.owner


def propose_recovery(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Begins giving an account the ``signers`` named."""
    signers = _signers(args, args["signers"]["names"])
    receipt = client.accounts.propose_recovery(
        account(client, args["account"]), signers, args["threshold"], command_id=command_id
    )
    return (receipt,), receipt.reply.recovery.id


def stop_recovery(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """One signer stops a recovery."""
    notice = StopNotice(v=1, operation="accounts:StopRecovery", subject=args["recovery"])
    (signature,) = _signatures(args, notice)
    receipt = client.accounts.stop_recovery(args["recovery"], signature, command_id=command_id)
    return (receipt,), receipt.reply.recovery.id


def pay(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Pays out of an account, with signatures where signers are named."""
    currency, amount = args["currency"], parse_amount(args["amount"], args["currency"])
    source, to = account(client, args["from"]), account(client, args["to"])
    signed = None
    if "signers" in args:
        signed = _signed(client, args, command_id, source, to, "money:Transfer")
    receipt = client.accounts.pay(source, to, currency, amount, signed=signed, command_id=command_id)
    return (receipt,), receipt.reply.notes[0].id


def propose_refill(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Proposes a refill that the cold account's signers signed."""
    hot = account(client, args["account"])
    signed = _signed(client, args, command_id, account(client, args["from"]), hot, "accounts:CompleteRefill")
    receipt = client.accounts.propose_refill(hot, signed, command_id=command_id)
    return (receipt,), receipt.reply.refill.id


def stop_refill(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """One signer stops a refill."""
    notice = StopNotice(v=1, operation="accounts:StopRefill", subject=args["refill"])
    (signature,) = _signatures(args, notice)
    receipt = client.accounts.stop_refill(args["refill"], signature, command_id=command_id)
    return (receipt,), receipt.reply.refill.id


def complete_refill(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Completes a refill."""
    receipt = client.accounts.complete_refill(args["refill"], command_id=command_id)
    return (receipt,), receipt.reply.refill.id


def sweep(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Sweeps a hot account."""
    currency = args["currency"]
    amount = parse_amount(args["amount"], currency)
    receipt = client.accounts.sweep(account(client, args["account"]), currency, amount, command_id=command_id)
    return (receipt,), receipt.reply.notes[0].id


def _signed(client: Client, args: Args, command_id: str, source: str, to: str, operation: str) -> Signed:
    instruction = payment_instruction(
        source,
        to,
        args["currency"],
        parse_amount(args["amount"], args["currency"]),
        opened_at=client.accounts.get(source).opened_at,
        operation=operation,
        purpose=args.get("purpose", ""),
        valid_until=_UNTIL,
        instruction_id=derived_id(command_id, "instruction"),
    )
    return Signed(instruction, tuple(_signatures(args, instruction)))


def _rules(client: Client, args: Args, members: list[str]) -> Rules:
    return account_rules(
        _signers(args, members),
        args["threshold"],
        delay=args["delay"],
        limits=[_minor(limit) for limit in args.get("limits", [])],
        caps=[_minor(cap) for cap in args.get("caps", [])],
        cold=account(client, args["cold"]) if "cold" in args else None,
    )


def _signatures(args: Args, document: Document) -> list[Signature]:
    """What each of the step's ``signers`` signs."""
    return [sign_instruction(document, _key(args, name)) for name in args["signers"]["names"]]


def _signers(args: Args, names: list[str]) -> list[Signer]:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return [
        signer_of(_key(args, name).public_key().public_bytes(serialization.Encoding.PEM, form), name)
        for name in names
    ]


def _key(args: Args, name: str) -> ec.EllipticCurvePrivateKey:
    """A signer's key: it follows from the name and a secret of this network."""
    secret = bytes.fromhex(args["signers"]["salt"])
    number = int.from_bytes(hmac.digest(secret, name.encode(), "sha256")[:31], "big") + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _minor(part: Args) -> Args:
    currency = part["currency"]
    return {
        name: value if name == "currency" else str(parse_amount(value, currency, name))
        for name, value in part.items()
    }


VERBS = {
    "accounts.open": open_account,
    "accounts.pay": pay,
    "accounts.propose-refill": propose_refill,
    "accounts.stop-refill": stop_refill,
    "accounts.complete-refill": complete_refill,
    "accounts.sweep": sweep,
    "accounts.change-rules": change_rules,
    "accounts.replace-signer": replace_signer,
    "accounts.propose-recovery": propose_recovery,
    "accounts.stop-recovery": stop_recovery,
}

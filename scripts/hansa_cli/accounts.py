"""``hansa accounts``; the other verbs come from the operations themselves."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hansa import parse_amount, show_amount
from hansa.signing import (
    Signed,
    account_rules,
    payment_instruction,
    read_document,
    read_key,
    sign_instruction,
    signer_of,
)
from hansa_cli.session import (
    NUMBERS,
    As,
    CliError,
    CommandId,
    Data,
    Json,
    account,
    acting,
    committed,
    err,
    show,
)
from hansa_domain.accounts.authority import PaymentInstruction, Signature, Signer
from hansa_domain.accounts.records import Kind

app = typer.Typer(no_args_is_help=True)

Account = Annotated[str, typer.Argument(help="The account: MEMBER/name.")]
Currency = Annotated[str, typer.Argument(help="ISO 4217 code.")]
Amount = Annotated[str, typer.Argument(help="In the main unit, such as 12.50.")]
Signatures = Annotated[
    list[Path] | None, typer.Option("--signature", help="A file that `sign` wrote. May be repeated.")
]
Instruction = Annotated[
    Path | None, typer.Option("--instruction", help="The file that the signers signed.", dir_okay=False)
]


@app.command()
def sign(
    document: Annotated[Path, typer.Argument(help="The instruction, as JSON.", dir_okay=False)],
    key: Annotated[Path, typer.Option(help="The signer's private key: PEM, P-256.", dir_okay=False)],
    passphrase: Annotated[
        str | None, typer.Option(envvar="HANSA_KEY_PASSPHRASE", help="Opens the key.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the signature there.", dir_okay=False)] = None,
) -> None:
    """Signs an instruction. It needs no network: do it where the key is."""
    signature = sign_instruction(read_document(document.read_bytes()), read_key(key, passphrase))
    text = jsonlib.dumps(msgspec.to_builtins(signature), indent=2) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        err.print(f"written to {out}", markup=False)


@app.command(context_settings=NUMBERS)
def instruct(
    who: As,
    of: Account,
    currency: Currency,
    amount: Amount,
    to: Annotated[str, typer.Option(help="Who is paid: MEMBER or MEMBER/name.")],
    operation: Annotated[
        str, typer.Option(help="What carries it out; a refill: accounts:CompleteRefill.")
    ] = "money:Transfer",
    purpose: Annotated[str, typer.Option(help="Words for those who sign.")] = "",
    valid_for: Annotated[int, typer.Option(help="Seconds.")] = 7 * 86_400,
    data: Data = None,
) -> None:
    """Writes an instruction for signers to sign. A refill's operation is accounts:CompleteRefill."""
    with acting(who, data) as client:
        payer, payee = client.accounts.get(account(client, of)), account(client, to)
    document = payment_instruction(
        payer.owner,
        payee,
        currency,
        parse_amount(amount, currency),
        opened_at=payer.opened_at,
        operation=operation,
        purpose=purpose,
        valid_for=valid_for,
    )
    typer.echo(jsonlib.dumps(msgspec.to_builtins(document), indent=2))


@app.command("open")
def open_(
    who: As,
    of: Account,
    kind: Annotated[Kind, typer.Option(help="hot or cold.")],
    signer: Annotated[list[str], typer.Option(help="LABEL=FILE with a public key, PEM. May be repeated.")],
    threshold: Annotated[int, typer.Option(help="How many of them must sign.")],
    delay: Annotated[int, typer.Option(help="Seconds in which a refill or recovery can be stopped.")],
    limit: Annotated[
        list[str] | None, typer.Option(help="EUR:PER_PAYMENT:PER_DAY, main unit. May be repeated.")
    ] = None,
    cold: Annotated[str | None, typer.Option(help="The cold account that refills it.")] = None,
    cap: Annotated[list[str] | None, typer.Option(help="EUR:AMOUNT, main unit. May be repeated.")] = None,
    slices: Annotated[int, typer.Option(help="Parts of the day's allowance.")] = 16,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Gives an account rules; by an administrator."""
    signers = [_signer(text) for text in signer]
    limits = [_limit(text) for text in limit or ()]
    caps = [_cap(text) for text in cap or ()]
    with acting(who, data) as client:
        rules = account_rules(
            signers,
            threshold,
            delay=delay,
            limits=limits,
            caps=caps,
            cold=None if cold is None else account(client, cold),
        )
        receipt = client.accounts.open(account(client, of), kind, rules, slices=slices, command_id=command_id)
    show(receipt, json, f"{of} is a {kind} account of {len(signers)} signers {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def pay(
    who: As,
    of: Account,
    currency: Currency,
    amount: Amount,
    to: Annotated[str, typer.Option(help="Account that receives it: MEMBER or MEMBER/name.")],
    instruction: Instruction = None,
    signature: Signatures = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Pays: within the limits by oneself, beyond them with what signers signed."""
    minor = parse_amount(amount, currency)
    signed = None if instruction is None else _signed(instruction, signature)
    with acting(who, data) as client:
        receipt = client.accounts.pay(
            account(client, of), account(client, to), currency, minor, signed=signed, command_id=command_id
        )
    show(receipt, json, f"{show_amount(minor, currency)} paid to {to} {committed(receipt)}")


@app.command()
def allowance(who: As, of: Account, currency: Currency, data: Data = None, json: Json = False) -> None:
    """What is left today (UTC) of what the user who asks may pay alone."""
    with acting(who, data) as client:
        found = client.accounts.allowance(account(client, of), currency)
    left, most = show_amount(found.left, currency), show_amount(found.per_payment, currency)
    show(found, json, f"{left} left on {found.day} (UTC), at most {most} in one payment")


@app.command("propose-refill")
def propose_refill(
    who: As,
    of: Account,
    instruction: Annotated[Path, typer.Option(help="The file that the signers signed.", dir_okay=False)],
    signature: Signatures = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Begins a refill of a hot account."""
    with acting(who, data) as client:
        signed = _signed(instruction, signature)
        receipt = client.accounts.propose_refill(account(client, of), signed, command_id=command_id)
    made = receipt.reply.refill
    show(receipt, json, f"Refill {made.id} can be stopped until {made.due} {committed(receipt)}")


@app.command("complete-refill")
def complete_refill(
    who: As,
    refill: Annotated[str, typer.Argument(help="The refill's id.")],
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Moves the money of a refill whose delay is over."""
    with acting(who, data) as client:
        receipt = client.accounts.complete_refill(refill, command_id=command_id)
    show(receipt, json, f"{receipt.reply.refill.hot} is refilled {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def sweep(
    who: As,
    of: Account,
    currency: Currency,
    amount: Amount,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Sends at least so much of a hot account, in whole notes, into its cold one."""
    with acting(who, data) as client:
        receipt = client.accounts.sweep(
            account(client, of), currency, parse_amount(amount, currency), command_id=command_id
        )
    (note,) = receipt.reply.notes
    show(receipt, json, f"{show_amount(note.amount, currency)} are in {note.owner} {committed(receipt)}")


def _signed(instruction: Path, signatures: list[Path] | None) -> Signed:
    document = read_document(instruction.read_bytes())
    if not isinstance(document, PaymentInstruction):
        raise CliError("DOCUMENT_INVALID", f"{instruction} is no payment.", "See hansa accounts instruct.")
    try:
        found = [msgspec.json.decode(path.read_bytes(), type=Signature) for path in signatures or ()]
    except msgspec.DecodeError as error:
        raise CliError("DOCUMENT_INVALID", f"--signature: {error}", "See hansa accounts sign.") from error
    return Signed(document, tuple(found))


def _signer(text: str) -> Signer:
    label, _, path = text.partition("=")
    if not label or not path:
        raise CliError("FIELD_INVALID", f"{text} names no file.", "Write it like Ada=ada.pub.pem.", "signer")
    return signer_of(Path(path).read_bytes(), label)


def _limit(text: str) -> dict[str, str]:
    parts = text.split(":")
    if len(parts) != 3:
        hint = "Write it like EUR:100:500, 100 a payment and 500 a day."
        raise CliError("FIELD_INVALID", f"{text} is no limit.", hint, "limit")
    return {
        "currency": parts[0],
        **_minor({"per_payment": parts[1], "per_day": parts[2]}, parts[0]),
    }


def _cap(text: str) -> dict[str, str]:
    currency, _, most = text.partition(":")
    if not most:
        raise CliError("FIELD_INVALID", f"{text} is no cap.", "Write it like EUR:1000.", "cap")
    return {"currency": currency, **_minor({"amount": most}, currency)}


def _minor(amounts: dict[str, str], currency: str) -> dict[str, str]:
    return {name: str(parse_amount(text, currency, name)) for name, text in amounts.items()}

"""Whether an account's signers agreed to an instruction, and that it counts once."""

from __future__ import annotations

from collections.abc import Sequence

from hansa_domain.accounts.authority import Instruction, Signature, StopNotice
from hansa_domain.accounts.records import Account, UsedInstruction
from hansa_domain.accounts.signatures import signed_by, signer_of
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.operation import Context, Key, Records
from hansa_domain.times import milliseconds


def instruction_key(instruction: Instruction) -> Key:
    """Where the use of an instruction stands."""
    return (UsedInstruction.NOUN, instruction.account, instruction.id)


def agreed(
    account: Account,
    instruction: Instruction,
    signatures: Sequence[Signature],
    records: Records,
    context: Context,
    *,
    operation: str,
    reference: str,
    where: str = "",
) -> UsedInstruction:
    """The record of an instruction that enough of the account's signers signed, and nobody used before.

    Args:
        records: holds the key that ``instruction_key`` gave.
        operation: what it must be for.
        reference: the command that uses it.
        where: the path before ``instruction`` and ``signatures``, with its dot.

    Raises:
        Refusal: INSTRUCTION_MISMATCH, INSTRUCTION_EXPIRED, INSTRUCTION_USED, SIGNATURES_INSUFFICIENT, or as
            ``signed_by``.
    """
    field = f"{where}instruction"
    _check_meant(account, instruction, operation, context, field)
    before = records.find(UsedInstruction, instruction.account, instruction.id)
    if before is not None:
        raise Refusal(
            Code.INSTRUCTION_USED, f"The instruction was carried out by {before.command}.", f"{field}.id"
        )
    signers = signed_by(account.rules.signers, instruction, signatures, f"{where}signatures")
    if len(signers) < account.rules.threshold:
        raise Refusal(
            Code.SIGNATURES_INSUFFICIENT,
            f"{len(signers)} of {account.rules.threshold} signers signed.",
            f"{where}signatures",
        )
    return UsedInstruction(
        account=account.owner,
        id=instruction.id,
        command=reference,
        signed_by=[signer.key for signer in signers],
        at=context.at,
    )


def _check_meant(
    account: Account, instruction: Instruction, operation: str, context: Context, field: str
) -> None:
    """Refuses what was signed for another account, operation or time."""
    if instruction.account != account.owner:
        raise Refusal(
            Code.INSTRUCTION_MISMATCH, f"The instruction is for {instruction.account}.", f"{field}.account"
        )
    if instruction.opened_at != account.opened_at:
        raise Refusal(
            Code.INSTRUCTION_MISMATCH,
            f"{account.owner} was opened at {account.opened_at}: "
            "the instruction is for an account of that name on another ledger.",
            f"{field}.opened_at",
        )
    if instruction.operation != operation:
        raise Refusal(
            Code.INSTRUCTION_MISMATCH,
            f"The instruction is for {instruction.operation}.",
            f"{field}.operation",
        )
    if context.now > _moment(instruction.valid_until, f"{field}.valid_until"):
        raise Refusal(
            Code.INSTRUCTION_EXPIRED,
            f"The instruction was good until {instruction.valid_until}.",
            f"{field}.valid_until",
        )


def stopping_signer(
    accounts: Sequence[Account], notice: StopNotice, signature: Signature | None, context: Context
) -> str:
    """The key of the signer who stops something: by his signature, or by the certificate he calls with.

    Raises:
        Refusal: NOT_PERMITTED, or as ``signer_of``.
    """
    signers = {signer.key: signer for account in accounts for signer in account.rules.signers}
    if signature is not None:
        return signer_of(list(signers.values()), notice, signature, "signature").key
    if context.caller.key not in signers:
        raise Refusal(Code.NOT_PERMITTED, "Only a signer of the account may stop it.")
    return context.caller.key


def _moment(text: str, where: str) -> int:
    try:
        return milliseconds(text)
    except ValueError:
        raise Refusal(Code.FIELD_INVALID, f"{where} is no time there is.", where) from None

"""Opening an account with rules, and changing them by its signers."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.agreement import agreed, instruction_key
from hansa_domain.accounts.authority import (
    Rules,
    RulesInstruction,
    Signatures,
    Signer,
    SignerInstruction,
    SubAccount,
)
from hansa_domain.accounts.records import Account, Kind, UsedInstruction, account_key, ruled
from hansa_domain.accounts.signatures import check_signer
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import AccountLimitView, AccountRulesSet, SignerView
from hansa_domain.events.accounts import RulesCause
from hansa_domain.iso4217 import minor_units
from hansa_domain.notes import organisation
from hansa_domain.operation import Command, Context, Decision, Fetch, Key, Record, Records, Steps, operation

Slices = Annotated[int, msgspec.Meta(ge=1, le=64)]


class OpenAccount(Command["AccountReply"], frozen=True, kw_only=True):
    """``accounts:Open``, by an administrator of the account's organisation: from now on it has rules.

    ``slices`` is in how many parts a day's allowance is split, so that so many payments live side by side.
    """

    account: SubAccount
    kind: Kind
    rules: Rules
    slices: Slices = 16


class ChangeRules(Command["AccountReply"], frozen=True, kw_only=True):
    """``accounts:ChangeRules``: what enough of the present signers agreed to holds from now on."""

    instruction: RulesInstruction
    signatures: Signatures


class ReplaceSigner(Command["AccountReply"], frozen=True, kw_only=True):
    """``accounts:ReplaceSigner``: a key is rotated, or another takes a signer's place, as signers agreed."""

    instruction: SignerInstruction
    signatures: Signatures


class AccountReply(msgspec.Struct, frozen=True, kw_only=True):
    """The account as it is now."""

    account: Account


@operation("accounts:Open", OpenAccount, AccountReply)
def open_account(command: OpenAccount, context: Context) -> Steps:
    """Gives an account its first rules."""
    own(context, command.account, "account")
    if not context.caller.admin:
        raise Refusal(Code.NOT_PERMITTED, "Only an administrator may open an account.")
    records = yield Fetch(keys=_keys(command.account, command.rules))
    if records.find(Account, command.account) is not None:
        raise Refusal(Code.ACCOUNT_ALREADY_OPEN, f"{command.account} has rules already.", "account")
    account = Account(
        owner=command.account,
        kind=command.kind,
        rules=command.rules,
        slices=command.slices,
        revision=1,
        opened_at=context.at,
        changed_at=context.at,
    )
    check_rules(account, records, "rules")
    return Decision(
        reply=AccountReply(account=account),
        writes={account_key(account.owner): account},
        events=(rules_set(account, "opened", context),),
    )


@operation("accounts:ChangeRules", ChangeRules, AccountReply)
def change_rules(command: ChangeRules, context: Context) -> Steps:
    """Puts rules in the place of others."""
    instruction = command.instruction
    own(context, instruction.account, "instruction.account")
    wanted = _keys(instruction.account, instruction.rules)
    records = yield Fetch(keys=(*wanted, instruction_key(instruction)))
    account = ruled(records, instruction.account, "instruction.account")
    check_revision(account, instruction.revision, "instruction.revision")
    used = agreed(
        account,
        instruction,
        command.signatures,
        records,
        context,
        operation="accounts:ChangeRules",
        reference=context.reference(command),
    )
    changed = revised(account, instruction.rules, context)
    check_rules(changed, records, "instruction.rules")
    return _changed(changed, "changed", used, context)


@operation("accounts:ReplaceSigner", ReplaceSigner, AccountReply)
def replace_signer(command: ReplaceSigner, context: Context) -> Steps:
    """Puts one signer in the place of another."""
    instruction = command.instruction
    own(context, instruction.account, "instruction.account")
    records = yield Fetch(keys=(account_key(instruction.account), instruction_key(instruction)))
    account = ruled(records, instruction.account, "instruction.account")
    check_revision(account, instruction.revision, "instruction.revision")
    used = agreed(
        account,
        instruction,
        command.signatures,
        records,
        context,
        operation="accounts:ReplaceSigner",
        reference=context.reference(command),
    )
    check_signer(instruction.new, "instruction.new")
    if all(signer.key != instruction.old for signer in account.rules.signers):
        raise Refusal(
            Code.SIGNER_UNKNOWN, "The key to be replaced signs for no such account.", "instruction.old"
        )
    signers = [instruction.new if each.key == instruction.old else each for each in account.rules.signers]
    if len({signer.key for signer in signers}) != len(signers):
        raise Refusal(Code.SIGNER_REPEATED, "This key signs for the account already.", "instruction.new.key")
    changed = revised(account, replace(account.rules, signers=signers), context)
    return _changed(changed, "signer-replaced", used, context)


def own(context: Context, account: str, where: str) -> None:
    """Refuses NOT_PERMITTED where the account is another organisation's."""
    if organisation(account) != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"{account} is not an account of {context.caller.msp_id}.", where)


def check_revision(account: Account, revision: int, where: str) -> None:
    """Refuses ACCOUNT_REVISION where the rules are others by now."""
    if account.revision != revision:
        raise Refusal(
            Code.ACCOUNT_REVISION, f"{account.owner} has revision {account.revision} by now.", where
        )


def check_signers(signers: list[Signer], threshold: int, where: str) -> None:
    """Refuses SIGNER_KEY_INVALID, SIGNER_REPEATED, and a threshold that nobody reaches."""
    seen: set[str] = set()
    for place, signer in enumerate(signers):
        at = f"{where}signers[{place}]"
        check_signer(signer, at)
        if signer.key in seen:
            raise Refusal(Code.SIGNER_REPEATED, f"The key of {signer.label} stands twice.", f"{at}.key")
        seen.add(signer.key)
    if threshold > len(signers):
        raise Refusal(
            Code.ACCOUNT_RULES_INVALID,
            f"{threshold} of {len(signers)} signers can never sign.",
            f"{where}threshold",
        )


def check_rules(account: Account, records: Records, where: str) -> None:
    """Refuses rules that contradict themselves or the account's kind.

    Args:
        records: has the cold account, where one is named.

    Raises:
        Refusal: ACCOUNT_RULES_INVALID, ACCOUNT_NOT_FOUND, CURRENCY_UNKNOWN, or as ``check_signers``.
    """
    rules = account.rules
    check_signers(rules.signers, rules.threshold, f"{where}.")
    _check_currencies([limit.currency for limit in rules.limits], f"{where}.limits")
    _check_currencies([cap.currency for cap in rules.caps], f"{where}.caps")
    for place, limit in enumerate(rules.limits):
        if int(limit.per_payment) > int(limit.per_day):
            raise _invalid("A payment's limit is within the day's.", f"{where}.limits[{place}].per_payment")
    if account.kind == "cold" and (rules.limits or rules.caps or rules.cold is not None):
        raise _invalid("Nothing leaves a cold account without signatures.", f"{where}.limits")
    if (rules.cold is None) != (not rules.caps):
        raise _invalid("A cold account and caps go together.", f"{where}.caps")
    if rules.cold is not None:
        if organisation(rules.cold) != organisation(account.owner):
            raise _invalid("The cold account is the same organisation's.", f"{where}.cold")
        if ruled(records, rules.cold, f"{where}.cold").kind != "cold":
            raise _invalid(f"{rules.cold} is not a cold account.", f"{where}.cold")


def _check_currencies(currencies: list[str], where: str) -> None:
    seen: set[str] = set()
    for place, currency in enumerate(currencies):
        minor_units(currency, f"{where}[{place}].currency")
        if currency in seen:
            raise _invalid(f"{currency} stands twice.", f"{where}[{place}].currency")
        seen.add(currency)


def revised(account: Account, rules: Rules, context: Context) -> Account:
    """The account with other rules."""
    return replace(account, rules=rules, revision=account.revision + 1, changed_at=context.at)


def rules_set(
    account: Account, cause: RulesCause, context: Context, used: UsedInstruction | None = None
) -> AccountRulesSet:
    """The event of rules that hold from now on."""
    rules = account.rules
    limits = {each.currency: each for each in rules.limits}
    currencies = sorted({*limits, *(cap.currency for cap in rules.caps)})
    return AccountRulesSet(
        account=account.owner,
        kind=account.kind,
        cause=cause,
        revision=account.revision,
        signers=[SignerView(key=signer.key, label=signer.label) for signer in rules.signers],
        threshold=rules.threshold,
        limits=[
            AccountLimitView(
                currency=currency,
                per_payment=limits[currency].per_payment if currency in limits else "0",
                per_day=limits[currency].per_day if currency in limits else "0",
                cap=str(account.cap(currency)),
            )
            for currency in currencies
        ],
        delay=rules.delay,
        cold=rules.cold,
        instruction=None if used is None else used.id,
        at=context.at,
    )


def _changed(account: Account, cause: RulesCause, used: UsedInstruction, context: Context) -> Decision:
    writes: dict[Key, Record | None] = {
        account_key(account.owner): account,
        (UsedInstruction.NOUN, used.account, used.id): used,
    }
    return Decision(
        reply=AccountReply(account=account),
        writes=writes,
        events=(rules_set(account, cause, context, used),),
    )


def _keys(account: str, rules: Rules) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(account_key(each) for each in (account, rules.cold) if each is not None))


def _invalid(sentence: str, where: str) -> Refusal:
    return Refusal(Code.ACCOUNT_RULES_INVALID, sentence, where)

"""New signers for an account that has lost keys: an administrator proposes, any signer left can stop it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.agreement import stopping_signer
from hansa_domain.accounts.authority import MAX_SIGNERS, Signature, Signer, StopNotice, SubAccount
from hansa_domain.accounts.records import Recovery, account_key, check_due, ruled
from hansa_domain.accounts.rules import (
    AccountReply,
    check_revision,
    check_signers,
    own,
    revised,
    rules_set,
)
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import RecoveryCompleted, RecoveryProposed, RecoveryStopped, SignerView
from hansa_domain.fields import EntityId
from hansa_domain.operation import Command, Context, Decision, Fetch, Steps, operation
from hansa_domain.times import rfc3339


class ProposeRecovery(Command["RecoveryReply"], frozen=True, kw_only=True):
    """``accounts:ProposeRecovery``, by an administrator of the owner, where too few keys are left to sign.

    The account's delay runs, in which any signer left can stop it. Limits, caps and delay stay as they are.
    """

    account: SubAccount
    signers: Annotated[list[Signer], msgspec.Meta(min_length=1, max_length=MAX_SIGNERS)]
    threshold: Annotated[int, msgspec.Meta(ge=1, le=MAX_SIGNERS)]


class StopRecovery(Command["RecoveryReply"], frozen=True, kw_only=True):
    """``accounts:StopRecovery``, by any present signer while it waits; see ``accounts:StopRefill``."""

    recovery: EntityId
    signature: Signature | None = None


class CompleteRecovery(Command["AccountReply"], frozen=True, kw_only=True):
    """``accounts:CompleteRecovery``, by an administrator of the owner once the delay is over."""

    recovery: EntityId


class RecoveryReply(msgspec.Struct, frozen=True, kw_only=True):
    """The recovery as it is now."""

    recovery: Recovery


@operation("accounts:ProposeRecovery", ProposeRecovery, RecoveryReply)
def propose_recovery(command: ProposeRecovery, context: Context) -> Steps:
    """Begins the delay."""
    own(context, command.account, "account")
    _administrator(context)
    check_signers(command.signers, command.threshold, "")
    records = yield Fetch(keys=(account_key(command.account),))
    account = ruled(records, command.account, "account")
    recovery = Recovery(
        id=context.reference(command),
        account=account.owner,
        revision=account.revision,
        signers=command.signers,
        threshold=command.threshold,
        status="waiting",
        proposer=context.caller.name,
        due=rfc3339(context.now + account.rules.delay * 1000),
        proposed_at=context.at,
    )
    event = RecoveryProposed(
        recovery=recovery.id,
        account=recovery.account,
        signers=[SignerView(key=signer.key, label=signer.label) for signer in recovery.signers],
        threshold=recovery.threshold,
        due=recovery.due,
        at=context.at,
    )
    return Decision(
        reply=RecoveryReply(recovery=recovery),
        writes={(Recovery.NOUN, recovery.id): recovery},
        events=(event,),
    )


@operation("accounts:StopRecovery", StopRecovery, RecoveryReply)
def stop_recovery(command: StopRecovery, context: Context) -> Steps:
    """Ends a recovery; the signers stay."""
    records = yield Fetch(keys=((Recovery.NOUN, command.recovery),))
    recovery = records.get(Recovery, command.recovery, refuse=Code.RECOVERY_NOT_FOUND, where="recovery")
    records = yield Fetch(keys=(account_key(recovery.account),))
    account = ruled(records, recovery.account, "recovery")
    notice = StopNotice(v=1, operation="accounts:StopRecovery", subject=recovery.id)
    signer = stopping_signer([account], notice, command.signature, context)
    if recovery.status != "waiting":
        raise Refusal(Code.RECOVERY_STATE, f"The recovery is {recovery.status}.", "recovery")
    stopped = replace(recovery, status="stopped", closed_at=context.at, stopped_by=signer)
    event = RecoveryStopped(recovery=recovery.id, account=recovery.account, stopped_by=signer, at=context.at)
    return Decision(
        reply=RecoveryReply(recovery=stopped), writes={(Recovery.NOUN, stopped.id): stopped}, events=(event,)
    )


@operation("accounts:CompleteRecovery", CompleteRecovery, AccountReply)
def complete_recovery(command: CompleteRecovery, context: Context) -> Steps:
    """The account has the signers proposed, unless its rules were changed meanwhile."""
    records = yield Fetch(keys=((Recovery.NOUN, command.recovery),))
    recovery = records.get(Recovery, command.recovery, refuse=Code.RECOVERY_NOT_FOUND, where="recovery")
    own(context, recovery.account, "recovery")
    _administrator(context)
    check_due(recovery, context, Code.RECOVERY_STATE, "recovery")
    records = yield Fetch(keys=(account_key(recovery.account),))
    account = ruled(records, recovery.account, "recovery")
    check_revision(account, recovery.revision, "recovery")
    rules = replace(account.rules, signers=recovery.signers, threshold=recovery.threshold)
    changed = revised(account, rules, context)
    completed = replace(recovery, status="completed", closed_at=context.at)
    return Decision(
        reply=AccountReply(account=changed),
        writes={account_key(account.owner): changed, (Recovery.NOUN, recovery.id): completed},
        events=(
            RecoveryCompleted(recovery=recovery.id, account=account.owner, at=context.at),
            rules_set(changed, "recovered", context),
        ),
    )


def _administrator(context: Context) -> None:
    if not context.caller.admin:
        raise Refusal(Code.NOT_PERMITTED, "Only an administrator may recover an account.")

"""Approval limits inside the buyer's company: who may order how much alone, and a second person's word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ApprovalGiven, ApprovalRulesSet
from hansa_domain.fields import Amount, CurrencyCode, EntityId, MspId, Name, Timestamp
from hansa_domain.iso4217 import minor_units, shown
from hansa_domain.members import known_member, member_key
from hansa_domain.operation import (
    Caller,
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Steps,
    operation,
)

MAX_RULES = 100


class ApprovalRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may order up to how much alone, minor units of one currency, freight included.

    ``user`` is the name in a certificate; ``attribute`` one that the member's CA wrote into it, with the
    ``value`` it must have. A rule that names neither is for everybody of the member; both must hold where
    both are named.
    """

    currency: CurrencyCode
    limit: Amount
    user: Name | None = None
    attribute: Name | None = None
    value: Name | None = None

    def is_for(self, caller: Caller) -> bool:
        """Whether the rule speaks of this person."""
        if self.user not in (None, caller.name):
            return False
        return self.attribute is None or caller.attributes.get(self.attribute) == self.value


class ApprovalRules(Record, frozen=True, kw_only=True):
    """A member's own rules; key ``("approval-rules", msp_id)``. Absent: nobody needs an approval."""

    NOUN: ClassVar[str] = "approval-rules"
    msp_id: str
    rules: list[ApprovalRule]
    set_by: str
    set_at: Timestamp


class Approval(Record, frozen=True, kw_only=True):
    """A second person's word for one order to come; key ``("approval", order)``.

    An order's id is known before it is placed: it is that of the command. So an approval serves once.
    """

    NOUN: ClassVar[str] = "approval"
    order: str
    approver: str
    seller: str
    currency: str
    amount: str
    given_at: Timestamp


class SetApprovalRules(Command["ApprovalRulesReply"], frozen=True, kw_only=True):
    """``approvals:SetRules``, by an administrator, for his own member; no rules: no approvals are needed.

    Whom no rule of a currency speaks of may order nothing in it alone; of several rules the highest counts.
    """

    rules: Annotated[list[ApprovalRule], msgspec.Meta(max_length=MAX_RULES)]


class ApproveOrder(Command["ApprovalReply"], frozen=True, kw_only=True):
    """``approvals:Approve``: lets a colleague place the order of this id, of this seller, up to this amount.

    ``order`` is ``<MSP>.<command id>`` of the command that was refused with APPROVAL_NEEDED, and is sent
    again then. Who approves could order as much himself.
    """

    order: EntityId
    seller: MspId
    currency: CurrencyCode
    amount: Amount


class GetApprovalRules(Query["ApprovalRulesReply"], frozen=True, kw_only=True):
    """``approvals:Rules``: those of one's own member, or of another."""

    member: MspId | None = None


class GetApproval(Query["ApprovalReply"], frozen=True, kw_only=True):
    """``approvals:Get``: the approval for an order."""

    order: EntityId


class ApprovalRulesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A member's rules; empty: nobody needs an approval."""

    member: str
    rules: list[ApprovalRule]


class ApprovalReply(msgspec.Struct, frozen=True, kw_only=True):
    """One approval."""

    approval: Approval


def approval_keys(context: Context, order: str) -> tuple[Key, ...]:
    """What is read to know whether the caller may place this order."""
    return ((ApprovalRules.NOUN, context.caller.msp_id), (Approval.NOUN, order))


def check_approval(
    records: Records, context: Context, *, order: str, seller: str, currency: str, amount: int
) -> None:
    """Refuses APPROVAL_NEEDED where the order is beyond the caller's limit and nobody else approved it.

    Args:
        records: hold what ``approval_keys`` named.
        context: the transaction's; its caller orders.
        order: the order's id.
        seller: MSP id.
        currency: of the amount.
        amount: the total, minor units.
    """
    found = records.find(ApprovalRules, context.caller.msp_id)
    limit = None if found is None else _limit(found.rules, context.caller, currency)
    if limit is None or amount <= limit:
        return
    approval = records.find(Approval, order)
    if (
        approval is not None
        and approval.approver != context.caller.name
        and (approval.seller, approval.currency) == (seller, currency)
        and amount <= int(approval.amount)
    ):
        return
    raise Refusal(
        Code.APPROVAL_NEEDED,
        f"{context.caller.name} may order up to {shown(limit, currency)} alone; somebody else of "
        f"{context.caller.msp_id} must approve {order} over {shown(amount, currency)}.",
    )


def _limit(rules: Sequence[ApprovalRule], caller: Caller, currency: str) -> int:
    return max(
        (int(rule.limit) for rule in rules if rule.currency == currency and rule.is_for(caller)), default=0
    )


@operation("approvals:SetRules", SetApprovalRules, ApprovalRulesReply)
def set_rules(command: SetApprovalRules, context: Context) -> Steps:
    """Replaces the member's rules."""
    yield Fetch()
    caller = context.caller
    if not caller.admin:
        raise Refusal(Code.NOT_PERMITTED, f"Only an administrator of {caller.msp_id} may set its rules.")
    for place, rule in enumerate(command.rules):
        minor_units(rule.currency, f"rules[{place}].currency")
        if (rule.attribute is None) != (rule.value is None):
            raise Refusal(
                Code.FIELD_INVALID, "An attribute and its value go together.", f"rules[{place}].value"
            )
    rules = ApprovalRules(msp_id=caller.msp_id, rules=command.rules, set_by=caller.name, set_at=context.at)
    event = ApprovalRulesSet(member=caller.msp_id, rules=len(command.rules), by=caller.name, at=context.at)
    return Decision(
        reply=ApprovalRulesReply(member=caller.msp_id, rules=command.rules),
        writes={(ApprovalRules.NOUN, caller.msp_id): rules if command.rules else None},
        events=(event,),
    )


@operation("approvals:Approve", ApproveOrder, ApprovalReply)
def approve(command: ApproveOrder, context: Context) -> Steps:
    """A second person's word; it does not place the order."""
    caller = context.caller
    if command.order.rpartition(".")[0] != caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"The order is not one of {caller.msp_id}.", "order")
    minor_units(command.currency, "currency")
    records = yield Fetch(keys=((ApprovalRules.NOUN, caller.msp_id), member_key(command.seller)))
    known_member(records, command.seller, "seller")
    rules = records.find(ApprovalRules, caller.msp_id)
    limit = None if rules is None else _limit(rules.rules, caller, command.currency)
    if limit is not None and int(command.amount) > limit:
        raise Refusal(
            Code.APPROVAL_NEEDED,
            f"{caller.name} may order up to {shown(limit, command.currency)}, and approve no more.",
            "amount",
        )
    approval = Approval(
        order=command.order,
        approver=caller.name,
        seller=command.seller,
        currency=command.currency,
        amount=command.amount,
        given_at=context.at,
    )
    event = ApprovalGiven(
        order=command.order,
        member=caller.msp_id,
        approver=caller.name,
        seller=command.seller,
        currency=command.currency,
        amount=command.amount,
        at=context.at,
    )
    return Decision(
        reply=ApprovalReply(approval=approval),
        writes={(Approval.NOUN, command.order): approval},
        events=(event,),
    )


@operation("approvals:Rules", GetApprovalRules, ApprovalRulesReply)
def get_rules(command: GetApprovalRules, context: Context) -> Steps:
    """A member's rules."""
    member = command.member or context.caller.msp_id
    records = yield Fetch(keys=((ApprovalRules.NOUN, member),))
    found = records.find(ApprovalRules, member)
    return Decision(reply=ApprovalRulesReply(member=member, rules=[] if found is None else found.rules))


@operation("approvals:Get", GetApproval, ApprovalReply)
def get(command: GetApproval, context: Context) -> Steps:
    """The approval for an order."""
    records = yield Fetch(keys=((Approval.NOUN, command.order),))
    approval = records.get(Approval, command.order, refuse=Code.APPROVAL_NOT_FOUND, where="order")
    return Decision(reply=ApprovalReply(approval=approval))

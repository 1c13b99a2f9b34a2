"""Who quotes a pair of currencies, and at what."""

from __future__ import annotations

from collections.abc import Sequence

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, OracleChanged, OracleTrusted, RatePublished
from hansa_domain.iso4217 import minor_units
from hansa_domain.majority import require_administrator, tally
from hansa_domain.members import known_member, member_key
from hansa_domain.moments import check_moment
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Steps, operation
from hansa_domain.rates.commands import ApproveOracle, OracleReply, PublishRate, RateReply, RevokeOracle
from hansa_domain.rates.ratio import Ratio
from hansa_domain.rates.records import (
    MAX_AGE,
    MAX_JUMP,
    MAX_ORACLES,
    WINDOW,
    OracleApproval,
    Rate,
    RatePair,
    load_rates,
    pair_key,
)
from hansa_domain.times import milliseconds


@operation("rates:Approve", ApproveOracle, OracleReply)
def approve(command: ApproveOracle, context: Context) -> Steps:
    """One record a member; whose word makes the majority puts the oracle on the pair's list."""
    require_administrator(context, "approve an oracle")
    _check_pair(command.base, command.quote)
    known_member((yield Fetch(keys=(member_key(command.oracle),))), command.oracle, "oracle")
    approval = OracleApproval(
        base=command.base,
        quote=command.quote,
        oracle=command.oracle,
        member=context.caller.msp_id,
        approved_by=context.caller.name,
        approved_at=context.at,
    )
    return (yield from _counted(command, approval, context))


@operation("rates:Revoke", RevokeOracle, OracleReply)
def revoke(command: RevokeOracle, context: Context) -> Steps:
    """Takes the word back; where no majority is left, the oracle leaves the list."""
    require_administrator(context, "revoke an oracle's approval")
    key = (*_subject(command), context.caller.msp_id)
    if (yield Fetch(keys=(key,))).find(OracleApproval, *key[1:]) is None:
        raise Refusal(
            Code.ORACLE_NOT_APPROVED, f"{context.caller.msp_id} has not approved it for this pair.", "oracle"
        )
    return (yield from _counted(command, None, context))


def _check_pair(base: str, quote: str) -> None:
    minor_units(base, "base")
    minor_units(quote, "quote")
    if base == quote:
        raise Refusal(Code.FIELD_INVALID, "A pair has two currencies.", "quote")


def _subject(command: ApproveOracle | RevokeOracle) -> Key:
    return (OracleApproval.NOUN, command.base, command.quote, command.oracle)


def _counted(
    command: ApproveOracle | RevokeOracle, approval: OracleApproval | None, context: Context
) -> Steps:
    subject, member = _subject(command), context.caller.msp_id
    key = pair_key(command.base, command.quote)
    before = (yield Fetch(keys=(key,))).find(RatePair, *key[1:])
    count = yield from tally(subject, besides=None if approval is None else member)
    approved = [each for each in count.approved if approval is not None or each != member]
    oracles = [] if before is None else [each for each in before.oracles if each != command.oracle]
    if len(approved) >= count.needed:
        oracles = sorted([*oracles, command.oracle])
    if len(oracles) > MAX_ORACLES:
        raise Refusal(Code.TOO_MANY_ORACLES, f"A pair has at most {MAX_ORACLES} oracles.", "oracle")
    pair = RatePair(base=command.base, quote=command.quote, oracles=oracles)
    writes: dict[Key, Record | None] = {(*subject, member): approval}
    events: list[Event] = [
        OracleTrusted(
            base=pair.base,
            quote=pair.quote,
            oracle=command.oracle,
            member=member,
            trusted=approval is not None,
            at=context.at,
        )
    ]
    if oracles != ([] if before is None else before.oracles):
        writes[key] = pair
        events.append(OracleChanged(base=pair.base, quote=pair.quote, oracles=oracles, at=context.at))
    reply = OracleReply(pair=pair, approved_by=approved, needed=count.needed)
    return Decision(reply=reply, writes=writes, events=tuple(events))


@operation("rates:Publish", PublishRate, RateReply)
def publish(command: PublishRate, context: Context) -> Steps:
    """Replaces the oracle's quote; only he writes its key."""
    _check_pair(command.base, command.quote)
    for where in ("base_amount", "quote_amount"):
        if getattr(command, where) == "0":
            raise Refusal(Code.AMOUNT_ZERO, "Nothing is worth nothing: quote an amount above 0.", where)
    rates = yield from load_rates(command.base, command.quote)
    key = pair_key(command.base, command.quote)
    pair = (yield Fetch(keys=(key,))).get(RatePair, *key[1:], refuse=Code.RATE_NOT_FOUND, where="base")
    oracle = context.caller.msp_id
    if oracle not in pair.oracles:
        raise Refusal(Code.ORACLE_NOT_APPROVED, f"{oracle} is no oracle of {pair.base}/{pair.quote}.")
    before = next((rate for rate in rates if rate.oracle == oracle), None)
    observed_at = _observed(command, before, context)
    ratio = Ratio(int(command.base_amount), int(command.quote_amount))
    anchor, anchored_at, earlier = _anchor(before, ratio, context)
    others = [each for each in rates if each.oracle != oracle and each.fresh(context.now, MAX_AGE)]
    if not all(ratio.near(each, MAX_JUMP) for each in (anchor, earlier) if each is not None):
        _check_seconded(ratio, others)
        anchor, anchored_at, earlier = ratio, context.at, None
    rate = Rate(
        base=command.base,
        quote=command.quote,
        oracle=oracle,
        base_amount=command.base_amount,
        quote_amount=command.quote_amount,
        observed_at=observed_at,
        published_at=context.at,
        source=command.source,
        anchor_base=str(anchor.base),
        anchor_quote=str(anchor.quote),
        anchored_at=anchored_at,
        earlier_base=None if earlier is None else str(earlier.base),
        earlier_quote=None if earlier is None else str(earlier.quote),
    )
    event = RatePublished(
        base=rate.base,
        quote=rate.quote,
        oracle=oracle,
        base_amount=rate.base_amount,
        quote_amount=rate.quote_amount,
        observed_at=observed_at,
        source=rate.source,
        at=context.at,
    )
    return Decision(
        reply=RateReply(rate=rate),
        writes={(Rate.NOUN, rate.base, rate.quote, oracle): rate},
        events=(event,),
    )


def _observed(command: PublishRate, before: Rate | None, context: Context) -> str:
    observed_at = command.observed_at or context.at
    if check_moment(observed_at, "observed_at") > context.now:
        raise Refusal(Code.FIELD_INVALID, "It is observed before it is published.", "observed_at")
    if before is not None and observed_at < before.observed_at:
        raise Refusal(Code.FIELD_INVALID, f"There is a quote of {before.observed_at} already.", "observed_at")
    return observed_at


def _anchor(before: Rate | None, ratio: Ratio, context: Context) -> tuple[Ratio, str, Ratio | None]:
    """What a quote is held against: the oracle's rate about an hour ago; itself where that is stale.

    Its time, and the anchor before, where it held within the hour: else a step just before the hour's end
    and one just after it would be two.
    """
    if before is None or context.now - milliseconds(before.published_at) > MAX_AGE * 1000:
        return ratio, context.at, None
    if context.now - milliseconds(before.anchored_at) <= WINDOW * 1000:
        return before.anchor, before.anchored_at, before.earlier
    recent = context.now - milliseconds(before.published_at) <= WINDOW * 1000
    return before.ratio, before.published_at, before.anchor if recent else None


def _check_seconded(ratio: Ratio, others: Sequence[Rate]) -> None:
    if not any(ratio.near(each.ratio, MAX_JUMP) for each in others):
        raise Refusal(
            Code.RATE_JUMP,
            f"It is more than {MAX_JUMP} basis points from this oracle's rate within the hour, "
            "and no other oracle's is near it.",
            "quote_amount",
        )

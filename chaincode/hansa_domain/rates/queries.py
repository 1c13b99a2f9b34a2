"""Questions about rates; anybody may ask."""

from __future__ import annotations

from hansa_domain.operation import Context, Decision, Steps, decode_record, operation
from hansa_domain.paging import scan_all
from hansa_domain.rates.commands import GetRate, ListRates, RateNowReply, RatesReply
from hansa_domain.rates.records import OracleApproval, Rate, RatePair, load_rates, usable


@operation("rates:Get", GetRate, RateNowReply)
def get(command: GetRate, context: Context) -> Steps:
    """The median, and what it comes from."""
    rates = yield from load_rates(command.base, command.quote)
    ratio, counted = usable(rates, context, command.max_age)
    return Decision(
        reply=RateNowReply(
            base=command.base,
            quote=command.quote,
            base_amount=str(ratio.base),
            quote_amount=str(ratio.quote),
            rates=counted,
            stale=[rate for rate in rates if rate not in counted],
        )
    )


@operation("rates:List", ListRates, RatesReply)
def list_rates(command: ListRates, context: Context) -> Steps:
    """All pairs."""
    pairs = yield from scan_all((RatePair.NOUN,))
    rates = yield from scan_all((Rate.NOUN,))
    approvals = yield from scan_all((OracleApproval.NOUN,))
    return Decision(
        reply=RatesReply(
            pairs=[decode_record(value, RatePair) for _, value in pairs],
            rates=[decode_record(value, Rate) for _, value in rates],
            approvals=[decode_record(value, OracleApproval) for _, value in approvals],
        )
    )

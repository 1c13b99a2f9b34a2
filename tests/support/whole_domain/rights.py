"""Who may do what: written down a second time, so that a rule that forgets to ask is found.

Each command of the catalogue has a line. ``allowed`` is asked after a command succeeded, with the ledger as
it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hansa_domain.operation import Caller
from tests.support.domain import MEMBERS
from tests.support.whole_domain.view import View

Right = Callable[[View, Mapping[str, Any], Caller], bool]


def any_member(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    """Deadlines, questions, and what concerns the caller alone."""
    member = view.get("member", caller.msp_id)
    return member is not None and member.left_at is None


def administrator(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    """An administrator of a member."""
    return caller.admin and any_member(view, fields, caller)


def role(*names: str) -> Right:
    """Members of these roles."""
    return lambda view, fields, caller: view.get("member", caller.msp_id).role in names


def party(noun: str, *names: str, field: str | None = None) -> Right:
    """Who stands in one of these fields of the record that the command names."""

    def allowed(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
        named = fields[field or noun.replace("-", "_")]
        record = view.get(noun, named.zfill(14) if noun == "product" else named)
        return caller.msp_id in {str(getattr(record, name)).partition("/")[0] for name in names}

    return allowed


def both(*rights: Right) -> Right:
    """All of these."""
    return lambda view, fields, caller: all(each(view, fields, caller) for each in rights)


def either(*rights: Right) -> Right:
    """One of these."""
    return lambda view, fields, caller: any(each(view, fields, caller) for each in rights)


def named(field: str) -> Right:
    """The member whom a field of the command names."""
    return lambda view, fields, caller: caller.msp_id == fields[field]


def account_of(field: str) -> Right:
    """The organisation of the account that a field names."""
    return lambda view, fields, caller: caller.msp_id == str(fields[field]).partition("/")[0]


def _delivers(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    order = view.get("order", fields["order"])
    return caller.msp_id == (order.carrier or order.seller)


def _cancels(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    order = view.get("order", fields["order"])
    return caller.msp_id == order.seller or (caller.msp_id == order.buyer and order.status == "placed")


def _issues(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    currency = view.get("currency", fields["currency"])
    return role("bank")(view, fields, caller) and (currency is None or currency.issuer == caller.msp_id)


def _burns(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    notes = [view.get("note", note) for note in fields["notes"]]
    return all(view.get("currency", note.currency).issuer == caller.msp_id for note in notes)


def _made_the_version(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    version = view.get("offer-version", fields["offer"], f"{fields['version']:03d}")
    return bool(version.by == caller.msp_id)


def _answers_the_version(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    offer = view.get("offer", fields["offer"])
    return caller.msp_id == (offer.buyer if offer.by == offer.seller else offer.seller)


def of_order(noun: str, *names: str, field: str | None = None) -> Right:
    """Who stands in one of these fields of the order that the record named belongs to."""

    def allowed(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
        order = view.get("order", view.get(noun, fields[field or noun]).order)
        return caller.msp_id in {getattr(order, name) for name in names}

    return allowed


def _delivers_the_despatch(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    found = view.get("despatch", fields["despatch"])
    return caller.msp_id == (found.carrier or view.get("order", found.order).seller)


def _is_a_party(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    """Buyer, seller, or a carrier of one of the order's despatches."""
    order = view.get("order", view.get("invoice", fields["invoice"]).order)
    carriers = {each.carrier for each in view.all("despatch") if each.order == order.id}
    carriers |= {each.carrier for each in order.deliveries.carriages}
    return caller.msp_id in {order.buyer, order.seller, order.carrier} | carriers


def _answers_for_the_goods(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    owner = view.get("alert", fields["alert"]).owner
    return caller.msp_id == owner or role("regulator")(view, fields, caller)


def _party_of_the_order(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    """Buyer, seller, and whoever carries it."""
    return caller.msp_id in view.get("order", fields["order"]).parties


def _disputed(view: View, fields: Mapping[str, Any]) -> tuple[Any, Any]:
    order = view.get("order", fields["order"])
    return order, view.get("dispute", order.id, order.dispute)


def _arbitrates(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    return bool(_disputed(view, fields)[1].arbitrator == caller.msp_id)


def _opened_the_dispute(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    return bool(_disputed(view, fields)[1].opener == caller.msp_id)


def _answers_the_dispute(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    order, dispute = _disputed(view, fields)
    return caller.msp_id in order.parties and caller.msp_id != dispute.opener


def _has_a_part_in_the_dispute(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    order = view.get("order", fields["order"])
    return caller.msp_id in (*order.parties, order.arbitrator, order.second_arbitrator)


def _reports_the_milestone(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    plan = view.get("milestones", fields["order"])
    inspectors = [each.inspector for each in plan.milestones if each.name == fields["milestone"]]
    return caller.msp_id in (view.get("order", fields["order"]).buyer, *inspectors)


def _must_agree(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    found = view.get("settlement", fields["order"])
    order = view.get("order", fields["order"])
    receivable = view.get("receivable", fields["order"])
    bought = (
        () if receivable is None or receivable.assignee is None else (receivable.assignee.partition("/")[0],)
    )
    return caller.msp_id not in found.agreed and caller.msp_id in (*found.needs, *order.parties, *bought)


def _proposed_the_split(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    found = view.get("settlement", fields["order"])
    return caller.msp_id in (*found.agreed, *found.needs)


def _said_it_in_the_claim(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    claim = view.get("claim", fields["claim"])
    return caller.msp_id in {each.by for each in claim.statements}


def _is_a_net_debtor(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    positions = view.get("netting", fields["cycle"]).positions
    return caller.msp_id in {each.member for each in positions if each.owes != "0"}


def _confirms_the_debt(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    found = view.get("obligation", fields["obligation"])
    return caller.msp_id in {found.debtor, found.creditor} - {found.registered_by}


def _signed_by_signers(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    """Enough of the account's signers, each once; that the signatures are theirs the unit tests see to."""
    instruction = fields["instruction"]
    account = view.get("account", instruction["account"])
    keys = {each.key for each in account.rules.signers} & {each["key"] for each in fields["signatures"]}
    return len(keys) >= account.rules.threshold


def _stops(noun: str) -> Right:
    def allowed(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
        found = view.get(noun, fields[noun])
        account = view.get("account", found.cold if noun == "refill" else found.account)
        key = (fields.get("signature") or {"key": caller.key})["key"]
        return key in {each.key for each in account.rules.signers}

    return allowed


def _offered_the_product(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    return bool(view.get("product", fields["gtin"].zfill(14)).offered_to == caller.msp_id)


def _is_an_oracle(view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    pairs = [
        each for each in view.all("rate-pair") if (each.base, each.quote) == (fields["base"], fields["quote"])
    ]
    return any(caller.msp_id in pair.oracles for pair in pairs)


RIGHTS: dict[str, Right] = {
    "accounts:ChangeRules": _signed_by_signers,
    "accounts:CompleteRecovery": administrator,
    "accounts:CompleteRefill": any_member,
    "accounts:Open": both(administrator, account_of("account")),
    "accounts:ProposeRecovery": both(administrator, account_of("account")),
    "accounts:ProposeRefill": any_member,
    "accounts:ReplaceSigner": _signed_by_signers,
    "accounts:StopRecovery": _stops("recovery"),
    "accounts:StopRefill": _stops("refill"),
    "accounts:Sweep": account_of("account"),
    "alerts:Acknowledge": _answers_for_the_goods,
    "alerts:Close": _answers_for_the_goods,
    "approvals:Approve": any_member,
    "approvals:SetRules": administrator,
    "claims:Credit": party("claim", "seller"),
    "claims:Disclose": _said_it_in_the_claim,
    "claims:Escalate": party("claim", "buyer"),
    "claims:Judge": party("claim", "arbitrator"),
    "claims:Lapse": any_member,
    "claims:Open": party("order", "buyer"),
    "claims:Pay": party("claim", "seller"),
    "claims:Refuse": party("claim", "seller"),
    "claims:Replace": party("claim", "seller"),
    "claims:Withdraw": party("claim", "buyer"),
    "coldChain:SetLimits": party("product", "owner", field="gtin"),
    "compliance:Check": any_member,
    "compliance:Publish": both(administrator, role("regulator")),
    "compliance:Recheck": any_member,
    "configUpdates:Complete": administrator,
    "configUpdates:Propose": administrator,
    "configUpdates:Renew": administrator,
    "configUpdates:Sign": administrator,
    "configUpdates:Withdraw": both(administrator, party("config_update", "proposer")),
    "coupons:Issue": any_member,
    "coupons:Withdraw": any_member,
    "currencies:Approve": administrator,
    "currencies:Attest": _issues,
    "currencies:Freeze": role("bank", "regulator"),
    "currencies:Unfreeze": either(role("regulator"), party("freeze", "by", field="account")),
    "delegations:Grant": any_member,
    "delegations:Revoke": any_member,
    "despatches:Deliver": _delivers_the_despatch,
    "despatches:Despatch": party("order", "seller"),
    "discounts:Create": any_member,
    "discounts:Withdraw": any_member,
    "disputes:AddEvidence": _party_of_the_order,
    "disputes:Answer": _answers_the_dispute,
    "disputes:Decide": _arbitrates,
    "disputes:Disclose": _has_a_part_in_the_dispute,
    "disputes:Open": _party_of_the_order,
    "disputes:Withdraw": _opened_the_dispute,
    "exchanges:Accept": party("exchange", "taker"),
    "exchanges:Expire": any_member,
    "exchanges:Offer": any_member,
    "exchanges:Reject": party("exchange", "taker"),
    "facilities:Close": party("facility", "account"),
    "facilities:Exchange": any_member,
    "facilities:Open": any_member,
    "facilities:Revise": party("facility", "account"),
    "facilities:TopUp": party("facility", "account"),
    "facilities:Withdraw": party("facility", "account"),
    "fees:Approve": administrator,
    "fees:Publish": administrator,
    "goods:Capture": any_member,
    "guards:Renew": any_member,
    "handovers:Accept": party("handover", "taker"),
    "handovers:Decline": party("handover", "taker"),
    "handovers:Offer": any_member,
    "handovers:Withdraw": party("handover", "giver"),
    "hashlocks:Claim": party("hashlock", "recipient"),
    "hashlocks:Lock": any_member,
    "hashlocks:Refund": any_member,
    "invoices:Credit": of_order("invoice", "seller"),
    "invoices:Issue": of_order("despatch", "seller"),
    "invoices:Pay": _is_a_party,
    "licences:Issue": role("regulator"),
    "licences:Revoke": party("licence", "issuer"),
    "listings:Create": role("producer", "retailer"),
    "listings:Reduce": party("listing", "seller"),
    "listings:Restock": party("listing", "seller"),
    "listings:Resume": party("listing", "seller"),
    "listings:Revise": party("listing", "seller"),
    "listings:Suspend": party("listing", "seller"),
    "listings:Withdraw": party("listing", "seller"),
    "mandates:Collect": party("mandate", "payee"),
    "mandates:Grant": any_member,
    "mandates:Revoke": party("mandate", "payer", "payee"),
    "members:Init": administrator,
    "milestones:Report": _reports_the_milestone,
    "money:Burn": _burns,
    "money:Mint": _issues,
    "money:Transfer": any_member,
    "netting:Close": any_member,
    "netting:Dissolve": any_member,
    "netting:Fund": _is_a_net_debtor,
    "netting:Open": any_member,
    "obligations:Confirm": _confirms_the_debt,
    "obligations:Pay": party("obligation", "debtor"),
    "obligations:Register": lambda view, fields, caller: (
        caller.msp_id in (fields["debtor"], fields["creditor"])
    ),
    "obligations:Withdraw": party("obligation", "debtor", "creditor"),
    "offers:Accept": party("offer", "buyer"),
    "offers:Agree": party("offer", "seller"),
    "offers:Counter": party("offer", "buyer", "seller"),
    "offers:Disclose": _made_the_version,
    "offers:Expire": any_member,
    "offers:Propose": either(named("buyer"), named("seller")),
    "offers:Reject": _answers_the_version,
    "offers:Withdraw": party("offer", "buyer", "seller"),
    "orders:Accept": party("order", "seller"),
    "orders:AcceptBackOrder": party("order", "buyer"),
    "orders:AcceptPart": party("order", "seller"),
    "orders:CancelRest": party("order", "buyer", "seller"),
    "orders:RefuseBackOrder": party("order", "buyer"),
    "orders:Cancel": _cancels,
    "orders:Confirm": party("order", "buyer"),
    "orders:Default": any_member,
    "orders:Deliver": _delivers,
    "orders:Disclose": party("order", "buyer"),
    "orders:Place": any_member,
    "orders:Ship": party("order", "seller"),
    "papers:Register": either(_party_of_the_order, role("regulator")),
    "papers:Revoke": party("paper", "issuer"),
    "paymentRequests:Create": any_member,
    "paymentRequests:Decline": party("payment-request", "payer"),
    "paymentRequests:Pay": party("payment-request", "payer"),
    "paymentRequests:Withdraw": party("payment-request", "payee"),
    "places:Close": party("place", "owner", field="gln"),
    "places:Register": any_member,
    "places:Revise": party("place", "owner", field="gln"),
    "products:AcceptTransfer": _offered_the_product,
    "products:AddCertificate": either(party("product", "owner", field="gtin"), role("regulator")),
    "products:OfferTransfer": party("product", "owner", field="gtin"),
    "products:Revise": party("product", "owner", field="gtin"),
    "products:RevokeCertificate": either(party("product", "owner", field="gtin"), role("regulator")),
    "rates:Approve": administrator,
    "rates:Publish": _is_an_oracle,
    "rates:Revoke": administrator,
    "products:AgreeTolerance": any_member,
    "products:Register": any_member,
    "recalls:Acknowledge": any_member,
    "recalls:Close": either(party("recall", "opener"), role("regulator")),
    "recalls:Extend": any_member,
    "recalls:Open": any_member,
    "receipts:Report": of_order("despatch", "buyer"),
    "receivables:Assign": party("receivable", "financier", field="order"),
    "receivables:Offer": party("order", "seller"),
    "receivables:Withdraw": party("receivable", "seller", field="order"),
    "returns:Accept": party("order", "seller"),
    "returns:Propose": party("order", "buyer"),
    "returns:Receive": party("order", "seller"),
    "returns:Refuse": party("order", "seller"),
    "settlements:Accept": _must_agree,
    "settlements:Propose": _party_of_the_order,
    "settlements:Withdraw": _proposed_the_split,
    "taxes:Publish": role("regulator"),
    "tenders:Award": party("tender", "buyer"),
    "tenders:Open": any_member,
    "tenders:Withdraw": party("tender", "buyer"),
}

TAKES_ANOTHERS = {"mandates:Collect", "accounts:CompleteRefill"}
"""Commands that move notes of another's organisation, by leave that it gave before."""


def allowed(name: str, view: View, fields: Mapping[str, Any], caller: Caller) -> bool:
    """Whether the caller had the right to what just succeeded."""
    known = {member["msp_id"] for member in MEMBERS} | {each.msp_id for each in view.all("member")}
    return caller.msp_id in known and RIGHTS.get(name, any_member)(view, fields, caller)

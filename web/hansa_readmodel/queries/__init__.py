"""What may be asked of the read model, by noun. Nothing here writes, and nothing private is in the tables."""

from __future__ import annotations

from sqlalchemy import Engine

from hansa_readmodel.queries.accounts import AccountDayRow, AccountQueries, AccountRow, RecoveryRow, RefillRow
from hansa_readmodel.queries.alerts import AlertFilter, AlertQueries, AlertRow, CorrectionRow, DispositionRow
from hansa_readmodel.queries.approvals import ApprovalQueries, ApprovalRow, ApprovalRulesRow
from hansa_readmodel.queries.claims import ClaimQueries, ClaimRow
from hansa_readmodel.queries.cold_chain import ColdChainQueries, ExcursionRow, LimitRow
from hansa_readmodel.queries.compliance import CheckFilter, CheckRow, ComplianceQueries, FlagRow, PackRow
from hansa_readmodel.queries.config_updates import ConfigSignatureRow, ConfigUpdateQueries, ConfigUpdateRow
from hansa_readmodel.queries.currencies import AttestationRow, CurrencyQueries, FrozenRow
from hansa_readmodel.queries.delegations import DelegationQueries, DelegationRow
from hansa_readmodel.queries.deliveries import (
    CarriageRow,
    DeliveryQueries,
    DeliveryTermsRow,
    DespatchDetail,
    DespatchLineRow,
    DespatchRow,
    InvoiceRow,
    OrderDeliveries,
    PartLineRow,
)
from hansa_readmodel.queries.epcis import EpcisQueries
from hansa_readmodel.queries.escrow import DisputeRow, EscrowQueries, MilestoneRow, SettlementRow
from hansa_readmodel.queries.exchanges import ExchangeQueries, ExchangeRow, FacilityRow, HeldRow
from hansa_readmodel.queries.fees import FeeQueries, FeeScheduleRow
from hansa_readmodel.queries.goods import EventRow, GoodsQueries
from hansa_readmodel.queries.handovers import HandoverQueries, HandoverRow
from hansa_readmodel.queries.hashlocks import HashlockQueries, HashlockRow
from hansa_readmodel.queries.ledger import Checkpoint, LedgerQueries, Step, Transaction
from hansa_readmodel.queries.listings import ListingPriceRow, ListingQueries, ListingRow
from hansa_readmodel.queries.lots import LotQueries, LotRow
from hansa_readmodel.queries.members import ConsortiumRow, MemberQueries, MemberRow
from hansa_readmodel.queries.money import Balance, MoneyQueries, Supply
from hansa_readmodel.queries.netting import NettingQueries, NettingRow, ObligationRow, PositionRow
from hansa_readmodel.queries.offers import (
    OfferDetail,
    OfferQueries,
    OfferRow,
    OfferVersionRow,
    TenderRow,
)
from hansa_readmodel.queries.orders import OrderDetail, OrderLineRow, OrderQueries, OrderRow
from hansa_readmodel.queries.permits import LicenceQueries, LicenceRow, PaperQueries, PaperRow
from hansa_readmodel.queries.places import PlaceQueries, PlaceRow
from hansa_readmodel.queries.prices import CouponRow, DiscountRow, PriceQueries, TaxRuleRow, TaxTableRow
from hansa_readmodel.queries.products import CertificateRow, ProductQueries, ProductRow
from hansa_readmodel.queries.rates import RatePairRow, RateQueries, RateRow
from hansa_readmodel.queries.recalls import RecalledUnit, RecallQueries, RecallRow
from hansa_readmodel.queries.receivables import ReceivableQueries, ReceivableRow
from hansa_readmodel.queries.requests import MandateRow, PaymentRequestRow, RequestQueries
from hansa_readmodel.queries.returns import ReturnQueries, ReturnRow
from hansa_readmodel.queries.search import Hit, SearchQueries
from hansa_readmodel.queries.shipments import UNDER_WAY, Part, ShipmentQueries, ShipmentRow, ShippedLine
from hansa_readmodel.queries.statements import Matched, StatementQueries

__all__ = [
    "UNDER_WAY",
    "AccountDayRow",
    "AccountRow",
    "AlertFilter",
    "AlertRow",
    "ApprovalRow",
    "ApprovalRulesRow",
    "AttestationRow",
    "Balance",
    "CarriageRow",
    "CertificateRow",
    "CheckFilter",
    "CheckRow",
    "Checkpoint",
    "ClaimRow",
    "ConfigSignatureRow",
    "ConfigUpdateRow",
    "ConsortiumRow",
    "CorrectionRow",
    "CouponRow",
    "DelegationRow",
    "DeliveryTermsRow",
    "DespatchDetail",
    "DespatchLineRow",
    "DespatchRow",
    "DiscountRow",
    "DispositionRow",
    "DisputeRow",
    "EventRow",
    "ExchangeRow",
    "ExcursionRow",
    "FacilityRow",
    "FeeScheduleRow",
    "FlagRow",
    "FrozenRow",
    "HandoverRow",
    "HashlockRow",
    "HeldRow",
    "Hit",
    "InvoiceRow",
    "LicenceRow",
    "LimitRow",
    "ListingPriceRow",
    "ListingRow",
    "LotRow",
    "MandateRow",
    "Matched",
    "MemberRow",
    "MilestoneRow",
    "NettingRow",
    "ObligationRow",
    "OfferDetail",
    "OfferRow",
    "OfferVersionRow",
    "OrderDeliveries",
    "OrderDetail",
    "OrderLineRow",
    "OrderRow",
    "PackRow",
    "PaperRow",
    "Part",
    "PartLineRow",
    "PaymentRequestRow",
    "PlaceRow",
    "PositionRow",
    "ProductRow",
    "Queries",
    "RatePairRow",
    "RateRow",
    "RecallRow",
    "RecalledUnit",
    "ReceivableRow",
    "RecoveryRow",
    "RefillRow",
    "ReturnRow",
    "SettlementRow",
    "ShipmentRow",
    "ShippedLine",
    "Step",
    "Supply",
    "TaxRuleRow",
    "TaxTableRow",
    "TenderRow",
    "Transaction",
]


class Queries:
    """The questions of one read model. Any number of threads may ask.

    Args:
        engine: the read model's database.
    """

    def __init__(self, engine: Engine) -> None:
        self.ledger = LedgerQueries(engine)
        self.members = MemberQueries(engine)
        self.config_updates = ConfigUpdateQueries(engine)
        self.products = ProductQueries(engine)
        self.places = PlaceQueries(engine)
        self.prices = PriceQueries(engine)
        self.listings = ListingQueries(engine)
        self.delegations = DelegationQueries(engine)
        self.handovers = HandoverQueries(engine)
        self.lots = LotQueries(engine)
        self.money = MoneyQueries(engine)
        self.currencies = CurrencyQueries(engine)
        self.fees = FeeQueries(engine)
        self.exchanges = ExchangeQueries(engine)
        self.netting = NettingQueries(engine)
        self.rates = RateQueries(engine)
        self.requests = RequestQueries(engine)
        self.receivables = ReceivableQueries(engine)
        self.accounts = AccountQueries(engine)
        self.hashlocks = HashlockQueries(engine)
        self.approvals = ApprovalQueries(engine)
        self.offers = OfferQueries(engine)
        self.deliveries = DeliveryQueries(engine)
        self.orders = OrderQueries(engine)
        self.shipments = ShipmentQueries(engine)
        self.escrow = EscrowQueries(engine)
        self.claims = ClaimQueries(engine)
        self.goods = GoodsQueries(engine)
        self.epcis = EpcisQueries(engine)
        self.alerts = AlertQueries(engine)
        self.cold_chain = ColdChainQueries(engine)
        self.recalls = RecallQueries(engine)
        self.returns = ReturnQueries(engine)
        self.compliance = ComplianceQueries(engine)
        self.licences = LicenceQueries(engine)
        self.papers = PaperQueries(engine)
        self.statements = StatementQueries(engine)
        self.search = SearchQueries(engine)

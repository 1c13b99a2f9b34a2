"""The registry of domain events. A type is never renamed or reused; each carries its own version ``v``.

They travel as ``{"v": 1, "events": [...]}`` in the one Fabric event ``hansa`` of a transaction. ``at`` is the
transaction's timestamp, RFC 3339.
"""

from __future__ import annotations

from hansa_domain.events.accounts import (
    AccountLimitView,
    AccountPaid,
    AccountRulesSet,
    RecoveryCompleted,
    RecoveryProposed,
    RecoveryStopped,
    RefillCompleted,
    RefillProposed,
    RefillStopped,
    SignerView,
)
from hansa_domain.events.alerts import (
    AlertAcknowledged,
    AlertClosed,
    AlertCode,
    AlertOutcome,
    AlertRaised,
    AlertSeverity,
    DispositionsChanged,
    EventDeclaredInError,
    Evidence,
    UnitDispositions,
)
from hansa_domain.events.approvals import ApprovalGiven, ApprovalRulesSet
from hansa_domain.events.base import (
    Event,
    LineView,
    NoteView,
    StockView,
)
from hansa_domain.events.claims import (
    ClaimClosed,
    ClaimEscalated,
    ClaimJudged,
    ClaimMet,
    ClaimOpened,
    ClaimRefused,
    ClaimRemedy,
)
from hansa_domain.events.coldchain import (
    ColdChainLimitsSet,
    ExcursionsRecorded,
    ExcursionsWithdrawn,
    ExcursionView,
    LimitView,
)
from hansa_domain.events.compliance import (
    CertificateFact,
    CheckResult,
    ComplianceChecked,
    Facts,
    LicenceFact,
    LicenceIssued,
    LicenceRevoked,
    LineFact,
    Occasion,
    Outcome,
    PackChecked,
    PackPublished,
    PaperFact,
    PaperRegistered,
    PaperRevoked,
    PartyFact,
    RuleOutcome,
)
from hansa_domain.events.consortium import (
    ConfigUpdateCarriedOut,
    ConfigUpdateProposed,
    ConfigUpdateRenewed,
    ConfigUpdateSigned,
    ConfigUpdateWithdrawn,
    ConsortiumInitialized,
    GuardsRenewed,
    MemberJoined,
    MemberLeft,
)
from hansa_domain.events.currencies import (
    AccountFrozen,
    AccountUnfrozen,
    IssuerApproved,
    ReservesAttested,
)
from hansa_domain.events.delegations import DelegationGranted, DelegationRevoked
from hansa_domain.events.deliveries import (
    AcceptedLine,
    BackOrderAnswered,
    CarriageView,
    CreditedLine,
    DeliveriesAgreed,
    DespatchDelivered,
    DespatchSent,
    DespatchSettled,
    InvoiceCredited,
    InvoicedLine,
    InvoiceIssued,
    LineProgress,
    LineQuantity,
    OrderPartAccepted,
    OrderPartDropped,
    OrderProgressed,
    PartCause,
    Reason,
    ReceiptReported,
    ReceivedLineView,
    SettledCause,
)
from hansa_domain.events.disputes import (
    DisputeAnswered,
    DisputeClosed,
    DisputeEnd,
    DisputeOpened,
    DisputePassedOn,
    EvidenceAdded,
)
from hansa_domain.events.exchanges import (
    ExchangeAccepted,
    ExchangeClosed,
    ExchangeEnd,
    ExchangeOffered,
    FacilityChanged,
    FacilityFunded,
    FacilityUsed,
)
from hansa_domain.events.fees import (
    FeeRuleView,
    FeeScheduleApproved,
    FeeScheduleInForce,
    FeeSchedulePublished,
)
from hansa_domain.events.goods import (
    CapturedEventView,
    CustodyChange,
    CustodyMoved,
    GoodsCaptured,
)
from hansa_domain.events.handovers import HandoverClosed, HandoverOffered
from hansa_domain.events.hashlocks import HashlockClaimed, HashlockLocked, HashlockRefunded
from hansa_domain.events.listings import (
    ListingCreated,
    ListingResumed,
    ListingRevised,
    ListingSuspended,
    ListingWithdrawn,
    StockChanged,
)
from hansa_domain.events.lots import LotChange, LotsChanged, ToleranceAgreed
from hansa_domain.events.milestones import (
    DivisionCause,
    EscrowReleased,
    MilestoneCause,
    MilestonePaid,
    MilestonesAgreed,
    MilestoneView,
    OrderDivided,
    SettlementAccepted,
    SettlementProposed,
    SettlementWithdrawn,
)
from hansa_domain.events.money import (
    CurrencyDefined,
    MoneyMoved,
    MoneyReason,
)
from hansa_domain.events.netting import (
    NettingClosed,
    NettingFunded,
    NettingOpened,
    NettingPosition,
    ObligationChanged,
    ObligationRegistered,
)
from hansa_domain.events.offers import (
    GoodsLine,
    OfferAccepted,
    OfferAgreed,
    OfferCountered,
    OfferExpired,
    OfferProposed,
    OfferRejected,
    OfferTermsView,
    OfferWithdrawn,
    TenderAwarded,
    TenderOpened,
    TenderWithdrawn,
)
from hansa_domain.events.orders import (
    OrderAccepted,
    OrderCancelled,
    OrderDelivered,
    OrderPlaced,
    OrderRefunded,
    OrderSettled,
    OrderShipped,
    RefundCause,
    SettlementCause,
)
from hansa_domain.events.places import PlaceClosed, PlaceRegistered, PlaceRevised, PlaceView
from hansa_domain.events.prices import (
    CouponIssued,
    CouponWithdrawn,
    DiscountCreated,
    DiscountWithdrawn,
    TaxTablePublished,
)
from hansa_domain.events.products import (
    ProductCertified,
    ProductOffered,
    ProductRegistered,
    ProductRevised,
    ProductTransferred,
)
from hansa_domain.events.rates import (
    OracleChanged,
    OracleTrusted,
    RatePublished,
)
from hansa_domain.events.recalls import (
    RecallAcknowledged,
    RecallClosed,
    RecallExtended,
    RecallHolder,
    RecallOpened,
)
from hansa_domain.events.receivables import ReceivableAssigned, ReceivableOffered, ReceivableWithdrawn
from hansa_domain.events.requests import (
    MandateCollected,
    MandateGranted,
    MandateRevoked,
    PaymentRequestClosed,
    PaymentRequested,
    RequestEnd,
)
from hansa_domain.events.returns import (
    ExchangeAsked,
    OrderReopened,
    ReturnAccepted,
    ReturnProposed,
    ReturnReceived,
    ReturnRefused,
)

__all__ = [
    "AcceptedLine", "AccountFrozen", "AccountLimitView", "AccountPaid", "AccountRulesSet",
    "AccountUnfrozen", "AlertAcknowledged", "AlertClosed", "AlertCode", "AlertOutcome", "AlertRaised",
    "AlertSeverity", "ApprovalGiven", "ApprovalRulesSet", "BackOrderAnswered", "CapturedEventView",
    "CarriageView", "CertificateFact", "CheckResult", "ClaimClosed", "ClaimEscalated", "ClaimJudged",
    "ClaimMet", "ClaimOpened", "ClaimRefused", "ClaimRemedy", "ColdChainLimitsSet", "ComplianceChecked",
    "ConfigUpdateCarriedOut", "ConfigUpdateProposed", "ConfigUpdateRenewed", "ConfigUpdateSigned",
    "ConfigUpdateWithdrawn", "ConsortiumInitialized", "CouponIssued", "CouponWithdrawn", "CreditedLine",
    "CurrencyDefined", "CustodyChange", "CustodyMoved", "DelegationGranted", "DelegationRevoked",
    "DeliveriesAgreed", "DespatchDelivered", "DespatchSent", "DespatchSettled", "DiscountCreated",
    "DiscountWithdrawn", "DispositionsChanged", "DisputeAnswered", "DisputeClosed", "DisputeEnd",
    "DisputeOpened", "DisputePassedOn", "DivisionCause", "EscrowReleased", "Event",
    "EventDeclaredInError", "Evidence", "EvidenceAdded", "ExchangeAccepted", "ExchangeAsked",
    "ExchangeClosed", "ExchangeEnd", "ExchangeOffered", "ExcursionView", "ExcursionsRecorded",
    "ExcursionsWithdrawn", "FacilityChanged", "FacilityFunded", "FacilityUsed", "Facts", "FeeRuleView",
    "FeeScheduleApproved", "FeeScheduleInForce", "FeeSchedulePublished", "GoodsCaptured", "GoodsLine",
    "GuardsRenewed", "HandoverClosed", "HandoverOffered", "HashlockClaimed", "HashlockLocked",
    "HashlockRefunded", "InvoiceCredited", "InvoiceIssued", "InvoicedLine", "IssuerApproved",
    "LicenceFact", "LicenceIssued", "LicenceRevoked", "LimitView", "LineFact", "LineProgress",
    "LineQuantity", "LineView", "ListingCreated", "ListingResumed", "ListingRevised", "ListingSuspended",
    "ListingWithdrawn", "LotChange", "LotsChanged", "MandateCollected", "MandateGranted",
    "MandateRevoked", "MemberJoined", "MemberLeft", "MilestoneCause", "MilestonePaid", "MilestoneView",
    "MilestonesAgreed", "MoneyMoved", "MoneyReason", "NettingClosed", "NettingFunded", "NettingOpened",
    "NettingPosition", "NoteView", "ObligationChanged", "ObligationRegistered", "Occasion",
    "OfferAccepted", "OfferAgreed", "OfferCountered", "OfferExpired", "OfferProposed", "OfferRejected",
    "OfferTermsView", "OfferWithdrawn", "OracleChanged", "OracleTrusted", "OrderAccepted",
    "OrderCancelled", "OrderDelivered", "OrderDivided", "OrderPartAccepted", "OrderPartDropped",
    "OrderPlaced", "OrderProgressed", "OrderRefunded", "OrderReopened", "OrderSettled", "OrderShipped",
    "Outcome", "PackChecked", "PackPublished", "PaperFact", "PaperRegistered", "PaperRevoked",
    "PartCause", "PartyFact", "PaymentRequestClosed", "PaymentRequested", "PlaceClosed",
    "PlaceRegistered", "PlaceRevised", "PlaceView", "ProductCertified", "ProductOffered",
    "ProductRegistered", "ProductRevised", "ProductTransferred", "RatePublished", "Reason",
    "RecallAcknowledged", "RecallClosed", "RecallExtended", "RecallHolder", "RecallOpened",
    "ReceiptReported", "ReceivableAssigned", "ReceivableOffered", "ReceivableWithdrawn",
    "ReceivedLineView", "RecoveryCompleted", "RecoveryProposed", "RecoveryStopped", "RefillCompleted",
    "RefillProposed", "RefillStopped", "RefundCause", "RequestEnd", "ReservesAttested", "ReturnAccepted",
    "ReturnProposed", "ReturnReceived", "ReturnRefused", "RuleOutcome", "SettledCause",
    "SettlementAccepted", "SettlementCause", "SettlementProposed", "SettlementWithdrawn", "SignerView",
    "StockChanged", "StockView", "TaxTablePublished", "TenderAwarded", "TenderOpened", "TenderWithdrawn",
    "ToleranceAgreed", "UnitDispositions",
]  # fmt: skip

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
from hansa_domain.events.approvals import ApprovalGiven, ApprovalRulesSet
from hansa_domain.events.base import (
    Event,
    LineView,
    NoteView,
    StockView,
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
    ListingWithdrawn,
    StockChanged,
)
from hansa_domain.events.lots import LotChange, LotsChanged, ToleranceAgreed
from hansa_domain.events.money import (
    CurrencyDefined,
    MoneyMoved,
    MoneyReason,
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
from hansa_domain.events.returns import ReturnAccepted, ReturnProposed, ReturnReceived, ReturnRefused

__all__ = [
    "AccountFrozen",
    "AccountLimitView",
    "AccountPaid",
    "AccountRulesSet",
    "AccountUnfrozen",
    "ApprovalGiven",
    "ApprovalRulesSet",
    "CapturedEventView",
    "ConfigUpdateCarriedOut",
    "ConfigUpdateProposed",
    "ConfigUpdateRenewed",
    "ConfigUpdateSigned",
    "ConfigUpdateWithdrawn",
    "ConsortiumInitialized",
    "CurrencyDefined",
    "CustodyChange",
    "CustodyMoved",
    "DelegationGranted",
    "DelegationRevoked",
    "Event",
    "FeeRuleView",
    "FeeScheduleApproved",
    "FeeScheduleInForce",
    "FeeSchedulePublished",
    "GoodsCaptured",
    "GoodsLine",
    "GuardsRenewed",
    "HandoverClosed",
    "HandoverOffered",
    "HashlockClaimed",
    "HashlockLocked",
    "HashlockRefunded",
    "IssuerApproved",
    "LineView",
    "ListingCreated",
    "ListingWithdrawn",
    "LotChange",
    "LotsChanged",
    "MandateCollected",
    "MandateGranted",
    "MandateRevoked",
    "MemberJoined",
    "MemberLeft",
    "MoneyMoved",
    "MoneyReason",
    "NoteView",
    "OfferAccepted",
    "OfferAgreed",
    "OfferCountered",
    "OfferExpired",
    "OfferProposed",
    "OfferRejected",
    "OfferTermsView",
    "OfferWithdrawn",
    "OracleChanged",
    "OracleTrusted",
    "OrderAccepted",
    "OrderCancelled",
    "OrderDelivered",
    "OrderPlaced",
    "OrderRefunded",
    "OrderSettled",
    "OrderShipped",
    "PaymentRequestClosed",
    "PaymentRequested",
    "PlaceClosed",
    "PlaceRegistered",
    "PlaceRevised",
    "PlaceView",
    "ProductCertified",
    "ProductOffered",
    "ProductRegistered",
    "ProductRevised",
    "ProductTransferred",
    "RatePublished",
    "RecallAcknowledged",
    "RecallClosed",
    "RecallExtended",
    "RecallHolder",
    "RecallOpened",
    "ReceivableAssigned",
    "ReceivableOffered",
    "ReceivableWithdrawn",
    "RecoveryCompleted",
    "RecoveryProposed",
    "RecoveryStopped",
    "RefillCompleted",
    "RefillProposed",
    "RefillStopped",
    "RefundCause",
    "RequestEnd",
    "ReservesAttested",
    "ReturnAccepted",
    "ReturnProposed",
    "ReturnReceived",
    "ReturnRefused",
    "SettlementCause",
    "SignerView",
    "StockChanged",
    "StockView",
    "TenderAwarded",
    "TenderOpened",
    "TenderWithdrawn",
    "ToleranceAgreed",
]

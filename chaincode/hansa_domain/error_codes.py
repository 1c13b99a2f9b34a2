"""The registry of error codes. A code is never renamed and never reused; each says what to do."""

from __future__ import annotations

from enum import Enum


class Code(Enum):
    """Every way Hansa refuses. The member's value is what travels; ``HINTS`` says what to do about it."""

    MALFORMED_DOCUMENT = "MALFORMED_DOCUMENT"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    UNKNOWN_FUNCTION = "UNKNOWN_FUNCTION"
    FIELD_INVALID = "FIELD_INVALID"
    COMMAND_ID_REUSED = "COMMAND_ID_REUSED"
    COMMAND_NOT_FOUND = "COMMAND_NOT_FOUND"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    NOT_PERMITTED = "NOT_PERMITTED"
    GTIN_INVALID = "GTIN_INVALID"
    GLN_INVALID = "GLN_INVALID"
    SSCC_INVALID = "SSCC_INVALID"
    EPC_INVALID = "EPC_INVALID"
    EPCIS_FIELD_MISSING = "EPCIS_FIELD_MISSING"
    EPCIS_FIELD_INVALID = "EPCIS_FIELD_INVALID"
    EPCIS_FIELD_NOT_ALLOWED = "EPCIS_FIELD_NOT_ALLOWED"
    EPCIS_TYPE_UNKNOWN = "EPCIS_TYPE_UNKNOWN"
    EVENT_ID_REUSED = "EVENT_ID_REUSED"
    EVENT_NOT_FOUND = "EVENT_NOT_FOUND"
    EVENT_TOO_LARGE = "EVENT_TOO_LARGE"
    CAPTURE_TOO_LARGE = "CAPTURE_TOO_LARGE"
    UNIT_NOT_FOUND = "UNIT_NOT_FOUND"
    UNIT_NOT_AVAILABLE = "UNIT_NOT_AVAILABLE"
    UNIT_NOT_ORDERED = "UNIT_NOT_ORDERED"
    DELEGATION_NOT_FOUND = "DELEGATION_NOT_FOUND"
    ALERT_NOT_FOUND = "ALERT_NOT_FOUND"
    ALERT_STATE = "ALERT_STATE"
    LIMIT_INVALID = "LIMIT_INVALID"
    GOODS_NOT_SELLABLE = "GOODS_NOT_SELLABLE"
    ERROR_DECLARATION_DIFFERS = "ERROR_DECLARATION_DIFFERS"
    HANDOVER_NOT_FOUND = "HANDOVER_NOT_FOUND"
    HANDOVER_STATE = "HANDOVER_STATE"
    GOODS_RECALLED = "GOODS_RECALLED"
    RECALL_NOT_FOUND = "RECALL_NOT_FOUND"
    RECALL_STATE = "RECALL_STATE"
    RECALL_NOT_FOLLOWED = "RECALL_NOT_FOLLOWED"
    RECALL_UNACKNOWLEDGED = "RECALL_UNACKNOWLEDGED"
    CONSORTIUM_ALREADY_INITIALIZED = "CONSORTIUM_ALREADY_INITIALIZED"
    CONSORTIUM_NOT_INITIALIZED = "CONSORTIUM_NOT_INITIALIZED"
    MEMBER_REPEATED = "MEMBER_REPEATED"
    MEMBER_NOT_FOUND = "MEMBER_NOT_FOUND"
    ALREADY_A_MEMBER = "ALREADY_A_MEMBER"
    CONFIG_UPDATE_NOT_FOUND = "CONFIG_UPDATE_NOT_FOUND"
    CONFIG_UPDATE_STATE = "CONFIG_UPDATE_STATE"
    CONFIG_UPDATE_REVISION = "CONFIG_UPDATE_REVISION"
    SIGNATURES_INSUFFICIENT = "SIGNATURES_INSUFFICIENT"
    ARBITRATOR_INVALID = "ARBITRATOR_INVALID"
    COUNTRY_UNKNOWN = "COUNTRY_UNKNOWN"
    PRODUCT_ALREADY_REGISTERED = "PRODUCT_ALREADY_REGISTERED"
    PRODUCT_NOT_FOUND = "PRODUCT_NOT_FOUND"
    PRODUCT_VERSION = "PRODUCT_VERSION"
    CERTIFICATE_EXPIRED = "CERTIFICATE_EXPIRED"
    CERTIFICATE_NOT_FOUND = "CERTIFICATE_NOT_FOUND"
    CERTIFICATE_REPEATED = "CERTIFICATE_REPEATED"
    PLACE_ALREADY_REGISTERED = "PLACE_ALREADY_REGISTERED"
    PLACE_NOT_FOUND = "PLACE_NOT_FOUND"
    PLACE_CLOSED = "PLACE_CLOSED"
    PLACE_VERSION = "PLACE_VERSION"
    LISTING_NOT_FOUND = "LISTING_NOT_FOUND"
    LISTING_WITHDRAWN = "LISTING_WITHDRAWN"
    LISTING_SUSPENDED = "LISTING_SUSPENDED"
    LISTING_VERSION = "LISTING_VERSION"
    LISTING_TERMS_INVALID = "LISTING_TERMS_INVALID"
    LISTING_NOT_VALID = "LISTING_NOT_VALID"
    QUANTITY_NOT_OFFERED = "QUANTITY_NOT_OFFERED"
    DESTINATION_MISSING = "DESTINATION_MISSING"
    REGION_NOT_SERVED = "REGION_NOT_SERVED"
    CURRENCY_NOT_OFFERED = "CURRENCY_NOT_OFFERED"
    SAMPLE_NOT_OFFERED = "SAMPLE_NOT_OFFERED"
    SAMPLE_TAKEN = "SAMPLE_TAKEN"
    TRIAL_TOO_SHORT = "TRIAL_TOO_SHORT"
    CONCESSION_INVALID = "CONCESSION_INVALID"
    DISCOUNT_NOT_FOUND = "DISCOUNT_NOT_FOUND"
    DISCOUNT_NOT_APPLICABLE = "DISCOUNT_NOT_APPLICABLE"
    COUPON_NOT_FOUND = "COUPON_NOT_FOUND"
    COUPON_NOT_APPLICABLE = "COUPON_NOT_APPLICABLE"
    COUPON_ALREADY_ISSUED = "COUPON_ALREADY_ISSUED"
    COUPON_USED_UP = "COUPON_USED_UP"
    COUPON_CODE_WRONG = "COUPON_CODE_WRONG"
    TAX_TABLE_NOT_FOUND = "TAX_TABLE_NOT_FOUND"
    TAX_TABLE_NOT_YOURS = "TAX_TABLE_NOT_YOURS"
    TAX_TABLE_PERIOD = "TAX_TABLE_PERIOD"
    TAX_RULES_INVALID = "TAX_RULES_INVALID"
    BUCKETS_INVALID = "BUCKETS_INVALID"
    STOCK_INSUFFICIENT = "STOCK_INSUFFICIENT"
    CURRENCY_UNKNOWN = "CURRENCY_UNKNOWN"
    CURRENCY_NOT_YOURS = "CURRENCY_NOT_YOURS"
    CURRENCY_NOT_APPROVED = "CURRENCY_NOT_APPROVED"
    ACCOUNT_FROZEN = "ACCOUNT_FROZEN"
    ACCOUNT_NOT_FROZEN = "ACCOUNT_NOT_FROZEN"
    TOO_MANY_FROZEN = "TOO_MANY_FROZEN"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    AMOUNT_ZERO = "AMOUNT_ZERO"
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE"
    AMOUNTS_DIFFER = "AMOUNTS_DIFFER"
    NOTE_NOT_FOUND = "NOTE_NOT_FOUND"
    NOTE_NOT_YOURS = "NOTE_NOT_YOURS"
    NOTE_REPEATED = "NOTE_REPEATED"
    FUNDS_INSUFFICIENT = "FUNDS_INSUFFICIENT"
    HASHLOCK_NOT_FOUND = "HASHLOCK_NOT_FOUND"
    HASHLOCK_STATE = "HASHLOCK_STATE"
    HASHLOCK_EXPIRED = "HASHLOCK_EXPIRED"
    HASHLOCK_NOT_EXPIRED = "HASHLOCK_NOT_EXPIRED"
    PREIMAGE_WRONG = "PREIMAGE_WRONG"
    RECEIVABLE_NOT_FOUND = "RECEIVABLE_NOT_FOUND"
    RECEIVABLE_STATE = "RECEIVABLE_STATE"
    MANDATE_NOT_FOUND = "MANDATE_NOT_FOUND"
    MANDATE_STATE = "MANDATE_STATE"
    MANDATE_EXCEEDED = "MANDATE_EXCEEDED"
    PAYMENT_REQUEST_NOT_FOUND = "PAYMENT_REQUEST_NOT_FOUND"
    PAYMENT_REQUEST_STATE = "PAYMENT_REQUEST_STATE"
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    ACCOUNT_ALREADY_OPEN = "ACCOUNT_ALREADY_OPEN"
    ACCOUNT_RULES_INVALID = "ACCOUNT_RULES_INVALID"
    ACCOUNT_REVISION = "ACCOUNT_REVISION"
    ACCOUNTS_MIXED = "ACCOUNTS_MIXED"
    SIGNER_KEY_INVALID = "SIGNER_KEY_INVALID"
    SIGNER_UNKNOWN = "SIGNER_UNKNOWN"
    SIGNER_REPEATED = "SIGNER_REPEATED"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    SIGNATURES_REQUIRED = "SIGNATURES_REQUIRED"
    AUTHORITY_MISSING = "AUTHORITY_MISSING"
    ALLOWANCE_EXCEEDED = "ALLOWANCE_EXCEEDED"
    INSTRUCTION_MISMATCH = "INSTRUCTION_MISMATCH"
    INSTRUCTION_EXPIRED = "INSTRUCTION_EXPIRED"
    INSTRUCTION_USED = "INSTRUCTION_USED"
    CAP_EXCEEDED = "CAP_EXCEEDED"
    DELAY_NOT_OVER = "DELAY_NOT_OVER"
    REFILL_NOT_FOUND = "REFILL_NOT_FOUND"
    REFILL_STATE = "REFILL_STATE"
    RECOVERY_NOT_FOUND = "RECOVERY_NOT_FOUND"
    RECOVERY_STATE = "RECOVERY_STATE"
    LINES_INVALID = "LINES_INVALID"
    PRICE_MISMATCH = "PRICE_MISMATCH"
    SHARES_EXCEED_AMOUNT = "SHARES_EXCEED_AMOUNT"
    FEE_CHANGED = "FEE_CHANGED"
    FEE_SCHEDULE_NOT_FOUND = "FEE_SCHEDULE_NOT_FOUND"
    FEE_SCHEDULE_STATE = "FEE_SCHEDULE_STATE"
    RATE_NOT_FOUND = "RATE_NOT_FOUND"
    RATE_STALE = "RATE_STALE"
    RATE_JUMP = "RATE_JUMP"
    RATE_BELOW_LEAST = "RATE_BELOW_LEAST"
    EXCHANGE_NOT_FOUND = "EXCHANGE_NOT_FOUND"
    EXCHANGE_STATE = "EXCHANGE_STATE"
    EXCHANGE_EXPIRED = "EXCHANGE_EXPIRED"
    EXCHANGE_NOT_EXPIRED = "EXCHANGE_NOT_EXPIRED"
    FACILITY_NOT_FOUND = "FACILITY_NOT_FOUND"
    FACILITY_STATE = "FACILITY_STATE"
    FACILITY_INSUFFICIENT = "FACILITY_INSUFFICIENT"
    OBLIGATION_NOT_FOUND = "OBLIGATION_NOT_FOUND"
    OBLIGATION_STATE = "OBLIGATION_STATE"
    NETTING_NOT_FOUND = "NETTING_NOT_FOUND"
    NETTING_STATE = "NETTING_STATE"
    NETTING_DUE = "NETTING_DUE"
    NETTING_NOT_DUE = "NETTING_NOT_DUE"
    ORACLE_NOT_APPROVED = "ORACLE_NOT_APPROVED"
    TOO_MANY_ORACLES = "TOO_MANY_ORACLES"
    CARRIER_INVALID = "CARRIER_INVALID"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    ORDER_STATE = "ORDER_STATE"
    ORDER_NOT_DUE = "ORDER_NOT_DUE"
    ORDER_SETTLEMENT = "ORDER_SETTLEMENT"
    ORDER_DISPUTED = "ORDER_DISPUTED"
    SETTLEMENT_UNSUPPORTED = "SETTLEMENT_UNSUPPORTED"
    MILESTONES_INVALID = "MILESTONES_INVALID"
    MILESTONE_STATE = "MILESTONE_STATE"
    SETTLEMENT_NOT_FOUND = "SETTLEMENT_NOT_FOUND"
    SETTLEMENT_STATE = "SETTLEMENT_STATE"
    SPLIT_INVALID = "SPLIT_INVALID"
    DISPUTE_NOT_FOUND = "DISPUTE_NOT_FOUND"
    DISPUTE_STATE = "DISPUTE_STATE"
    STATEMENT_NOT_DISCLOSED = "STATEMENT_NOT_DISCLOSED"
    WARRANTY_OVER = "WARRANTY_OVER"
    CLAIM_NOT_FOUND = "CLAIM_NOT_FOUND"
    CLAIM_STATE = "CLAIM_STATE"
    CLAIM_AMOUNT = "CLAIM_AMOUNT"
    CLAIM_REPLACEMENT = "CLAIM_REPLACEMENT"
    APPROVAL_NEEDED = "APPROVAL_NEEDED"
    APPROVAL_NOT_FOUND = "APPROVAL_NOT_FOUND"
    TENDER_NOT_FOUND = "TENDER_NOT_FOUND"
    TENDER_STATE = "TENDER_STATE"
    TENDER_CLOSED = "TENDER_CLOSED"
    OFFER_NOT_FOUND = "OFFER_NOT_FOUND"
    OFFER_STATE = "OFFER_STATE"
    OFFER_VERSION = "OFFER_VERSION"
    OFFER_EXPIRED = "OFFER_EXPIRED"
    OFFER_NOT_EXPIRED = "OFFER_NOT_EXPIRED"
    PRICES_NOT_DISCLOSED = "PRICES_NOT_DISCLOSED"
    EPC_REPEATED = "EPC_REPEATED"
    PART_LINES_INVALID = "PART_LINES_INVALID"
    BACK_ORDER_STATE = "BACK_ORDER_STATE"
    CARRIAGE_INVALID = "CARRIAGE_INVALID"
    DESPATCH_NOT_FOUND = "DESPATCH_NOT_FOUND"
    DESPATCH_STATE = "DESPATCH_STATE"
    RECEIPT_QUANTITY = "RECEIPT_QUANTITY"
    NOT_AGREED = "NOT_AGREED"
    INVOICE_NOT_FOUND = "INVOICE_NOT_FOUND"
    INVOICE_STATE = "INVOICE_STATE"
    INVOICE_MISMATCH = "INVOICE_MISMATCH"
    PACK_INVALID = "PACK_INVALID"
    PACK_VERSION = "PACK_VERSION"
    PACK_TIME = "PACK_TIME"
    PACK_NOT_FOUND = "PACK_NOT_FOUND"
    TOO_MANY_PACKS = "TOO_MANY_PACKS"
    COMPLIANCE_VIOLATED = "COMPLIANCE_VIOLATED"
    COMPLIANCE_SUBJECT = "COMPLIANCE_SUBJECT"
    CHECK_NOT_FOUND = "CHECK_NOT_FOUND"
    NOTHING_IN_FORCE = "NOTHING_IN_FORCE"
    LICENCE_NOT_FOUND = "LICENCE_NOT_FOUND"
    LICENCE_STATE = "LICENCE_STATE"
    TOO_MANY_LICENCES = "TOO_MANY_LICENCES"
    PAPER_NOT_FOUND = "PAPER_NOT_FOUND"
    PAPER_STATE = "PAPER_STATE"
    PAPER_ALREADY_REGISTERED = "PAPER_ALREADY_REGISTERED"
    TOO_MANY_PAPERS = "TOO_MANY_PAPERS"
    RETURN_NOT_FOUND = "RETURN_NOT_FOUND"
    RETURN_STATE = "RETURN_STATE"
    TRANSIENT_MISSING = "TRANSIENT_MISSING"
    COMMITMENT_MISMATCH = "COMMITMENT_MISMATCH"
    DELIVERY_NOT_DISCLOSED = "DELIVERY_NOT_DISCLOSED"
    LEDGER_INCONSISTENT = "LEDGER_INCONSISTENT"
    RECORD_TOO_NEW = "RECORD_TOO_NEW"
    BOOKMARK_INVALID = "BOOKMARK_INVALID"


HINTS: dict[Code, str] = {
    Code.MALFORMED_DOCUMENT: "Send one JSON document with the fields the operation names.",
    Code.DOCUMENT_TOO_LARGE: "Send less at once: split the document.",
    Code.UNKNOWN_FUNCTION: "Ask GetMetadata for the operations of this chaincode.",
    Code.FIELD_INVALID: "Correct the field that the error names.",
    Code.COMMAND_ID_REUSED: "Take a fresh id for a new command, or send exactly the same content again.",
    Code.COMMAND_NOT_FOUND: "The command was not carried out: send it, or wait if it is still under way.",
    Code.NOT_A_MEMBER: "Your organisation must be a member of the consortium first.",
    Code.NOT_PERMITTED: "Only the party named in the rule may take this step.",
    Code.GTIN_INVALID: "Give the GTIN as printed under the barcode, check digit included.",
    Code.GLN_INVALID: "Give the GLN of 13 digits, check digit included.",
    Code.SSCC_INVALID: "Give the SSCC of 18 digits, check digit included.",
    Code.EPC_INVALID: "Write the EPC as an EPC URN or a GS1 Digital Link with the right check digit.",
    Code.EPCIS_FIELD_MISSING: "Add the field: EPCIS 2.0 requires it for this type of event.",
    Code.EPCIS_FIELD_INVALID: "Correct the field as EPCIS 2.0 and CBV 2.0 define it.",
    Code.EPCIS_FIELD_NOT_ALLOWED: "Remove the field, or write it as an extension with a namespace prefix.",
    Code.EPCIS_TYPE_UNKNOWN: "Send one of the five event types of EPCIS 2.0, or a document of such events.",
    Code.EVENT_ID_REUSED: "Give the event an eventID of its own; to correct one, declare the error first.",
    Code.EVENT_NOT_FOUND: "Check the event id or hash.",
    Code.EVENT_TOO_LARGE: "Split the event: it names more goods, or is longer, than one transaction carries.",
    Code.CAPTURE_TOO_LARGE: "Capture fewer events at once.",
    Code.UNIT_NOT_FOUND: "Commission the goods first: capture an ObjectEvent with action ADD.",
    Code.UNIT_NOT_AVAILABLE: "Name goods that you hold, that are in no other order, and that still exist.",
    Code.UNIT_NOT_ORDERED: "Ship only goods of the products and quantities ordered.",
    Code.DELEGATION_NOT_FOUND: "Name the reporter and the goods exactly as they were granted.",
    Code.ALERT_NOT_FOUND: "Use alerts:List to see the alerts.",
    Code.ALERT_STATE: "Look at the alert: once closed it stays so.",
    Code.LIMIT_INVALID: "Give each measurement one limit, with a minimum not above its maximum.",
    Code.GOODS_NOT_SELLABLE: "Put the goods aside; see goods:Condition for who declared what of them.",
    Code.ERROR_DECLARATION_DIFFERS: "Repeat the event exactly as it was reported, and add errorDeclaration.",
    Code.HANDOVER_NOT_FOUND: "Check the handover's id.",
    Code.HANDOVER_STATE: "Look at the handover: once accepted, declined or withdrawn, offer another.",
    Code.GOODS_RECALLED: "Put the goods aside and acknowledge the recall; see recalls:Get.",
    Code.RECALL_NOT_FOUND: "Use recalls:List to see the recalls.",
    Code.RECALL_STATE: "Look at the recall's status: once closed, open another.",
    Code.RECALL_NOT_FOLLOWED: "Send recalls:Extend until the recall is followed to its end.",
    Code.RECALL_UNACKNOWLEDGED: "Wait for these holders, or name them in 'without'.",
    Code.CONSORTIUM_ALREADY_INITIALIZED: "The consortium stands already; a new member joins by vote.",
    Code.CONSORTIUM_NOT_INITIALIZED: "An administrator calls members:Init once, first.",
    Code.MEMBER_REPEATED: "Name each organisation once.",
    Code.MEMBER_NOT_FOUND: "Name an organisation that members:List shows.",
    Code.ALREADY_A_MEMBER: "See members:List; an organisation joins once.",
    Code.CONFIG_UPDATE_NOT_FOUND: "Use configUpdates:List to see what is proposed.",
    Code.CONFIG_UPDATE_STATE: "Look at its status: once carried out or withdrawn, propose another.",
    Code.CONFIG_UPDATE_REVISION: "It was computed anew: fetch the current revision and look at it again.",
    Code.SIGNATURES_INSUFFICIENT: "Ask the members that have not signed yet.",
    Code.ARBITRATOR_INVALID: "Name a member that is neither buyer, seller nor carrier.",
    Code.COUNTRY_UNKNOWN: "Use the two-letter code of ISO 3166-1.",
    Code.PRODUCT_ALREADY_REGISTERED: "One GTIN has one owner; use products:Get to see whose it is.",
    Code.PRODUCT_NOT_FOUND: "Register the product first.",
    Code.PRODUCT_VERSION: "It was revised meanwhile: look at it, and revise the present version.",
    Code.CERTIFICATE_EXPIRED: "Add a certificate that is still valid.",
    Code.CERTIFICATE_NOT_FOUND: "Use products:Get to see its certificates.",
    Code.CERTIFICATE_REPEATED: "Add each certificate once, under its kind and number.",
    Code.PLACE_ALREADY_REGISTERED: "One GLN has one owner; use places:Get to see whose it is.",
    Code.PLACE_NOT_FOUND: "Register the place first.",
    Code.PLACE_CLOSED: "Name a place that is open.",
    Code.PLACE_VERSION: "It was revised meanwhile: look at it, and revise the present version.",
    Code.LISTING_NOT_FOUND: "Use listings:List to see what is on offer.",
    Code.LISTING_WITHDRAWN: "Choose a listing that is open.",
    Code.LISTING_SUSPENDED: "Wait until its seller resumes it, or choose another listing.",
    Code.LISTING_VERSION: "It was revised meanwhile: look at it, and revise the present version.",
    Code.LISTING_TERMS_INVALID: "Correct the term that the error names.",
    Code.LISTING_NOT_VALID: "Order while it is valid, or choose another listing.",
    Code.QUANTITY_NOT_OFFERED: "Order a quantity that the listing offers.",
    Code.DESTINATION_MISSING: "Name the country that the goods go to.",
    Code.REGION_NOT_SERVED: "Choose a listing that serves the country.",
    Code.CURRENCY_NOT_OFFERED: "Order in a currency that every listing is offered in.",
    Code.SAMPLE_NOT_OFFERED: "Order goods of which samples are offered, or order as usual.",
    Code.SAMPLE_TAKEN: "Order as usual: each buyer gets only so many samples.",
    Code.TRIAL_TOO_SHORT: "Give the inspection at least the time of the trial.",
    Code.CONCESSION_INVALID: "Correct the condition that the error names.",
    Code.DISCOUNT_NOT_FOUND: "Use discounts:List to see a seller's discounts.",
    Code.DISCOUNT_NOT_APPLICABLE: "Name discounts that hold for you and these lines; see orders:Quote.",
    Code.COUPON_NOT_FOUND: "Check the code and whose coupon it is.",
    Code.COUPON_NOT_APPLICABLE: "Use the coupon while it holds, on lines that it covers.",
    Code.COUPON_ALREADY_ISSUED: "Issue a coupon under another code.",
    Code.COUPON_USED_UP: "Order without it, or take another part of its uses (coupons:Get).",
    Code.COUPON_CODE_WRONG: "Send the code itself in transient data under 'coupon'.",
    Code.TAX_TABLE_NOT_FOUND: "Use taxes:List to see which countries have tables.",
    Code.TAX_TABLE_NOT_YOURS: "Ask the regulator that answers for this country.",
    Code.TAX_TABLE_PERIOD: "Let the version begin later, and not in the past.",
    Code.TAX_RULES_INVALID: "Correct the rule that the error names.",
    Code.BUCKETS_INVALID: "Split the stock into at most as many buckets as there are pieces.",
    Code.STOCK_INSUFFICIENT: "Use listings:Stock and take from buckets that hold enough.",
    Code.CURRENCY_UNKNOWN: "Use the three-letter code of ISO 4217.",
    Code.CURRENCY_NOT_YOURS: "Only the bank that issues this currency may do this.",
    Code.CURRENCY_NOT_APPROVED: "Ask members' administrators for currencies:Approve.",
    Code.ACCOUNT_FROZEN: "Ask who froze it; currencies:Frozen says who and why.",
    Code.ACCOUNT_NOT_FROZEN: "Use currencies:Frozen to see which accounts are.",
    Code.TOO_MANY_FROZEN: "Unfreeze accounts whose orders have ended.",
    Code.CURRENCY_MISMATCH: "Use notes and listings of one currency.",
    Code.AMOUNT_ZERO: "Give an amount of at least one minor unit.",
    Code.AMOUNT_TOO_LARGE: "Keep amounts within 18 digits.",
    Code.AMOUNTS_DIFFER: "Let the outputs add up to what the notes hold; change is an output to yourself.",
    Code.NOTE_NOT_FOUND: "The note is spent or never was: choose among money:Notes.",
    Code.NOTE_NOT_YOURS: "Spend notes of your own organisation's accounts.",
    Code.NOTE_REPEATED: "Name each note once.",
    Code.FUNDS_INSUFFICIENT: "Add notes until they cover the amount.",
    Code.HASHLOCK_NOT_FOUND: "Use hashlocks:List to see which there are.",
    Code.HASHLOCK_STATE: "Look at its status: it ends once, by a claim or a refund.",
    Code.HASHLOCK_EXPIRED: "It can only be refunded now: claim in good time.",
    Code.HASHLOCK_NOT_EXPIRED: "Wait until it expires; until then only the recipient may claim it.",
    Code.RECEIVABLE_NOT_FOUND: "The seller offers it first: receivables:Offer.",
    Code.RECEIVABLE_STATE: "Look at receivables:Get: it is sold once, in time, while it is offered.",
    Code.MANDATE_NOT_FOUND: "Use mandates:List to see which there are.",
    Code.MANDATE_STATE: "It was revoked or has ended: ask the payer for another.",
    Code.MANDATE_EXCEEDED: "Collect less, or wait for the next period.",
    Code.PAYMENT_REQUEST_NOT_FOUND: "Use paymentRequests:List to see which there are.",
    Code.PAYMENT_REQUEST_STATE: "Look at its status and when it ends: ask again if need be.",
    Code.PREIMAGE_WRONG: "Give the secret's bytes in hexadecimal: its SHA-256 is the hash of the lock.",
    Code.ACCOUNT_NOT_FOUND: "Use accounts:List to see which accounts have rules; only those need authority.",
    Code.ACCOUNT_ALREADY_OPEN: "An account is opened once; its signers change its rules.",
    Code.ACCOUNT_RULES_INVALID: "Correct the rule that the error names.",
    Code.ACCOUNT_REVISION: "The rules were changed meanwhile: look at them and sign again.",
    Code.ACCOUNTS_MIXED: "Make one payment per account and currency.",
    Code.SIGNER_KEY_INVALID: "Give a P-256 key as DER SubjectPublicKeyInfo in base64, named by its SHA-256.",
    Code.SIGNER_UNKNOWN: "Use accounts:Get to see whose keys sign for the account.",
    Code.SIGNER_REPEATED: "Name each key once.",
    Code.SIGNATURE_INVALID: "Sign exactly this document again with the key named; see hansa accounts sign.",
    Code.SIGNATURES_REQUIRED: "Let the account's signers sign an instruction for this payment.",
    Code.AUTHORITY_MISSING: "Pay by client.accounts.pay, which draws on the day's allowance.",
    Code.ALLOWANCE_EXCEEDED: "Draw on slices that have enough (accounts:Allowance), or collect signatures.",
    Code.INSTRUCTION_MISMATCH: "Carry out exactly what was signed, or have another instruction signed.",
    Code.INSTRUCTION_EXPIRED: "Have a fresh instruction signed.",
    Code.INSTRUCTION_USED: "An instruction is carried out once: have another one signed.",
    Code.CAP_EXCEEDED: "Refill less, sweep the hot account first, or have its cap raised by its signers.",
    Code.DELAY_NOT_OVER: "Wait until the time named; until then any signer can stop it.",
    Code.REFILL_NOT_FOUND: "Check the refill's id.",
    Code.REFILL_STATE: "Look at the refill: once stopped or completed it stays so.",
    Code.RECOVERY_NOT_FOUND: "Check the recovery's id.",
    Code.RECOVERY_STATE: "Look at the recovery: once stopped or completed it stays so.",
    Code.LINES_INVALID: "Take each listing and bucket once, of one seller; buckets add up to the quantity.",
    Code.PRICE_MISMATCH: "Let the amount be the sum of prices times quantities, plus freight.",
    Code.SHARES_EXCEED_AMOUNT: "Freight and fee must fit into the amount: raise it or lower the freight.",
    Code.FEE_CHANGED: "See fees:Quote for what it costs now, and give a higher max_fee if you agree.",
    Code.FEE_SCHEDULE_NOT_FOUND: "Use fees:List to see every schedule.",
    Code.FEE_SCHEDULE_STATE: "Look at fees:List: publish another schedule to change what holds.",
    Code.RATE_NOT_FOUND: "Use rates:List to see the pairs that have oracles.",
    Code.RATE_STALE: "Wait for an oracle to quote again, or allow an older quote.",
    Code.RATE_JUMP: "Check the quote; a true jump stands once a second oracle quotes near it.",
    Code.RATE_BELOW_LEAST: "Look at facilities:Quote, and accept less or wait for a better rate.",
    Code.EXCHANGE_NOT_FOUND: "Use exchanges:List to see which quotes there are.",
    Code.EXCHANGE_STATE: "Look at its status: a quote ends once.",
    Code.EXCHANGE_EXPIRED: "Ask the dealer for another quote.",
    Code.EXCHANGE_NOT_EXPIRED: "Wait until it expires: the price is held for the taker until then.",
    Code.FACILITY_NOT_FOUND: "Use facilities:List to see which there are.",
    Code.FACILITY_STATE: "It is closed: use facilities:List to find another.",
    Code.FACILITY_INSUFFICIENT: "Name a part that holds enough (facilities:Get), or exchange less.",
    Code.OBLIGATION_NOT_FOUND: "Use obligations:List to see which there are.",
    Code.OBLIGATION_STATE: "Look at its status, and whether a cycle nets it at present.",
    Code.NETTING_NOT_FOUND: "Use netting:List to see which cycles there are.",
    Code.NETTING_STATE: "Look at netting:Get: its status, and who has paid in.",
    Code.NETTING_DUE: "Dissolve it and open another, or pay the obligations themselves.",
    Code.NETTING_NOT_DUE: "Wait until it is due; parties of the cycle may dissolve it before.",
    Code.ORACLE_NOT_APPROVED: "Ask members' administrators for rates:Approve.",
    Code.TOO_MANY_ORACLES: "Revoke an oracle of the pair first.",
    Code.CARRIER_INVALID: "Name a member whose role is carrier; freight needs one.",
    Code.ORDER_NOT_FOUND: "Use orders:List to see your orders.",
    Code.ORDER_STATE: "Look at the order's status: this step belongs to another one.",
    Code.ORDER_NOT_DUE: "Wait until the order's due time.",
    Code.ORDER_SETTLEMENT: "Look at the order's settlement: whole, deliveries or milestones have own steps.",
    Code.ORDER_DISPUTED: "Wait for the arbitrator, agree on a split, or ask for the dispute's withdrawal.",
    Code.SETTLEMENT_UNSUPPORTED: "Order from a listing, or agree on another settlement.",
    Code.MILESTONES_INVALID: "Correct the milestone that the error names; see the page on milestones.",
    Code.MILESTONE_STATE: "Look at milestones:Get: they are reached one after the other.",
    Code.SETTLEMENT_NOT_FOUND: "Propose a split first, with settlements:Propose.",
    Code.SETTLEMENT_STATE: "Look at settlements:Get: its number, its status, and who still has to agree.",
    Code.SPLIT_INVALID: "Let the parts come to what is in escrow, or to less where the order is to go on.",
    Code.DISPUTE_NOT_FOUND: "Use disputes:Get to see the disputes of an order.",
    Code.DISPUTE_STATE: "Look at disputes:Get: a party opens one dispute of an order, and it ends once.",
    Code.STATEMENT_NOT_DISCLOSED: "Ask its author to disclose the text to your organisation.",
    Code.WARRANTY_OVER: "Look at the order's warranty: it runs from settlement, where one was agreed.",
    Code.CLAIM_NOT_FOUND: "Use claims:List to see the claims.",
    Code.CLAIM_STATE: "Look at claims:Get: its status, what is wanted, and until when it is due.",
    Code.CLAIM_AMOUNT: "Give an amount within what was claimed, owed, or paid for the order.",
    Code.CLAIM_REPLACEMENT: "Name an accepted order of the same two that replaces the one claimed for.",
    Code.APPROVAL_NEEDED: "Ask a colleague to approve this order, then send the same command again.",
    Code.APPROVAL_NOT_FOUND: "Nobody has approved this order, or it needed no approval.",
    Code.TENDER_NOT_FOUND: "Use tenders:List to see the tenders.",
    Code.TENDER_STATE: "Look at the tender's status: once awarded or withdrawn, it takes no offers.",
    Code.TENDER_CLOSED: "Answer a tender before it closes, or make the buyer an offer without it.",
    Code.OFFER_NOT_FOUND: "Use offers:List to see your offers, or those for a tender.",
    Code.OFFER_STATE: "Look at the offer's status and whose version is the present one.",
    Code.OFFER_VERSION: "Look at the present version, and name its number if you want that one.",
    Code.OFFER_EXPIRED: "Ask the other side for a new version: either may still counter.",
    Code.OFFER_NOT_EXPIRED: "Wait until the offer's due time.",
    Code.PRICES_NOT_DISCLOSED: "Ask who made the version to disclose its lines to your organisation.",
    Code.EPC_REPEATED: "Name each EPC once.",
    Code.PART_LINES_INVALID: "Name each line once, by its place in the order from 0, within what it has.",
    Code.BACK_ORDER_STATE: "Look at the order's parts with deliveries:Get: a back-order is answered once.",
    Code.CARRIAGE_INVALID: "Take a carriage of the order's terms that no despatch has taken, or none.",
    Code.DESPATCH_NOT_FOUND: "Use deliveries:Get to see the despatches of an order.",
    Code.DESPATCH_STATE: "Look at the despatch's status: this step belongs to another one.",
    Code.RECEIPT_QUANTITY: "Accepted, short, damaged, rejected and returned add up to what was despatched.",
    Code.NOT_AGREED: "The order's terms say what may be kept or sent back, and for how much.",
    Code.INVOICE_NOT_FOUND: "Check the invoice's id; its despatch names the one that counts.",
    Code.INVOICE_STATE: "Look at the invoice: once paid or credited it stays so.",
    Code.INVOICE_MISMATCH: "Let the seller credit the invoice and issue one that agrees, or open a dispute.",
    Code.PACK_INVALID: "Correct the rule that the error names.",
    Code.PACK_VERSION: "Look at compliance:Pack: versions follow one another, and none is changed.",
    Code.PACK_TIME: "Let the version begin now, by leaving the time out, or later.",
    Code.PACK_NOT_FOUND: "Use compliance:InForce to see the packs, compliance:Pack for one version.",
    Code.TOO_MANY_PACKS: "Put rules together into fewer packs, or wait until a version is over.",
    Code.COMPLIANCE_VIOLATED: "See the rule named; compliance:Check records the whole result without trade.",
    Code.COMPLIANCE_SUBJECT: "Name an open listing, an open order, or the goods and parties themselves.",
    Code.CHECK_NOT_FOUND: "Use compliance:Records to see the checks of a listing or an order.",
    Code.NOTHING_IN_FORCE: "No rule pack is in force: there is nothing to check.",
    Code.LICENCE_NOT_FOUND: "Use licences:List to see which there are.",
    Code.LICENCE_STATE: "Look at the licence: once revoked it stays so.",
    Code.TOO_MANY_LICENCES: "Revoke licences that are not needed, or issue one for all these goods.",
    Code.PAPER_NOT_FOUND: "Use papers:List to see the papers of an order.",
    Code.PAPER_STATE: "Look at the paper: once revoked it stays so.",
    Code.PAPER_ALREADY_REGISTERED: "A document is registered once by each member; see papers:Get.",
    Code.TOO_MANY_PAPERS: "Register one paper of the kind for several parts of the order.",
    Code.RETURN_NOT_FOUND: "The buyer proposes a return first, with returns:Propose.",
    Code.RETURN_STATE: "Look at the return: its status and the fee that was proposed.",
    Code.TRANSIENT_MISSING: "Send the private document in transient data under the name 'private'.",
    Code.COMMITMENT_MISMATCH: "Disclose exactly the document, salt included, whose hash the order carries.",
    Code.DELIVERY_NOT_DISCLOSED: "Ask the buyer to disclose the address to your organisation.",
    Code.LEDGER_INCONSISTENT: "The ledger contradicts itself and nothing was changed: tell the operators.",
    Code.RECORD_TOO_NEW: "Ask your operator to install the chaincode version that the channel agreed on.",
    Code.BOOKMARK_INVALID: "Pass on the bookmark of the page before, of the same question.",
}

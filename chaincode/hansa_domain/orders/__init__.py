"""Orders: from escrow to settlement, refund or cancellation."""

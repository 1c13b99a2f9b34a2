"""Disputes: a party brings an order before its arbitrator, who splits what is in escrow."""

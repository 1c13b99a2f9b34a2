"""Rates of exchange: published by oracles that a majority of members approved, read by anybody."""

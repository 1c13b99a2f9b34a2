"""Taxes and duties: what countries of destination take, as tables that a regulator publishes and versions."""

"""Alerts: what reports of goods say of one another that cannot be true, and what became of it."""

"""Compliance: rule packs given as data, and what was checked against them with which result."""

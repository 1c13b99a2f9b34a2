"""Accounts with rules: signers of whom m agree, limits, hot and cold."""

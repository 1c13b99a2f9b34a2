"""Taxes and duties of countries of destination, as regulators publish them."""

from __future__ import annotations

from collections.abc import Sequence

from hansa.ids import new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.taxes.operations import (
    GetTaxes,
    ListTaxes,
    PublishTaxes,
    TaxTableReply,
    TaxTablesReply,
    TaxVersionReply,
)
from hansa_domain.taxes.rules import TaxRule

__all__ = ["TaxRule", "Taxes"]


class Taxes:
    """``client.taxes``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def publish(
        self,
        country: str,
        source: str,
        rules: Sequence[TaxRule],
        *,
        valid_from: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[TaxVersionReply]:
        """Publishes a country's whole table as a new version; for regulators.

        Args:
            country: ISO 3166-1 code of the country of destination.
            source: the law or official tariff it follows.
            rules: at most 1000; rates in basis points.
            valid_from: RFC 3339, UTC, milliseconds; None: from now on.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = PublishTaxes(
            id=command_id or new_id(),
            country=country,
            source=source,
            rules=list(rules),
            valid_from=valid_from,
        )
        return submit_once(self._submitter, "taxes:Publish", command, TaxVersionReply, command_id)

    def get(self, country: str, version: int | None = None) -> TaxTableReply:
        """A country's table; None: the version in force. Raises RefusedError (TAX_TABLE_NOT_FOUND)."""
        query = GetTaxes(country=country, version=version)
        return self._submitter.evaluate("taxes:Get", query, TaxTableReply)

    def list(self, *, limit: int = 100, bookmark: str = "") -> TaxTablesReply:
        """A page of the countries that have tables."""
        query = ListTaxes(limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("taxes:List", query, TaxTablesReply)

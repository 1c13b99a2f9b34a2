"""Alerts: reports of goods that contradict one another, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from hansa.ids import new_id
from hansa.submission import Receipt, Submitter
from hansa_domain.alerts.operations import (
    AcknowledgeAlert,
    AlertReply,
    AlertsReply,
    CloseAlert,
    GetAlert,
    ListAlerts,
)
from hansa_domain.alerts.records import Alert, AlertStatus
from hansa_domain.events.alerts import AlertCode, AlertSeverity


class Alerts:
    """``client.alerts``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def acknowledge(self, alert: str, *, command_id: str | None = None) -> Receipt[AlertReply]:
        """Says that it is looked into; by the product's owner or a regulator.

        Raises:
            RefusedError: ALERT_NOT_FOUND, ALERT_STATE, NOT_PERMITTED.
        """
        command = AcknowledgeAlert(id=command_id or new_id(), alert=alert)
        return self._submitter.submit("alerts:Acknowledge", command, AlertReply)

    def close(
        self,
        alert: str,
        outcome: Literal["explained", "confirmed"],
        remark: str,
        *,
        command_id: str | None = None,
    ) -> Receipt[AlertReply]:
        """Closes an alert; by the product's owner or a regulator.

        Args:
            alert: its id.
            outcome: ``explained``: nothing is wrong; ``confirmed``: something is.
            remark: why, for everybody to read.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            RefusedError: ALERT_NOT_FOUND, ALERT_STATE, NOT_PERMITTED.
        """
        command = CloseAlert(id=command_id or new_id(), alert=alert, outcome=outcome, remark=remark)
        return self._submitter.submit("alerts:Close", command, AlertReply)

    def get(self, alert: str) -> Alert:
        """One alert. Raises RefusedError (ALERT_NOT_FOUND)."""
        return self._submitter.evaluate("alerts:Get", GetAlert(alert=alert), AlertReply).alert

    def list(
        self,
        *,
        epc: str | None = None,
        owner: str | None = None,
        status: AlertStatus | None = None,
        code: AlertCode | None = None,
        severity: AlertSeverity | None = None,
    ) -> Iterator[Alert]:
        """Alerts that are like all that is named, page by page.

        Args:
            epc: what they are about, in any spelling.
            owner: MSP id of whose products they are about.
            status: ``open``, ``acknowledged`` or ``closed``.
            code: what was noticed.
            severity: ``warning`` or ``critical``.
        """
        bookmark = ""
        while True:
            query = ListAlerts(
                epc=epc, owner=owner, status=status, code=code, severity=severity, bookmark=bookmark
            )
            page = self._submitter.evaluate("alerts:List", query, AlertsReply)
            yield from page.alerts
            bookmark = page.bookmark
            if not bookmark:
                return

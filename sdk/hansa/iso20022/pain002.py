"""ISO 20022 pain.002: what became of the payments of a pain.001."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa.documents.writing import Node, optional
from hansa.iso20022 import envelope as c
from hansa.iso20022.pain001 import VERSION as ORIGINAL

VERSION = "pain.002.001.12"
Status = Literal["ACSC", "RJCT", "PDNG", "PART"]
"""ExternalPaymentTransactionStatus1Code: settled on the debtor's account, rejected, pending, some of each."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one transfer. ``reason`` is an ExternalStatusReason1Code, ``info`` says it in words."""

    batch: str
    end_to_end_id: str
    status: Status
    reason: str | None = None
    info: str | None = None
    instruction_id: str | None = None
    settled_at: str | None = None
    reference: str | None = None


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """The report about a message; ``original`` is its MsgId."""

    id: str
    created: str
    original: str
    outcomes: tuple[Outcome, ...]
    reason: str | None = None
    info: str | None = None

    @property
    def status(self) -> Status:
        """The whole message's."""
        found = {each.status for each in self.outcomes}
        if not found:
            return "RJCT"
        return found.pop() if len(found) == 1 else "PART"


def write(report: StatusReport) -> bytes:
    """The report as pain.002.001.12; the same bytes each time."""
    header = Node("GrpHdr", [Node("MsgId", report.id), Node("CreDtTm", report.created)])
    group = Node(
        "OrgnlGrpInfAndSts",
        [
            Node("OrgnlMsgId", report.original),
            Node("OrgnlMsgNmId", ORIGINAL),
            Node("GrpSts", report.status),
            _reason(report.reason, report.info),
        ],
    )
    batches = dict.fromkeys(each.batch for each in report.outcomes)
    content = [header, group, *(_batch(name, report) for name in batches)]
    return c.write_message(VERSION, Node("CstmrPmtStsRpt", content))


def _batch(name: str, report: StatusReport) -> Node:
    payments = [_outcome(each) for each in report.outcomes if each.batch == name]
    return Node("OrgnlPmtInfAndSts", [Node("OrgnlPmtInfId", name), *payments])


def _outcome(outcome: Outcome) -> Node:
    return Node(
        "TxInfAndSts",
        [
            optional("OrgnlInstrId", outcome.instruction_id),
            Node("OrgnlEndToEndId", outcome.end_to_end_id),
            Node("TxSts", outcome.status),
            _reason(outcome.reason, outcome.info),
            optional("AccptncDtTm", outcome.settled_at),
            optional("AcctSvcrRef", outcome.reference),
        ],
    )


def _reason(code: str | None, info: str | None) -> Node | None:
    if code is None and info is None:
        return None
    reason = None if code is None else Node("Rsn", [Node("Cd", code)])
    words = (
        [] if info is None else [info[start : start + 105] for start in range(0, min(len(info), 420), 105)]
    )
    return Node("StsRsnInf", [reason, *(Node("AddtlInf", each) for each in words)])

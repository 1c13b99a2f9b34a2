"""Rule packs and checks: publishing, asking, and judging a record again without the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hansa.ids import new_id
from hansa.submission import Receipt, Submitter
from hansa_domain.compliance.checks import (
    CheckCompliance,
    CheckReply,
    PreviewCompliance,
    Question,
    RecheckCompliance,
    RecheckReply,
)
from hansa_domain.compliance.deciding import RulesInForce, decide
from hansa_domain.compliance.packs import PackDocument
from hansa_domain.compliance.publishing import PackReply, PublishPack
from hansa_domain.compliance.queries import (
    ChecksReply,
    GetPack,
    ListChecks,
    PacksNow,
    PacksNowReply,
)
from hansa_domain.compliance.records import ComplianceRecord


class Compliance:
    """``client.compliance``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def publish(self, pack: PublishPack) -> Receipt[PackReply]:
        """Publishes a version of a rule pack; ``hansa.pack_files.read_pack`` reads one from a file.

        Raises:
            RefusedError: among others NOT_PERMITTED, PACK_VERSION, PACK_INVALID with the field at fault.
            HansaError: see ``Submitter.submit``.
        """
        return self._submitter.submit("compliance:Publish", pack, PackReply)

    def check(
        self,
        question: Question | None = None,
        *,
        listing: str | None = None,
        order: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[CheckReply]:
        """Records what the packs in force say of a listing, an order, or a trade that is thought of."""
        command = CheckCompliance(id=command_id or new_id(), listing=listing, order=order, question=question)
        return self._submitter.submit("compliance:Check", command, CheckReply)

    def recheck(
        self, *, listing: str | None = None, order: str | None = None, command_id: str | None = None
    ) -> Receipt[RecheckReply]:
        """Checks what is open again: holds it back where it fails now, lets it go where it passes."""
        command = RecheckCompliance(id=command_id or new_id(), listing=listing, order=order)
        return self._submitter.submit("compliance:Recheck", command, RecheckReply)

    def preview(self, question: Question) -> ComplianceRecord:
        """What a check would say now; nothing is recorded."""
        query = PreviewCompliance(question=question)
        return self._submitter.evaluate("compliance:Preview", query, CheckReply).record

    def records(self, subject: str) -> list[ComplianceRecord]:
        """Every check of a listing, an order or a shipment, by id of the check."""
        found: list[ComplianceRecord] = []
        bookmark = ""
        while True:
            query = ListChecks(subject=subject, bookmark=bookmark)
            page = self._submitter.evaluate("compliance:Records", query, ChecksReply)
            found.extend(page.records)
            bookmark = page.bookmark
            if not bookmark:
                return found

    def in_force(self) -> PacksNowReply:
        """The versions by which everything is checked now, and those to come."""
        return self._submitter.evaluate("compliance:InForce", PacksNow(), PacksNowReply)

    def pack(self, pack: str, version: int) -> PackReply:
        """A version with its rules. Raises RefusedError (PACK_NOT_FOUND)."""
        return self._submitter.evaluate("compliance:Pack", GetPack(pack=pack, version=version), PackReply)

    def evidence(self, record: ComplianceRecord) -> dict[str, Any]:
        """A record with the packs it was checked by, as ``judge_again`` takes it."""
        packs = [self.pack(each.pack, each.version) for each in record.packs]
        return evidence(record, [document_of(each) for each in packs])


def document_of(reply: PackReply) -> PackDocument:
    """The canonical form of a version, over which its digest goes."""
    pack = reply.pack
    return PackDocument(
        pack=pack.pack,
        version=pack.version,
        title=pack.title,
        document=pack.document,
        valid_from=pack.valid_from,
        unknown=pack.unknown,
        rules=reply.rules,
    )


def evidence(record: ComplianceRecord, packs: Sequence[PackDocument]) -> dict[str, Any]:
    """What somebody needs who wants to judge a record himself: the record and whole packs."""
    return {
        "format": "hansa-compliance-evidence",
        "v": 1,
        "record": msgspec.to_builtins(record),
        "packs": msgspec.to_builtins(list(packs)),
    }


class _Evidence(msgspec.Struct):
    record: ComplianceRecord
    packs: list[PackDocument]


def judge_again(document: Any) -> list[str]:
    """Decides a record anew from its facts and packs, with no network; what differs, nothing if all agrees.

    Whether record and packs stand on the ledger is another question: the transaction and block that the
    document names answer it.

    Args:
        document: as ``evidence`` made it, from JSON.

    Raises:
        ValueError: it is no such document.
    """
    try:
        found = msgspec.convert(document, _Evidence)
    except msgspec.ValidationError as error:
        raise ValueError(f"This is no evidence of a check: {error}") from error
    record = found.record
    given = {(each.pack, each.version): each for each in found.packs}
    faults: list[str] = []
    rules: list[RulesInForce] = []
    for named in record.packs:
        pack = given.get((named.pack, named.version))
        if pack is None:
            faults.append(f"Version {named.version} of {named.pack} is missing.")
            continue
        if pack.digest != named.digest:
            faults.append(
                f"Version {named.version} of {named.pack} has not the digest that the record names."
            )
        if pack.valid_from > record.facts.at:
            faults.append(f"Version {named.version} of {named.pack} was not in force yet.")
        rules.append(RulesInForce(pack.pack, pack.unknown, pack.rules))
    if record.facts.at != record.at:
        faults.append("The facts are of another time than the record.")
    outcomes = decide(rules, record.facts)
    if outcomes != record.outcomes:
        faults.append("The rules give other outcomes on these facts.")
    if record.result != ("failed" if any(each.refuses for each in outcomes) else "passed"):
        faults.append("The outcomes give another result.")
    return faults

"""Cross-border papers: registered by hash, and checked against the ledger's record without the ledger."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

from hansa.ids import new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa.verifiable_credentials import CredentialError, opened, type_of
from hansa_domain.accounts.authority import Signer
from hansa_domain.compliance.rules import PaperKind
from hansa_domain.papers import (
    GetPaper,
    ListPapers,
    Paper,
    PaperReply,
    PapersReply,
    RegisterPaper,
    RevokePaper,
    Security,
)


class Papers:
    """``client.papers``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def register(
        self,
        order: str,
        kind: PaperKind,
        content: bytes,
        *,
        number: str | None = None,
        signer: Signer | None = None,
        valid_from: str | None = None,
        valid_until: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[PaperReply]:
        """Registers a paper of an order by the hash of its file; the file itself goes nowhere.

        Args:
            order: the order's id.
            kind: of paper.
            content: the file as it is handed over.
            number: public, such as an MRN.
            signer: of a verifiable credential: whose key signed it (``hansa.signing.signer_of``).
            valid_from: RFC 3339, UTC, milliseconds; None: at once.
            valid_until: the same; None: without an end.

        Raises:
            RefusedError: among others NOT_PERMITTED, PAPER_ALREADY_REGISTERED.
            HansaError: see ``Submitter.submit``.
        """
        command = RegisterPaper(
            id=command_id or new_id(),
            kind=kind,
            order=order,
            document=sha256(content).hexdigest(),
            number=number,
            security=None if signer is None else security_of(content),
            signer=signer,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        return submit_once(self._submitter, "papers:Register", command, PaperReply, command_id)

    def revoke(self, paper: str, reason: str, *, command_id: str | None = None) -> Receipt[PaperReply]:
        """Takes a paper back; only who registered it may."""
        command = RevokePaper(id=command_id or new_id(), paper=paper, reason=reason)
        return submit_once(self._submitter, "papers:Revoke", command, PaperReply, command_id)

    def get(self, paper: str) -> Paper:
        """One paper. Raises RefusedError (PAPER_NOT_FOUND)."""
        return self._submitter.evaluate("papers:Get", GetPaper(paper=paper), PaperReply).paper

    def of_document(self, content: bytes) -> list[Paper]:
        """What members registered with the hash of this file."""
        found: list[Paper] = []
        bookmark, document = "", sha256(content).hexdigest()
        while True:
            query = ListPapers(document=document, bookmark=bookmark)
            page = self._submitter.evaluate("papers:List", query, PapersReply)
            found.extend(page.papers)
            bookmark = page.bookmark
            if not bookmark:
                return found


def security_of(content: bytes) -> Security:
    """How a credential is secured, by its look: JSON has its proof in it, else it is a compact JWS."""
    return "data-integrity" if content.lstrip()[:1] == b"{" else "jose"


def faults_of(content: bytes, paper: Paper, at: str) -> list[str]:
    """What is wrong with a paper, nothing if it holds; it needs no network.

    Args:
        content: the file as it was handed over.
        paper: the ledger's record of it.
        at: the time in question, RFC 3339, UTC, milliseconds.
    """
    faults: list[str] = []
    if sha256(content).hexdigest() != paper.document:
        faults.append("The file is not the one whose hash is on the ledger.")
    if paper.status == "revoked" and (paper.revoked_at is None or paper.revoked_at <= at):
        faults.append(f"{paper.issuer} revoked it at {paper.revoked_at}: {paper.reason}.")
    if at < paper.valid_from or (paper.valid_until is not None and at >= paper.valid_until):
        faults.append(f"It is valid from {paper.valid_from} to {paper.valid_until or 'no end'}.")
    if paper.security is None or paper.signer is None:
        return faults
    try:
        says = opened(content, paper.security, base64.b64decode(paper.signer.public_key))
    except CredentialError as error:
        return [*faults, str(error)]
    return [*faults, *_contradictions(says, paper)]


def _contradictions(says: dict[str, Any], paper: Paper) -> list[str]:
    """Where the credential says something else than the ledger."""
    subject = says.get("credentialSubject")
    expected: dict[str, tuple[Any, str | None]] = {
        "issuer": (says.get("issuer"), f"urn:hansa:member:{paper.issuer}"),
        "order": (subject.get("id") if isinstance(subject, dict) else None, f"urn:hansa:order:{paper.order}"),
    }
    if paper.valid_until is not None or "validUntil" in says:
        expected["end"] = (says.get("validUntil"), paper.valid_until)
    faults = [
        f"The credential names another {name} than the ledger: {found}."
        for name, (found, wanted) in expected.items()
        if found != wanted
    ]
    kinds = says.get("type")
    if not isinstance(kinds, list) or type_of(paper.kind) not in kinds:
        faults.append("The credential is of another kind than the ledger says.")
    return faults

"""Cross-border papers: the ledger keeps their hashes, who answers for them, and whether they still hold."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.authority import Signer
from hansa_domain.accounts.signatures import check_signer
from hansa_domain.compliance.issuers import require_issuer
from hansa_domain.compliance.rules import PaperKind
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import PaperFact, PaperRegistered, PaperRevoked
from hansa_domain.fields import (
    Bookmark,
    EntityId,
    Moment,
    PageLimit,
    Reference,
    Sha256Hex,
    Text,
    Timestamp,
    form,
)
from hansa_domain.members import member_key, present_member
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.orders.order import Order
from hansa_domain.times import check_moment

PaperStatus = Literal["valid", "revoked"]
Security = Literal["jose", "data-integrity"]
"""How a credential is secured: as a compact JWS (VC-JOSE-COSE), or by a proof in it (Data Integrity)."""
PaperId = Annotated[
    str,
    form(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\.[0-9a-f]{64}", "a paper's id: <MSP id>.<SHA-256 of the document>"
    ),
]
MAX_PAPERS = 16
"""How many papers of one kind a member may register for one order: each is read when goods are shipped.

They count by member, so that nobody fills an order with papers to keep its seller from shipping.
"""
_MRN = re.compile(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{14}")


class Paper(Record, frozen=True, kw_only=True):
    """A paper of an order; key ``("paper", id)``, the id ``<issuer>.<document>``.

    ``document`` is the SHA-256 of the file as it is handed over: of a credential secured by JOSE, of the
    compact serialisation. ``issuer`` is the member that registered it and answers for it. ``signer`` is the
    key that signed the credential; without ``security`` the paper is no credential. Nothing of its content
    stands here.
    """

    NOUN: ClassVar[str] = "paper"
    id: str
    kind: PaperKind
    order: str
    issuer: str
    document: str
    number: str | None
    security: Security | None
    signer: Signer | None
    valid_from: str
    valid_until: str | None
    status: PaperStatus
    registered_at: Timestamp
    revoked_at: Timestamp | None = None
    reason: str | None = None

    @property
    def fact(self) -> PaperFact:
        """As a check looks at it."""
        return PaperFact(
            id=self.id,
            kind=self.kind,
            issuer=self.issuer,
            document=self.document,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            revoked=self.status == "revoked",
        )


class OrderPapers(Record, frozen=True, kw_only=True):
    """Which papers of a kind an order has; key ``("papers-of", order, kind)``."""

    NOUN: ClassVar[str] = "papers-of"
    papers: list[str]


class RegisterPaper(Command["PaperReply"], frozen=True, kw_only=True):
    """``papers:Register``, by a party of the order or a regulator, who answers for it.

    ``document`` is the SHA-256 of the file. ``number`` is public: an MRN, a consignment note's number.
    ``security`` and ``signer`` go together, for a verifiable credential. ``valid_from`` absent: at once.
    """

    kind: PaperKind
    order: EntityId
    document: Sha256Hex
    number: Reference | None = None
    security: Security | None = None
    signer: Signer | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class RevokePaper(Command["PaperReply"], frozen=True, kw_only=True):
    """``papers:Revoke``, by who registered it; where that member has left, by any regulator."""

    paper: PaperId
    reason: Annotated[Text, msgspec.Meta(min_length=1)]


class GetPaper(Query["PaperReply"], frozen=True, kw_only=True):
    """``papers:Get``."""

    paper: PaperId


class ListPapers(Query["PapersReply"], frozen=True, kw_only=True):
    """``papers:List``; ``order`` and ``document`` narrow each page."""

    order: EntityId | None = None
    document: Sha256Hex | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class PaperReply(msgspec.Struct, frozen=True, kw_only=True):
    """One paper."""

    paper: Paper


class PapersReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of papers; ``bookmark`` is empty on the last page."""

    papers: list[Paper]
    bookmark: str


def papers_key(order: str, kind: str) -> Key:
    """Where it stands which papers of a kind an order has."""
    return (OrderPapers.NOUN, order, kind)


@operation("papers:Register", RegisterPaper, PaperReply)
def register(command: RegisterPaper, context: Context) -> Steps:
    """Writes the paper and enters it among those of the order."""
    paper = _paper(command, context)
    listed = papers_key(paper.order, paper.kind)
    keys = ((Order.NOUN, paper.order), (Paper.NOUN, paper.id), listed, member_key(paper.issuer))
    records = yield Fetch(keys=keys)
    order = records.get(Order, paper.order, refuse=Code.ORDER_NOT_FOUND, where="order")
    member = present_member(records, paper.issuer)
    if paper.issuer not in order.parties and (member is None or member.role != "regulator"):
        raise Refusal(Code.NOT_PERMITTED, "Parties of the order and regulators register its papers.", "order")
    if records.find(Paper, paper.id) is not None:
        raise Refusal(Code.PAPER_ALREADY_REGISTERED, "You registered this document before.", "document")
    before = records.find(OrderPapers, *listed[1:])
    names = before.papers if before is not None else []
    mine = sum(name.rpartition(".")[0] == paper.issuer for name in names)
    if mine >= MAX_PAPERS:
        says = f"You registered {mine} papers of this kind for the order already."
        raise Refusal(Code.TOO_MANY_PAPERS, says, "kind")
    event = PaperRegistered(
        paper=paper.id,
        kind=paper.kind,
        order=paper.order,
        issuer=paper.issuer,
        document=paper.document,
        number=paper.number,
        security=paper.security,
        signer=paper.signer.key if paper.signer is not None else None,
        valid_from=paper.valid_from,
        valid_until=paper.valid_until,
        at=context.at,
    )
    return Decision(
        reply=PaperReply(paper=paper),
        writes={(Paper.NOUN, paper.id): paper, listed: OrderPapers(papers=[*names, paper.id])},
        events=(event,),
    )


def _paper(command: RegisterPaper, context: Context) -> Paper:
    if (command.security is None) != (command.signer is None):
        raise Refusal(Code.FIELD_INVALID, "A credential names its security and its signer.", "signer")
    if command.signer is not None:
        check_signer(command.signer, "signer")
    valid_from = command.valid_from or context.at
    check_moment(valid_from, "valid_from")
    if command.valid_until is not None:
        check_moment(command.valid_until, "valid_until")
    if command.valid_until is not None and command.valid_until <= max(valid_from, context.at):
        raise Refusal(Code.FIELD_INVALID, "A paper ends after it begins, and after now.", "valid_until")
    if command.kind == "customs-declaration":
        _check_mrn(command.number)
    return Paper(
        id=f"{context.caller.msp_id}.{command.document}",
        kind=command.kind,
        order=command.order,
        issuer=context.caller.msp_id,
        document=command.document,
        number=command.number,
        security=command.security,
        signer=command.signer,
        valid_from=valid_from,
        valid_until=command.valid_until,
        status="valid",
        registered_at=context.at,
    )


def _check_mrn(number: str | None) -> None:
    """A customs declaration is known by its MRN: year, country, and fourteen letters or digits."""
    if number is None or _MRN.fullmatch(number) is None:
        raise Refusal(
            Code.FIELD_INVALID,
            "A customs declaration is named by its MRN of 18 characters.",
            "number",
        )


@operation("papers:Revoke", RevokePaper, PaperReply)
def revoke(command: RevokePaper, context: Context) -> Steps:
    """From now on the paper proves nothing; what was shipped with it stays shipped."""
    records = yield Fetch(keys=((Paper.NOUN, command.paper),))
    paper = records.get(Paper, command.paper, refuse=Code.PAPER_NOT_FOUND, where="paper")
    yield from require_issuer(paper.issuer, "paper", context)
    if paper.status == "revoked":
        raise Refusal(Code.PAPER_STATE, f"It was revoked at {paper.revoked_at}.", "paper")
    revoked = replace(paper, status="revoked", revoked_at=context.at, reason=command.reason)
    event = PaperRevoked(
        paper=paper.id, order=paper.order, by=context.caller.msp_id, reason=command.reason, at=context.at
    )
    return Decision(
        reply=PaperReply(paper=revoked), writes={(Paper.NOUN, paper.id): revoked}, events=(event,)
    )


@operation("papers:Get", GetPaper, PaperReply)
def get(command: GetPaper, context: Context) -> Steps:
    """One paper, without its content."""
    records = yield Fetch(keys=((Paper.NOUN, command.paper),))
    paper = records.get(Paper, command.paper, refuse=Code.PAPER_NOT_FOUND, where="paper")
    return Decision(reply=PaperReply(paper=paper))


@operation("papers:List", ListPapers, PapersReply)
def list_papers(command: ListPapers, context: Context) -> Steps:
    """Papers in order of id."""
    scan = Scan((Paper.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    papers = [decode_record(value, Paper) for _, value in page.items]
    if command.order is not None:
        papers = [each for each in papers if each.order == command.order]
    if command.document is not None:
        papers = [each for each in papers if each.document == command.document]
    return Decision(reply=PapersReply(papers=papers, bookmark=page.bookmark))

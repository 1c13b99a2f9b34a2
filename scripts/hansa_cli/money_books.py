"""``hansa money statement`` and ``reconcile``: the read model's books, proved against the ledger."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hansa import show_amount, statement_csv
from hansa.client import Client
from hansa.documents.numbers import written
from hansa.ids import derived_id
from hansa.iso20022 import camt053
from hansa.statements import Statement, period
from hansa_cli.documents import Out, show_document
from hansa_cli.session import As, CliError, Data, Json, account, acting, err, network, show

if TYPE_CHECKING:
    from hansa_readmodel.queries import Matched, Queries

CATCH_UP_SECONDS = 10.0
ALWAYS = "9999-12-31T00:00:00.000Z"

Currency = Annotated[str, typer.Argument(help="ISO 4217 code.")]
Account = Annotated[
    str | None, typer.Option("--account", help="MEMBER or MEMBER/name; else one's own main account.")
]
First = Annotated[
    str | None, typer.Option("--from", help="First day in UTC, such as 2026-11-01; else today.")
]
Last = Annotated[str | None, typer.Option("--to", help="Last day in UTC; else the first one.")]


class Form(StrEnum):
    """How a statement is written."""

    TEXT = "text"
    CSV = "csv"
    CAMT053 = "camt053"


def statement(
    who: As,
    currency: Currency,
    of: Account = None,
    first: First = None,
    last: Last = None,
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.TEXT,
    to_file: Out = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """What came and went on an account; its balance is proved against the notes on the ledger."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    start, end = period(first or today, last or first or today)
    with acting(who, data) as client, books(client, data) as queries:
        chosen = client.profile.msp_id if of is None else account(client, of)
        found = queries.statements.statement(chosen, currency, start, end)
        _prove(client, queries, chosen, currency)
        matched = queries.statements.matched(found)
        issuers = {each.currency: each.issuer for each in queries.money.supply()}
    if form is Form.TEXT:
        show(found, json, describe(found, matched))
        return
    raw = statement_csv.write(found)
    if form is Form.CAMT053:
        raw = camt053.write(report_of(found, issuers.get(currency)))
    show_document(raw, to_file, json)


def report_of(found: Statement, issuer: str | None) -> camt053.Report:
    """A statement as the message that tells it: its id is the same for the same account and period."""
    return camt053.Report(
        id=derived_id("camt.053", found.account, found.currency, found.start, found.end),
        created=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        statement=found,
        servicer=issuer,
    )


def describe(found: Statement, matched: list[Matched]) -> str:
    """A statement for people."""
    lines = [
        f"{found.account} in {found.currency}, {found.start[:16]} until {found.end[:16]} UTC",
        f"{'opening balance':<26}{written(found.opening, found.currency):>20}",
    ]
    for each in matched:
        sign = -1 if each.entry.amount < 0 else 1
        amount = written(sign * each.part.amount, found.currency)
        lines.append(
            f"{each.entry.at[:19]}  {each.entry.reference:<5}{amount:>20}  "
            f"{each.part.counterparty or '-':<24}  {each.part.reference or '-'}  {_for(each)}"
        )
    lines.append(f"{'closing balance':<26}{written(found.closing, found.currency):>20}")
    return "\n".join(lines)


def _for(each: Matched) -> str:
    if each.kind is None:
        return "unmatched"
    by = " (by its reference)" if each.by_reference else ""
    return f"{each.kind} {each.subject}{by}" if each.subject else each.kind


def reconcile(who: As, first: First = None, last: Last = None, data: Data = None, json: Json = False) -> None:
    """Whether all money is accounted for, our accounts are what the ledger says, and what payments were for.

    Fails where sums differ. Payments of the period that nothing on the ledger explains are listed.
    """
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    start, end = period(first or today, last or first or today)
    with acting(who, data) as client, books(client, data) as queries:
        me = client.profile.msp_id
        supply = queries.money.supply()
        accounts = [
            _account(client, each.owner, each.currency, each.amount) for each in queries.money.balances(me)
        ]
        accounts += _forgotten(client, me, accounts)
        statements = [
            queries.statements.statement(each["account"], each["currency"], start, end) for each in accounts
        ]
        unmatched = [
            (found.account, found.currency, each)
            for found in statements
            for each in queries.statements.matched(found)
            if each.kind is None
        ]
    answer = {
        "currencies": [{**vars(each), "reconciles": each.reconciles} for each in supply],
        "accounts": accounts,
        "unmatched": [
            {
                "account": owner,
                "currency": currency,
                "at": each.entry.at,
                "place": each.entry.reference,
                "amount": str(each.part.amount if each.entry.amount > 0 else -each.part.amount),
                "counterparty": each.part.counterparty,
                "reference": each.part.reference,
            }
            for owner, currency, each in unmatched
        ],
    }
    show(answer, json, _told(answer))
    wrong = [each["currency"] for each in answer["currencies"] if not each["reconciles"]]
    wrong += [each["account"] for each in accounts if each["books"] != each["ledger"]]
    if wrong:
        raise CliError(
            "MONEY_DIFFERS",
            f"These do not add up: {', '.join(wrong)}.",
            "The ledger's notes count: make the read model anew (delete its database, start the projector). "
            "If it still differs, compare with another member and tell the operators.",
        )


def _account(client: Client, owner: str, currency: str, amount: int) -> dict[str, Any]:
    held = client.money.balance(owner, currency).balances[0].amount
    return {"account": owner, "currency": currency, "books": str(amount), "ledger": held}


def _forgotten(client: Client, me: str, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the ledger holds on the main account in currencies that the books do not have there."""
    have = {each["currency"] for each in known if each["account"] == me}
    return [
        {"account": me, "currency": each.currency, "books": "0", "ledger": each.amount}
        for each in client.money.balance(me).balances
        if each.currency not in have
    ]


def _told(answer: dict[str, Any]) -> str:
    lines = []
    for each in answer["currencies"]:
        code = each["currency"]
        parts = ", ".join(
            f"{name} {show_amount(each[key], code)}"
            for name, key in (("notes", "in_notes"), ("escrow and locks", "in_escrow"), ("burned", "burned"))
        )
        mark = "ok" if each["reconciles"] else "DIFFERS"
        lines.append(f"{mark:<8}issued {show_amount(each['minted'], code)} = {parts}")
    for each in answer["accounts"]:
        mark = "ok" if each["books"] == each["ledger"] else "DIFFERS"
        lines.append(
            f"{mark:<8}{each['account']}: books {show_amount(each['books'], each['currency'])}, "
            f"ledger {show_amount(each['ledger'], each['currency'])}"
        )
    for each in answer["unmatched"]:
        lines.append(
            f"{'?':<8}{each['at'][:19]}  {show_amount(each['amount'], each['currency'])}  "
            f"{each['account']} with {each['counterparty'] or '-'}, reference {each['reference'] or '-'}"
        )
    return "\n".join(lines) or "no money yet"


@contextmanager
def books(client: Client, data: Path | None) -> Iterator[Queries]:
    """The network's read model, once it has read every block that the ledger has now.

    Where there is none on this machine, one is made for this command alone, from the blocks of the member's
    own peer.

    Raises:
        CliError: READ_MODEL_LAGS, where the projector does not keep up.
    """
    # Here, since most verbs of money need no database.
    from hansa_readmodel.queries import Queries
    from hansa_readmodel.store import open_database

    target = network(data)
    height = client.catch_up()
    if not target.folder.has_read_model:
        with _own_books(client, height) as queries:
            yield queries
        return
    engine = open_database(target.folder.database_url)
    try:
        queries = Queries(engine)
        if not queries.ledger.wait_for(height - 1, CATCH_UP_SECONDS):
            raise CliError(
                "READ_MODEL_LAGS", "The read model has not read all blocks.", "See hansa status; try again."
            )
        yield queries
    finally:
        engine.dispose()


@contextmanager
def _own_books(client: Client, height: int) -> Iterator[Queries]:
    from hansa_readmodel.queries import Queries
    from hansa_readmodel.store import ReadModel, open_database

    err.print(f"[dim]no read model here: reading {height} blocks[/]")
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/books.sqlite")
        try:
            model = ReadModel(engine, client.ledger.genesis_hash())
            model.prepare()
            with client.ledger.blocks(0, height - 1) as blocks:
                for block in blocks:
                    model.apply(block)
            yield Queries(engine)
        finally:
            engine.dispose()


def _prove(client: Client, queries: Queries, owner: str, currency: str) -> None:
    """Compares the books' balance of now with the ledger's notes; where money moves meanwhile, again."""
    for _ in range(3):
        said = queries.statements.statement(owner, currency, ALWAYS, ALWAYS).opening
        held = int(client.money.balance(owner, currency).balances[0].amount)
        if said == held:
            return
        queries.ledger.wait_for(client.ledger.height() - 1, CATCH_UP_SECONDS)
    raise CliError(
        "MONEY_DIFFERS",
        f"By the books {owner} holds {show_amount(said, currency)}, "
        f"by the ledger {show_amount(held, currency)}.",
        "See hansa money reconcile.",
    )

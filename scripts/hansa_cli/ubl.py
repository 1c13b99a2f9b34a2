"""``hansa ubl``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hansa.ubl_exchange import KINDS, CarriedOut, Kind
from hansa_cli.documents import File, Out, read_file, salts_of, show_document
from hansa_cli.session import As, Data, Json, account, acting, committed, document, show

app = typer.Typer(no_args_is_help=True)
app.callback()(lambda: None)

KindChoice = StrEnum("KindChoice", {kind.upper().replace("-", "_"): kind for kind in KINDS})  # type: ignore[misc]


@app.command("import")
def import_document(
    who: As,
    file: File,
    source: Annotated[
        str | None, typer.Option("--from", help="Account that pays for an order: MEMBER/name.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Does what a document of yours says: Order, OrderResponse, DespatchAdvice, ReceiptAdvice.

    Of an order delivered in parts also Invoice and CreditNote. Sent again, it does nothing more.
    """
    raw = read_file(file)
    with acting(who, data) as client:
        payer = None if source is None else account(client, source)
        done = client.ubl.carry_out(raw, salts=salts_of(who, data), account=payer)
    answer = {
        "kind": done.kind,
        "document": done.document,
        "order": done.order,
        "transactions": [document(receipt) for receipt in done.receipts],
    }
    show(answer, json, describe(done))


@app.command("export")
def export(
    who: As,
    kind: Annotated[KindChoice, typer.Argument(help="Which document.")],
    order: Annotated[str, typer.Argument(help="The order's id.")],
    out: Out = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Writes a document about an order as UBL 2.1, as far as you may see it."""
    chosen: Kind = next(each for each in KINDS if each == kind.value)
    with acting(who, data) as client:
        raw = client.ubl.export(chosen, order)
    show_document(raw, out, json)


def describe(done: CarriedOut) -> str:
    """What a document did, in a few lines."""
    lines = [f"{done.kind} {done.document}: order {done.order}"]
    lines += [f"  {committed(receipt)}" for receipt in done.receipts]
    return "\n".join(lines if done.receipts else [*lines, "  taken note of; the ledger is as before"])

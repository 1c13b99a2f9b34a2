"""``hansa compliance``; verbs that are not here come from the operations themselves."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from hansa.client import Client
from hansa.compliance import judge_again
from hansa.pack_files import read_pack
from hansa_cli.session import (
    NUMBERS,
    As,
    CliError,
    CommandId,
    Data,
    Json,
    acting,
    committed,
    find_member,
    member,
    show,
)
from hansa_domain.compliance.checks import Question, QuestionLine
from hansa_domain.compliance.records import ComplianceRecord

app = typer.Typer(no_args_is_help=True)


@app.command()
def publish(
    who: As,
    file: Annotated[Path, typer.Argument(help="The pack, in YAML or JSON; see examples/compliance/.")],
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Publishes a version of a rule pack from a file; by a regulator's administrator."""
    with acting(who, data) as client:
        members = client.members.list().members
        pack = read_pack(file, member=lambda name: find_member(members, name), command_id=command_id)
        receipt = client.compliance.publish(pack)
    made = receipt.reply.pack
    said = f"{made.pack} version {made.version}, {made.rules} rules, in force from {made.valid_from}"
    show(receipt, json, f"{said} {committed(receipt)}")


@app.command(context_settings=NUMBERS)
def check(
    who: As,
    listing: Annotated[str | None, typer.Option(help="Id of a listing on the ledger.")] = None,
    order: Annotated[str | None, typer.Option(help="Id of an order on the ledger.")] = None,
    seller: Annotated[str | None, typer.Option(help="Of a trade thought of: who sells.")] = None,
    buyer: Annotated[str | None, typer.Option(help="Who buys; without one, goods on offer.")] = None,
    carrier: Annotated[str | None, typer.Option(help="Who carries.")] = None,
    goods: Annotated[list[str] | None, typer.Option(help="GTIN or GTIN=PIECES. May be repeated.")] = None,
    destination: Annotated[
        str | None, typer.Option(help="Country that goods go to, if not the buyer's.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only ask: record nothing.")] = False,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Has a listing, an order, or a trade that is thought of checked, and the result recorded."""
    with acting(who, data) as client:
        question = _question(client, seller, buyer, carrier, goods or [], destination)
        if preview:
            if question is None:
                raise CliError(
                    "QUESTION_MISSING", "A preview is of a trade that is thought of.", "Give --seller."
                )
            record = client.compliance.preview(question)
            show(record, json, _told(record))
            return
        receipt = client.compliance.check(question, listing=listing, order=order, command_id=command_id)
    show(receipt, json, f"{_told(receipt.reply.record)}\n{committed(receipt)}")


def _question(
    client: Client,
    seller: str | None,
    buyer: str | None,
    carrier: str | None,
    goods: list[str],
    destination: str | None,
) -> Question | None:
    if seller is None:
        return None
    lines = []
    for each in goods:
        gtin, _, pieces = each.partition("=")
        if pieces and not pieces.isdecimal():
            raise CliError("FIELD_INVALID", f"{each}: {pieces} is no number of pieces.", "Write GTIN=PIECES.")
        lines.append(QuestionLine(gtin=gtin, quantity=int(pieces or 1)))
    return Question(
        stage="listing" if buyer is None else "order",
        seller=member(client, seller),
        buyer=None if buyer is None else member(client, buyer),
        carrier=None if carrier is None else member(client, carrier),
        lines=lines,
        destination=destination,
    )


def _told(record: ComplianceRecord) -> str:
    packs = ", ".join(f"{each.pack} version {each.version}" for each in record.packs)
    lines = [f"{record.result} by {packs or 'no pack'}"]
    for each in record.outcomes:
        mark = "!" if each.refuses else " "
        lines.append(f"{mark} {each.outcome:8} {each.pack}/{each.rule}: {each.reason}")
    return "\n".join(lines)


@app.command()
def records(who: As, subject: str, data: Data = None, json: Json = False) -> None:
    """Every check of a listing, an order or a shipment."""
    with acting(who, data) as client:
        found = client.compliance.records(subject)
    said = "\n\n".join(f"{each.id} at {each.at}, {each.occasion}: {_told(each)}" for each in found)
    show(found, json, said or "It was never checked.")


@app.command()
def evidence(
    who: As,
    subject: Annotated[str, typer.Argument(help="Id of the listing, order or shipment.")],
    check_id: Annotated[str, typer.Argument(metavar="CHECK", help="Id of the check.")],
    data: Data = None,
) -> None:
    """Writes a record with its packs as JSON, to be judged again anywhere: see verify."""
    with acting(who, data) as client:
        found = [each for each in client.compliance.records(subject) if each.id == check_id]
        if not found:
            raise CliError(
                "CHECK_NOT_FOUND", "There is no such check of it.", "See hansa compliance records."
            )
        document = client.compliance.evidence(found[0])
    show(document, True, "")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="As evidence or the portal wrote it.")], json: Json = False
) -> None:
    """Judges a record again from its facts and packs, without any network."""
    try:
        faults = judge_again(json_.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise CliError("EVIDENCE_INVALID", f"{file}: {error}", "Download the record again.") from error
    if faults:
        raise CliError("EVIDENCE_DIFFERS", " ".join(faults), "Do not rely on this file.")
    show({"faults": []}, json, "The rules give exactly this result on these facts.")

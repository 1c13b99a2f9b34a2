"""``hansa goods``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hansa.goods import Captured, Trail
from hansa_cli.session import As, CliError, CommandId, Data, Json, acting, document, err, show
from hansa_domain.goods.capture import CaptureResult
from hansa_domain.goods.records import ClaimReason

app = typer.Typer(no_args_is_help=True)

REASONS: dict[ClaimReason, str] = {
    "no_goods": "it names no goods",
    "goods_unknown": "the ledger does not know these goods: register the product, report their making first",
    "not_a_party": "you neither hold nor own them, nor are party to the order that carries them",
    "already_commissioned": "they were made before",
    "packed_elsewhere": "they are packed in something else: report their unpacking first",
    "circular": "a thing would be packed in itself",
    "not_held": "you do not hold them, or not so much of the lot",
    "not_owned": "you do not own what is used up",
    "ended": "they were used up, retired or destroyed before",
    "recalled": "they are recalled: they are neither handed on nor used up",
    "quantity_invalid": "an amount is not positive, too large or too fine",
    "mass_balance": "more comes out than went in",
    "declared_in_error": "it was taken back before it arrived",
}
"""Why an event is kept as a claim only, for whoever reported it."""


@app.command()
def capture(
    who: As,
    file: Annotated[Path, typer.Argument(help="EPCIS 2.0 document (JSON-LD).")],
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Captures EPCIS events; each gets its own result. Fails if any event was refused."""
    text = read_document(file)
    with acting(who, data) as client:
        captured = client.goods.capture(
            text, command_id=command_id, progress=lambda n: err.print(f"[dim]{counted(n)}[/]")
        )
    answer = {
        "results": captured.results,
        "transactions": [document(receipt) for receipt in captured.receipts],
    }
    show(answer, json, describe(captured))
    refused = [result for result in captured.results if result.status == "refused"]
    if refused:
        raise CliError(
            "EVENTS_REFUSED",
            f"{len(refused)} of {len(captured.results)} events were refused.",
            "Correct the fields named above and capture the file again; the others are kept.",
        )


@app.command("declare-error")
def declare_error(
    who: As,
    event: Annotated[str, typer.Argument(help="The event's id, or its hash where it had none.")],
    reason: Annotated[str, typer.Option(help="incorrect_data, did_not_occur, or a URI.")] = "incorrect_data",
    corrective: Annotated[
        list[str] | None, typer.Option(help="An event that stands in its place. May be repeated.")
    ] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Takes back an event that your organisation reported; its effects go where nothing was built on them."""
    with acting(who, data) as client:
        captured = client.goods.declare_error(
            event, reason=reason, corrective_event_ids=corrective or [], command_id=command_id
        )
    answer = {
        "results": captured.results,
        "transactions": [document(receipt) for receipt in captured.receipts],
    }
    show(answer, json, describe(captured))


@app.command()
def trace(
    who: As,
    epc: Annotated[str, typer.Argument(help="EPC URI or GS1 Digital Link.")],
    depth: Annotated[int, typer.Option(help="Steps of packing and transformation to follow.")] = 20,
    data: Data = None,
    json: Json = False,
) -> None:
    """The trail of goods: back to the first event, and forward."""
    with acting(who, data) as client:
        trail = client.goods.trace(epc, depth=depth)
    answer = {"epc": trail.epc, "unit": trail.unit, "steps": trail.steps, "truncated": trail.truncated}
    show(answer, json, describe_trail(trail))


def read_document(file: Path) -> str:
    """The text of an EPCIS file. Raises CliError (FILE_UNREADABLE)."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "this is no UTF-8"
        raise CliError("FILE_UNREADABLE", f"{file}: {said}", "Give a JSON-LD file in UTF-8.") from error


def counted(events: int) -> str:
    """How many events, in words."""
    return f"{events} event{'' if events == 1 else 's'}"


def describe(captured: Captured) -> str:
    """A line for each event of a document, and for each alert that was raised."""
    lines = [_line(number, result) for number, result in enumerate(captured.results)]
    return "\n".join((*lines, *(f"alert {alert}: see hansa alerts show" for alert in captured.alerts)))


def describe_trail(trail: Trail) -> str:
    """A line for each step of a trail."""
    lines = [f"{trail.epc}: {counted(len(trail.steps))}"]
    if trail.unit is not None:
        lines[0] += f", held by {trail.unit.custodian}, owned by {trail.unit.owner}"
    elif not trail.steps:
        lines.append("  nobody has reported anything of it: is it the whole EPC or Digital Link?")
    for step in trail.steps:
        report = step.report
        status = "" if report.status == "accepted" else f" ({report.status}: {report.reason})"
        lines.append(f"  {report.time}  {step.relation:<10} {report.reporter}{status}  {report.event_id}")
    if trail.truncated:
        lines.append("  ... the trail goes on; ask with a greater --depth")
    return "\n".join(lines)


def _line(number: int, result: CaptureResult) -> str:
    text = f"event {number}: {result.status} {result.event_id or ''}".rstrip()
    if result.reason:
        text += f" ({result.reason}): kept, but it changes nothing, since {REASONS[result.reason]}"
    if result.code:
        text += f": {result.code}: {result.message}" + (f" (field {result.field})" if result.field else "")
    return text

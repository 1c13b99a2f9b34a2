"""``hansa papers``; verbs that are not here come from the operations themselves."""

from __future__ import annotations

import json as json_
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import msgspec
import typer

from hansa.pack_files import moment
from hansa.papers import faults_of
from hansa.signing import read_key, signer_of
from hansa.verifiable_credentials import credential, sign_data_integrity, sign_jose
from hansa_cli.session import As, CliError, CommandId, Data, Json, acting, committed, show
from hansa_domain.compliance.rules import PaperKind
from hansa_domain.papers import Paper

app = typer.Typer(no_args_is_help=True)

KINDS = get_args(PaperKind)
Kind = Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")]
Order = Annotated[str, typer.Option(help="Id of the order that it belongs to.")]


@app.command()
def register(
    who: As,
    file: Annotated[Path, typer.Argument(help="The paper as it is handed over; only its hash is sent.")],
    order: Order,
    kind: Kind,
    number: Annotated[str | None, typer.Option(help="Public number, such as an MRN.")] = None,
    signed_by: Annotated[
        Path | None, typer.Option(help="PEM public key that signed it, of a verifiable credential.")
    ] = None,
    valid_from: Annotated[str | None, typer.Option(help="Day or time from which it holds.")] = None,
    valid_until: Annotated[str | None, typer.Option(help="Day or time at which it ends.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Registers a paper of an order by the hash of its file."""
    content = _read(file)
    signer = None if signed_by is None else signer_of(_read(signed_by), signed_by.stem)
    with acting(who, data) as client:
        receipt = client.papers.register(
            order,
            _kind(kind),
            content,
            number=number,
            signer=signer,
            valid_from=None if valid_from is None else moment(valid_from, "valid_from"),
            valid_until=None if valid_until is None else moment(valid_until, "valid_until"),
            command_id=command_id,
        )
    paper = receipt.reply.paper
    show(receipt, json, f"{paper.kind} {paper.id} {committed(receipt)}")


@app.command()
def sign(
    claims: Annotated[Path, typer.Argument(help="JSON object with what the paper says.")],
    key: Annotated[Path, typer.Option(help="PEM private key, P-256.")],
    order: Order,
    kind: Kind,
    issuer: Annotated[str, typer.Option(help="MSP id of the member that will register it.")],
    to: Annotated[Path, typer.Option(help="File to write.")],
    valid_until: Annotated[str | None, typer.Option(help="Day or time at which it ends.")] = None,
    data_integrity: Annotated[
        bool, typer.Option("--data-integrity", help="A proof in it, not a JWS.")
    ] = False,
    passphrase: Annotated[str | None, typer.Option(help="Opens the key.")] = None,
) -> None:
    """Makes a verifiable credential of a paper, without any network."""
    try:
        said = json_.loads(_read(claims))
    except ValueError as error:
        raise CliError("MALFORMED_DOCUMENT", f"{claims}: {error}", "Give a JSON object.") from error
    if not isinstance(said, dict):
        raise CliError("MALFORMED_DOCUMENT", f"{claims} is no JSON object.", "Give a JSON object.")
    now = _now()
    until = None if valid_until is None else moment(valid_until, "valid_until")
    made = credential(_kind(kind), order, issuer, said, valid_from=now, valid_until=until)
    private = read_key(key, passphrase)
    content = sign_data_integrity(made, private, now) if data_integrity else sign_jose(made, private)
    to.write_bytes(content)
    show({"file": str(to)}, False, f"{to} written; register it with hansa papers register.")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The paper as it was handed over.")],
    who: Annotated[str | None, typer.Option("--as", help="Who asks the ledger: ORGANISATION[/USER].")] = None,
    record: Annotated[
        Path | None, typer.Option(help="The ledger's record, from hansa papers show --json: no network.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="Day or time in question; now by default.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Checks a paper's hash, status, validity and signature against the ledger or a record of it."""
    content = _read(file)
    papers = _recorded(record) if record is not None else _asked(who, content, data)
    if not papers:
        raise CliError("PAPER_NOT_FOUND", "Nobody registered this file.", "Look whether a byte was changed.")
    when = _now() if at is None else moment(at, "at")
    found = {paper.id: faults_of(content, paper, when) for paper in papers}
    if all(found.values()):
        said = " ".join(f"{name}: {' '.join(faults)}" for name, faults in found.items())
        raise CliError("PAPER_DOES_NOT_HOLD", said, "Do not rely on it; ask who issued it.")
    good = [paper for paper in papers if not found[paper.id]]
    lines = [
        f"{paper.kind} of order {paper.order}, registered by {paper.issuer} at {paper.registered_at}: holds"
        + (", signature good" if paper.security else ", not signed")
        for paper in good
    ]
    show(found, json, "\n".join(lines))


def _asked(who: str | None, content: bytes, data: Path | None) -> list[Paper]:
    if who is None:
        raise CliError("ASKER_MISSING", "Whom to ask?", "Give --as, or --record with the ledger's record.")
    with acting(who, data) as client:
        return client.papers.of_document(content)


def _recorded(path: Path) -> list[Paper]:
    try:
        found: Any = json_.loads(_read(path))
        return [msgspec.convert(found.get("paper", found), Paper)]
    except (ValueError, AttributeError, msgspec.ValidationError) as error:
        raise CliError(
            "RECORD_INVALID", f"{path}: {error}", "Write it with hansa papers show --json."
        ) from error


def _kind(text: str) -> PaperKind:
    if text not in KINDS:
        raise CliError("FIELD_INVALID", f"There is no paper {text!r}.", f"Known are {', '.join(KINDS)}.")
    return cast(PaperKind, text)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CliError("FILE_UNREADABLE", f"{path}: {error.strerror}", "Check the path.") from error


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

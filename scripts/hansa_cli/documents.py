"""What verbs about documents share: files read and written as they are, byte for byte."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hansa.documents.reading import MAX_BYTES
from hansa.kept_salts import kept_salts
from hansa.profile import locate, member_folder
from hansa.ubl_exchange import Salts
from hansa_cli.session import CliError, err, show

Out = Annotated[Path | None, typer.Option("--out", help="Where to write it; else to standard output.")]
File = Annotated[Path, typer.Argument(help="The document; - for standard input.")]


def read_file(file: Path) -> bytes:
    """A document's bytes, bounded. Raises CliError (FILE_UNREADABLE)."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CliError(
            "FILE_UNREADABLE", f"{file}: {error.strerror}", "Give the path of a document."
        ) from error


def write_file(raw: bytes, out: Path | None) -> None:
    """Writes a document where it is wanted. Raises CliError (FILE_UNWRITABLE)."""
    if out is None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(raw)
    except OSError as error:
        raise CliError("FILE_UNWRITABLE", f"{out}: {error.strerror}", "Name another path.") from error
    err.print(f"written to {out}", markup=False)


def show_document(raw: bytes, out: Path | None, as_json: bool) -> None:
    """Writes a document where it is wanted; as JSON its text, or where it was written to."""
    if not as_json:
        write_file(raw, out)
        return
    if out is None:
        show({"document": raw.decode("utf-8")}, True, "")
        return
    write_file(raw, out)
    show({"file": str(out), "bytes": len(raw)}, True, "")


def salts_of(who: str, data: Path | None) -> Salts:
    """The salts of the organisation that acts."""
    return kept_salts(member_folder(locate(data), who.partition("/")[0]))

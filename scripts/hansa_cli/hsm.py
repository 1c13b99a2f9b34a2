"""``hansa hsm``: users whose keys live in a hardware security module (PKCS #11)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hansa_cli.session import CliError, Data, network, out
from hansa_gateway.pkcs11 import LIBRARY_VARIABLE, PIN_VARIABLE, Token, TokenError
from hansa_network.operations.token_enrollment import enroll_in_token

app = typer.Typer(no_args_is_help=True)
app.callback()(lambda: None)


@app.command()
def enroll(
    organization: Annotated[str, typer.Argument(help="Organisation by name or MSP id.")],
    user: Annotated[str, typer.Argument(help="Name of the new user.")],
    token: Annotated[str, typer.Option("--token", help="Label of the token.")],
    key: Annotated[str | None, typer.Option("--key", help="Label of the key; else the user's name.")] = None,
    library: Annotated[
        str, typer.Option("--library", help=f"The PKCS #11 module; else ${LIBRARY_VARIABLE}.")
    ] = "",
    pin_file: Annotated[
        Path | None, typer.Option("--pin-file", help="File with the PIN; else $HANSA_PKCS11_PIN, else asked.")
    ] = None,
    admin: Annotated[bool, typer.Option("--admin", help="An administrator of the organisation.")] = False,
    data: Data = None,
) -> None:
    """Makes a key in the token, has it certified, and adds the user: hansa ... --as ORGANISATION/USER."""
    target = network(data)
    member = target.consortium.organization(organization)
    try:
        opened = Token(library, token, _pin(pin_file))
    except TokenError as error:
        raise CliError(
            "TOKEN_FAILED", str(error), "Check the library, the token's label and the PIN."
        ) from error
    enroll_in_token(target, member, user, opened, key or user, "admin" if admin else "client")
    out.print(f"{user} of {member.name} signs with key {key or user} of token {token}", markup=False)


def _pin(file: Path | None) -> str:
    if file is not None:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    return os.environ.get(PIN_VARIABLE) or str(typer.prompt("PIN", hide_input=True))

"""``hansa network``: the same consortium as files for Docker Compose or Kubernetes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hansa.errors import HansaError
from hansa_cli.running import Config
from hansa_cli.session import Data, network, out
from hansa_network import consortium as description
from hansa_network.errors import NetworkError
from hansa_network.render.rendering import render as write

app = typer.Typer(no_args_is_help=True)


@app.callback()
def noun() -> None:
    """The same consortium as files for Docker Compose or Kubernetes."""


@app.command()
def render(
    target: Annotated[str, typer.Option("--target", help="compose or kubernetes.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder for the files.")],
    organization: Annotated[
        str | None, typer.Option("--org", help="One organisation's part alone, by name or MSP id.")
    ] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Writes the files; the network need not run. No secret is among them."""
    for path in write(_described(config, data), target, folder, organization):
        out.print(str(path), markup=False)


def _described(config: Path | None, data: Path | None) -> description.Consortium:
    """The description given, else that of the network found, else the one that comes with Hansa."""
    if config is not None:
        return description.load(config)
    try:
        return network(data).consortium
    except (HansaError, NetworkError):
        if data is not None:
            raise
        return description.load()

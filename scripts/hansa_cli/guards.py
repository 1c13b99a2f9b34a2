"""``hansa guards``."""

from __future__ import annotations

import typer

from hansa_cli.session import As, Data, Json, acting, show

app = typer.Typer(no_args_is_help=True)
app.callback()(lambda: None)


@app.command("renew-all")
def renew_all(who: As, data: Data = None, json: Json = False) -> None:
    """Renews the policies of all notes, escrows and goods; worth doing after a member joined or left."""
    with acting(who, data) as client:
        renewed = client.guards.renew_all()
    show({"renewed": renewed}, json, f"{renewed} records carry today's policy")

"""``hansa members``."""

from __future__ import annotations

import typer

from hansa_cli.session import As, Data, Json, acting, show

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_members(who: As, data: Data = None, json: Json = False) -> None:
    """All members and the consortium's terms."""
    with acting(who, data) as client:
        reply = client.members.list()
    lines = [f"{m.name:<16} {m.msp_id:<20} {m.role:<10} {m.country}" for m in reply.members]
    terms = reply.consortium
    lines.append(
        f"fee: {terms.basis_points} basis points to {terms.fee_account}; arbitrator: {terms.arbitrator}"
    )
    show(reply, json, "\n".join(lines))

"""Steps of a scenario that are documents of other industries, in files beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hansa.client import Client
from hansa.submission import Receipt
from hansa_cli.documents import read_file

Args = dict[str, Any]
Made = tuple[tuple[Receipt[Any], ...], str]


def _import(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Carries a UBL document out; makes the order's id."""
    salt = args["salt"]
    done = client.ubl.carry_out(read_file(folder / args["document"]), salts=lambda _: str(salt))
    return done.receipts, done.order


def _pay(client: Client, args: Args, command_id: str, folder: Path) -> Made:
    """Pays what a pain.001 asks for; makes its id."""
    paid = client.iso20022.pay(read_file(folder / args["document"]))
    if paid.error is not None:
        raise paid.error
    return paid.receipts, paid.message.id


VERBS: dict[str, Callable[[Client, Args, str, Path], Made]] = {
    "ubl.import": _import,
    "iso20022.pay": _pay,
}

"""Money that is held outside notes and orders, so that a currency's books close."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from hansa_readmodel import money_tables as t
from hansa_readmodel.fold.register import put


def hold(connection: Connection, kind: str, holder: str, account: str, currency: str, amount: int) -> None:
    """What a record holds from now on, minor units; nothing: it is forgotten.

    Args:
        connection: of the block that is folded in.
        kind: the record's, such as ``exchange``.
        holder: its id.
        account: whose money it was.
        currency: ISO 4217 code.
        amount: minor units.
    """
    c = t.held_money.c
    if amount == 0:
        connection.execute(delete(t.held_money).where(c.kind == kind, c.holder == holder))
        return
    values = {"account": account, "currency": currency, "amount": amount}
    put(connection, t.held_money, {"kind": kind, "holder": holder}, values)

"""The ``hansa`` command: its verbs, each in the module of its noun."""

from __future__ import annotations

import typer

from hansa_cli import demo, goods, listings, members, money, orders, products, replay, running
from hansa_cli.session import reporting

app = typer.Typer(
    help="Trade among companies that do not trust one another.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
running.register(app)
demo.register(app)
for name, group, text in (
    ("members", members.app, "Who belongs to the consortium."),
    ("products", products.app, "Trade items by GTIN."),
    ("listings", listings.app, "Goods on offer."),
    ("orders", orders.app, "From placing to settlement."),
    ("money", money.app, "Notes: issue, pay, count."),
    ("goods", goods.app, "EPCIS events and the trail of goods."),
    ("replay", replay.app, "Files of past trade, carried out again."),
):
    app.add_typer(group, name=name, help=text)


def main() -> None:
    """Runs the command line; exit status 0 only on success."""
    with reporting():
        app()


if __name__ == "__main__":
    main()

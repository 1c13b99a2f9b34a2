"""``hansa products``."""

from __future__ import annotations

from typing import Annotated

import typer

from hansa_cli.session import As, CommandId, Data, Json, acting, committed, show

app = typer.Typer(no_args_is_help=True)


@app.command()
def register(
    who: As,
    gtin: Annotated[str, typer.Argument(help="GTIN with its check digit.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    brand: Annotated[str | None, typer.Option(help="Its brand.")] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Registers a trade item."""
    with acting(who, data) as client:
        receipt = client.products.register(gtin, name, brand=brand, command_id=command_id)
    product = receipt.reply.product
    show(receipt, json, f"{product.gtin} {product.name} registered {committed(receipt)}")


@app.command("list")
def list_products(who: As, data: Data = None, json: Json = False) -> None:
    """All trade items, by GTIN."""
    with acting(who, data) as client:
        products = []
        bookmark = ""
        while True:
            page = client.products.list(limit=1000, bookmark=bookmark)
            products += page.products
            bookmark = page.bookmark
            if not bookmark:
                break
    show(products, json, "\n".join(f"{p.gtin} {p.name} ({p.owner})" for p in products) or "no products")

"""``hansa products``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec.structs import replace

from hansa_cli.session import As, CommandId, Data, Json, acting, committed, invalid, member, show
from hansa_cli.yaml_files import read_yaml
from hansa_domain.products.details import Certificate, ProductDetails

app = typer.Typer(no_args_is_help=True)

Brand = Annotated[str | None, typer.Option(help="Its brand.")]
HsCode = Annotated[str | None, typer.Option(help="HS code, 6 to 10 digits.")]
Origin = Annotated[str | None, typer.Option(help="Country of origin, such as NL.")]
DetailsFile = Annotated[
    Path | None, typer.Option(help="YAML file: dangerous_goods, images, weight, tracking, warranty.")
]


@app.command()
def register(
    who: As,
    gtin: Annotated[str, typer.Argument(help="GTIN with its check digit.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    brand: Brand = None,
    hs_code: HsCode = None,
    origin: Origin = None,
    details: DetailsFile = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Registers a trade item."""
    with acting(who, data) as client:
        receipt = client.products.register(
            gtin,
            name,
            brand=brand,
            details=read_details(details, ProductDetails(), hs_code, origin),
            command_id=command_id,
        )
    product = receipt.reply.product
    show(receipt, json, f"{product.gtin} {product.name} registered {committed(receipt)}")


@app.command()
def revise(
    who: As,
    gtin: Annotated[str, typer.Argument(help="GTIN with its check digit.")],
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    brand: Brand = None,
    hs_code: HsCode = None,
    origin: Origin = None,
    details: DetailsFile = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Says something else of a trade item; what is not named stays, and the version before is kept."""
    with acting(who, data) as client:
        present = client.products.get(gtin).details
        receipt = client.products.revise(
            gtin,
            name=name,
            brand=brand,
            details=read_details(details, present, hs_code, origin),
            command_id=command_id,
        )
    product = receipt.reply.product
    show(receipt, json, f"{product.gtin} {product.name} version {product.version} {committed(receipt)}")


@app.command("certify")
def add_certificate(
    who: As,
    gtin: Annotated[str, typer.Argument(help="GTIN with its check digit.")],
    kind: Annotated[str, typer.Argument(help="What it certifies, such as CE.")],
    number: Annotated[str, typer.Argument(help="The issuer's number of it.")],
    document: Annotated[Path, typer.Argument(help="The document; only its hash goes to the ledger.")],
    issuer: Annotated[str, typer.Option(help="Who issued it.")],
    valid_until: Annotated[str, typer.Option(help="Its last day, such as 2030-12-31.")],
    issuer_member: Annotated[
        str | None, typer.Option(help="The issuer, where it is a member: it may revoke it.")
    ] = None,
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Adds a certificate to a trade item, by the hash of its document."""
    with acting(who, data) as client:
        certificate = Certificate(
            kind=kind,
            number=number,
            issuer=issuer,
            valid_until=valid_until,
            document=hashlib.sha256(document.read_bytes()).hexdigest(),
            member=None if issuer_member is None else member(client, issuer_member),
        )
        receipt = client.products.add_certificate(gtin, certificate, command_id=command_id)
    show(receipt, json, f"{receipt.reply.product.gtin} has {kind} {number} {committed(receipt)}")


def read_details(
    file: Path | None, present: ProductDetails, hs_code: str | None, origin: str | None
) -> ProductDetails:
    """What is said of a product: a file's words, or those there were, with what was typed beside it."""
    try:
        if file is not None:
            present = msgspec.convert(read_yaml(file), ProductDetails)
    except msgspec.ValidationError as error:
        raise invalid(error, file) from error
    typed = {"hs_code": hs_code, "origin": origin}
    return replace(present, **{key: value for key, value in typed.items() if value is not None})


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

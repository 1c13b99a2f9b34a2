"""``hansa taxes``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hansa_cli.session import As, CliError, CommandId, Data, Json, acting, committed, invalid, show
from hansa_cli.yaml_files import read_yaml
from hansa_domain.taxes.rules import TaxRule

app = typer.Typer(no_args_is_help=True)

Country = Annotated[str, typer.Argument(help="Country of destination, such as NL.")]


@app.command()
def publish(
    who: As,
    country: Country,
    file: Annotated[
        Path, typer.Argument(help="YAML file: source, rules, and valid_from if it begins later.")
    ],
    command_id: CommandId = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Publishes the whole table of a country as a new version; for regulators."""
    document = read_yaml(file)
    try:
        rules = msgspec.convert(document["rules"], list[TaxRule])
        source = str(document["source"])
    except KeyError as error:
        raise CliError("FIELD_INVALID", f"{file} has no {error}.", "Give source and rules.") from error
    except msgspec.ValidationError as error:
        raise invalid(error, file, "rules") from error
    with acting(who, data) as client:
        receipt = client.taxes.publish(
            country, source, rules, valid_from=document.get("valid_from"), command_id=command_id
        )
    table = receipt.reply.table
    text = f"{country} version {table.version}, {table.rules} rules, from {table.valid_from}"
    show(receipt, json, f"{text} {committed(receipt)}")


@app.command("show")
def show_table(
    who: As,
    country: Country,
    version: Annotated[int | None, typer.Option(help="Its number; else the one in force.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """A country's table."""
    with acting(who, data) as client:
        found = client.taxes.get(country, version)
    table = found.table
    lines = [
        f"{country} version {table.version} by {table.publisher}, from {table.valid_from}: {table.source}"
    ]
    lines += [_line(rule) for rule in found.rules]
    show(found, json, "\n".join(lines))


def _line(rule: TaxRule) -> str:
    goods = f"HS {rule.hs_prefix}" if rule.hs_prefix else "all goods"
    origin = f" from {rule.origin}" if rule.origin else ""
    duty = f", duty {_percent(rule.duty)}" if rule.duty else ""
    return f"{goods}{origin}  {rule.kind.replace('_', ' ')} {_percent(rule.vat)}{duty}"


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d} %"

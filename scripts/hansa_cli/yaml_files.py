"""The YAML files that verbs read, alike for all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from hansa_cli.reporting import CliError


class _Loader(yaml.SafeLoader):
    """Takes times for text, as commands have them, and the country NO for no falsehood."""


_BOOL, _TIME = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_BOOL, _TIME)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?i:true|false)$"), list("tTfF"))


def read_yaml(file: Path) -> dict[str, Any]:
    """The fields of a YAML file; times and days stay text.

    Args:
        file: a mapping of fields, in UTF-8.

    Raises:
        CliError: FILE_UNREADABLE: there is none, or it is no YAML, or no mapping of fields.
    """
    try:
        found = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 (a SafeLoader)
    except OSError as error:
        raise CliError("FILE_UNREADABLE", f"{file}: {error.strerror}", "Check the path.") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where is not None else ""
        raise CliError("FILE_UNREADABLE", f"{file}{line}: this is no YAML.", "Give YAML in UTF-8.") from error
    if not isinstance(found, dict):
        raise CliError("FILE_UNREADABLE", f"{file} has no fields.", "Write lines such as: name: value")
    return found

"""Writes what was rendered into a folder."""

from __future__ import annotations

from pathlib import Path

from hansa_network.consortium import Consortium
from hansa_network.errors import NetworkError
from hansa_network.render.compose import compose_files
from hansa_network.render.kubernetes import kubernetes_files

TARGETS = {"compose": compose_files, "kubernetes": kubernetes_files}


def render(consortium: Consortium, target: str, folder: Path, organization: str | None = None) -> list[Path]:
    """Writes the consortium, or one organisation's part of it.

    Args:
        consortium: the description.
        target: ``compose`` or ``kubernetes``.
        folder: where to; made where it is not there, files of the same names are replaced.
        organization: name or MSP id of the only one; None for all.

    Returns:
        the files, in the order of writing.

    Raises:
        NetworkError: no such target (TARGET_UNKNOWN) or organisation (UNKNOWN_ORGANIZATION), or the
            description lacks a port that Fabric needs (CONFIG_INVALID).
    """
    if target not in TARGETS:
        raise NetworkError(
            "TARGET_UNKNOWN", f"There is no target {target!r}.", f"Use one of {', '.join(TARGETS)}."
        )
    wanted = consortium.organizations if organization is None else (consortium.organization(organization),)
    written = []
    for name, content in TARGETS[target](consortium, wanted).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        written.append(path)
    return written

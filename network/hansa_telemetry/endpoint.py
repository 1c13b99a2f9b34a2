"""A process's metrics for Prometheus, on an address of their own that its environment names.

``HANSA_METRICS`` is ``HOST:PORT``; without it there is no endpoint. Port 0 takes a free one. Where it
listens is written to the file ``HANSA_METRICS_FILE``, as Prometheus's file-based service discovery reads it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from prometheus_client import start_http_server

ADDRESS_VARIABLE = "HANSA_METRICS"
FILE_VARIABLE = "HANSA_METRICS_FILE"


class MetricsAddressError(Exception):
    """The address for metrics cannot be used; the text says why."""


def serve_metrics(component: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Serves this process's metrics at ``/metrics``, from a thread of its own, until the process ends.

    Args:
        component: which of our programs this is: the label ``job`` in the file.
        environment: names the address, and the file.

    Returns:
        ``HOST:PORT`` where it listens; None where the environment names no address.

    Raises:
        MetricsAddressError: the address is none, or taken, or the file cannot be written.
    """
    given = environment.get(ADDRESS_VARIABLE, "")
    if not given:
        return None
    host, colon, port = given.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise MetricsAddressError(f"{ADDRESS_VARIABLE}={given} is not HOST:PORT")
    try:
        server, _ = start_http_server(int(port), addr=host)
        address = f"{host}:{server.server_port}"
        if environment.get(FILE_VARIABLE):
            write_targets(Path(environment[FILE_VARIABLE]), {component: [address]})
    except OSError as error:
        raise MetricsAddressError(f"metrics cannot be served on {given}: {error}") from error
    return address


def write_targets(file: Path, targets: Mapping[str, list[str]]) -> None:
    """Writes addresses by job for Prometheus's ``file_sd_configs``. Raises OSError."""
    document = [{"targets": addresses, "labels": {"job": job}} for job, addresses in targets.items()]
    file.parent.mkdir(parents=True, exist_ok=True)
    # Prometheus reads the file whenever it changes: it must never see half of it.
    new = file.with_name(f".{file.name}.new")
    new.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    new.replace(file)

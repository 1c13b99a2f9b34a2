"""JSON lines with the transaction's id, and a metrics endpoint where the environment says."""

from __future__ import annotations

import http.client
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from prometheus_client import Counter
from prometheus_client.parser import text_string_to_metric_families

from hansa_telemetry import MetricsAddressError, log_as_json, serve_metrics

COUNTED = Counter("hansa_test_telemetry", "For this test.")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What this process logs, from here on."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    log_as_json("tester", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_both_kinds_of_loggers_write_the_same_members(lines: io.StringIO) -> None:
    logging.getLogger("one").info("from %s", "logging", extra={"transaction_id": "ab12"})
    structlog.get_logger("two").info("from structlog", transaction_id="ab12", block=7)
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    for line in (first, second):
        assert line["timestamp"].endswith("Z")
        assert (line["level"], line["component"], line["transaction_id"]) == ("info", "tester", "ab12")
    assert (first["logger"], first["event"]) == ("one", "from logging")
    assert (second["logger"], second["event"], second["block"]) == ("two", "from structlog", 7)


def test_an_exception_stays_on_one_line(lines: io.StringIO) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("one").exception("it failed")
    (line,) = lines.getvalue().splitlines()
    assert "ValueError: broken" in json.loads(line)["exception"]


def test_what_is_bound_to_a_request_stands_in_every_line(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="01J"):
        logging.getLogger("hansa_gateway").info("Submit answered")
    assert json.loads(lines.getvalue())["request_id"] == "01J"


def test_metrics_are_served_and_the_address_is_written_down(tmp_path: Path) -> None:
    COUNTED.inc(3)
    file = tmp_path / "metrics" / "tester.json"
    address = serve_metrics("tester", {"HANSA_METRICS": "127.0.0.1:0", "HANSA_METRICS_FILE": str(file)})
    assert address is not None
    assert json.loads(file.read_text()) == [{"targets": [address], "labels": {"job": "tester"}}]
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", "/metrics")
    families = text_string_to_metric_families(connection.getresponse().read().decode())
    connection.close()
    (found,) = (family for family in families if family.name == "hansa_test_telemetry")
    assert {sample.value for sample in found.samples if sample.name.endswith("_total")} == {3}


def test_without_an_address_there_is_no_endpoint() -> None:
    assert serve_metrics("tester", {}) is None


@pytest.mark.parametrize("given", ["9100", ":9100", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1"])
def test_an_address_that_is_none(given: str) -> None:
    with pytest.raises(MetricsAddressError, match="is not HOST:PORT"):
        serve_metrics("tester", {"HANSA_METRICS": given})


def test_an_address_that_is_taken() -> None:
    address = serve_metrics("tester", {"HANSA_METRICS": "127.0.0.1:0"})
    assert address is not None
    with pytest.raises(MetricsAddressError, match="cannot be served"):
        serve_metrics("tester", {"HANSA_METRICS": address})


def test_what_json_cannot_hold_is_escaped_not_lost(lines: io.StringIO) -> None:
    # Given to our handler alone: what a test logs otherwise must pass from worker to runner as UTF-8.
    (ours,) = (each for each in logging.getLogger().handlers if getattr(each, "stream", None) is lines)
    half = {"name": "one", "levelname": "INFO", "msg": "half a character: \ud800", "transaction_id": "ab12"}
    ours.handle(logging.makeLogRecord(half))
    logging.getLogger("one").info("a thing", extra={"thing": Path("/x")})
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert first["transaction_id"] == "ab12"
    assert second["thing"] == "/x"

"""What a peer's log must not show at any level: what transactions read, write and answer."""

from __future__ import annotations

import pytest

from hansa_network.fabric.peer_node import log_specification


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_results_that_differ_are_not_printed(level: str) -> None:
    assert log_specification(level).split(":")[:2] == [level, "gateway.responsechecker=error"]


def test_nor_are_records_found_while_debugging() -> None:
    assert "lockbasedtxmgr,validation=info" in log_specification("debug").split(":")
    assert log_specification("warning").count("=") == 1, "a module must not log more than the rest"

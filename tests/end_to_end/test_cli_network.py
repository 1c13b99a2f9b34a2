"""The network by the command line: up, down, twice, after a crash, interrupted, on ports that are taken."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hansa_network.consortium import dump, load, with_free_ports
from tests.support.command_line import CommandLine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.devnode("its processes by name; tests/conformance/test_fabric_engine.py does this on Fabric"),
]


@pytest.fixture
def hansa(own_state: Path, tmp_path: Path) -> Iterator[CommandLine]:
    """A network that is not up yet, with a description of its own; taken down at the end."""
    (tmp_path / "consortium.yaml").write_text(dump(with_free_ports(load())))
    hansa = CommandLine(tmp_path / "data")
    yield hansa
    if (hansa.data / "network.json").exists():
        assert hansa("down").status == 0


def up(hansa: CommandLine) -> list[str]:
    config = str(hansa.data.parent / "consortium.yaml")
    return ["up", "--config", config, "--data", str(hansa.data), "--detach"]


def processes(hansa: CommandLine) -> dict[str, int]:
    document = json.loads((hansa.data / "network.json").read_text())
    return {process["name"]: process["pid"] for process in document["processes"]}


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_up_twice_crash_up_again_down_twice_reset(hansa: CommandLine) -> None:
    first = hansa(*up(hansa))
    assert first.status == 0, first.err
    assert "Retailer" in first.out
    assert set(processes(hansa)) == {"devnode", "chaincode", "projector", "web"}
    hansa.ask("money", "mint", "EUR", "5", "--to", "Carrier", "--as", "Bank")
    again = hansa(*up(hansa))
    assert (again.status, again.err.split(":")[0]) == (1, "ALREADY_RUNNING")
    # Half of it dies: status says so, and what is left can be stopped.
    crashed = processes(hansa)
    os.kill(crashed["chaincode"], signal.SIGKILL)
    os.kill(crashed["devnode"], signal.SIGKILL)
    status = hansa("status", "--json")
    assert (status.status, json.loads(status.out)["running"]) == (1, False)
    assert json.loads(status.err)["error"]["code"] == "NOT_RUNNING"
    assert json.loads(status.out)["processes"]["devnode"] is False
    assert hansa.refused("money", "balance", "--as", "Bank")["code"] == "PEER_UNREACHABLE"
    assert hansa("down").status == 0
    assert not any(runs(pid) for pid in crashed.values())
    # All of it dies: up goes on where it was.
    assert hansa("up", "--detach").status == 0
    for pid in processes(hansa).values():
        os.kill(pid, signal.SIGKILL)
    revived = hansa("up", "--detach")
    assert revived.status == 0, revived.err
    assert hansa.ask("money", "balance", "--as", "Carrier")["balances"][0]["amount"] == "500"
    alive = processes(hansa)
    stopped, again = hansa("down"), hansa("down")
    assert (stopped.status, again.status) == (0, 0)
    assert "is stopped" in stopped.out
    assert "was not running" in again.out
    assert not any(runs(pid) for pid in alive.values())
    assert json.loads(hansa("status", "--json").out)["processes"] == {}
    assert hansa("reset", "--yes").status == 0
    assert not hansa.data.exists()
    assert hansa("down").err.startswith("NO_NETWORK: ")


def test_a_port_that_is_taken_is_named(hansa: CommandLine) -> None:
    port = load(hansa.data.parent / "consortium.yaml").organization("Bank").ports.ca
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        answer = hansa(*up(hansa))
    assert answer.status == 1
    assert answer.err.startswith("PORT_IN_USE: ")
    assert str(port) in answer.err
    assert not (hansa.data / "network.json").exists()


def test_an_interrupt_while_starting_leaves_nothing_running(hansa: CommandLine) -> None:
    process = hansa.start(*up(hansa))
    assert process.stderr is not None
    line = process.stderr.readline()
    while "chaincode" not in line:
        assert line, "it ended before it could be interrupted"
        line = process.stderr.readline()
    # Held still meanwhile: on a busy machine it would be up before this test is through.
    process.send_signal(signal.SIGSTOP)
    started = processes(hansa)
    assert started
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert not any(runs(pid) for pid in started.values())
    assert not (hansa.data / "network.json").exists()
    assert hansa(*up(hansa)).status == 0


def test_it_stays_until_interrupted_and_notices_when_it_is_stopped_from_elsewhere(hansa: CommandLine) -> None:
    for end in ("interrupt", "down"):
        process = hansa.start(*up(hansa)[:-1])
        assert process.stdout is not None
        line = process.stdout.readline()
        while "Ctrl-C" not in line:
            assert line, "it ended before it served"
            line = process.stdout.readline()
        alive = processes(hansa)
        if end == "interrupt":
            process.send_signal(signal.SIGINT)
        else:
            assert hansa("down").status == 0
        process.communicate(timeout=60)
        assert process.returncode == 0
        assert not any(runs(pid) for pid in alive.values())


@pytest.mark.parametrize("text", ["", "version: 2\n", "version: [1\n"])
def test_a_description_that_is_none(hansa: CommandLine, text: str) -> None:
    (hansa.data.parent / "consortium.yaml").write_text(text)
    answer = hansa(*up(hansa))
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.split(":")[0] in ("CONFIG_INVALID", "CONFIG_UNREADABLE")

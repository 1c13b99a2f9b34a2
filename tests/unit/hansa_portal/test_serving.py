"""Serving: the portal of the port that was asked, a secret for its owner alone, and arguments checked."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from hansa_portal.__main__ import main
from hansa_portal.serving import ByPort, Served, Server, Serving, read_secret


def test_the_port_chooses_the_portal() -> None:
    portals: Any = {"8081": lambda environ, start: [b"one"], "8082": lambda environ, start: [b"two"]}
    chosen: Any = ByPort(portals)
    assert chosen({"SERVER_PORT": "8082"}, None) == [b"two"]


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "portal.secret"
    secret = read_secret(path)
    assert len(secret) == 64
    assert read_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_gunicorn_gets_one_worker_that_listens_on_every_members_address(tmp_path: Path) -> None:
    members = (Served(tmp_path, "127.0.0.1", 8081), Served(tmp_path, "127.0.0.1", 8082))
    server = Server(Serving(members, "sqlite://", tmp_path / "secret"))
    assert server.cfg.bind == ["127.0.0.1:8081", "127.0.0.1:8082"]
    assert server.cfg.workers == 1
    assert server.cfg.threads == 16


@pytest.mark.parametrize("address", ["8081", "localhost:", "localhost:http"])
def test_an_address_that_is_none_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys,
        "argv",
        ["hansa_portal", "--member", "x", address, "--database", "sqlite://", "--secret-file", "s"],
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "is not HOST:PORT" in capsys.readouterr().err

"""``hansa network render`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa_cli.main import main
from hansa_network.consortium import DEFAULT


def render(folder: Path, *more: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["network", "render", "--config", str(DEFAULT), "--out", str(folder), *more])
    if end.value.code:
        raise AssertionError(end.value.code)


def test_one_member_s_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    render(tmp_path, "--target", "compose", "--org", "bank")
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"chaincode/Dockerfile", "bank.example/compose.yaml"}
    assert [Path(line) for line in capsys.readouterr().out.split()] == [
        tmp_path / "chaincode/Dockerfile",
        tmp_path / "bank.example/compose.yaml",
    ]


def test_all_of_it(tmp_path: Path) -> None:
    render(tmp_path, "--target", "kubernetes")
    assert (tmp_path / "channel.yaml").is_file()
    assert len(list(tmp_path.glob("*.example.yaml"))) == 5


def test_an_unknown_target_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError):
        render(tmp_path, "--target", "nomad")
    assert capsys.readouterr().err.startswith("TARGET_UNKNOWN: ")

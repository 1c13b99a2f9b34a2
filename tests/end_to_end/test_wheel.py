"""The built wheel, installed outside the clone, brings the network up by itself."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from hansa_network.consortium import dump, load, with_free_ports
from tests.support.command_line import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.devnode("what the wheel alone brings up")]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, that finds the dependencies where this run has them."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (folder / "dist").glob("hansa-*.whl")
    home = folder / "venv"
    venv.create(home, symlinks=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(home / "bin" / "python"),
         "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    (packages,) = (home / "lib").glob("python*/site-packages")
    # A .pth within that folder is not read, so the clone's own editable install stays out of sight.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home


def test_an_installed_wheel_runs_the_network_outside_the_clone(
    own_state: Path, installed: Path, tmp_path: Path
) -> None:
    config = tmp_path / "consortium.yaml"
    config.write_text(dump(with_free_ports(load())))
    hansa = CommandLine(
        tmp_path / "data",
        program=(str(installed / "bin" / "hansa"),),
        environment={"PYTHONPATH": ""},
        folder=tmp_path,
    )
    try:
        up = hansa("up", "--config", str(config), "--detach")
        assert up.status == 0, up.err
        status = hansa.ask("status")
        assert status["running"]
        assert set(status["processes"]) == {"devnode", "chaincode", "projector", "web"}
        played = hansa("demo", "--json", str(tmp_path / "result.json"))
        assert played.status == 0, played.err
        assert "settled" in played.out
    finally:
        down = hansa("down")
    assert (down.status, hansa("status").status) == (0, 1)


def test_nothing_is_imported_from_the_clone(installed: Path, tmp_path: Path) -> None:
    rooms = [
        "hansa",
        "hansa_domain",
        "hansa_contract",
        "hansa_devnode",
        "hansa_network",
        "hansa_portal",
        "hansa_cli",
    ]
    code = f"import {', '.join(rooms)}; print(*(m.__file__ for m in ({', '.join(rooms)})), sep=chr(10))"
    printed = subprocess.run(
        [str(installed / "bin" / "python"), "-c", code],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert len(printed) == len(rooms)
    assert all(Path(path).is_relative_to(installed) for path in printed)

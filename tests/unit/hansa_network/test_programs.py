"""Fabric's programs are found where people put them, and what is missing or too old is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa_network.errors import NetworkError
from hansa_network.fabric.programs import BUILDER_PROGRAMS, find_programs


def put(path: Path, says: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nprintf '%s\\n' '{says}'\n")
    path.chmod(0o755)


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as release archives unpack: bin and builders side by side."""
    put(tmp_path / "bin" / "peer", "peer:\n Version: v3.1.4")
    put(tmp_path / "bin" / "orderer", "orderer:\n Version: v3.1.4")
    put(tmp_path / "bin" / "fabric-ca-server", "fabric-ca-server:\n Version: 1.5.15")
    for name in BUILDER_PROGRAMS:
        put(tmp_path / "builders" / "ccaas" / "bin" / name)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("FABRIC_CCAAS_BUILDER", raising=False)
    monkeypatch.setenv("FABRIC_BIN", str(tmp_path / "bin"))
    return tmp_path


def refused() -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        find_programs()
    return caught.value


def test_a_release_folder_has_everything(release: Path) -> None:
    found = find_programs()
    assert (found.peer, found.builder) == (release / "bin" / "peer", release / "builders" / "ccaas")


def test_path_will_do(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FABRIC_BIN")
    monkeypatch.setenv("PATH", f"{release / 'bin'}:/usr/bin:/bin")
    assert find_programs().orderer == release / "bin" / "orderer"


def test_what_is_missing_is_named_with_where_it_is_published(release: Path) -> None:
    (release / "bin" / "fabric-ca-server").unlink()
    error = refused()
    assert error.code == "FABRIC_PROGRAMS_MISSING"
    assert "fabric-ca-server (github.com/hyperledger/fabric-ca/releases)" in error.message
    assert "orderer" not in error.message


def test_a_program_that_may_not_run_is_missing(release: Path) -> None:
    (release / "bin" / "orderer").chmod(0o644)
    assert "orderer (" in refused().message


def test_the_builder_is_missing_when_one_of_its_programs_is(release: Path) -> None:
    (release / "builders" / "ccaas" / "bin" / "release").unlink()
    assert "builders/ccaas/bin" in refused().message


def test_a_builder_elsewhere_is_named_by_variable(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = release / "elsewhere"
    (release / "builders" / "ccaas").rename(elsewhere)
    assert refused().code == "FABRIC_PROGRAMS_MISSING"
    monkeypatch.setenv("FABRIC_CCAAS_BUILDER", str(elsewhere))
    assert find_programs().builder == elsewhere


@pytest.mark.parametrize("says", ["peer:\n Version: v2.5.12", "peer:\n Version: v3.0.0", "what?"])
def test_an_old_version_will_not_do(release: Path, says: str) -> None:
    put(release / "bin" / "peer", says)
    error = refused()
    assert error.code == "FABRIC_TOO_OLD"
    assert "3.1 or later" in error.message

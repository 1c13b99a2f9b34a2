"""Checkpoints on disk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hansa_gateway import Checkpoint, CheckpointError, FileCheckpointer

CHECKPOINT = Checkpoint(b"\x01" * 32, 12, "ab")


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    checkpointer = FileCheckpointer(path)
    assert checkpointer.load() is None
    for checkpoint in (CHECKPOINT, Checkpoint(b"\x02" * 32, 0)):
        checkpointer.save(checkpoint)
        assert FileCheckpointer(path).load() == checkpoint
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"v": 2, "genesisHash": "01", "blockNumber": 1, "transactionId": ""}',
        b'{"v": 1, "genesisHash": "zz", "blockNumber": 1, "transactionId": ""}',
        b'{"v": 1, "genesisHash": "01", "blockNumber": -1, "transactionId": ""}',
        b'{"v": 1, "genesisHash": "01", "blockNumber": true, "transactionId": ""}',
        b'{"v": 1, "genesisHash": "01", "blockNumber": 1, "transactionId": null}',
        b'{"v": 1, "genesisHash": "01", "blockNum',
    ],
)
def test_a_damaged_file_is_never_taken_for_a_fresh_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "checkpoint.json"
    path.write_bytes(content)
    with pytest.raises(CheckpointError):
        FileCheckpointer(path).load()
    assert path.read_bytes() == content


def test_a_disk_that_refuses_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "checkpoint.json"
    checkpointer = FileCheckpointer(path)
    checkpointer.save(CHECKPOINT)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CheckpointError, match="No space left"):
        checkpointer.save(Checkpoint(b"\x01" * 32, 13))
    assert checkpointer.load() == CHECKPOINT
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.json"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        FileCheckpointer(tmp_path / "no" / "checkpoint").save(CHECKPOINT)

"""A run of the differential test, recorded: what real peers made of transactions drawn from a seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hansa_fabric.validation_codes import ValidationCode
from tests.support.differential_recording import read_recording, write_recording
from tests.support.differential_replay import differences
from tests.support.differential_run import Recorded

RECORDING = Path(__file__).parents[2] / "support" / "recorded" / "fabric-3.1.5-differential.xz"


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return read_recording(RECORDING)


def test_the_engine_comes_to_the_ledger_of_real_peers(recorded: Recorded, tmp_path: Path) -> None:
    assert differences(recorded, tmp_path) == []


def test_a_difference_would_be_seen(recorded: Recorded, tmp_path: Path) -> None:
    """The comparison is no formality: private data that was never endorsed is missed."""
    without = Recorded(recorded.blocks, {}, recorded.delivered, recorded.creators, recorded.reports)
    assert differences(without, tmp_path) != []


def test_the_recording_holds_what_is_worth_comparing(recorded: Recorded) -> None:
    codes = Counter(code for block in recorded.blocks for code in block.codes)
    assert codes[ValidationCode.VALID] >= 100
    for refusal in (
        ValidationCode.ENDORSEMENT_POLICY_FAILURE,
        ValidationCode.MVCC_READ_CONFLICT,
        ValidationCode.PHANTOM_READ_CONFLICT,
        ValidationCode.DUPLICATE_TXID,
        ValidationCode.BAD_CREATOR_SIGNATURE,
        ValidationCode.BAD_PROPOSAL_TXID,
        ValidationCode.INVALID_CHAINCODE,
        ValidationCode.ILLEGAL_WRITESET,
        ValidationCode.BAD_HEADER_EXTENSION,
        ValidationCode.INVALID_OTHER_REASON,
    ):
        assert codes[refusal] > 0, refusal.name


def test_recordings_are_read_as_they_were_written(recorded: Recorded, tmp_path: Path) -> None:
    path = tmp_path / "again.xz"
    write_recording(path, recorded)
    again = read_recording(path)
    assert [block.serialize() for block in again.blocks] == [block.serialize() for block in recorded.blocks]
    assert (again.endorsed, again.delivered, again.creators, again.reports) == (
        recorded.endorsed,
        recorded.delivered,
        recorded.creators,
        recorded.reports,
    )

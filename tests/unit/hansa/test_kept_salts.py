"""Salts of documents: the same again, nobody else's, and never without a whole secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa.errors import ConnectionProfileError
from hansa.kept_salts import FILE, kept_salts


def test_a_salt_is_found_again_and_is_the_members_own(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for folder in (mine, theirs):
        folder.mkdir()
    first = kept_salts(mine)("one")
    assert kept_salts(mine)("one") == first
    assert len({first, kept_salts(mine)("two"), kept_salts(theirs)("one")}) == 3
    assert (mine / FILE).stat().st_mode & 0o777 == 0o600


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    kept_salts(tmp_path / "nowhere")
    with pytest.raises(ConnectionProfileError, match="SECRET_UNUSABLE"):
        kept_salts(tmp_path / "nowhere")("one")


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_secret_cut_short_makes_no_salt(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ConnectionProfileError, match="not whole"):
        kept_salts(tmp_path)("one")

"""What is sealed opens with its passphrase alone, whole, and unchanged."""

from __future__ import annotations

import io

import pytest

from hansa_network.errors import NetworkError
from hansa_network.operations import sealed_stream
from hansa_network.operations.sealed_stream import CHUNK, MAGIC, SealedReader, SealingWriter

WORD = "a passphrase of a test"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching for a test, not for an attacker."""
    monkeypatch.setattr(sealed_stream, "_COST", {"n": 2**4, "r": 8, "p": 1})


def sealed(content: bytes, step: int = 100_000) -> bytes:
    target = io.BytesIO()
    writer = SealingWriter(target, WORD, {"about": "test"})
    for at in range(0, len(content), step):
        assert writer.write(content[at : at + step]) == len(content[at : at + step])
    writer.close()
    return target.getvalue()


def opened(data: bytes, passphrase: str = WORD, size: int = -1) -> bytes:
    reader = SealedReader(io.BytesIO(data), passphrase)
    parts = []
    while part := reader.read(size):
        parts.append(part)
    return b"".join(parts)


def refusal(data: bytes, passphrase: str = WORD) -> str:
    with pytest.raises(NetworkError) as caught:
        opened(data, passphrase)
    return caught.value.code


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17])
def test_what_goes_in_comes_out(length: int) -> None:
    content = bytes(number % 251 for number in range(length))
    data = sealed(content)
    assert opened(data) == content
    assert opened(data, size=70_001) == content
    assert content[:40] not in data or length < 40


def test_facts_are_readable_without_opening() -> None:
    assert SealedReader(io.BytesIO(sealed(b"x")), "another passphrase").facts["about"] == "test"


def test_another_passphrase_opens_nothing() -> None:
    assert refusal(sealed(b"secret"), "another passphrase") == "BACKUP_NOT_OPENED"


def test_changed_swapped_missing_or_cut() -> None:
    data = sealed(bytes(3 * CHUNK))
    body = data.index(b"\n", len(MAGIC)) + 1
    length = CHUNK + 16
    changed = bytearray(data)
    changed[body + 5] ^= 1
    first, second, rest = (
        data[body : body + length],
        data[body + length : body + 2 * length],
        data[body + 2 * length :],
    )
    header = data[:body]
    for damaged in (
        bytes(changed),
        header + second + first + rest,
        header + first + rest,
        header + first + second,
        header + first,
        data[:-1],
        data + b"x",
        data.replace(b'"test"', b'"TEST"', 1),
    ):
        assert refusal(damaged) == "BACKUP_NOT_OPENED"


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", MAGIC, MAGIC + b"{}\n", MAGIC + b"[]\n", MAGIC + b"nothing\n",
     MAGIC + b'{"n": 99999999999, "r": 8, "p": 1, "salt": "", "nonce": ""}\n'],
)  # fmt: skip
def test_what_is_no_backup(data: bytes) -> None:
    assert refusal(data) == "BACKUP_UNREADABLE"

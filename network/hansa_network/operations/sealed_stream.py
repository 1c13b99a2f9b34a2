"""A stream of bytes sealed with a passphrase, chunk by chunk, so that a large one never lies in memory.

Scrypt stretches the passphrase; each chunk is sealed with AES-256-GCM under a nonce of a random prefix, the
chunk's number and a mark on the last one (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár),
so that chunks can neither be changed nor swapped, left out, or cut off at the end. The header is
authenticated with the first chunk.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hansa_network.errors import NetworkError

MAGIC = b"HANSA-BACKUP-1\n"
CHUNK = 1 << 20
_TAG = 16
_PREFIX = 7
# About a tenth of a second and 64 MiB for each guess.
_COST = {"n": 2**16, "r": 8, "p": 1}
_HIGHEST_COST = 2**20
_LONGEST_HEADER = 64 * 1024


class SealingWriter:
    """Seals what is written to it; ``close`` seals the end, without which nothing can be opened.

    Args:
        target: where sealed bytes go; stays open.
        passphrase: opens it again.
        facts: what stands in the header, readable by everybody.
    """

    def __init__(self, target: IO[bytes], passphrase: str, facts: Mapping[str, object]) -> None:
        salt, prefix = secrets.token_bytes(16), secrets.token_bytes(_PREFIX)
        header = {**facts, "kdf": "scrypt", **_COST, "salt": _text(salt), "nonce": _text(prefix)}
        line = json.dumps(header, sort_keys=True).encode() + b"\n"
        target.write(MAGIC + line)
        self._target = target
        self._seal = _Seal(_key(passphrase, salt, _COST), prefix, line)
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Takes bytes; returns how many."""
        self._held += data
        # One chunk is held back: it may turn out to be the last.
        while len(self._held) > CHUNK:
            self._target.write(self._seal.encrypt(bytes(self._held[:CHUNK]), last=False))
            del self._held[:CHUNK]
        return len(data)

    def close(self) -> None:
        """Seals the rest."""
        self._target.write(self._seal.encrypt(bytes(self._held), last=True))
        self._held.clear()


class SealedReader:
    """Opens what ``SealingWriter`` sealed; ``facts`` is its header.

    Args:
        source: the sealed bytes.
        passphrase: the one they were sealed with.

    Raises:
        NetworkError: this is no backup (BACKUP_UNREADABLE). The passphrase shows with the first ``read``.
    """

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        if source.read(len(MAGIC)) != MAGIC:
            raise _unreadable("it does not begin as one")
        line = source.readline(_LONGEST_HEADER)
        try:
            header: dict[str, Any] = json.loads(line)
            cost = {name: int(header[name]) for name in _COST}
            if not 1 < cost["n"] <= _HIGHEST_COST or cost["r"] * cost["p"] > 64:
                raise _unreadable("its header asks for too much memory")
            salt, prefix = base64.b64decode(header["salt"]), base64.b64decode(header["nonce"])
            self._seal = _Seal(_key(passphrase, salt, cost), prefix, line)
        except (ValueError, KeyError, TypeError) as error:
            raise _unreadable("its header is damaged") from error
        self.facts = header
        self._source = source
        self._next: bytes | None = source.read(CHUNK + _TAG)
        self._open = b""

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, all of them where it is negative; empty at the end.

        Raises:
            NetworkError: the passphrase is another, or the bytes are not those sealed (BACKUP_NOT_OPENED).
        """
        parts: list[bytes] = []
        wanted = size
        while wanted != 0:
            if not self._open and not self._advance():
                break
            part = self._open if wanted < 0 else self._open[:wanted]
            self._open = self._open[len(part) :]
            wanted -= len(part) if wanted > 0 else 0
            parts.append(part)
        return b"".join(parts)

    def _advance(self) -> bool:
        if self._next is None:
            return False
        sealed, following = self._next, self._source.read(CHUNK + _TAG)
        self._open = self._seal.decrypt(sealed, last=not following)
        self._next = following or None
        return bool(self._open)


class _Seal:
    """The cipher and the number of the next chunk."""

    def __init__(self, key: bytes, prefix: bytes, header: bytes) -> None:
        if len(prefix) != _PREFIX:
            raise ValueError("the nonce has another length")
        self._cipher = AESGCM(key)
        self._prefix, self._header, self._number = prefix, header, 0

    def encrypt(self, chunk: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(*self._next(last, chunk))

    def decrypt(self, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(*self._next(last, sealed))
        except InvalidTag as error:
            raise NetworkError(
                "BACKUP_NOT_OPENED",
                "The backup does not open: the passphrase is another, or the file was damaged or cut short.",
                "Check the passphrase; if it is right, take an older backup.",
            ) from error

    def _next(self, last: bool, data: bytes) -> tuple[bytes, bytes, bytes]:
        nonce = self._prefix + self._number.to_bytes(4, "big") + bytes([last])
        about = self._header if self._number == 0 else b""
        self._number += 1
        return nonce, data, about


def _key(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _unreadable(why: str) -> NetworkError:
    return NetworkError("BACKUP_UNREADABLE", f"This is no backup of a node: {why}.", "Name another file.")

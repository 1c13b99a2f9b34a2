"""A backup of one member's node: its ledger, its keys and its read model, sealed, in one file."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import lmdb

from hansa_network.consortium import Organization
from hansa_network.engine import FABRIC, Progress
from hansa_network.network import Network
from hansa_network.operations.ledger_files import Chain, check_chain, embedded_blocks, fabric_blocks
from hansa_network.operations.sealed_stream import SealingWriter

MANIFEST = "manifest.json"
VERSION = 1
# What the engine makes anew, or what belongs to the process that runs.
_NOT_KEPT = frozenset(("lock", "control.json", "owner", "lock.mdb"))
_STOPPED = ("peer", "orderer", "ca")
_STORE = Path("engine") / "ledger" / "channel"
_ENDORSED = Path("engine") / "ledger" / "endorsed"  # of transactions that no block holds yet


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Args:
        file: where it lies.
        organization: MSP id of the member; on the embedded engine all members are in it.
        engine: the engine it is of.
        chain: the ledger in it, as it was checked.
        files: how many.
        size: bytes of the file.
    """

    file: Path
    organization: str
    engine: str
    chain: Chain
    files: int
    size: int


def back_up(
    network: Network,
    organization: Organization,
    file: Path,
    passphrase: str,
    say: Progress = lambda _: None,
) -> Backup:
    """Writes a backup of an organisation's node.

    On Fabric the organisation's peer, ordering node and authority are stopped while they are copied, and then
    started again where they ran; the other members go on. On the embedded engine all members share one
    ledger: all of them are copied, as of one moment, while it runs.

    Args:
        file: what is written; a file that is there is replaced when the new one is whole.
        passphrase: opens it.

    Raises:
        NetworkError: a process did not start again, or the ledger is broken (LEDGER_BROKEN).
        OSError: a file could not be read or written.
    """
    root = network.folder.root
    new = file.with_name(f".{file.name}.new")
    try:
        with new.open("xb") as target, tempfile.TemporaryDirectory(dir=root, prefix=".backup-") as place:
            os.fchmod(target.fileno(), 0o600)
            copies = _Copies(Path(place))
            copies.sqlite(network.folder.database_file)
            with _at_rest(network, organization, say):
                say("copying")
                if network.engine_name == FABRIC:
                    chain = check_chain(fabric_blocks(fabric_chain(network, organization)))
                else:
                    copies.lmdb(root / _STORE)
                    chain = check_chain(embedded_blocks(copies.of(root / _STORE)))
                count = _write(network, organization, target, passphrase, chain, copies)
            target.flush()
            os.fsync(target.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    return Backup(file, organization.msp_id, network.engine_name, chain, count, file.stat().st_size)


def fabric_chain(network: Network, organization: Organization, root: Path | None = None) -> Path:
    """The folder of the block files of an organisation's peer, below the data folder or another ``root``."""
    home = (root or network.folder.root) / "engine" / "organizations" / organization.domain / "peers"
    ledger = home / f"peer0.{organization.domain}" / "ledger" / "ledgersData"
    return ledger / "chains" / "chains" / network.consortium.channel


def places(network: Network, organization: Organization) -> tuple[list[Path], list[Path]]:
    """What a backup holds, relative to the data folder: the member's own, and what all members share.

    On the embedded engine everything is the member's own, since it is everybody's.
    """
    shared = [Path(name) for name in ("consortium.yaml", "engine.json", "portal.secret")]
    if network.engine_name != FABRIC:
        return [Path("engine"), Path("organizations"), Path("chaincode"), Path("readmodel.sqlite")], shared
    own = [
        Path("engine") / "organizations" / organization.domain,
        Path("organizations") / organization.domain,
    ]
    genesis = Path("engine") / f"{network.consortium.channel}.genesis.block"
    return own, [*shared, genesis, Path("readmodel.sqlite")]


class _Copies:
    """Copies of databases that may be written to while they are read, each of one moment."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._made: dict[Path, Path] = {}

    def of(self, path: Path) -> Path:
        """The copy of a file or folder; itself where none was made."""
        return self._made.get(path, path)

    def sqlite(self, path: Path) -> None:
        if not path.exists():
            return
        copy = self._place / path.name
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        self._made[path] = copy

    def lmdb(self, store: Path) -> None:
        copy = self._place / store.name
        copy.mkdir()
        with lmdb.open(str(store), readonly=True, max_dbs=32) as environment:
            environment.copy(str(copy), compact=True)
        self._made[store] = copy


@contextmanager
def _at_rest(network: Network, organization: Organization, say: Progress) -> Iterator[None]:
    """Stops a member's processes on Fabric, and starts those that ran again."""
    alive = {process.name for process in network.processes() if process.alive}
    running = [kind for kind in _STOPPED if f"{kind}-{organization.domain}" in alive]
    if network.engine_name != FABRIC:
        running = []
    stopped: list[str] = []
    try:
        for kind in running:
            say(f"stopping {kind} of {organization.name}")
            network.engine.control(f"{kind} stop", organization)
            stopped.append(kind)
        yield
    finally:
        for kind in reversed(stopped):
            say(f"starting {kind} of {organization.name}")
            network.engine.control(f"{kind} start", organization)


def _write(
    network: Network,
    organization: Organization,
    target: IO[bytes],
    passphrase: str,
    chain: Chain,
    copies: _Copies,
) -> int:
    facts = {
        "version": VERSION,
        "network": network.consortium.name,
        "engine": network.engine_name,
        "organization": organization.msp_id,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    sealed = SealingWriter(target, passphrase, facts)
    hashes: dict[str, str] = {}
    with tarfile.open(fileobj=cast(Any, sealed), mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for place in (path for group in places(network, organization) for path in group):
            for name, source in _files(network.folder.root, place, copies):
                hashes[str(name)] = _add(archive, name, source)
        manifest = json.dumps({**facts, "chain": asdict(chain), "files": hashes}, sort_keys=True).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(manifest), 0o600
        archive.addfile(entry, io.BytesIO(manifest))
    sealed.close()
    return len(hashes)


def _files(root: Path, place: Path, copies: _Copies) -> Iterator[tuple[Path, Path]]:
    """Every file below a place: its name in the backup, and where its bytes are."""
    whole = copies.of(root / place)
    if whole.is_file():
        yield place, whole
    for folder, folders, _ in os.walk(root / place):
        folders.sort()
        source = copies.of(Path(folder))
        if Path(folder) == root / _ENDORSED:
            continue
        for name in sorted(path.name for path in source.iterdir()):
            if name not in _NOT_KEPT and (source / name).is_file():
                yield Path(folder).relative_to(root) / name, source / name


def _add(archive: tarfile.TarFile, name: Path, source: Path) -> str:
    """Puts a file into the archive; returns the SHA-256 of what went in."""
    with source.open("rb") as stream:
        status = os.fstat(stream.fileno())
        entry = tarfile.TarInfo(str(name))
        entry.size, entry.mode, entry.mtime = status.st_size, status.st_mode & 0o700, status.st_mtime
        hashed = _Hashed(stream)
        archive.addfile(entry, cast(Any, hashed))
    return hashed.digest()


class _Hashed:
    """A stream whose bytes are hashed while they are read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._hash = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._hash.update(data)
        return data

    def digest(self) -> str:
        return self._hash.hexdigest()

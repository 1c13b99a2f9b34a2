"""Bringing a member's node back from its backup: opened, checked by file and by block, put in place."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast

from hansa_network.consortium import Consortium, Organization, load
from hansa_network.data_folder import DataFolder
from hansa_network.engine import DEVNODE, FABRIC, Progress
from hansa_network.errors import NetworkError
from hansa_network.network import Network
from hansa_network.operations.backup import MANIFEST, VERSION, fabric_chain, places
from hansa_network.operations.ledger_files import Chain, check_chain, embedded_blocks, fabric_blocks
from hansa_network.operations.sealed_stream import SealedReader

# The peer last: it is ready when it finds its chaincode.
_STARTED = ("ca", "orderer", "chaincode", "peer")


@dataclass(frozen=True)
class Restored:
    """What was brought back.

    Args:
        network: the network it belongs to.
        organization: the member.
        chain: the ledger as it was at the time of the backup, checked.
        made: when the backup was made, RFC 3339 UTC.
    """

    network: Network
    organization: Organization
    chain: Chain
    made: str

    @property
    def alone(self) -> bool:
        """Whether nodes of other members, which run nodes of their own on Fabric, are not in the folder."""
        homes = self.network.folder.engine / "organizations"
        others = (one.domain for one in self.network.consortium.organizations)
        return self.network.engine_name == FABRIC and not all((homes / domain).is_dir() for domain in others)


def restore(file: Path, root: Path, passphrase: str, say: Progress = lambda _: None) -> Restored:
    """Puts a member's node back into a data folder that lacks it.

    Nothing is put in place before everything was checked: each file against the hash in the manifest, and
    the ledger's blocks as one chain that ends where the manifest says.

    Args:
        file: the backup.
        root: the data folder: empty, or of the same network without this member's folders.
        passphrase: the backup's.

    Raises:
        NetworkError: BACKUP_UNREADABLE, BACKUP_NOT_OPENED, BACKUP_DAMAGED, LEDGER_BROKEN, or something is in
            the way (RESTORE_NOT_EMPTY, RESTORE_OTHER_NETWORK).
        OSError: a file could not be read or written.
    """
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=root, prefix=".restore-") as name:
        place = Path(name)
        say("opening the backup")
        with file.open("rb") as source:
            reader = SealedReader(source, passphrase)
            hashes = _extract(reader, place)
        say("checking files and blocks")
        manifest = _checked(place, hashes, reader.facts)
        network, organization = _described(place, root, manifest)
        chain = _chain(network, organization, place)
        if chain != Chain(**manifest["chain"]):
            raise _damaged("its ledger is not the one the manifest tells of")
        say("putting it in place")
        _put(place, root, network, organization)
    return Restored(network, organization, chain, str(manifest["made"]))


def start_restored(restored: Restored, say: Progress = lambda _: None) -> bool:
    """Starts the member's processes beside those of other members that run; False where nothing runs.

    Raises:
        NetworkError: one did not start.
    """
    network, organization = restored.network, restored.organization
    if network.engine_name != FABRIC or not network.running:
        return False
    for kind in _STARTED:
        if kind == "orderer" and organization.orderer is None:
            continue
        say(f"starting {kind} of {organization.name}")
        network.engine.control(f"{kind} stop", organization)
        network.engine.control(f"{kind} start", organization)
    say("catching up with the others")
    _catch_up(network, organization)
    return True


def _catch_up(network: Network, organization: Organization, seconds: float = 120.0) -> None:
    """Waits until the member's peer has what the others had when it began to wait."""
    deadline = time.monotonic() + seconds
    wanted = _heights(network)[0]
    while (known := _heights(network)[1].get(organization.msp_id) or 0) < wanted:
        if time.monotonic() > deadline:
            raise NetworkError(
                "PEER_BEHIND",
                f"After {seconds:.0f} s the peer of {organization.name} has {known} of {wanted} blocks.",
                "It goes on catching up: hansa status. If it does not, read its log.",
            )
        time.sleep(0.25)


def _heights(network: Network) -> tuple[int, dict[str, int | None]]:
    """The highest of all peers, and each by MSP id."""
    status: dict[str, Any] = network.engine.status() or {"height": 0, "peers": {}}
    return status["height"], status["peers"]


def _extract(reader: SealedReader, place: Path) -> dict[str, str]:
    """Writes the files of a backup below a folder; returns name to SHA-256."""
    hashes: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=cast(Any, reader), mode="r|") as archive:
            for entry in archive:
                name = PurePosixPath(entry.name)
                if not entry.isfile() or name.is_absolute() or ".." in name.parts:
                    raise _damaged(f"it has an entry {entry.name!r} that no backup has")
                stream = archive.extractfile(entry)
                assert stream is not None  # a regular file has content
                target = place / name
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                digest = hashlib.sha256()
                with target.open("xb") as out:
                    target.chmod(0o600 | entry.mode & 0o100)
                    while chunk := stream.read(1 << 20):
                        digest.update(chunk)
                        out.write(chunk)
                hashes[str(name)] = digest.hexdigest()
    except (tarfile.TarError, FileExistsError) as error:
        raise _damaged(str(error)) from error
    # What the archive's reader left unread may be missing at the end.
    while reader.read(1 << 20):
        continue
    return hashes


def _checked(place: Path, hashes: dict[str, str], facts: dict[str, Any]) -> dict[str, Any]:
    hashes.pop(MANIFEST, None)
    try:
        manifest: dict[str, Any] = json.loads((place / MANIFEST).read_bytes())
        if manifest["version"] != VERSION or facts["organization"] != manifest["organization"]:
            raise _damaged("it is of another version")
        if manifest["files"] != hashes:
            wrong = {name for name, _ in manifest["files"].items() ^ hashes.items()}
            raise _damaged(f"these files are not as they were: {', '.join(sorted(wrong)[:5])}")
    except (OSError, ValueError, KeyError) as error:
        raise _damaged("it has no manifest") from error
    return manifest


def _described(place: Path, root: Path, manifest: dict[str, Any]) -> tuple[Network, Organization]:
    folder = DataFolder(root)
    consortium: Consortium = load(place / "consortium.yaml")
    organization = consortium.organization(str(manifest["organization"]))
    if folder.consortium_file.exists():
        there = folder.consortium()
        if there.name != consortium.name or (folder.engine_name() or DEVNODE) != manifest["engine"]:
            raise NetworkError(
                "RESTORE_OTHER_NETWORK",
                f"{root} holds {there.name}, and the backup is of {consortium.name} on {manifest['engine']}.",
                "Name another folder with --data.",
            )
        # Members may have joined since.
        consortium = there
    return Network(folder, consortium, str(manifest["engine"])), organization


def _chain(network: Network, organization: Organization, place: Path) -> Chain:
    if network.engine_name == FABRIC:
        return check_chain(fabric_blocks(fabric_chain(network, organization, place)))
    return check_chain(embedded_blocks(place / "engine" / "ledger" / "channel"))


def _put(place: Path, root: Path, network: Network, organization: Organization) -> None:
    own, shared = places(network, organization)
    in_the_way = [path for path in own if (root / path).is_file() or _holds_something(root / path)]
    if in_the_way:
        raise NetworkError(
            "RESTORE_NOT_EMPTY",
            f"{root} has {', '.join(str(path) for path in in_the_way)} already.",
            "Move it away first: a restore replaces nothing.",
        )
    for path in [*own, *(path for path in shared if not (root / path).exists())]:
        if not (place / path).exists():
            continue
        if (root / path).is_dir():
            shutil.rmtree(root / path)  # empty folders, as seen above
        (root / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (place / path).rename(root / path)
    network.folder.make()


def _holds_something(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


def _damaged(why: str) -> NetworkError:
    return NetworkError("BACKUP_DAMAGED", f"The backup is damaged: {why}.", "Take an older one.")

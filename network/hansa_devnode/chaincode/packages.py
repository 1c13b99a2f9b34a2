"""Chaincode packages installed on one organisation's peer: read, kept as files, listed.

A package is what `peer lifecycle chaincode package` makes: `metadata.json` with type and label, and
`code.tar.gz`, in which a chaincode that runs as a service has a `connection.json`.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.files import write_file

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_TYPES = frozenset(("ccaas", "external"))
# A package of a chaincode that runs elsewhere is small; what unpacks to more is none.
_LARGEST_FILE = 1024 * 1024


class Connection(msgspec.Struct, frozen=True):
    """`connection.json`: where the chaincode's server listens; certificates and key are PEM text."""

    address: str
    dial_timeout: str = "3s"
    tls_required: bool = False
    client_auth_required: bool = False
    client_key: str = ""
    client_cert: str = ""
    root_cert: str = ""


class _Metadata(msgspec.Struct, frozen=True):
    type: str
    label: str


@dataclass(frozen=True)
class InstalledPackage:
    """A package and its id, `<label>:<hash>`."""

    package_id: str
    label: str
    connection: Connection
    content: bytes


def read_package(content: bytes) -> InstalledPackage:
    """Reads a package.

    Raises:
        ChaincodeError: it is none, or none that a devnode can run.
    """
    outer = _files(content)
    try:
        metadata = msgspec.json.decode(_file(outer, "metadata.json"), type=_Metadata)
        if not _LABEL.fullmatch(metadata.label):
            raise ChaincodeError(
                f"could not parse as a chaincode install package: invalid label '{metadata.label}'"
            )
        if metadata.type not in _TYPES:
            raise ChaincodeError(
                f"could not build chaincode: a devnode runs packages of type ccaas, not '{metadata.type}'"
            )
        inner = _files(_file(outer, "code.tar.gz"))
        connection = msgspec.json.decode(_file(inner, "connection.json"), type=Connection)
    except msgspec.MsgspecError as error:
        raise ChaincodeError(f"could not parse as a chaincode install package: {error}") from error
    if "{{" in connection.address:
        raise ChaincodeError("could not build chaincode: a devnode fills in no templates of connection.json")
    identifier = f"{metadata.label}:{hashlib.sha256(content).hexdigest()}"
    return InstalledPackage(identifier, metadata.label, connection, content)


class PackageStore:
    """The packages of one peer, a file each in a folder of its own.

    Args:
        folder: where they lie; made when the first is installed.

    Raises:
        ChaincodeError: a file of the folder is no package.
        OSError: it cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._packages: dict[str, InstalledPackage] = {}
        for file in sorted(folder.glob("*.tar.gz")):
            package = read_package(file.read_bytes())
            self._packages[package.package_id] = package

    def all(self) -> tuple[InstalledPackage, ...]:
        """Every package, in the order of installing."""
        return tuple(self._packages.values())

    def get(self, package_id: str) -> InstalledPackage | None:
        """The package of that id, or None."""
        return self._packages.get(package_id)

    def add(self, package: InstalledPackage) -> None:
        """Keeps a package. Raises OSError, and ChaincodeError where it is there already."""
        if package.package_id in self._packages:
            raise ChaincodeError(
                f"chaincode already successfully installed (package ID '{package.package_id}')"
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        write_file(self._folder / f"{package.package_id.replace(':', '.')}.tar.gz", package.content)
        self._packages[package.package_id] = package


def _files(content: bytes) -> dict[str, bytes]:
    found = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for entry in archive:
                stream = archive.extractfile(entry) if entry.size <= _LARGEST_FILE else None
                if stream is not None:
                    found[entry.name] = stream.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ChaincodeError(f"could not parse as a chaincode install package: {error}") from error
    return found


def _file(files: dict[str, bytes], name: str) -> bytes:
    if name not in files:
        raise ChaincodeError(f"could not parse as a chaincode install package: did not find {name}")
    return files[name]

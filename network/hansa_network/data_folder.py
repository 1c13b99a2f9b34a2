"""The data folder of a network: what lies where, and how commands find the network brought up last."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from hansa_devnode.files import write_file
from hansa_network.consortium import Consortium, Organization, load
from hansa_network.errors import NetworkError


@dataclass(frozen=True)
class Others:
    """What a member that joined later keeps of the network it came to, under one folder."""

    folder: Path

    @property
    def config_block(self) -> Path:
        """The configuration that had it in, for an ordering node that begins to follow."""
        return self.folder / "config.block"

    @property
    def ordering_tls_roots(self) -> Path:
        """The TLS authorities of the ordering nodes, PEM."""
        return self.folder / "ordering-tls-roots.pem"

    @property
    def package(self) -> Path:
        """The chaincode's package; not there where none was given."""
        return self.folder / "chaincode.tar.gz"

    @property
    def policy(self) -> Path:
        """The chaincode's endorsement policy, a serialised ``peer.ApplicationPolicy``."""
        return self.folder / "endorsement-policy.bin"

    @property
    def collections(self) -> Path:
        """Its collections, a serialised ``peer.CollectionConfigPackage``."""
        return self.folder / "collections.bin"


@dataclass(frozen=True)
class DataFolder:
    """Paths of one network under ``root``; the folder is made on demand, readable by its owner alone."""

    root: Path

    @property
    def consortium_file(self) -> Path:
        """The description this network was made from."""
        return self.root / "consortium.yaml"

    @property
    def state_file(self) -> Path:
        """What runs: written by ``up``, removed by ``down``."""
        return self.root / "network.json"

    @property
    def engine(self) -> Path:
        """The engine's own data."""
        return self.root / "engine"

    @property
    def others(self) -> Others:
        """What it keeps of the network it came to, where this is one member's part."""
        return Others(self.root / "others")

    @property
    def organization_file(self) -> Path:
        """The description of the one organisation that came later, where this is its part."""
        return self.root / "organization.yaml"

    def engine_name(self) -> str | None:
        """The engine its network was made on; None where none is written down."""
        file = self.root / "engine.json"
        if not file.exists():
            return None
        return str(json.loads(file.read_text(encoding="utf-8"))["engine"])

    def set_engine_name(self, name: str) -> None:
        """Writes down the engine its network is made on."""
        write_atomically(self.root / "engine.json", json.dumps({"engine": name}) + "\n")

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.root / "logs"

    @property
    def database_file(self) -> Path:
        """Where the read model of this machine lies, unless it is on a server."""
        return self.root / "readmodel.sqlite"

    @property
    def database_url(self) -> str:
        """The read model of this machine, as SQLAlchemy writes it."""
        return self.database_server() or f"sqlite:///{self.database_file}"

    def database_server(self) -> str | None:
        """URL of the read model on a PostgreSQL server, as ``hansa up --database`` was told; else None."""
        try:
            return self._database_setting.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def set_database_server(self, url: str | None) -> None:
        """Writes down on which server the read model is; None: it is in a file here."""
        if url is None:
            self._database_setting.unlink(missing_ok=True)
        else:
            write_atomically(self._database_setting, url + "\n")

    @property
    def has_read_model(self) -> bool:
        """Whether a read model may be asked: one on a server, or a file that is there."""
        return self.database_server() is not None or self.database_file.exists()

    @property
    def _database_setting(self) -> Path:
        return self.root / "readmodel.url"

    def organization(self, organization: Organization) -> Path:
        """The folder of one organisation: wallet, sign-ins, connection profile."""
        return self.root / "organizations" / organization.domain

    def wallet(self, organization: Organization, user: str) -> Path:
        """The wallet of one user: his identity, its key encrypted with his password."""
        return self.organization(organization) / "wallet" / user

    def sign_ins(self, organization: Organization) -> Path:
        """Names and passwords made at the first start, for the member's administrator to hand out."""
        return self.organization(organization) / "sign-ins.json"

    def consortium(self) -> Consortium:
        """The description of the network in this folder.

        Raises:
            NetworkError: there is no network here (NO_NETWORK).
        """
        if not self.consortium_file.exists():
            raise NetworkError(
                "NO_NETWORK", f"There is no network in {self.root}.", "Start one with: hansa up"
            )
        return load(self.consortium_file)

    def make(self) -> None:
        """Makes the folder."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True)


def write_atomically(path: Path, content: str, mode: int = 0o600) -> None:
    """Replaces a file as a whole, durably: a reader or a crash sees the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, content.encode(), private=mode & 0o077 == 0)


def default_root(name: str) -> Path:
    """Where a network of that name lives unless told otherwise."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "hansa" / name


def remember(folder: DataFolder) -> None:
    """Makes this network the one that commands find without being told."""
    write_atomically(_last_up(), json.dumps({"data": str(folder.root)}))


def is_remembered() -> bool:
    """Whether a network is remembered that is still there."""
    try:
        known = Path(json.loads(_last_up().read_text(encoding="utf-8"))["data"])
    except (OSError, ValueError, KeyError):
        return False
    return DataFolder(known).consortium_file.exists()


def _last_up() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "hansa" / "last-up.json"

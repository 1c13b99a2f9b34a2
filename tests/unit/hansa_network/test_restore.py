"""A restore puts nothing in place before all of the backup was found to be as it was made."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any, cast

import lmdb
import pytest

from hansa_fabric.blocks import Block, new_block
from hansa_network.consortium import dump, load
from hansa_network.data_folder import DataFolder
from hansa_network.engine import DEVNODE, FABRIC
from hansa_network.errors import NetworkError
from hansa_network.network import Network
from hansa_network.operations import sealed_stream
from hansa_network.operations.backup import back_up
from hansa_network.operations.restore import Restored, restore
from hansa_network.operations.sealed_stream import SealingWriter

WORD = "a passphrase of a test"
FACTS = {
    "version": 1,
    "network": "hansa-demo",
    "engine": "devnode",
    "organization": "BankMSP",
    "made": "then",
}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching for a test, not for an attacker."""
    monkeypatch.setattr(sealed_stream, "_COST", {"n": 2**4, "r": 8, "p": 1})


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """What the embedded engine leaves on disk: a ledger of three blocks, and folders; nothing runs."""
    network = Network(DataFolder(tmp_path / "data"), load())
    folder = network.folder
    folder.make()
    folder.consortium_file.write_text(dump(load()))
    folder.set_engine_name(DEVNODE)
    store = folder.engine / "ledger" / "channel"
    store.mkdir(parents=True)
    previous = b""
    with lmdb.open(str(store), max_dbs=32) as environment:
        database = environment.open_db(b"blocks")
        for number in range(3):
            block = Block(new_block(number, previous, [b"envelope"]))
            previous = block.hash
            with environment.begin(write=True) as transaction:
                transaction.put(number.to_bytes(8, "big"), block.serialize(), db=database)
    (folder.root / "organizations" / "bank.example").mkdir(parents=True)
    (folder.root / "organizations" / "bank.example" / "sign-ins.json").write_text("{}")
    return network


def test_there_and_back(network: Network, tmp_path: Path) -> None:
    bank = network.consortium.organization("Bank")
    made = back_up(network, bank, tmp_path / "backup", WORD)
    assert made.chain.height == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "data"]
    found = restore(tmp_path / "backup", tmp_path / "elsewhere", WORD)
    assert found.chain == made.chain
    assert not found.alone
    kept = tmp_path / "elsewhere" / "organizations" / "bank.example" / "sign-ins.json"
    assert kept.read_text() == "{}"
    assert refusal(tmp_path / "backup", tmp_path / "elsewhere") == "RESTORE_NOT_EMPTY"
    assert not list((tmp_path / "elsewhere").glob(".restore-*"))


def test_a_folder_of_another_network(network: Network, tmp_path: Path) -> None:
    back_up(network, network.consortium.organization("Bank"), tmp_path / "backup", WORD)
    other = DataFolder(tmp_path / "other")
    other.make()
    other.consortium_file.write_text(dump(load()).replace("hansa-demo", "another"))
    assert refusal(tmp_path / "backup", other.root) == "RESTORE_OTHER_NETWORK"


def test_a_broken_ledger_is_not_backed_up(network: Network, tmp_path: Path) -> None:
    with lmdb.open(str(network.folder.engine / "ledger" / "channel"), max_dbs=32) as environment:
        database = environment.open_db(b"blocks")
        with environment.begin(write=True) as transaction:
            transaction.delete((1).to_bytes(8, "big"), db=database)
    with pytest.raises(NetworkError) as caught:
        back_up(network, network.consortium.organization("Bank"), tmp_path / "backup", WORD)
    assert caught.value.code == "LEDGER_BROKEN"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "a/../../escaped"])
def test_a_name_that_leads_elsewhere(tmp_path: Path, name: str) -> None:
    write(tmp_path / "backup", {name: b"x"}, {name: hashlib.sha256(b"x").hexdigest()})
    assert refusal(tmp_path / "backup", tmp_path / "data") == "BACKUP_DAMAGED"
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize(
    "files",
    [{}, {"consortium.yaml": "0" * 64}, {"consortium.yaml": hashlib.sha256(b"x").hexdigest(), "b": "0" * 64}],
)
def test_files_that_are_not_those_of_the_manifest(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path / "backup", {"consortium.yaml": b"x"}, files)
    assert refusal(tmp_path / "backup", tmp_path / "data") == "BACKUP_DAMAGED"
    assert list((tmp_path / "data").iterdir()) == []


def test_no_manifest(tmp_path: Path) -> None:
    write(tmp_path / "backup", {"consortium.yaml": b"x"}, None)
    assert refusal(tmp_path / "backup", tmp_path / "data") == "BACKUP_DAMAGED"


def test_a_member_alone_in_its_folder_is_told_of(network: Network, tmp_path: Path) -> None:
    lone = Network(DataFolder(tmp_path / "lone"), load(), FABRIC)
    bank = lone.consortium.organization("Bank")
    (lone.folder.engine / "organizations" / bank.domain).mkdir(parents=True)
    assert Restored(lone, bank, cast(Any, None), "then").alone
    for one in lone.consortium.organizations:
        (lone.folder.engine / "organizations" / one.domain).mkdir(exist_ok=True)
    assert not Restored(lone, bank, cast(Any, None), "then").alone


def write(path: Path, contents: dict[str, bytes], files: dict[str, str] | None) -> None:
    """A backup that is sealed rightly and says what it likes."""
    with path.open("wb") as target:
        sealed = SealingWriter(target, WORD, FACTS)
        with tarfile.open(fileobj=cast(Any, sealed), mode="w|") as archive:
            if files is not None:
                manifest = {**FACTS, "files": files, "chain": {}}
                contents = {**contents, "manifest.json": json.dumps(manifest).encode()}
            for name, content in contents.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        sealed.close()


def refusal(file: Path, root: Path) -> str:
    with pytest.raises(NetworkError) as caught:
        restore(file, root, WORD)
    return caught.value.code

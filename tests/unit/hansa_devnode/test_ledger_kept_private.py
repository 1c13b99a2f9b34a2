"""Private sets that wait for their block: put together, given up in the end, dropped when maybe torn."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa_devnode.ledger.errors import LedgerError
from hansa_devnode.ledger.kept_private import KeptPrivateSets
from hansa_fabric.rwsets import PrivateCollection, PrivateNamespace, PrivateSet, Write


def private_set(*collections: str) -> PrivateSet:
    found = tuple(PrivateCollection(name, (Write("key", name.encode()),)) for name in collections)
    return PrivateSet((PrivateNamespace("hansa", found),))


@pytest.fixture
def kept(tmp_path: Path):
    found = KeptPrivateSets(tmp_path)
    yield found
    found.close()


def test_what_several_endorsers_kept_is_one_set(kept: KeptPrivateSets) -> None:
    for collections in (("a",), ("b", "a"), ("a",)):
        kept.keep("tx", private_set(*collections).serialize(), 3)
    found = kept.find("tx")
    assert found is not None
    assert {one.name for one in found.namespaces[0].collections} == {"a", "b"}
    assert kept.find("other") is None


def test_committed_and_old_sets_are_forgotten(kept: KeptPrivateSets) -> None:
    for tx_id, height in (("committed", 1500), ("old", 5), ("young", 1500)):
        kept.keep(tx_id, private_set("a").serialize(), height)
    kept.forget(["committed", "", "never kept"], 1999)
    assert kept.find("committed") is None
    assert kept.find("old") is not None
    kept.forget([], 2000)
    assert kept.find("old") is None
    assert kept.find("young") is not None


def test_nothing_is_trusted_that_another_boot_wrote_without_fsync(tmp_path: Path) -> None:
    first = KeptPrivateSets(tmp_path)
    first.keep("tx", private_set("a").serialize(), 1)
    first.close()
    second = KeptPrivateSets(tmp_path)
    assert second.find("tx") is not None
    second.close()
    marker = tmp_path / "boot"
    if not marker.exists():
        pytest.skip("this system does not tell its boots apart")
    marker.write_text("another boot")
    third = KeptPrivateSets(tmp_path)
    assert third.find("tx") is None
    third.close()


def test_a_folder_that_is_no_store_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data.mdb").write_bytes(b"something else" * 1000)
    with pytest.raises(LedgerError, match="cannot open"):
        KeptPrivateSets(tmp_path)

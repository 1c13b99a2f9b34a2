"""Identities kept in a folder."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, new_key
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import Identity, verify
from hansa_gateway import Credential, FileWallet, IdentityNotFoundError, WalletError, WrongPassphraseError

AUTHORITY = CertificateAuthority.create("ca", "Retailer")


def credential(name: str) -> Credential:
    key = new_key()
    certificate = AUTHORITY.issue(CertificateProfile(name), key.public_key())
    return Credential(Identity("RetailerMSP", certificate), key)


def test_what_is_put_can_be_got_with_the_passphrase(tmp_path: Path) -> None:
    folder = tmp_path / "wallet"
    buyer, clerk = credential("buyer"), credential("clerk")
    wallet = FileWallet(folder, "correct horse")
    assert wallet.list() == ()
    wallet.put("buyer@retailer", buyer)
    wallet.put("clerk", clerk)
    again = FileWallet(folder, b"correct horse")
    assert again.list() == ("buyer@retailer", "clerk")
    found = again.get("buyer@retailer")
    assert found.identity == buyer.identity == again.identity("buyer@retailer")
    verify(buyer.identity, b"message", found.signer.sign(b"message"))
    again.put("clerk", buyer)
    assert wallet.get("clerk").identity == buyer.identity
    wallet.remove("clerk")
    assert again.list() == ("buyer@retailer",)


def test_only_the_owner_can_read_and_keys_are_encrypted(tmp_path: Path) -> None:
    folder = tmp_path / "wallet"
    FileWallet(folder, "passphrase").put("buyer", credential("buyer"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    document = json.loads((folder / "buyer.id").read_text())
    assert "BEGIN ENCRYPTED PRIVATE KEY" in document["privateKey"]
    assert "BEGIN PRIVATE KEY" not in (folder / "buyer.id").read_text()


def test_another_passphrase_neither_reads_nor_writes(tmp_path: Path) -> None:
    FileWallet(tmp_path, "right").put("buyer", credential("buyer"))
    wrong = FileWallet(tmp_path, "wrong")
    with pytest.raises(WrongPassphraseError):
        wrong.get("buyer")
    with pytest.raises(WrongPassphraseError):
        wrong.put("clerk", credential("clerk"))
    assert FileWallet(tmp_path, "right").list() == ("buyer",)
    with pytest.raises(WalletError):
        FileWallet(tmp_path, "")


def test_labels_that_leave_the_folder_are_refused(tmp_path: Path) -> None:
    wallet = FileWallet(tmp_path / "wallet", "passphrase")
    for label in ("", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a\x00", "a\n", "x" * 129, "ü"):
        with pytest.raises(WalletError):
            wallet.put(label, credential("x"))
        with pytest.raises(WalletError):
            wallet.get(label)
    assert not (tmp_path / "wallet").exists()


def test_unknown_labels(tmp_path: Path) -> None:
    wallet = FileWallet(tmp_path, "passphrase")
    for ask in (wallet.get, wallet.identity, wallet.remove):
        with pytest.raises(IdentityNotFoundError):
            ask("nobody")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"v": 1, "mspId": "x"}', '{"v": 2}'])
def test_damaged_identities(tmp_path: Path, content: str) -> None:
    wallet = FileWallet(tmp_path, "passphrase")
    wallet.put("buyer", credential("buyer"))
    (tmp_path / "buyer.id").write_text(content)
    with pytest.raises(WalletError, match=r"buyer\.id"):
        wallet.get("buyer")


def test_keys_that_belong_to_nobody_here(tmp_path: Path) -> None:
    wallet = FileWallet(tmp_path, "passphrase")
    wallet.put("buyer", credential("buyer"))
    wallet.put("clerk", credential("clerk"))
    buyer, clerk = (json.loads((tmp_path / f"{name}.id").read_text()) for name in ("buyer", "clerk"))
    (tmp_path / "buyer.id").write_text(json.dumps({**buyer, "privateKey": clerk["privateKey"]}))
    with pytest.raises(WalletError, match="does not belong"):
        wallet.get("buyer")
    with pytest.raises(MalformedDataError):
        Credential(credential("a").identity, new_key())


def test_a_wallet_that_lost_its_settings_does_not_start_anew(tmp_path: Path) -> None:
    FileWallet(tmp_path, "passphrase").put("buyer", credential("buyer"))
    (tmp_path / "wallet.json").unlink()
    wallet = FileWallet(tmp_path, "passphrase")
    with pytest.raises(WalletError, match=r"wallet\.json"):
        wallet.get("buyer")
    with pytest.raises(WalletError, match=r"wallet\.json"):
        wallet.put("clerk", credential("clerk"))
    assert not (tmp_path / "wallet.json").exists()


def test_secrets_stay_out_of_representations() -> None:
    assert "private_key" not in repr(credential("buyer"))

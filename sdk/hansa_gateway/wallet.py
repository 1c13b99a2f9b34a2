"""A folder of identities with their private keys, the keys encrypted."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Identity
from hansa_gateway.credentials import Credential
from hansa_gateway.errors import IdentityNotFoundError, WalletError, WrongPassphraseError
from hansa_gateway.files import create_file, replace_file, sync_folder

_VERSION = 1
_LABEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9@._-]{0,127}")
_SUFFIX = ".id"
_SETTINGS_FILE = "wallet.json"
# RFC 7914; 32 MB and about a tenth of a second for each guess.
_SCRYPT = {"n": 2**15, "r": 8, "p": 1}


class FileWallet:
    """Identities in a folder (mode 0700), one file (0600) each: MSP id, certificate, PKCS#8 encrypted key.

    The passphrase is stretched with scrypt and the wallet's own salt before it becomes the password of the
    PKCS#8 keys, whose own stretching is too weak for what people type. Different processes may use one
    wallet at once; the last to put under a label wins.

    Args:
        folder: made when the first identity is put.
        passphrase: opens all keys of this wallet.

    Raises:
        WalletError: the passphrase is empty.
    """

    def __init__(self, folder: str | os.PathLike[str], passphrase: str | bytes) -> None:
        self._folder = Path(folder)
        self._passphrase = passphrase.encode() if isinstance(passphrase, str) else passphrase
        if not self._passphrase:
            raise WalletError("a wallet needs a passphrase")

    def put(self, label: str, credential: Credential) -> None:
        """Keep an identity under a label, in the place of the one there.

        Args:
            label: 1 to 128 of letters, digits and ``@._-``, not beginning with ``@.-``; upper and lower case
                differ where the file system lets them.
            credential: identity and key.

        Raises:
            WrongPassphraseError: the wallet has another.
            WalletError: an impossible label, or the disk refused; what was there stands.
        """
        path = self._path(label)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._found()
            key = credential.private_key.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._password)
            )
            document = {
                "v": _VERSION,
                "mspId": credential.identity.msp_id,
                "certificate": credential.identity.certificate.decode(),
                "privateKey": key.decode(),
            }
            replace_file(path, json.dumps(document, indent=1).encode())
        except OSError as error:
            raise WalletError(f"cannot write {path}: {error}") from error

    def get(self, label: str) -> Credential:
        """The identity under a label, with its key.

        Raises:
            IdentityNotFoundError: there is none.
            WrongPassphraseError: the wallet has another.
            WalletError: the file is damaged.
        """
        document, path = self._read(label), self._path(label)
        try:
            key = load_pem_private_key(document["privateKey"].encode(), self._password)
        except (ValueError, TypeError) as error:
            raise WalletError(f"{path}: the private key is damaged") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise WalletError(f"{path}: the private key is not an ECDSA key")
        try:
            return Credential(_identity(document), key)
        except FabricDataError as error:
            raise WalletError(f"{path}: {error}") from error

    def identity(self, label: str) -> Identity:
        """The identity under a label, without opening its key.

        Raises:
            IdentityNotFoundError: there is none.
            WalletError: the file is damaged.
        """
        return _identity(self._read(label))

    def list(self) -> tuple[str, ...]:
        """The labels, sorted. Raises WalletError when the folder cannot be read."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise WalletError(f"cannot read {self._folder}: {error}") from error
        labels = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
        return tuple(sorted(label for label in labels if _LABEL.fullmatch(label)))

    def remove(self, label: str) -> None:
        """Forget an identity.

        Raises:
            IdentityNotFoundError: there is none.
            WalletError: the disk refused.
        """
        path = self._path(label)
        try:
            path.unlink()
            sync_folder(self._folder)
        except FileNotFoundError:
            raise IdentityNotFoundError(label) from None
        except OSError as error:
            raise WalletError(f"cannot remove {path}: {error}") from error

    def _path(self, label: str) -> Path:
        if not _LABEL.fullmatch(label):
            raise WalletError(f"{label!r} cannot be a label in a wallet")
        return self._folder / f"{label}{_SUFFIX}"

    def _read(self, label: str) -> dict[str, str]:
        path = self._path(label)
        try:
            document = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise IdentityNotFoundError(label) from None
        except (OSError, ValueError) as error:
            raise WalletError(f"cannot read {path}: {error}") from error
        return _checked(document, path)

    @cached_property
    def _password(self) -> bytes:
        path = self._folder / _SETTINGS_FILE
        try:
            settings = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise WalletError(f"cannot read {path}: {error}") from error
        if not isinstance(settings, dict) or settings.get("v") != _VERSION or settings.get("kdf") != "scrypt":
            raise WalletError(f"{path} describes a wallet that this version cannot open")
        try:
            password, check = _stretch(self._passphrase, settings)
            right = secrets.compare_digest(check, settings["check"])
        except (KeyError, TypeError, ValueError, MemoryError) as error:
            raise WalletError(f"{path} is damaged: {error}") from error
        if not right:
            raise WrongPassphraseError(f"that is not the passphrase of the wallet in {self._folder}")
        return password

    def _found(self) -> None:
        """Give a new wallet its salt and its passphrase."""
        path = self._folder / _SETTINGS_FILE
        # A wallet that lost its salt must not get another: its keys would seem damaged instead.
        if path.exists() or self.list():
            return
        salt = base64.b64encode(secrets.token_bytes(16)).decode()
        settings = {"v": _VERSION, "kdf": "scrypt", "salt": salt, **_SCRYPT}
        settings["check"] = _stretch(self._passphrase, settings)[1]
        with contextlib.suppress(FileExistsError):  # another process was first; its salt counts
            create_file(path, json.dumps(settings).encode())


def _stretch(passphrase: bytes, settings: dict[str, Any]) -> tuple[bytes, str]:
    """The password of the wallet's keys, and a text that tells whether the passphrase was right."""
    salt = base64.b64decode(settings["salt"], validate=True)
    stretched = Scrypt(salt=salt, length=64, n=settings["n"], r=settings["r"], p=settings["p"]).derive(
        passphrase
    )
    return base64.b64encode(stretched[:32]), base64.b64encode(stretched[32:]).decode()


def _checked(document: Any, path: Path) -> dict[str, str]:
    wanted = ("mspId", "certificate", "privateKey")
    if not isinstance(document, dict) or document.get("v") != _VERSION:
        raise WalletError(f"{path} is not an identity of version {_VERSION}")
    if not all(isinstance(document.get(name), str) for name in wanted):
        raise WalletError(f"{path} is damaged: one of {', '.join(wanted)} is missing")
    return document


def _identity(document: dict[str, str]) -> Identity:
    return Identity(document["mspId"], document["certificate"].encode())

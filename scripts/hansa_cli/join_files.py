"""A change and a signature as files, for keys that are on no network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fabric_protos.common import configtx_pb2

from hansa.consortium import check, explain, offline, sign
from hansa.consortium.errors import ConsortiumError, config_errors
from hansa.consortium.offline import Document, ExportedChange, MadeSignature
from hansa.consortium.update import digest
from hansa_cli.session import CliError, out
from hansa_domain.config_updates import ConfigUpdateDetailReply
from hansa_fabric.bundle import Bundle
from hansa_fabric.identity import KeySigner, Signer
from hansa_fabric.protobuf import decode
from hansa_gateway.errors import WalletError
from hansa_gateway.wallet import FileWallet


def export(found: ConfigUpdateDetailReply, config: Bundle, path: Path) -> None:
    """Writes a change and the configuration it was computed from."""
    path.write_bytes(offline.to_json(offline.export(found, config)))


def sign_file(path: Path, signer: Signer, output: Path | None, agree: Callable[[list[str]], None]) -> None:
    """Signs an exported change, once whoever signs has read it.

    Args:
        path: what ``export`` wrote.
        signer: an administrator.
        output: where the signature goes; beside the change unless given.
        agree: shown what the update changes; raises where that is not agreed to.
    """
    exported = _read(path, ExportedChange)
    if digest(exported.update) != exported.digest:
        raise CliError(
            "FILE_INVALID", f"{path}: the update is not the one of its digest.", "Export it again."
        )
    with config_errors("The file"):
        config = Bundle(exported.channel, decode(configtx_pb2.Config, exported.config))
    agree([exported.summary, *explain(exported.update, config)])
    signature = sign(exported.update, signer)
    approver = check(config, exported.update, signature)
    output = output or path.with_name(f"{path.stem}.{approver.msp_id}.signature.json")
    made = offline.to_json(
        MadeSignature(
            config_update=exported.config_update,
            revision=exported.revision,
            digest=exported.digest,
            msp_id=approver.msp_id,
            signature=signature,
        )
    )
    output.write_bytes(made)
    out.print(f"{output}: record it with: hansa join record {output} --as {approver.msp_id}", markup=False)


def read_signature(path: Path) -> MadeSignature:
    """What ``sign_file`` wrote. Raises CliError (FILE_INVALID)."""
    return _read(path, MadeSignature)


def signer(
    certificate: Path | None, key: Path | None, msp_id: str, wallet: Path | None, passphrase: str
) -> Signer:
    """Who signs a file: of a certificate and its key, or of a wallet with one identity.

    Raises:
        CliError: neither or both were named (SIGNER_MISSING), or they do not open (SIGNER_INVALID).
    """
    if wallet is not None and certificate is None:
        return _of_wallet(wallet, passphrase)
    if certificate is None or key is None or not msp_id:
        raise CliError(
            "SIGNER_MISSING",
            "A file is signed with a wallet, or with a certificate and its key.",
            "Give --wallet FOLDER, or --certificate FILE --key FILE --msp-id MSPID.",
        )
    with config_errors("The certificate and key"):
        return KeySigner.from_pem(
            msp_id, certificate.read_bytes(), key.read_bytes(), passphrase.encode() or None
        )


def _of_wallet(folder: Path, passphrase: str) -> Signer:
    try:
        wallet = FileWallet(folder, passphrase)
        names = wallet.list()
        if len(names) == 1:
            return wallet.get(names[0]).signer
    except WalletError as error:
        raise CliError(
            "SIGNER_INVALID", f"{folder} does not open: {error}", "Give --passphrase or $HANSA_PASSPHRASE."
        ) from error
    raise CliError("SIGNER_INVALID", f"{folder} holds {len(names)} identities.", "Name one user's wallet.")


def _read(path: Path, kind: type[Document]) -> Document:
    try:
        return offline.from_json(path.read_bytes(), kind)
    except ConsortiumError as error:
        raise CliError(error.code, f"{path}: {error.message}", error.hint) from error

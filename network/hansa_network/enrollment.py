"""Users of an organisation: registered with its certificate authority, enrolled, and put into the wallet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hansa_gateway.ca.client import CaClient
from hansa_gateway.ca.errors import CaError, CaRefusedError
from hansa_gateway.credentials import Credential
from hansa_gateway.wallet import FileWallet
from hansa_network import sign_ins
from hansa_network.consortium import Organization
from hansa_network.data_folder import DataFolder
from hansa_network.errors import NetworkError

# Fabric CA's number for "identity is already registered".
_ALREADY_REGISTERED = 74


def enroll_users(
    folder: DataFolder, organization: Organization, ca: CaClient, registrar: tuple[str, str]
) -> None:
    """Makes sure that every user of the organisation, its administrator and its service have an identity.

    Whoever is in the wallet is left alone, so a start that was cut short is taken up where it stopped.

    Args:
        registrar: name and secret of the authority's first identity.

    Raises:
        NetworkError: the authority did not answer or refused (ENROLLMENT_FAILED).
    """
    names = [sign_ins.ADMIN, sign_ins.SERVICE, *organization.users]
    passwords = sign_ins.complete(folder.sign_ins(organization), names)
    missing = [
        name for name in names if name not in FileWallet(folder.wallet(organization, name), "-").list()
    ]
    if not missing:
        return
    try:
        first = ca.enroll(*registrar).credential

        def enroll(name: str) -> None:
            kind = "admin" if name == sign_ins.ADMIN else "client"
            secret = passwords[name]
            _register(ca, first, name, secret, kind)
            found = ca.enroll(name, secret).credential
            FileWallet(folder.wallet(organization, name), secret).put(name, found)

        _each(enroll, missing)
    except CaError as error:
        raise NetworkError(
            "ENROLLMENT_FAILED",
            f"The certificate authority of {organization.name} did not enroll: {error}",
            "Look into the engine's log, then start again: it goes on where it stopped.",
        ) from error


def _register(ca: CaClient, registrar: Credential, name: str, secret: str, kind: str) -> None:
    try:
        ca.register(registrar.signer, name, secret=secret, type=kind)
    except CaRefusedError as error:
        # A start cut short between registering and enrolling: the password is the one kept then.
        if all(number != _ALREADY_REGISTERED for number, _ in error.reasons):
            raise


def _each(enroll: Callable[[str], None], names: list[str]) -> None:
    # Stretching passwords takes a tenth of a second each, outside Python's lock.
    with ThreadPoolExecutor(max_workers=4) as pool:
        for done in [pool.submit(enroll, name) for name in names]:
            done.result()

"""A user whose key lives in a hardware security module: registered, and certified by a request it signs."""

from __future__ import annotations

import secrets

from hansa_gateway.ca.errors import CaError, CaRefusedError
from hansa_gateway.pkcs11 import SUFFIX, Token, TokenError, TokenKey, write_reference
from hansa_network.consortium import Organization
from hansa_network.errors import NetworkError
from hansa_network.network import Network

_ALREADY_REGISTERED = 74


def enroll_in_token(
    network: Network, organization: Organization, user: str, token: Token, label: str, kind: str = "client"
) -> None:
    """Gives a user of an organisation a certificate for a key in a token, and the wallet a reference to it.

    The key is made where the token has none of that label.

    Args:
        user: a name that the organisation's authority does not know yet.
        token: logged in.
        label: of the key in the token.
        kind: ``client`` or ``admin``.

    Raises:
        NetworkError: the authority refused or did not answer (ENROLLMENT_FAILED), knows the user
            (USER_EXISTS), or the token failed (TOKEN_FAILED).
    """
    authority = network.engine.authority(organization)
    secret = secrets.token_urlsafe(24)
    try:
        key = _key(token, label)
        registrar = authority.enroll(*network.engine.registrar(organization)).credential
        # The secret serves once, here: afterwards the key alone proves who it is.
        authority.register(registrar.signer, user, secret=secret, type=kind, max_enrollments=1)
        found = authority.enroll(user, secret, key=key).credential
        write_reference(network.folder.wallet(organization, user) / f"{user}{SUFFIX}", found.identity, key)
    except TokenError as error:
        raise NetworkError(
            "TOKEN_FAILED", str(error), "Check the library, the token's label and the PIN."
        ) from error
    except CaRefusedError as error:
        if any(number == _ALREADY_REGISTERED for number, _ in error.reasons):
            raise NetworkError(
                "USER_EXISTS", f"{organization.name} has a user {user} already.", "Take another name."
            ) from error
        raise _not_enrolled(organization, error) from error
    except CaError as error:
        raise _not_enrolled(organization, error) from error


def _key(token: Token, label: str) -> TokenKey:
    try:
        return token.key(label)
    except TokenError:
        return token.generate(label)


def _not_enrolled(organization: Organization, error: CaError) -> NetworkError:
    return NetworkError(
        "ENROLLMENT_FAILED",
        f"The certificate authority of {organization.name} did not enroll: {error}",
        "See whether the network runs: hansa status",
    )

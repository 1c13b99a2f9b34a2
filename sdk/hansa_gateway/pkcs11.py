"""Keys that live in a hardware security module (PKCS #11) and never leave it: made, certified, signed with.

Needs the extra ``pkcs11`` (python-pkcs11). A key made here fits wherever this package takes an ECDSA private
key: ``CaClient.enroll(key=...)`` has its certificate signing request signed by the token.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Identity, KeySigner
from hansa_gateway.errors import GatewayError
from hansa_gateway.files import replace_file

if TYPE_CHECKING:
    from hansa_fabric.identity import Signer

LIBRARY_VARIABLE = "HANSA_PKCS11_LIBRARY"
PIN_VARIABLE = "HANSA_PKCS11_PIN"
SUFFIX = ".hsm"
_VERSION = 1


class TokenError(GatewayError):
    """The token was not reached, refused, or has no such key; nothing was signed."""

    code = "TOKEN_FAILED"


class Token:
    """A token of a PKCS #11 library, logged in; threads may share it.

    Args:
        library: path of the module, such as ``libsofthsm2.so``; empty for ``$HANSA_PKCS11_LIBRARY``.
        label: the token's.
        pin: the user's.

    Raises:
        TokenError: python-pkcs11 is not installed, no such library or token, or a wrong PIN.
    """

    def __init__(self, library: str, label: str, pin: str) -> None:
        self.library, self.label = library or os.environ.get(LIBRARY_VARIABLE, ""), label
        if not self.library:
            raise TokenError(f"no PKCS #11 library is named: set ${LIBRARY_VARIABLE}")
        self._lock = threading.RLock()
        self._session = _session(self.library, label, pin)

    def generate(self, label: str) -> TokenKey:
        """Makes an ECDSA key on P-256 that cannot be taken out. Raises TokenError, also where one is."""
        import pkcs11
        from pkcs11.util.ec import encode_named_curve_parameters

        with self._lock:
            if self._find(label, pkcs11.ObjectClass.PRIVATE_KEY):
                raise TokenError(f"token {self.label} has a key {label} already")
            try:
                curve = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
                parameters = self._session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
                private = {
                    pkcs11.Attribute.SENSITIVE: True,
                    pkcs11.Attribute.EXTRACTABLE: False,
                    pkcs11.Attribute.PRIVATE: True,
                }
                parameters.generate_keypair(store=True, label=label, private_template=private)
            except pkcs11.PKCS11Error as error:
                raise _failed(self.label, error) from error
        return self.key(label)

    def key(self, label: str) -> TokenKey:
        """The ECDSA key of that label. Raises TokenError where there is none."""
        import pkcs11
        from pkcs11.util.ec import encode_ec_public_key

        with self._lock:
            private = self._find(label, pkcs11.ObjectClass.PRIVATE_KEY)
            public = self._find(label, pkcs11.ObjectClass.PUBLIC_KEY)
            if not private or not public:
                raise TokenError(f"token {self.label} has no key {label}")
            found = serialization.load_der_public_key(encode_ec_public_key(public[0]))
        if not isinstance(found, ec.EllipticCurvePublicKey):
            raise TokenError(f"key {label} of token {self.label} is not an ECDSA key")
        return TokenKey(self, label, private[0], found)

    def sign_digest(self, handle: Any, digest: bytes) -> tuple[int, int]:
        """An ECDSA signature (r, s) over a digest. Raises TokenError."""
        import pkcs11

        # A session does one thing at a time.
        with self._lock:
            try:
                raw: bytes = handle.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
            except pkcs11.PKCS11Error as error:
                raise _failed(self.label, error) from error
        half = len(raw) // 2
        return int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")

    def _find(self, label: str, kind: Any) -> list[Any]:
        import pkcs11

        attributes = {pkcs11.Attribute.CLASS: kind, pkcs11.Attribute.LABEL: label}
        try:
            return list(self._session.get_objects(attributes))
        except pkcs11.PKCS11Error as error:
            raise _failed(self.label, error) from error


class TokenKey(ec.EllipticCurvePrivateKey):
    """A private key in a token, in the shape that ``cryptography`` gives keys; it signs and nothing else."""

    def __init__(self, token: Token, label: str, handle: Any, public: ec.EllipticCurvePublicKey) -> None:
        self.token, self.label = token, label
        self._handle, self._public = handle, public

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """A DER signature by the token over data, or over a digest with ``Prehashed``. Raises TokenError."""
        algorithm = signature_algorithm.algorithm
        digest = bytes(data)
        if not isinstance(algorithm, Prehashed):
            hashed = hashes.Hash(algorithm)
            hashed.update(digest)
            digest = hashed.finalize()
        elif len(digest) != algorithm.digest_size:
            raise ValueError("the digest has another length than its hash gives")
        return encode_dss_signature(*self.token.sign_digest(self._handle, digest))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The key that verifies."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """Its curve."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """Bits of the curve."""
        return self._public.curve.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        """Always TokenError: the key signs only."""
        self._stays()

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        """Always TokenError: the key stays in the token."""
        self._stays()

    def private_bytes(
        self,
        encoding: serialization.Encoding,
        format: serialization.PrivateFormat,  # noqa: A002 - the library's name for it
        encryption_algorithm: serialization.KeySerializationEncryption,
    ) -> bytes:
        """Always TokenError: the key stays in the token."""
        self._stays()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def _stays(self) -> NoReturn:
        raise TokenError(f"key {self.label} stays in token {self.token.label}: it signs, and no more")


class Pkcs11Signer(KeySigner):
    """Signs as an identity whose key lives in a token.

    Args:
        identity: organisation and certificate.
        library: path of the PKCS #11 module; empty for ``$HANSA_PKCS11_LIBRARY``.
        token: the token's label.
        key: the key's label.
        pin: the user's.

    Raises:
        TokenError: the token was not reached, or has no such key.
        MalformedDataError: the key is not the certificate's.
    """

    def __init__(self, identity: Identity, library: str, token: str, key: str, pin: str) -> None:
        super().__init__(identity, Token(library, token, pin).key(key))


def write_reference(path: Path, identity: Identity, key: TokenKey) -> None:
    """Writes which key of which token is an identity's; no secret is in it. Raises OSError."""
    document = {
        "v": _VERSION,
        "mspId": identity.msp_id,
        "certificate": identity.certificate.decode(),
        "library": key.token.library,
        "token": key.token.label,
        "key": key.label,
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, json.dumps(document, indent=1).encode())


def read_reference(path: Path, pin: str) -> Signer:
    """The signer of an identity that ``write_reference`` wrote down.

    ``$HANSA_PKCS11_LIBRARY`` goes before the library in the file: another machine has it elsewhere.

    Raises:
        TokenError: the file is damaged, or the token was not reached or has no such key.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["v"] != _VERSION:
            raise TokenError(f"{path} is of another version")
        identity = Identity(document["mspId"], document["certificate"].encode())
        library = os.environ.get(LIBRARY_VARIABLE) or document["library"]
        return Pkcs11Signer(identity, library, document["token"], document["key"], pin)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, FabricDataError) as error:
        raise TokenError(f"{path} is damaged: {error}") from error


_sessions: dict[tuple[str, str], tuple[Any, bytes]] = {}
_pepper = secrets.token_bytes(32)  # so that no PIN lies in memory
_opening = threading.Lock()


def _session(library: str, label: str, pin: str) -> Any:
    """A session with a token; a process logs in once, so everybody shares it."""
    try:
        import pkcs11
    except ImportError as error:
        raise TokenError("python-pkcs11 is not installed: pip install 'hansa[pkcs11]'") from error
    mark = hmac.digest(_pepper, pin.encode(), "sha256")
    with _opening:
        known = _sessions.get((library, label))
        # Who comes later must know the PIN as well as who came first.
        if known is not None and not hmac.compare_digest(known[1], mark):
            raise TokenError(f"token {label} is open with another PIN")
        if known is None:
            try:
                session = pkcs11.lib(library).get_token(token_label=label).open(user_pin=pin, rw=True)
            except (pkcs11.PKCS11Error, RuntimeError) as error:
                raise _failed(label, error) from error
            known = _sessions[library, label] = (session, mark)
        return known[0]


def _failed(label: str, error: Exception) -> TokenError:
    why = str(error) or type(error).__name__
    return TokenError(f"token {label} failed: {why}")

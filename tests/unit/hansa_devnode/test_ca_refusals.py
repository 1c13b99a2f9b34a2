"""Who and what the certificate authority turns away."""

from __future__ import annotations

import asyncio
import base64
import socket
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hansa_devnode.services.ca import CaService
from hansa_devnode.services.servers import AddressInUseError
from hansa_fabric.certificates import (
    CertificateAuthority,
    CertificateProfile,
    new_key,
    signing_request,
)
from hansa_fabric.identity import Identity, KeySigner
from hansa_gateway.ca import CaRefusedError
from hansa_gateway.ca.transport import token
from tests.support.certificate_authority import (
    AUTHORITY,
    TLS,
    Running,
    enroll_by_hand,
)


@pytest.mark.parametrize("name", ["admin", "nobody"])
def test_wrong_secret_and_unknown_name_sound_alike(shared_ca: Running, name: str) -> None:
    with pytest.raises(CaRefusedError) as caught:
        shared_ca.client.enroll(name, "wrong")
    assert (caught.value.status, caught.value.reasons) == (401, ((20, "Authentication failure"),))


def test_ten_wrong_secrets_lock_the_name(ca: Running) -> None:
    secret = ca.client.register(ca.admin, "guessed")
    for _ in range(10):
        with pytest.raises(CaRefusedError, match="Authentication failure"):
            ca.client.enroll("guessed", "wrong")
    with pytest.raises(CaRefusedError) as caught:
        ca.client.enroll("guessed", secret)
    assert caught.value.reasons[0][0] == 73


def test_tokens_that_prove_nothing(shared_ca: Running) -> None:
    path = "/api/v1/identities"
    good = token(shared_ca.admin, "GET", path, b"")
    assert shared_ca.send("GET", path, headers={"Authorization": good})[0] == 200
    certificate, _, signature = good.partition(".")
    foreign = CertificateAuthority.create("ca.foreign", "foreign")
    key = new_key()
    forged = KeySigner(
        Identity("BankMSP", foreign.issue(CertificateProfile("admin", ("client",)), key.public_key())), key
    )
    unknown = KeySigner(
        Identity("BankMSP", AUTHORITY.issue(CertificateProfile("admin", ("client",)), key.public_key())), key
    )
    for bad in (
        "nonsense",
        f"{certificate}.",
        f".{signature}",
        f"{certificate}.AAAA",
        f"{certificate}.{signature}.{signature}",
        token(shared_ca.admin, "GET", "/api/v1/identities/admin", b""),
        token(shared_ca.admin, "POST", path, b""),
        token(shared_ca.admin, "GET", path, b"{}"),
        token(forged, "GET", path, b""),
        token(unknown, "GET", path, b""),
    ):
        status, answer = shared_ca.send("GET", path, headers={"Authorization": bad})
        assert (status, answer["errors"][0]["message"]) == (401, "Authentication failure"), bad
    assert shared_ca.send("GET", path)[1]["errors"][0]["code"] == 2


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic YWRtaW4=", "Bearer YWRtaW46YWRtaW5wdw=="]
)
def test_basic_authentication_that_is_none(shared_ca: Running, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    assert shared_ca.send("POST", "/api/v1/enroll", b"{}", headers)[0] == 401


def _requests() -> dict[str, str]:
    key = new_key()
    rsa_key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "admin")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    authority = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    good = signing_request(key, "admin")
    body = base64.b64decode(b"".join(good.splitlines()[1:-1]))
    broken = base64.encodebytes(body[:-4] + bytes((body[-4] ^ 1,)) + body[-3:]).decode()
    return {
        "nothing": "",
        "no request": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        "another name": signing_request(key, "somebody").decode(),
        "RSA": builder.sign(rsa_key, SHA256()).public_bytes(Encoding.PEM).decode(),
        "authority": authority.sign(key, SHA256()).public_bytes(Encoding.PEM).decode(),
        "not its key": f"-----BEGIN CERTIFICATE REQUEST-----\n{broken}-----END CERTIFICATE REQUEST-----\n",
    }


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("nothing", 400, 31),
        ("no request", 400, 31),
        ("another name", 403, 77),
        ("RSA", 400, 31),
        ("authority", 403, 71),
        ("not its key", 400, 31),
    ],
)
def test_requests_that_are_not_signed(shared_ca: Running, kind: str, status: int, code: int) -> None:
    answer_status, answer = enroll_by_hand(shared_ca, "admin", "adminpw", _requests()[kind])
    assert (answer_status, answer["errors"][0]["code"]) == (status, code)


def test_the_edge_of_http(shared_ca: Running) -> None:
    for method, path, body, headers, status in (
        ("GET", "/api/v1/nowhere", b"", {}, 404),
        ("GET", "/api/v1/cainfo/more", b"", {}, 404),
        ("GET", "/api/v1/enroll", b"", {}, 405),
        ("DELETE", "/api/v1/identities/admin", b"", {}, 405),
        ("PUT", "/api/v1/identities", b"", {}, 405),
        ("POST", "/api/v1/cainfo", b"not json", {}, 400),
        ("POST", "/api/v1/cainfo", b'{"caname": "another"}', {}, 404),
        ("GET", "/api/v1/cainfo?ca=another", b"", {}, 404),
        ("POST", "/api/v1/cainfo", b"[" * 100_000, {}, 400),
        ("POST", "/api/v1/cainfo", b"", {"Content-Length": "many"}, 400),
        ("POST", "/api/v1/cainfo", b"", {"Content-Length": str(2**30)}, 413),
        ("POST", "/api/v1/cainfo", b"", {"Transfer-Encoding": "chunked"}, 411),
    ):
        found, answer = shared_ca.send(method, path, body, headers)
        assert (found, answer["success"]) == (status, False), path


def test_plain_http_and_silence_hold_up_nobody(shared_ca: Running) -> None:
    host, _, port = shared_ca.service.address.rpartition(":")
    with (
        socket.create_connection((host, int(port))) as silent,
        socket.create_connection((host, int(port))) as plain,
    ):
        plain.sendall(b"GET /cainfo HTTP/1.1\r\n\r\n")
        assert shared_ca.client.cainfo().name == "ca.bank.example"
        assert silent.fileno() >= 0


def test_an_address_in_use_is_an_error(shared_ca: Running, tmp_path: Path) -> None:
    with pytest.raises(AddressInUseError):
        asyncio.run(
            CaService.start(
                name="ca",
                address=shared_ca.service.address,
                authority=AUTHORITY,
                tls=TLS,
                folder=tmp_path,
                registrar=("admin", "adminpw"),
            )
        )

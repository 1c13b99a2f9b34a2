"""A Fabric CA's REST interface, answered in this process as Fabric CA 1.5 was seen to answer."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, key_pem, new_key
from hansa_fabric.identity import Identity, verify
from hansa_gateway import ConfigurationError, Credential
from hansa_gateway.ca import CaClient, CaConnectionError, CaRefusedError, RevokedCertificate

AUTHORITY = CertificateAuthority.create("ca.retailer", "Retailer")


class FakeCa(BaseHTTPRequestHandler):
    """Knows ``buyer`` with secret ``s3cret:ü``; believes every token whose signature is right."""

    seen: list[tuple[str, dict[str, Any], str]]
    answer: bytes | None = None

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        document = json.loads(body)
        proof = self.headers.get("Authorization", "")
        type(self).seen.append((self.path, document, proof))
        if type(self).answer is not None:
            self._send(200, type(self).answer or b"")
            return
        handler = {"enroll": self._enroll, "reenroll": self._enroll, "register": self._register}
        endpoint = self.path.removeprefix("/api/v1/")
        if endpoint == "cainfo":
            self._succeed(200, self._info())
        elif not self._proven(endpoint, proof, body):
            self._fail(401, 20, "Authentication failure")
        elif endpoint == "revoke":
            crl = base64.b64encode(b"CRL" if document["gencrl"] else b"").decode()
            self._succeed(200, {"RevokedCerts": [{"Serial": "0a", "AKI": "0b"}], "CRL": crl})
        else:
            handler[endpoint](document)

    def _proven(self, endpoint: str, proof: str, body: bytes) -> bool:
        if endpoint == "enroll":
            return proof == "Basic " + base64.b64encode("buyer:s3cret:ü".encode()).decode()
        certificate, signature = proof.split(".")
        parts = ("POST", base64.b64encode(self.path.encode()), base64.b64encode(body), certificate)
        signed = ".".join(part if isinstance(part, str) else part.decode() for part in parts)
        who = Identity("RetailerMSP", base64.b64decode(certificate))
        verify(who, signed.encode(), base64.b64decode(signature))
        return True

    def _enroll(self, document: dict[str, Any]) -> None:
        request = x509.load_pem_x509_csr(document["certificate_request"].encode())
        assert request.is_signature_valid
        name = request.subject.rfc4514_string().removeprefix("CN=")
        key = new_key().public_key() if document.get("profile") == "other-key" else request.public_key()
        certificate = AUTHORITY.issue(CertificateProfile(name, hosts=tuple(document["hosts"])), key)  # type: ignore[arg-type]
        self._succeed(201, {"Cert": base64.b64encode(certificate).decode(), "ServerInfo": self._info()})

    def _register(self, document: dict[str, Any]) -> None:
        if document["id"] == "taken":
            self._fail(409, 74, "Identity 'taken' is already registered")
        else:
            self._succeed(201, {"secret": document.get("secret", "drawn")})

    def _info(self) -> dict[str, str]:
        chain = base64.b64encode(AUTHORITY.certificate).decode()
        return {"CAName": "ca-retailer", "CAChain": chain, "Version": "1.5"}

    def _succeed(self, status: int, result: object) -> None:
        self._send(
            status,
            json.dumps({"result": result, "errors": [], "messages": [], "success": True}).encode(),
        )

    def _fail(self, status: int, code: int, message: str) -> None:
        document = {"result": "", "errors": [{"code": code, "message": message}], "success": False}
        self._send(status, json.dumps(document).encode())

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, type[FakeCa]]]:
    key = new_key()
    profile = CertificateProfile("localhost", hosts=("127.0.0.1",), server=True)
    chain = tmp_path / "tls.pem"
    chain.write_bytes(AUTHORITY.issue(profile, key.public_key()) + key_pem(key))
    handler = type("Handler", (FakeCa,), {"seen": [], "answer": None})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
        thread.start()
        yield f"https://127.0.0.1:{listening.server_address[1]}", handler
        listening.shutdown()
        thread.join(20)


def client(server: tuple[str, type[FakeCa]], **options: Any) -> CaClient:
    return CaClient(server[0], "RetailerMSP", tls_root=AUTHORITY.certificate, **options)


def enrolled(server: tuple[str, type[FakeCa]]) -> Credential:
    return client(server).enroll("buyer", "s3cret:ü").credential


def test_enroll_makes_the_key_and_has_it_certified(server: tuple[str, type[FakeCa]]) -> None:
    found = client(server, ca_name="ca-retailer").enroll(
        "buyer", "s3cret:ü", hosts=["peer0.example.com", "127.0.0.1"], attributes=["role"], profile="tls"
    )
    certificate = found.credential.identity.x509
    assert certificate.subject.rfc4514_string() == "CN=buyer"
    assert found.credential.identity.msp_id == "RetailerMSP"
    assert (found.ca.name, found.ca.chain, found.ca.version) == ("ca-retailer", AUTHORITY.certificate, "1.5")
    _, document, _ = server[1].seen[0]
    assert "PRIVATE KEY" not in json.dumps(document)
    assert document["caname"] == "ca-retailer"
    assert document["attr_reqs"] == [{"name": "role"}]
    assert (document["hosts"], document["profile"]) == (["peer0.example.com", "127.0.0.1"], "tls")
    names = x509.load_pem_x509_csr(document["certificate_request"].encode()).extensions
    assert names.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.DNSName
    ) == ["peer0.example.com"]


def test_reenroll_proves_itself_with_the_old_key(server: tuple[str, type[FakeCa]]) -> None:
    old = enrolled(server)
    new = client(server).reenroll(old).credential
    assert new.identity.x509.subject == old.identity.x509.subject
    assert new.identity.certificate != old.identity.certificate
    assert new.identity.public_key != old.identity.public_key
    kept = client(server).reenroll(old, key=old.private_key).credential
    assert kept.identity.public_key == old.identity.public_key


def test_register(server: tuple[str, type[FakeCa]]) -> None:
    registrar = enrolled(server).signer
    assert client(server).register(registrar, "clerk", attributes={"role": "clerk"}) == "drawn"
    assert (
        client(server).register(registrar, "peer0", secret="given", type="peer", max_enrollments=1) == "given"
    )
    (_, first, _), (_, second, _) = server[1].seen[1:]
    assert first["attrs"] == [{"name": "role", "value": "clerk", "ecert": True}]
    assert (first["type"], "secret" in first, "max_enrollments" in first) == ("client", False, False)
    assert (second["type"], second["secret"], second["max_enrollments"]) == ("peer", "given", 1)
    with pytest.raises(CaRefusedError) as caught:
        client(server).register(registrar, "taken")
    assert (caught.value.status, caught.value.reasons) == (
        409,
        ((74, "Identity 'taken' is already registered"),),
    )


def test_revoke(server: tuple[str, type[FakeCa]]) -> None:
    registrar = enrolled(server).signer
    found = client(server).revoke(registrar, enrollment_id="clerk", reason="keycompromise", generate_crl=True)
    assert found.certificates == (RevokedCertificate("0a", "0b"),)
    assert found.crl == b"CRL"
    assert client(server).revoke(registrar, serial="0a", aki="0b").crl == b""
    assert server[1].seen[-1][1] == {"serial": "0a", "aki": "0b", "gencrl": False}
    with pytest.raises(ConfigurationError):
        client(server).revoke(registrar, serial="0a")


def test_cainfo_and_a_wrong_secret(server: tuple[str, type[FakeCa]]) -> None:
    assert client(server).cainfo().name == "ca-retailer"
    with pytest.raises(CaRefusedError) as caught:
        client(server).enroll("buyer", "guess")
    assert caught.value.status == 401


def test_a_certificate_for_another_key_is_not_taken(server: tuple[str, type[FakeCa]]) -> None:
    with pytest.raises(CaConnectionError, match="does not belong"):
        client(server).enroll("buyer", "s3cret:ü", profile="other-key")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"success": true, "result": {"CAName": 7}}',
        b'{"success": true, "result": {"CAChain": "*"}}',
        b'{"success": true, "result": null}',
    ],
)
def test_nonsense_is_an_error_of_its_own(server: tuple[str, type[FakeCa]], answer: bytes) -> None:
    server[1].answer = answer
    with pytest.raises(CaConnectionError):
        client(server).cainfo()


def test_who_is_not_vouched_for_is_not_asked(server: tuple[str, type[FakeCa]]) -> None:
    other = CertificateAuthority.create("other", "Other").certificate
    with pytest.raises(CaConnectionError):
        CaClient(server[0], "RetailerMSP", tls_root=other).enroll("buyer", "s3cret:ü")
    assert not server[1].seen


@pytest.mark.parametrize(
    ("url", "tls_root"),
    [
        ("https://ca:7054", None),
        ("http://ca.example.com:7054", None),
        ("ftp://ca", None),
        ("ca:7054", None),
        ("https://ca:port", AUTHORITY.certificate),
        ("https://ca:7054", b"no PEM"),
    ],
)
def test_addresses_that_cannot_be_trusted(url: str, tls_root: bytes | None) -> None:
    with pytest.raises(ConfigurationError):
        CaClient(url, "RetailerMSP", tls_root=tls_root)

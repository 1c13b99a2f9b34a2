"""The certificate authority over REST: who may, what stands in certificates, what survives a restart."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hansa_devnode.services.ca import CaService
from hansa_devnode.services.servers import AddressInUseError, ServerTls
from hansa_fabric.certificates import (
    CertificateAuthority,
    CertificateProfile,
    attributes_of,
    key_pem,
    new_key,
    organizational_units_of,
    signing_request,
)
from hansa_fabric.identity import Identity, KeySigner
from hansa_fabric.msp import Msp
from hansa_fabric.msp_definition import MspDefinition
from hansa_gateway.ca import CaClient, CaRefusedError
from hansa_gateway.ca.transport import token

AUTHORITY = CertificateAuthority.create("ca.bank.example", "bank.example")
TLS_AUTHORITY = CertificateAuthority.create("tlsca.bank.example", "bank.example")


def _tls() -> ServerTls:
    key = new_key()
    profile = CertificateProfile("ca", hosts=("localhost", "127.0.0.1"), server=True)
    return ServerTls(TLS_AUTHORITY.issue(profile, key.public_key()), key_pem(key))


TLS = _tls()


class Running:
    """A service and clients of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = _free_port()
        self.service = self._start()
        self.url = f"https://{self.service.address}"
        self.client = CaClient(self.url, "BankMSP", tls_root=TLS_AUTHORITY.certificate)
        self.admin: KeySigner = self.client.enroll("admin", "adminpw").credential.signer

    def _start(self, secret: str | None = "adminpw") -> CaService:
        return asyncio.run(
            CaService.start(
                name="ca.bank.example",
                address=f"127.0.0.1:{self._port}",
                authority=AUTHORITY,
                tls=TLS,
                folder=self.folder,
                registrar=("admin", secret),
            )
        )

    def restart(self, secret: str | None = "adminpw") -> None:
        self.stop()
        self.service = self._start(secret)

    def stop(self) -> None:
        asyncio.run(self.service.stop())

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """A request by hand: status and parsed answer."""
        context = ssl.create_default_context(cadata=TLS_AUTHORITY.certificate.decode())
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=context, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            content = response.read()
            return response.status, json.loads(content) if content else None
        finally:
            connection.close()

    def signed(self, signer: KeySigner, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A request with a token."""
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, content, {"Authorization": token(signer, method, path, content)})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def ca(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "ca")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("ca"))
    yield running
    running.stop()


def _enrolled(ca: Running, name: str, **registration: Any) -> KeySigner:
    secret = ca.client.register(ca.admin, name, **registration)
    found: KeySigner = ca.client.enroll(name, secret).credential.signer
    return found


def test_cainfo(shared: Running) -> None:
    info = shared.client.cainfo()
    assert info.name == "ca.bank.example"
    assert info.chain == AUTHORITY.certificate
    for path in ("/api/v1/cainfo", "/cainfo", "/api/v1/cainfo?ca=ca.bank.example"):
        status, answer = shared.send("GET", path)
        assert (status, answer["success"], answer["errors"]) == (200, True, [])
    assert shared.send("HEAD", "/api/v1/cainfo") == (200, None)


@pytest.mark.parametrize("kind", ["client", "peer", "admin", "orderer"])
def test_certificates_fit_the_msp(shared: Running, kind: str) -> None:
    signer = _enrolled(shared, f"{kind}1", type=kind, affiliation="org1.department1")
    found = signer.identity.x509
    assert organizational_units_of(found) == (kind, "org1", "department1")
    assert attributes_of(found) == {
        "hf.EnrollmentID": f"{kind}1",
        "hf.Type": kind,
        "hf.Affiliation": "org1.department1",
    }
    msp = Msp(MspDefinition("BankMSP", (AUTHORITY.certificate,)))
    assert kind in msp.validate(signer.identity).units


def test_attributes_are_those_asked_for(shared: Running) -> None:
    body = {
        "id": "treasurer",
        "type": "client",
        "attrs": [
            {"name": "limit", "value": "100", "ecert": True},
            {"name": "department", "value": "treasury"},
        ],
        "secret": "s",
    }
    assert shared.signed(shared.admin, "POST", "/api/v1/register", body)[0] == 201
    plain = shared.client.enroll("treasurer", "s").credential
    assert attributes_of(plain.identity.x509)["limit"] == "100"
    assert "department" not in attributes_of(plain.identity.x509)
    chosen = shared.client.enroll("treasurer", "s", attributes=["department"]).credential
    assert attributes_of(chosen.identity.x509) == {"department": "treasury"}
    with pytest.raises(CaRefusedError, match="required attributes are missing"):
        shared.client.enroll("treasurer", "s", attributes=["limit", "rank"])


def test_tls_profile_and_hosts(shared: Running) -> None:
    secret = shared.client.register(shared.admin, "server1", type="peer")
    found = shared.client.enroll("server1", secret, hosts=["localhost", "127.0.0.1"], profile="tls")
    certificate = found.credential.identity.x509
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    with pytest.raises(CaRefusedError, match="Invalid profile"):
        shared.client.enroll("server1", secret, profile="ca")


def test_hosts_and_names_of_the_request_are_kept(shared: Running) -> None:
    secret = shared.client.register(shared.admin, "named")
    key = new_key()
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
                    x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "admin"),
                    x509.NameAttribute(NameOID.COMMON_NAME, "named"),
                ]
            )
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("host.example")]), critical=False)
        .sign(key, SHA256())
    )
    status, answer = _enroll_by_hand(shared, "named", secret, request.public_bytes(Encoding.PEM).decode())
    assert status == 201
    certificate = x509.load_pem_x509_certificate(base64.b64decode(answer["result"]["Cert"]))
    assert certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value == "DE"
    assert organizational_units_of(certificate) == ("client",)  # who they are is not theirs to say
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["host.example"]


def _enroll_by_hand(ca: Running, name: str, secret: str, request: str) -> tuple[int, Any]:
    proof = base64.b64encode(f"{name}:{secret}".encode()).decode()
    body = json.dumps({"certificate_request": request}).encode()
    return ca.send("POST", "/api/v1/enroll", body, {"Authorization": f"Basic {proof}"})


def test_reenroll(shared: Running) -> None:
    secret = shared.client.register(shared.admin, "renewing", max_enrollments=1)
    first = shared.client.enroll("renewing", secret).credential
    second = shared.client.reenroll(first).credential
    assert second.identity.x509.serial_number != first.identity.x509.serial_number
    assert second.identity.public_key != first.identity.public_key
    with pytest.raises(CaRefusedError, match="Authentication failure"):
        shared.client.enroll("renewing", secret)


def test_a_secret_is_used_as_often_as_agreed_also_after_a_restart(ca: Running) -> None:
    secret = ca.client.register(ca.admin, "twice", max_enrollments=2)
    ca.client.enroll("twice", secret)
    ca.restart()
    ca.client.enroll("twice", secret)
    with pytest.raises(CaRefusedError) as caught:
        ca.client.enroll("twice", secret)
    assert (caught.value.status, caught.value.reasons) == (401, ((20, "Authentication failure"),))
    # The first identity was made once: another secret in the configuration does not change it.
    ca.restart("another")
    ca.client.enroll("admin", "adminpw")
    with pytest.raises(CaRefusedError):
        ca.client.enroll("admin", "another")


def test_without_a_secret_one_is_drawn(tmp_path: Path) -> None:
    async def start() -> CaService:
        return await CaService.start(
            name="ca",
            address=f"127.0.0.1:{_free_port()}",
            authority=AUTHORITY,
            tls=TLS,
            folder=tmp_path,
            registrar=("admin", None),
        )

    secrets = []
    for _ in range(2):
        service = asyncio.run(start())
        try:
            path = tmp_path / "registrar-secret"
            secrets.append(path.read_text())
            assert path.stat().st_mode & 0o077 == 0
            client = CaClient(f"https://{service.address}", "BankMSP", tls_root=TLS_AUTHORITY.certificate)
            client.enroll("admin", secrets[-1])
        finally:
            asyncio.run(service.stop())
    assert secrets[0] == secrets[1]


def test_secrets_are_not_in_the_file(ca: Running) -> None:
    ca.client.register(ca.admin, "quiet", secret="a very visible secret")
    ca.stop()
    for path in ca.folder.iterdir():
        assert b"a very visible secret" not in path.read_bytes()
        assert b"adminpw" not in path.read_bytes()
    assert (ca.folder / "ca.db").stat().st_mode & 0o077 == 0
    assert sqlite3.connect(ca.folder / "ca.db").execute("SELECT count(*) FROM identities").fetchone() == (2,)
    ca.service = ca._start()


@pytest.mark.parametrize("name", ["admin", "nobody"])
def test_wrong_secret_and_unknown_name_sound_alike(shared: Running, name: str) -> None:
    with pytest.raises(CaRefusedError) as caught:
        shared.client.enroll(name, "wrong")
    assert (caught.value.status, caught.value.reasons) == (401, ((20, "Authentication failure"),))


def test_ten_wrong_secrets_lock_the_name(ca: Running) -> None:
    secret = ca.client.register(ca.admin, "guessed")
    for _ in range(10):
        with pytest.raises(CaRefusedError, match="Authentication failure"):
            ca.client.enroll("guessed", "wrong")
    with pytest.raises(CaRefusedError) as caught:
        ca.client.enroll("guessed", secret)
    assert caught.value.reasons[0][0] == 73


@pytest.mark.parametrize(
    ("registration", "status", "code"),
    [
        ({"id": "admin"}, 409, 74),
        ({"id": ""}, 400, 5),
        ({"id": "with:colon"}, 400, 5),
        ({"id": "line\nbreak"}, 400, 5),
        ({"id": "x" * 300}, 400, 5),
        ({"id": "a", "affiliation": "nowhere"}, 403, 71),
        ({"id": "a", "max_enrollments": -2}, 400, 82),
        ({"id": "a", "max_enrollments": "2"}, 400, 5),
        ({"id": "a", "max_enrollments": 2**40}, 400, 5),
        ({"id": "a", "attrs": [{"name": "hf.Type", "value": "admin"}]}, 403, 71),
        ({"id": "a", "attrs": [{"name": "hf.Unknown", "value": "x"}]}, 403, 71),
        ({"id": "a", "attrs": [{"name": "hf.Revoker", "value": "perhaps"}]}, 403, 71),
        ({"id": "a", "attrs": [{"name": "hf.Registrar.DelegateRoles", "value": "peer"}]}, 403, 71),
        ({"id": "a", "attrs": [{"name": "hf.Registrar.Attributes", "value": "hf.Revoker"}]}, 403, 71),
        ({"id": "a", "attrs": {"name": "x"}}, 400, 5),
        ({"id": 7}, 400, 5),
        ([], 400, 5),
    ],
)
def test_registrations_that_are_refused(shared: Running, registration: Any, status: int, code: int) -> None:
    answer_status, answer = shared.signed(shared.admin, "POST", "/api/v1/register", registration)
    assert (answer_status, answer["errors"][0]["code"], answer["success"]) == (status, code, False)
    if status == 403:
        assert answer["errors"][0]["message"] == "Authorization failure"


def test_a_registrar_gives_no_more_than_it_has(shared: Running) -> None:
    registrar = _enrolled(
        shared,
        "registrar2",
        affiliation="org1",
        attributes={
            "hf.Registrar.Roles": "client,peer",
            "hf.Registrar.Attributes": "shop.*",
            "shop.size": "1",
        },
    )
    register = shared.client.register
    register(registrar, "under1", type="peer", affiliation="org1.department1", attributes={"shop.name": "x"})
    register(registrar, "under2")
    under = shared.client.enroll("under3", register(registrar, "under3")).credential
    assert organizational_units_of(under.identity.x509) == ("client", "org1")
    for refused in (
        {"type": "admin"},
        {"affiliation": "org2"},
        {"affiliation": "."},
        {"attributes": {"bank.limit": "1"}},
        {"attributes": {"hf.Revoker": "true"}},
        {"attributes": {"hf.Registrar.Roles": "client"}},
    ):
        with pytest.raises(CaRefusedError) as caught:
            register(registrar, "over", **refused)  # type: ignore[arg-type]
        assert caught.value.reasons == ((71, "Authorization failure"),)
    with pytest.raises(CaRefusedError, match="Authorization failure"):
        register(_enrolled(shared, "nobody special"), "over")


def test_identities(shared: Running) -> None:
    _enrolled(shared, "listed", attributes={"shop": "1"})
    status, answer = shared.signed(shared.admin, "GET", "/api/v1/identities")
    assert status == 200
    by_id = {one["id"]: one for one in answer["result"]["identities"]}
    assert by_id["listed"]["attrs"][0] == {"name": "shop", "value": "1", "ecert": True}
    assert "admin" in by_id and "secret" not in by_id["listed"]
    status, answer = shared.signed(shared.admin, "GET", "/api/v1/identities/listed?ca=ca.bank.example")
    assert (status, answer["result"]["id"], answer["result"]["max_enrollments"]) == (200, "listed", -1)
    assert shared.signed(shared.admin, "GET", "/api/v1/identities/absent")[0] == 404
    stranger = _enrolled(shared, "no registrar")
    for path in ("/api/v1/identities", "/api/v1/identities/listed"):
        assert shared.signed(stranger, "GET", path)[0] == 403


def test_revoking_an_identity(ca: Running) -> None:
    secret = ca.client.register(ca.admin, "leaving")
    gone = ca.client.enroll("leaving", secret).credential
    stays = _enrolled(ca, "staying").identity
    revocation = ca.client.revoke(ca.admin, enrollment_id="leaving", generate_crl=True)
    assert [one.serial for one in revocation.certificates] == [f"{gone.identity.x509.serial_number:x}"]
    msp = Msp(MspDefinition("BankMSP", (AUTHORITY.certificate,), revocation_lists=(revocation.crl,)))
    msp.validate(stays)
    with pytest.raises(ValueError, match="revoked"):
        msp.validate(gone.identity)
    ca.restart()
    for attempt in (lambda: ca.client.enroll("leaving", secret), lambda: ca.client.reenroll(gone)):
        with pytest.raises(CaRefusedError, match="Authentication failure"):
            attempt()
    status, answer = ca.signed(ca.admin, "POST", "/api/v1/gencrl", {"caname": ""})
    assert status == 200
    crl = x509.load_pem_x509_crl(base64.b64decode(answer["result"]["CRL"]))
    assert crl.get_revoked_certificate_by_serial_number(gone.identity.x509.serial_number) is not None
    late = {"revokedafter": "2999-01-01T00:00:00Z", "expireafter": "0001-01-01T00:00:00Z"}
    _, answer = ca.signed(ca.admin, "POST", "/api/v1/gencrl", late)
    assert len(x509.load_pem_x509_crl(base64.b64decode(answer["result"]["CRL"]))) == 0


def test_revoking_one_certificate(ca: Running) -> None:
    secret = ca.client.register(ca.admin, "careless")
    lost, kept = (ca.client.enroll("careless", secret).credential for _ in range(2))
    serial = f"{lost.identity.x509.serial_number:X}"
    identifier = lost.identity.x509.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert identifier.key_identifier is not None
    aki = identifier.key_identifier.hex(":")
    stranger = _enrolled(ca, "stranger")
    for signer, changes, code in (
        (stranger, {}, 71),
        (ca.admin, {"serial": "abc"}, 8),
        (ca.admin, {"enrollment_id": "stranger"}, 9),
    ):
        with pytest.raises(CaRefusedError) as caught:
            ca.client.revoke(signer, **({"serial": serial, "aki": aki} | changes))  # type: ignore[arg-type]
        assert caught.value.reasons[0][0] == code
    ca.client.revoke(ca.admin, serial=serial, aki=aki)
    with pytest.raises(CaRefusedError, match="already revoked"):
        ca.client.revoke(ca.admin, serial=serial, aki=aki)
    with pytest.raises(CaRefusedError, match="Authentication failure"):
        ca.client.reenroll(lost)
    ca.client.reenroll(kept)
    with pytest.raises(CaRefusedError) as caught:
        ca.client.revoke(ca.admin, enrollment_id="absent")
    assert caught.value.reasons[0][0] == 10
    assert ca.signed(ca.admin, "POST", "/api/v1/revoke", {"serial": serial})[1]["errors"][0]["code"] == 15
    assert ca.signed(stranger, "POST", "/api/v1/gencrl", {"caname": ""})[0] == 403


def test_one_may_revoke_oneself(ca: Running) -> None:
    signer = _enrolled(ca, "tired")
    assert len(ca.client.revoke(signer, enrollment_id="tired").certificates) == 1
    with pytest.raises(CaRefusedError, match="Authentication failure"):
        ca.client.revoke(signer, enrollment_id="tired")


def test_tokens_that_prove_nothing(shared: Running) -> None:
    path = "/api/v1/identities"
    good = token(shared.admin, "GET", path, b"")
    assert shared.send("GET", path, headers={"Authorization": good})[0] == 200
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
        token(shared.admin, "GET", "/api/v1/identities/admin", b""),
        token(shared.admin, "POST", path, b""),
        token(shared.admin, "GET", path, b"{}"),
        token(forged, "GET", path, b""),
        token(unknown, "GET", path, b""),
    ):
        status, answer = shared.send("GET", path, headers={"Authorization": bad})
        assert (status, answer["errors"][0]["message"]) == (401, "Authentication failure"), bad
    assert shared.send("GET", path)[1]["errors"][0]["code"] == 2


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic YWRtaW4=", "Bearer YWRtaW46YWRtaW5wdw=="]
)
def test_basic_authentication_that_is_none(shared: Running, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    assert shared.send("POST", "/api/v1/enroll", b"{}", headers)[0] == 401


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
def test_requests_that_are_not_signed(shared: Running, kind: str, status: int, code: int) -> None:
    answer_status, answer = _enroll_by_hand(shared, "admin", "adminpw", _requests()[kind])
    assert (answer_status, answer["errors"][0]["code"]) == (status, code)


def test_the_edge_of_http(shared: Running) -> None:
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
        found, answer = shared.send(method, path, body, headers)
        assert (found, answer["success"]) == (status, False), path


def test_plain_http_and_silence_hold_up_nobody(shared: Running) -> None:
    host, _, port = shared.service.address.rpartition(":")
    with (
        socket.create_connection((host, int(port))) as silent,
        socket.create_connection((host, int(port))) as plain,
    ):
        plain.sendall(b"GET /cainfo HTTP/1.1\r\n\r\n")
        assert shared.client.cainfo().name == "ca.bank.example"
        assert silent.fileno() >= 0


def test_an_address_in_use_is_an_error(shared: Running, tmp_path: Path) -> None:
    with pytest.raises(AddressInUseError):
        asyncio.run(
            CaService.start(
                name="ca",
                address=shared.service.address,
                authority=AUTHORITY,
                tls=TLS,
                folder=tmp_path,
                registrar=("admin", "adminpw"),
            )
        )

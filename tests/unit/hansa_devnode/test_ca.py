"""Enrolling with the certificate authority: what stands in certificates, and what survives a restart."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hansa_devnode.services.ca import CaService
from hansa_fabric.certificates import (
    attributes_of,
    new_key,
    organizational_units_of,
)
from hansa_fabric.msp import Msp
from hansa_fabric.msp_definition import MspDefinition
from hansa_gateway.ca import CaClient, CaRefusedError
from tests.support.certificate_authority import (
    AUTHORITY,
    TLS,
    TLS_AUTHORITY,
    Running,
    enroll_by_hand,
    enrolled,
    free_port,
)


def test_cainfo(shared_ca: Running) -> None:
    info = shared_ca.client.cainfo()
    assert info.name == "ca.bank.example"
    assert info.chain == AUTHORITY.certificate
    for path in ("/api/v1/cainfo", "/cainfo", "/api/v1/cainfo?ca=ca.bank.example"):
        status, answer = shared_ca.send("GET", path)
        assert (status, answer["success"], answer["errors"]) == (200, True, [])
    assert shared_ca.send("HEAD", "/api/v1/cainfo") == (200, None)


@pytest.mark.parametrize("kind", ["client", "peer", "admin", "orderer"])
def test_certificates_fit_the_msp(shared_ca: Running, kind: str) -> None:
    signer = enrolled(shared_ca, f"{kind}1", type=kind, affiliation="org1.department1")
    found = signer.identity.x509
    assert organizational_units_of(found) == (kind, "org1", "department1")
    assert attributes_of(found) == {
        "hf.EnrollmentID": f"{kind}1",
        "hf.Type": kind,
        "hf.Affiliation": "org1.department1",
    }
    msp = Msp(MspDefinition("BankMSP", (AUTHORITY.certificate,)))
    assert kind in msp.validate(signer.identity).units


def test_attributes_are_those_asked_for(shared_ca: Running) -> None:
    body = {
        "id": "treasurer",
        "type": "client",
        "attrs": [
            {"name": "limit", "value": "100", "ecert": True},
            {"name": "department", "value": "treasury"},
        ],
        "secret": "s",
    }
    assert shared_ca.signed(shared_ca.admin, "POST", "/api/v1/register", body)[0] == 201
    plain = shared_ca.client.enroll("treasurer", "s").credential
    assert attributes_of(plain.identity.x509)["limit"] == "100"
    assert "department" not in attributes_of(plain.identity.x509)
    chosen = shared_ca.client.enroll("treasurer", "s", attributes=["department"]).credential
    assert attributes_of(chosen.identity.x509) == {"department": "treasury"}
    with pytest.raises(CaRefusedError, match="required attributes are missing"):
        shared_ca.client.enroll("treasurer", "s", attributes=["limit", "rank"])


def test_tls_profile_and_hosts(shared_ca: Running) -> None:
    secret = shared_ca.client.register(shared_ca.admin, "server1", type="peer")
    found = shared_ca.client.enroll("server1", secret, hosts=["localhost", "127.0.0.1"], profile="tls")
    certificate = found.credential.identity.x509
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    with pytest.raises(CaRefusedError, match="Invalid profile"):
        shared_ca.client.enroll("server1", secret, profile="ca")


def test_hosts_and_names_of_the_request_are_kept(shared_ca: Running) -> None:
    secret = shared_ca.client.register(shared_ca.admin, "named")
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
    status, answer = enroll_by_hand(shared_ca, "named", secret, request.public_bytes(Encoding.PEM).decode())
    assert status == 201
    certificate = x509.load_pem_x509_certificate(base64.b64decode(answer["result"]["Cert"]))
    assert certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value == "DE"
    assert organizational_units_of(certificate) == ("client",)  # who they are is not theirs to say
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["host.example"]


def test_reenroll(shared_ca: Running) -> None:
    secret = shared_ca.client.register(shared_ca.admin, "renewing", max_enrollments=1)
    first = shared_ca.client.enroll("renewing", secret).credential
    second = shared_ca.client.reenroll(first).credential
    assert second.identity.x509.serial_number != first.identity.x509.serial_number
    assert second.identity.public_key != first.identity.public_key
    with pytest.raises(CaRefusedError, match="Authentication failure"):
        shared_ca.client.enroll("renewing", secret)


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
            address=f"127.0.0.1:{free_port()}",
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

"""Registering and revoking with the certificate authority: who may, and what it does."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography import x509

from hansa_fabric.certificates import (
    organizational_units_of,
)
from hansa_fabric.msp import Msp
from hansa_fabric.msp_definition import MspDefinition
from hansa_gateway.ca import CaRefusedError
from tests.support.certificate_authority import (
    AUTHORITY,
    Running,
    enrolled,
)


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
def test_registrations_that_are_refused(
    shared_ca: Running, registration: Any, status: int, code: int
) -> None:
    answer_status, answer = shared_ca.signed(shared_ca.admin, "POST", "/api/v1/register", registration)
    assert (answer_status, answer["errors"][0]["code"], answer["success"]) == (status, code, False)
    if status == 403:
        assert answer["errors"][0]["message"] == "Authorization failure"


def test_a_registrar_gives_no_more_than_it_has(shared_ca: Running) -> None:
    registrar = enrolled(
        shared_ca,
        "registrar2",
        affiliation="org1",
        attributes={
            "hf.Registrar.Roles": "client,peer",
            "hf.Registrar.Attributes": "shop.*",
            "shop.size": "1",
        },
    )
    register = shared_ca.client.register
    register(registrar, "under1", type="peer", affiliation="org1.department1", attributes={"shop.name": "x"})
    register(registrar, "under2")
    under = shared_ca.client.enroll("under3", register(registrar, "under3")).credential
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
            register(registrar, "over", **refused)
        assert caught.value.reasons == ((71, "Authorization failure"),)
    with pytest.raises(CaRefusedError, match="Authorization failure"):
        register(enrolled(shared_ca, "nobody special"), "over")


def test_identities(shared_ca: Running) -> None:
    enrolled(shared_ca, "listed", attributes={"shop": "1"})
    status, answer = shared_ca.signed(shared_ca.admin, "GET", "/api/v1/identities")
    assert status == 200
    by_id = {one["id"]: one for one in answer["result"]["identities"]}
    assert by_id["listed"]["attrs"][0] == {"name": "shop", "value": "1", "ecert": True}
    assert "admin" in by_id and "secret" not in by_id["listed"]
    status, answer = shared_ca.signed(shared_ca.admin, "GET", "/api/v1/identities/listed?ca=ca.bank.example")
    assert (status, answer["result"]["id"], answer["result"]["max_enrollments"]) == (200, "listed", -1)
    assert shared_ca.signed(shared_ca.admin, "GET", "/api/v1/identities/absent")[0] == 404
    stranger = enrolled(shared_ca, "no registrar")
    for path in ("/api/v1/identities", "/api/v1/identities/listed"):
        assert shared_ca.signed(stranger, "GET", path)[0] == 403


def test_revoking_an_identity(ca: Running) -> None:
    secret = ca.client.register(ca.admin, "leaving")
    gone = ca.client.enroll("leaving", secret).credential
    stays = enrolled(ca, "staying").identity
    revocation = ca.client.revoke(ca.admin, enrollment_id="leaving", generate_crl=True)
    assert [one.serial for one in revocation.certificates] == [f"{gone.identity.x509.serial_number:x}"]
    msp = Msp(MspDefinition("BankMSP", (AUTHORITY.certificate,), revocation_lists=(revocation.crl,)))
    msp.validate(stays)
    with pytest.raises(ValueError, match="revoked"):
        msp.validate(gone.identity)
    ca.restart()
    with pytest.raises(CaRefusedError, match="Authentication failure"):
        ca.client.enroll("leaving", secret)
    with pytest.raises(CaRefusedError, match="Authentication failure"):
        ca.client.reenroll(gone)
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
    stranger = enrolled(ca, "stranger")
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
    signer = enrolled(ca, "tired")
    assert len(ca.client.revoke(signer, enrollment_id="tired").certificates) == 1
    with pytest.raises(CaRefusedError, match="Authentication failure"):
        ca.client.revoke(signer, enrollment_id="tired")

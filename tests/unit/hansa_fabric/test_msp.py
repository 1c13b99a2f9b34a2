"""Membership: who is vouched for, in which role, and every way not to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from fabric_protos.msp import msp_principal_pb2

from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, new_key
from hansa_fabric.errors import InvalidIdentityError, InvalidSignatureError, MalformedDataError
from hansa_fabric.identity import Identity, KeySigner
from hansa_fabric.msp import Msp, MspManager
from hansa_fabric.msp_definition import MspDefinition, NodeOus, OrganizationalUnit
from tests.support.fabric_organizations import Organization, organization

BANK = organization("BankMSP")
OTHER = organization("CarrierMSP")
MANAGER = MspManager([BANK.msp(), OTHER.msp()])
ROLE = msp_principal_pb2.MSPRole
KIND = msp_principal_pb2.MSPPrincipal


def principal(kind: int, content: Any) -> Any:
    data = content if isinstance(content, bytes) else content.SerializeToString()
    return KIND(principal_classification=kind, principal=data)


def role(msp_id: str, number: int) -> Any:
    return principal(KIND.ROLE, ROLE(msp_identifier=msp_id, role=number))


ROLES = {"client": ROLE.CLIENT, "peer": ROLE.PEER, "admin": ROLE.ADMIN, "orderer": ROLE.ORDERER}


@pytest.mark.parametrize("unit", ROLES)
def test_each_unit_gives_its_role_and_membership_only(unit: str) -> None:
    who = MANAGER.deserialize(BANK.member(unit).identity.serialized)
    assert who.satisfies(role("BankMSP", ROLE.MEMBER))
    for other, number in ROLES.items():
        assert who.satisfies(role("BankMSP", number)) is (other == unit)
    assert not who.satisfies(role("CarrierMSP", ROLE.MEMBER))


def test_deserializing_is_remembered() -> None:
    data = BANK.member("peer").identity.serialized
    assert MANAGER.deserialize(data) is MANAGER.deserialize(bytes(bytearray(data)))


def test_verify() -> None:
    signer = BANK.member("peer")
    who = MANAGER.deserialize(signer.identity.serialized)
    who.verify(b"m", signer.sign(b"m"))
    with pytest.raises(InvalidSignatureError):
        who.verify(b"n", signer.sign(b"m"))


@pytest.mark.parametrize("units", [(), ("treasury",), ("client", "peer"), ("client", "client")])
def test_not_exactly_one_role_is_refused(units: tuple[str, ...]) -> None:
    with pytest.raises(InvalidIdentityError, match="exactly one"):
        BANK.msp().validate(BANK.member(*units).identity)


def test_another_organisations_certificate_is_refused() -> None:
    stolen = Identity("BankMSP", OTHER.member("client").identity.certificate)
    with pytest.raises(InvalidIdentityError, match="0 chains"):
        MANAGER.deserialize(stolen.serialized)
    with pytest.raises(InvalidIdentityError, match="not one of"):
        BANK.msp().validate(OTHER.member("client").identity)
    with pytest.raises(InvalidIdentityError, match="not defined"):
        MANAGER.deserialize(Identity("NobodyMSP", stolen.certificate).serialized)


def test_an_authority_is_no_member() -> None:
    with pytest.raises(InvalidIdentityError, match="cannot be an identity"):
        BANK.msp().validate(Identity("BankMSP", BANK.authority.certificate))


def test_expiry_counts_only_at_the_door() -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    key = new_key()
    root = CertificateAuthority.create("ca.old", "old")
    begin = root.x509.not_valid_before_utc
    certificate = root.issue(
        CertificateProfile("x", ("client",), not_after=begin + timedelta(seconds=30)), key.public_key()
    )
    msp = Msp(MspDefinition("OldMSP", (root.certificate,)))
    identity = Identity("OldMSP", certificate)
    msp.validate(identity)
    msp.validate(identity, at=yesterday)
    with pytest.raises(InvalidIdentityError, match="expired"):
        msp.validate(identity, at=begin + timedelta(seconds=31))


def test_revocation() -> None:
    gone, stays = BANK.member("client").identity, BANK.member("client").identity
    revoked = BANK.authority.revocation_list([gone.x509.serial_number])
    msp = BANK.msp(revocation_lists=(revoked,))
    msp.validate(stays)
    with pytest.raises(InvalidIdentityError, match="revoked"):
        msp.validate(gone)
    # Another authority's list does not count, whatever numbers it names.
    BANK.msp(revocation_lists=(OTHER.authority.revocation_list([stays.x509.serial_number]),)).validate(stays)
    with pytest.raises(MalformedDataError):
        BANK.msp(revocation_lists=(b"no list",))


def test_units_by_name_and_authority() -> None:
    unit = msp_principal_pb2.OrganizationUnit(
        msp_identifier="BankMSP", organizational_unit_identifier="treasury"
    )
    who = MANAGER.deserialize(BANK.member("client", "treasury").identity.serialized)
    assert not who.satisfies(principal(KIND.ORGANIZATION_UNIT, unit))  # which authority is not said
    unit.certifiers_identifier = who.certifiers_identifier
    assert who.satisfies(principal(KIND.ORGANIZATION_UNIT, unit))
    other = MANAGER.deserialize(BANK.member("client").identity.serialized)
    assert not other.satisfies(principal(KIND.ORGANIZATION_UNIT, unit))
    unit.msp_identifier = "CarrierMSP"
    assert not who.satisfies(principal(KIND.ORGANIZATION_UNIT, unit))


def test_required_units() -> None:
    unit = OrganizationalUnit("treasury", BANK.authority.certificate)
    msp = BANK.msp(organizational_units=(unit,))
    msp.validate(BANK.member("client", "treasury").identity)
    with pytest.raises(InvalidIdentityError, match="none of"):
        msp.validate(BANK.member("client").identity)
    with pytest.raises(MalformedDataError, match="not one of"):
        BANK.msp(organizational_units=(OrganizationalUnit("treasury", OTHER.authority.certificate),))


def test_one_identity_as_principal() -> None:
    signer = BANK.member("client")
    who = MANAGER.deserialize(signer.identity.serialized)
    assert who.satisfies(principal(KIND.IDENTITY, signer.identity.serialized))
    rewrapped = Identity("BankMSP", b"\n" + signer.identity.certificate.replace(b"\n", b"\r\n"))
    assert who.satisfies(principal(KIND.IDENTITY, rewrapped.serialized))
    assert MANAGER.deserialize(rewrapped.serialized).id == who.id
    assert not who.satisfies(principal(KIND.IDENTITY, BANK.member("client").identity.serialized))
    assert not who.satisfies(principal(KIND.IDENTITY, b"\xff"))


def test_combined_and_anonymous_principals() -> None:
    who = MANAGER.deserialize(BANK.member("client").identity.serialized)
    member, client, peer = (role("BankMSP", one) for one in (ROLE.MEMBER, ROLE.CLIENT, ROLE.PEER))
    combined = msp_principal_pb2.CombinedPrincipal
    assert who.satisfies(principal(KIND.COMBINED, combined(principals=[member, client])))
    assert not who.satisfies(principal(KIND.COMBINED, combined(principals=[member, peer])))
    assert not who.satisfies(principal(KIND.COMBINED, combined()))
    anonymity = msp_principal_pb2.MSPIdentityAnonymity
    assert who.satisfies(principal(KIND.ANONYMITY, anonymity(anonymity_type=anonymity.NOMINAL)))
    assert not who.satisfies(principal(KIND.ANONYMITY, anonymity(anonymity_type=anonymity.ANONYMOUS)))
    assert not who.satisfies(KIND(principal_classification=9))


def test_without_node_ous_only_named_admins_are_admins() -> None:
    admin, user = BANK.member().identity, BANK.member("admin").identity
    manager = MspManager([BANK.msp(node_ous=None, admins=(admin.certificate,))])
    assert manager.deserialize(admin.serialized).satisfies(role("BankMSP", ROLE.ADMIN))
    who = manager.deserialize(user.serialized)
    assert who.satisfies(role("BankMSP", ROLE.MEMBER))
    for number in ROLES.values():
        assert not who.satisfies(role("BankMSP", number))
    with pytest.raises(MalformedDataError, match="no administrators"):
        BANK.msp(node_ous=None)
    with pytest.raises(InvalidIdentityError, match="neither"):
        BANK.msp(admins=(BANK.member("peer").identity.certificate,))


def test_node_ou_of_another_authority_is_refused() -> None:
    marks = NodeOus(client=OrganizationalUnit("client", BANK.authority.certificate))
    BANK.msp(node_ous=marks).validate(BANK.member("client").identity)
    with pytest.raises(MalformedDataError):
        BANK.msp(node_ous=NodeOus(client=OrganizationalUnit("client", OTHER.authority.certificate)))


def _certificate(
    issuer: CertificateAuthority,
    *,
    ca: bool,
    units: tuple[str, ...] = (),
    path: int | None = None,
    extra: Any = None,
) -> KeySigner:
    key = new_key()
    names = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    name = x509.Name(
        [*names, x509.NameAttribute(NameOID.COMMON_NAME, f"made {x509.random_serial_number()}"[:60])]
    )
    begin = issuer.x509.not_valid_before_utc
    builder = (
        x509.CertificateBuilder(issuer.x509.subject, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=1000))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    certificate = builder.sign(issuer.private_key, SHA256()).public_bytes(Encoding.PEM)
    return KeySigner(Identity("BankMSP", certificate), key)


def _intermediate(issuer: CertificateAuthority, path: int | None = None) -> CertificateAuthority:
    made = _certificate(issuer, ca=True, path=path)
    return CertificateAuthority(made.identity.certificate, made._key)


def test_intermediate_authorities() -> None:
    middle = _intermediate(BANK.authority)
    deep = _intermediate(middle)
    below = Organization("BankMSP", deep, BANK.tls_authority).member("client").identity
    msp = BANK.msp(intermediate_certificates=(middle.certificate, deep.certificate))
    msp.validate(below)
    # Authorities that have authorities below them name no members.
    for upper in (middle, BANK.authority):
        with pytest.raises(InvalidIdentityError, match="names no members"):
            msp.validate(Organization("BankMSP", upper, BANK.tls_authority).member("client").identity)
    with pytest.raises(InvalidIdentityError, match="chains"):
        BANK.msp(intermediate_certificates=(deep.certificate,))
    with pytest.raises(InvalidIdentityError, match="chains"):
        BANK.msp().validate(below)
    revoked = BANK.authority.revocation_list([middle.x509.serial_number])
    with pytest.raises(InvalidIdentityError, match="intermediate authority has been revoked"):
        BANK.msp(intermediate_certificates=(middle.certificate,), revocation_lists=(revoked,))


def test_path_length_is_kept() -> None:
    short = _intermediate(BANK.authority, path=0)
    msp = BANK.msp(intermediate_certificates=(short.certificate,))
    msp.validate(Organization("BankMSP", short, BANK.tls_authority).member("client").identity)
    deep = _intermediate(short)
    msp = BANK.msp(intermediate_certificates=(short.certificate, deep.certificate))
    with pytest.raises(InvalidIdentityError, match="0 chains"):
        msp.validate(Organization("BankMSP", deep, BANK.tls_authority).member("client").identity)


def test_purposes_and_critical_extensions() -> None:
    for usage, accepted in (
        (ExtendedKeyUsageOID.SERVER_AUTH, True),
        (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, True),
        (ExtendedKeyUsageOID.CLIENT_AUTH, False),
    ):
        made = _certificate(BANK.authority, ca=False, units=("client",), extra=x509.ExtendedKeyUsage([usage]))
        if accepted:
            BANK.msp().validate(made.identity)
        else:
            with pytest.raises(InvalidIdentityError):
                BANK.msp().validate(made.identity)
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"x")
    with pytest.raises(InvalidIdentityError):
        BANK.msp().validate(_certificate(BANK.authority, ca=False, units=("client",), extra=unknown).identity)


def test_definition_round_trip() -> None:
    definition = BANK.definition(
        admins=(BANK.member("admin").identity.certificate,),
        revocation_lists=(b"list",),
        organizational_units=(OrganizationalUnit("treasury", BANK.authority.certificate),),
        node_ous=NodeOus(orderer=None, client=OrganizationalUnit("client", BANK.authority.certificate)),
    )
    assert MspDefinition.from_config(definition.to_config().SerializeToString()) == definition
    without = BANK.definition(node_ous=None)
    assert MspDefinition.from_proto(without.to_proto().SerializeToString()) == without
    config = definition.to_config()
    config.type = 1
    with pytest.raises(MalformedDataError, match=r"X\.509"):
        MspDefinition.from_config(config)
    message = definition.to_proto()
    message.crypto_config.signature_hash_family = "SHA3"
    with pytest.raises(MalformedDataError, match="SHA-2"):
        MspDefinition.from_proto(message)
    with pytest.raises(MalformedDataError):
        MspDefinition.from_proto(b"")


def test_a_root_named_twice_is_one() -> None:
    root = BANK.authority.certificate
    BANK.msp(root_certificates=(root, root)).validate(BANK.member("client").identity)


def test_an_msp_needs_proper_authorities() -> None:
    with pytest.raises(MalformedDataError, match="at least one"):
        Msp(MspDefinition("BankMSP", ()))
    with pytest.raises(MalformedDataError, match="not an authority"):
        Msp(MspDefinition("BankMSP", (BANK.member("client").identity.certificate,)))
    with pytest.raises(MalformedDataError, match="two MSPs"):
        MspManager([BANK.msp(), BANK.msp()])

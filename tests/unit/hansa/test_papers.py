"""Papers as credentials: signed, registered by hash, and checked with no network."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa.papers import Papers, faults_of, security_of
from hansa.signing import signer_of
from hansa.verifiable_credentials import (
    CredentialError,
    credential,
    key_name,
    opened,
    sign_data_integrity,
    sign_jose,
)
from hansa_domain.papers import Paper
from tests.support.portal import Consortium
from tests.support.signers import key, public, spki

GTIN = "09521321000018"
NOW, LATER = "2027-01-15T08:30:00.000Z", "2027-06-01T00:00:00.000Z"
CLAIMS = {"botanicalName": "Camellia sinensis", "boxes": 12}


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    made = Consortium(tmp_path)
    made.sdk("Producer").products.register(GTIN, "Tea")
    made.sdk("Bank").money.mint("EUR", 10_000, "RetailerMSP")
    return made


def placed(trade: Consortium) -> str:
    offer = trade.sdk("Producer").listings.create(GTIN, unit_price=250, currency="EUR", quantity=9)
    order: str = trade.sdk("Retailer").orders.place(offer.reply.listing.id, 2).reply.order.id
    return order


def made(order: str, security: str, number: int = 1) -> bytes:
    """A credential signed by a test's signer."""
    document = credential("phytosanitary", order, "RegulatorMSP", CLAIMS, valid_from=NOW, valid_until=LATER)
    private: Any = key(number)
    return sign_jose(document, private) if security == "jose" else sign_data_integrity(document, private, NOW)


def registered(trade: Consortium, content: bytes, order: str) -> Paper:
    client: Any = trade.sdk("Regulator")
    papers = Papers(client.submitter)
    signer = signer_of(public(key(1)), "inspector")
    paper = papers.register(order, "phytosanitary", content, signer=signer, valid_until=LATER).reply.paper
    assert papers.get(paper.id) == paper
    assert papers.of_document(content) == [paper]
    return paper


@pytest.mark.parametrize("security", ["jose", "data-integrity"])
def test_a_credential_holds_and_what_was_changed_does_not(trade: Consortium, security: str) -> None:
    order = placed(trade)
    content = made(order, security)
    assert security_of(content) == security
    paper = registered(trade, content, order)
    at = paper.registered_at
    assert paper.security == security
    assert faults_of(content, paper, at) == []
    assert faults_of(content, paper, LATER) != []
    # Another signer's, and one of another order, whose hashes somebody put on the ledger.
    forged = made(order, security, number=2)
    hashed = msgspec.structs.replace(paper, document=_hash(forged))
    assert faults_of(forged, hashed, at) == ["The signature is not that of the key on the ledger."]
    other = made(f"RetailerMSP.{'0' * 26}", security)
    (fault,) = faults_of(other, msgspec.structs.replace(paper, document=_hash(other)), at)
    assert "another order" in fault
    kind = msgspec.structs.replace(paper, kind="cmr")
    assert faults_of(content, kind, at) == ["The credential is of another kind than the ledger says."]
    for name, value in (("issuer", "BankMSP"), ("valid_until", None)):
        assert len(faults_of(content, msgspec.structs.replace(paper, **{name: value}), at)) == 1, name
    (changed,) = faults_of(content + b" ", paper, at)
    assert "not the one whose hash" in changed


def _hash(content: bytes) -> str:
    from hashlib import sha256

    return sha256(content).hexdigest()


def test_a_revoked_paper_does_not_hold(trade: Consortium) -> None:
    order = placed(trade)
    content = made(order, "jose")
    paper = registered(trade, content, order)
    client: Any = trade.sdk("Regulator")
    revoked = Papers(client.submitter).revoke(paper.id, "Wrong lot").reply.paper
    (fault,) = faults_of(content, revoked, str(revoked.revoked_at))
    assert "revoked it" in fault
    assert faults_of(content, revoked, paper.registered_at) == []


def test_a_paper_that_is_no_credential_is_known_by_its_hash(trade: Consortium) -> None:
    order = placed(trade)
    client: Any = trade.sdk("Carrier")
    with pytest.raises(Exception, match="NOT_PERMITTED"):
        Papers(client.submitter).register(order, "cmr", b"%PDF")
    client = trade.sdk("Producer")
    paper = Papers(client.submitter).register(order, "cmr", b"%PDF", number="CMR 7").reply.paper
    assert (paper.security, paper.signer) == (None, None)
    assert faults_of(b"%PDF", paper, paper.registered_at) == []


def test_the_forms_are_those_of_the_standards() -> None:
    private: Any = key(1)
    document = credential("bill-of-lading", "A.1", "CarrierMSP", CLAIMS, valid_from=NOW)
    header = sign_jose(document, private).split(b".")[0]
    named = json.loads(base64.urlsafe_b64decode(header + b"=="))
    assert named == {"alg": "ES256", "cty": "vc", "kid": key_name(private.public_key()), "typ": "vc+jwt"}
    secured = json.loads(sign_data_integrity(document, private, NOW))
    assert secured["type"] == ["VerifiableCredential", "BillOfLadingCredential"]
    assert secured["@context"] == ["https://www.w3.org/ns/credentials/v2"]
    assert secured["proof"]["cryptosuite"] == "ecdsa-jcs-2019"
    assert secured["proof"]["proofValue"].startswith("z")


@pytest.mark.parametrize(
    ("content", "security"),
    [
        (b"", "jose"),
        (b"a.b", "jose"),
        (b"a.b.c", "jose"),
        (b"[]", "data-integrity"),
        (b"{}", "data-integrity"),
        (b"no json", "data-integrity"),
        (b'{"proof": {"proofValue": "z0"}}', "data-integrity"),
    ],
)
def test_what_is_no_credential_is_refused(content: bytes, security: str) -> None:
    with pytest.raises(CredentialError):
        opened(content, security, spki(key(1).public_key()))


def test_no_other_algorithm_is_taken() -> None:
    private: Any = key(1)
    _, payload, signature = sign_jose({"@context": []}, private).split(b".")
    for header in ({"alg": "none", "typ": "vc+jwt"}, {"alg": "HS256", "typ": "vc+jwt"}, {"alg": "ES256"}):
        named = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
        with pytest.raises(CredentialError, match="another algorithm"):
            opened(b".".join((named, payload, signature)), "jose", spki(private.public_key()))

"""Join requests: what is read, and what is refused with the field at fault."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from hansa.consortium import ConsortiumError, JoinRequest
from hansa_fabric.certificates import CertificateAuthority
from hansa_fabric.msp_definition import MspDefinition
from tests.support.config_changes import NEWCOMER
from tests.support.consortium import ordering_node, request
from tests.support.fabric_organizations import organization


def test_a_request_is_read_as_it_was_written() -> None:
    made = request(orderer=ordering_node(NEWCOMER, 7060))
    assert JoinRequest.from_json(made.to_json()) == made
    assert made.described().msp.msp_id == NEWCOMER
    assert made.entry().role == "retailer"


def msp(**changes: Any) -> bytes:
    found: bytes = organization(NEWCOMER).definition(**changes).to_config().SerializeToString()
    return found


NODE = ordering_node(NEWCOMER, 7060)
NO_ENDPOINT = msgspec.structs.replace(NODE, endpoint="here")
NO_CERTIFICATE = msgspec.structs.replace(NODE, server_tls_certificate="nonsense")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "king"}, "role"),
        ({"country": "XX"}, "country"),
        ({"country": "nl"}, "country"),
        ({"gln": "9521321000002"}, "gln"),
        ({"domain": "-.example"}, "domain"),
        ({"domain": "../etc"}, "domain"),
        ({"msp_id": "Audi tor"}, "msp_id"),
        ({"anchor_peers": ("nowhere",)}, "anchor_peers[0]"),
        ({"anchor_peers": ("host:0",)}, "anchor_peers[0]"),
        ({"msp": b"nonsense"}, "msp"),
        ({"msp": msp(tls_root_certificates=())}, "msp"),
        ({"msp": msp(msp_id="BankMSP")}, "msp"),
        ({"name": " "}, "name"),
        ({"v": 2}, "v"),
        ({"orderer": NO_ENDPOINT}, "orderer.endpoint"),
        ({"orderer": NO_CERTIFICATE}, "orderer.server_tls_certificate"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ConsortiumError) as caught:
        JoinRequest.from_json(request(**changes).to_json())
    assert (caught.value.code, caught.value.field) == ("JOIN_REQUEST_INVALID", field)


def test_unknown_and_missing_fields_are_named() -> None:
    document = json.loads(request().to_json())
    with pytest.raises(ConsortiumError) as caught:
        JoinRequest.from_json(json.dumps(document | {"wish": 1}))
    assert caught.value.field == "wish"
    del document["msp"]
    with pytest.raises(ConsortiumError) as caught:
        JoinRequest.from_json(json.dumps(document))
    assert caught.value.field == "msp"


@pytest.mark.parametrize("text", ["", "[]", "{", "x" * 70_000, '{"key": "-----BEGIN PRIVATE KEY-----"}'])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(ConsortiumError, match="join request"):
        JoinRequest.from_json(text)


def test_an_authority_that_has_ended_is_refused() -> None:
    ended = CertificateAuthority.create("ca.old", "Old", valid_for=timedelta(seconds=1)).certificate
    definition = MspDefinition(NEWCOMER, (ended,), tls_root_certificates=(ended,))
    with pytest.raises(ConsortiumError, match="ended"):
        request(msp=definition.to_config().SerializeToString()).check()

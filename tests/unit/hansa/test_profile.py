"""Finding the network, the member and the user; and what is said where one is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hansa import ConnectionProfileError
from hansa.client import sign_in
from hansa.profile import Profile, locate, member_folder
from hansa_gateway.credentials import Credential
from hansa_gateway.wallet import FileWallet
from tests.support.fabric_identities import self_signed

DOCUMENT: dict[str, Any] = {
    "client": {"organization": "Retailer"},
    "organizations": {"Retailer": {"mspid": "RetailerMSP", "peers": ["p"]}},
    "peers": {
        "p": {
            "url": "grpcs://127.0.0.1:7151",
            "tlsCACerts": {"pem": "PEM"},
            "grpcOptions": {"ssl-target-name-override": "localhost"},
        }
    },
    "x-hansa": {"channel": "trade", "chaincode": "hansa"},
}


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("HANSA_DATA", raising=False)
    folder = tmp_path / "data" / "organizations" / "retailer.example"
    folder.mkdir(parents=True)
    (folder / "profile.json").write_text(json.dumps(DOCUMENT))
    return tmp_path / "data"


def code(error: pytest.ExceptionInfo[ConnectionProfileError]) -> str:
    assert error.value.hint
    return error.value.code


def test_a_profile_says_where_and_whom_to_trust(network: Path) -> None:
    profile = Profile.read(member_folder(network, "Retailer") / "profile.json")
    assert profile == Profile(
        "Retailer", "RetailerMSP", "127.0.0.1:7151", b"PEM", "localhost", "trade", "hansa"
    )


@pytest.mark.parametrize("name", ["Retailer", "retailer", "RETAILERMSP", "retailer.example"])
def test_a_member_is_found_by_any_of_its_names(network: Path, name: str) -> None:
    assert member_folder(network, name).name == "retailer.example"


@pytest.mark.parametrize("name", ["", "Bank", "..", "*", "retailer.example/../retailer.example"])
def test_a_member_that_is_none(network: Path, name: str) -> None:
    with pytest.raises(ConnectionProfileError) as error:
        member_folder(network, name)
    assert code(error) == "UNKNOWN_ORGANIZATION"
    assert "Retailer" in error.value.hint


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\udcff"])
def test_a_profile_that_cannot_be_read(network: Path, text: str) -> None:
    path = network / "profile.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConnectionProfileError) as error:
        Profile.read(path)
    assert code(error) in ("PROFILE_UNREADABLE", "PROFILE_INVALID")


def test_a_profile_that_is_not_there(network: Path) -> None:
    with pytest.raises(ConnectionProfileError) as error:
        Profile.read(network / "none.json")
    assert code(error) == "PROFILE_UNREADABLE"


@pytest.mark.parametrize("lacking", sorted(DOCUMENT))
def test_a_profile_names_what_it_lacks(network: Path, lacking: str) -> None:
    path = network / "profile.json"
    path.write_text(json.dumps({key: value for key, value in DOCUMENT.items() if key != lacking}))
    with pytest.raises(ConnectionProfileError, match=lacking) as error:
        Profile.read(path)
    assert code(error) == "PROFILE_INVALID"


def test_the_network_is_the_one_named_else_of_the_environment_else_the_last(
    network: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(ConnectionProfileError) as error:
        locate()
    assert code(error) == "NO_NETWORK"
    pointer = tmp_path / "state" / "hansa" / "last-up.json"
    pointer.parent.mkdir(parents=True)
    pointer.write_text(json.dumps({"data": str(network)}))
    assert locate() == network
    pointer.write_text("{")
    with pytest.raises(ConnectionProfileError) as error:
        locate()
    assert code(error) == "NO_NETWORK"
    monkeypatch.setenv("HANSA_DATA", str(network))
    assert locate() == network
    with pytest.raises(ConnectionProfileError, match="nowhere") as error:
        locate(tmp_path / "nowhere")
    assert code(error) == "NO_NETWORK"


def test_a_key_opens_with_its_passphrase_alone(network: Path) -> None:
    folder = member_folder(network, "Retailer")
    signer = self_signed("RetailerMSP", "purchasing")
    credential = Credential(signer.identity, signer._key)
    FileWallet(folder / "wallet" / "purchasing", "right").put("purchasing", credential)
    assert sign_in(folder, "purchasing", "right").identity == credential.identity
    for passphrase, said in (
        ("wrong", "SIGN_IN_FAILED"),
        ("", "SIGN_IN_FAILED"),
        (None, "PASSPHRASE_NEEDED"),
    ):
        with pytest.raises(ConnectionProfileError) as error:
            sign_in(folder, "purchasing", passphrase)
        assert code(error) == said
    (folder / "sign-ins.json").write_text('{"purchasing": "right"}')
    assert sign_in(folder, "purchasing").identity == credential.identity
    (folder / "sign-ins.json").write_text("{")
    with pytest.raises(ConnectionProfileError) as error:
        sign_in(folder, "purchasing")
    assert code(error) == "PASSPHRASE_NEEDED"


@pytest.mark.parametrize("user", ["nobody", "", ".", "..", "../wallet", "purchasing/../purchasing", "a\0b"])
def test_a_user_that_is_none(network: Path, user: str) -> None:
    folder = member_folder(network, "Retailer")
    (folder / "wallet" / "purchasing").mkdir(parents=True)
    with pytest.raises(ConnectionProfileError) as error:
        sign_in(folder, user, "x")
    assert code(error) == "UNKNOWN_USER"
    assert "purchasing" in error.value.hint
